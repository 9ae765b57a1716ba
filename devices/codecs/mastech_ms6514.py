"""Mastech MS6514 thermometer: 18 bytes, streamed, two lines of display."""

from __future__ import annotations

from functools import partial

from devices.codec import Codec, Decoder, SerialSettings, of_channel
from devices.codecs.framing import StreamDecoder
from devices.codecs.plausible import unavailable
from devices.codecs.thermometer import OVERLOAD, measure
from devices.model import Measurement, Signal

FRAME_SIZE = 18
START, END = b"\x65\x14", b"\r\n"

_UNITS = {1: "C", 2: "F", 3: "K"}
_MAIN = ("T1", "T2", "T1-T2", "T1-T2")
_AUX = ("T2", "T1", "T1", "T2")
"""What the second line shows by the code of the first, while it is live."""
_AUX_MODES = ("", "max", "min", "avg")


def explain(payload: bytes) -> dict[str, object]:
    """Every field of one frame in the unit as sent, "OL" for an open probe."""
    if len(payload) < FRAME_SIZE:
        return {"error": "truncated"}
    unit = _UNITS.get(payload[10] & 0x03)
    if payload[:2] != START or payload[16:FRAME_SIZE] != END or unit is None:
        return {"error": "framing"}
    return {
        "source": "memory" if payload[2] & 0x01 else "live",
        "unit": unit,
        "hold": bool(payload[10] & 0x40),
        "main": _value(payload[5:7], payload[11]),
        "aux": _value(payload[7:9], payload[12]),
    }


def _value(raw: bytes, flags: int) -> float | str:
    if flags & 0x40:
        return OVERLOAD
    value = int.from_bytes(raw, "big") / (10 if flags & 0x08 else 1)
    return -value if flags & 0x80 else value


def _read(frame: bytes, channel: int) -> list[Measurement] | None:
    fields = explain(frame)
    if "error" in fields:
        return None
    code, mode = frame[11] & 0x03, _AUX_MODES[frame[12] & 0x03]
    wanted = f"T{channel}"
    unit = str(fields["unit"])
    why = "memory" if fields["source"] == "memory" else "hold" if fields["hold"] else ""
    if _MAIN[code] == wanted:
        return [measure(fields["main"], unit, why)]
    if not mode and _AUX[code] == wanted:
        return [measure(fields["aux"], unit, why)]
    return [unavailable(Signal.TEMPERATURE, "channel not shown")]


def _decoder(channel: int = 1) -> Decoder:
    return StreamDecoder(FRAME_SIZE, partial(_read, channel=channel), START, END)


CODEC = Codec(
    name="ms6514_18b",
    title="Mastech MS6514 thermometer",
    decoder=_decoder,
    explain=explain,
    signals=frozenset({Signal.TEMPERATURE}),
    serial=SerialSettings(),
    decoder_for=of_channel(_decoder),
    channels=2,
    examples=(
        bytes.fromhex("6514000000016d0155000108080000000d0a"),
        bytes.fromhex("6514000000000f0000000188480000000d0a"),
    ),
    sentinels="overload bit; HOLD, memory",
    tested="computed payloads",
)
