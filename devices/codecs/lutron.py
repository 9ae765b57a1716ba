"""Lutron TM-9xx, BTM-4208SD and Extech's twins: 16 characters, streamed, powered by DTR.

`02 '4' channel unit(2) sign decimals digits(8) 0D`. The coding of an open probe is not documented:
whatever is not eight digits is no value.
"""

from __future__ import annotations

from functools import partial

from devices.codec import Codec, Decoder, SerialSettings, of_channel
from devices.codecs.framing import StreamDecoder
from devices.codecs.plausible import unavailable
from devices.codecs.thermometer import measure
from devices.model import Measurement, Signal

FRAME_SIZE = 16
START, END = b"\x024", b"\r"

_UNITS = {"01": "C", "02": "F"}
_CHANNELS = "123456789ABCDEF"


def explain(payload: bytes) -> dict[str, object]:
    """Channel, unit and value of one frame; `{"error": "not_numeric"}` for an open probe."""
    if len(payload) < FRAME_SIZE:
        return {"error": "truncated"}
    text = payload[:FRAME_SIZE].decode("latin-1")
    channel, unit, sign, decimals, digits = text[2], text[3:5], text[5], text[6], text[7:15]
    framed = payload[:2] == START and text[15] == "\r"
    if not framed or channel not in _CHANNELS or sign not in "01" or decimals not in "0123":
        return {"error": "framing"}
    if unit not in _UNITS:
        return {"error": "unit"}
    if not (digits.isascii() and digits.isdigit()):
        return {"error": "not_numeric"}
    value = int(digits) / 10 ** int(decimals)
    return {"channel": channel, "unit": _UNITS[unit], "value": -value if sign == "1" else value}


def _read(frame: bytes, channel: int) -> list[Measurement] | None:
    fields = explain(frame)
    mine = frame[2:3].decode("latin-1") == _CHANNELS[channel - 1]
    if fields.get("error") == "not_numeric":
        return [unavailable(Signal.TEMPERATURE, "open probe")] if mine else []
    if "error" in fields:
        return None
    return [measure(fields["value"], str(fields["unit"]), "")] if mine else []


def _decoder(channel: int = 1) -> Decoder:
    return StreamDecoder(FRAME_SIZE, partial(_read, channel=channel), START, END)


CODEC = Codec(
    name="lutron_16",
    title="Lutron TM-9xx, BTM-4208SD, Extech twins (cable powered by DTR)",
    decoder=_decoder,
    explain=explain,
    signals=frozenset({Signal.TEMPERATURE}),
    serial=SerialSettings(dtr=True),
    decoder_for=of_channel(_decoder),
    channels=len(_CHANNELS),
    examples=(b"\x0241010100000365\r", b"\x0241011200003650\r"),
    sentinels="anything but eight digits",
    tested="a published example, computed payloads",
)
