"""UNI-T UT321 to UT325 thermometers: 19 characters, the value in tenths as text.

The maker's cable is a USB HID device (CH9325): a program that makes it a serial line or socket is
needed between; nothing but the bytes was tested.
"""

from __future__ import annotations

from functools import partial

from devices.codec import Codec, Decoder, SerialSettings, of_channel
from devices.codecs.dialogue import WhenSilent
from devices.codecs.framing import StreamDecoder
from devices.codecs.plausible import unavailable
from devices.codecs.thermometer import measure
from devices.model import Measurement, Signal

FRAME_SIZE = 19
START_LIVE = b"\x01"

_SOURCES = {"0": "memory", "2": "live"}
_UNITS = {"1": "C", "2": "F", "3": "K"}
_CHANNELS = {"0": "T1", "1": "T2", "2": "T1-T2", "3": "T1-T2"}
_BLANK, _MINUS = ":", ";"
_NOTHING = ";;;;"


def _tenths(text: str) -> tuple[bool, float | None]:
    """Whether the four characters are a number or "nothing", and the value."""
    if text == _NOTHING:
        return True, None
    digits = text.replace(_BLANK, "")
    negative = digits.startswith(_MINUS)
    digits = digits.removeprefix(_MINUS)
    if not (digits.isascii() and digits.isdigit()):
        return False, None
    value = int(digits) / 10
    return True, -value if negative else value


def explain(payload: bytes) -> dict[str, object]:
    """Every field of one frame in the unit as sent, null for an open probe."""
    if len(payload) < FRAME_SIZE:
        return {"error": "truncated"}
    text = payload[:FRAME_SIZE].decode("latin-1")
    is_number, value = _tenths(text[1:5])
    unit, channel = _UNITS.get(text[5]), _CHANNELS.get(text[13])
    if text[8] + text[16:] != "01\r\n" or not (is_number and unit and channel):
        return {"error": "framing"}
    source = _SOURCES.get(text[0], "unknown")
    return {"source": source, "unit": unit, "channel": channel, "value": value}


def _read(frame: bytes, channel: int) -> list[Measurement] | None:
    fields = explain(frame)
    if "error" in fields:
        return None
    value, source, shown = fields["value"], fields["source"], str(fields["channel"])
    why = str(source) if source != "live" else "t1-t2" if shown == "T1-T2" else ""
    if not why and shown != f"T{channel}":
        return [unavailable(Signal.TEMPERATURE, "channel not shown")]
    return [measure(value, str(fields["unit"]), why, difference=shown == "T1-T2")]


def _decoder(channel: int = 1) -> Decoder:
    return StreamDecoder(FRAME_SIZE, partial(_read, channel=channel), b"", b"\r\n")


CODEC = Codec(
    name="ut32x_19b",
    title="UNI-T UT321 to UT325 (the maker's USB cable needs a HID bridge)",
    decoder=_decoder,
    explain=explain,
    signals=frozenset({Signal.TEMPERATURE}),
    serial=SerialSettings(baud=2400, dialogue=partial(WhenSilent, START_LIVE)),
    decoder_for=of_channel(_decoder),
    channels=2,
    examples=(b"2:365100012340001\r\n", b"2;;;;100012340001\r\n"),
    sentinels="`;;;;`; memory, difference T1-T2",
    tested="computed payloads",
)
