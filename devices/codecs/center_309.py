"""Center 309 and 304 and their twins (Voltcraft K204): 45 bytes, four channels.

Answer to `A`, 02 to 03, no checksum. T1 is the probe on the person unless another
channel is configured. Offsets below are in bytes.
"""

from __future__ import annotations

import struct
from dataclasses import asdict, dataclass
from functools import partial

from devices.codec import Codec, Decoder, SerialSettings, of_channel
from devices.codecs.center_30x import battery, not_live
from devices.codecs.framing import ETX, STX, StreamDecoder
from devices.codecs.thermometer import OVERLOAD, measure
from devices.model import Measurement, Signal

FRAME_SIZE = 45
MODES = ("normal", "max", "min", "maxmin")

_CHANNELS = struct.Struct(">4h")
_CHANNELS_AT = 7
_OVERLOAD_AT = {"normal": 39, "maxmin": 39, "max": 41, "min": 42}
_WHOLE_DEGREES_AT = 43
_AUTO_OFF = 0x80
"""Bit of byte 2: it switches itself off after a while."""
_BIT_FIELDS = slice(39, 44)
"""One bit a channel; the upper four bits are always 0."""
_OPEN = 0x7FFF
_RANGE = {"C": (-200.0, 1370.0), "F": (-328.0, 2498.0)}
"""What the instrument can measure. Without a checksum, this and the unused bits are what tells
a frame from its look-alike in the middle of the stream."""


@dataclass(frozen=True, slots=True)
class Fields:
    """One reply as sent; `t` holds T1 to T4 in `unit` ("C" or "F"), "OL" for an open probe."""

    unit: str
    low_battery: bool
    hold: bool
    rel: bool
    t1_t2: bool
    mode: str
    rec: bool
    t: list[float | str]


def parse(frame: bytes) -> Fields | None:
    """The fields of one reply of 45 bytes; None if it cannot be one."""
    if len(frame) != FRAME_SIZE or frame[0] != STX or frame[-1] != ETX:
        return None
    if any(byte & 0xF0 for byte in frame[_BIT_FIELDS]):
        return None
    status = frame[1]
    unit = "C" if status & 0x80 else "F"
    mode = MODES[(status >> 1) & 0x03]
    channels = _channels(frame, frame[_OVERLOAD_AT[mode]])
    low, high = _RANGE[unit]
    if not all(isinstance(value, str) or low <= value <= high for value in channels):
        return None
    return Fields(
        unit=unit,
        low_battery=bool(status & 0x40),
        hold=bool(status & 0x20),
        rel=bool(status & 0x10),
        t1_t2=bool(status & 0x08),
        mode=mode,
        rec=bool(status & 0x01),
        t=channels,
    )


def explain(payload: bytes) -> dict[str, object]:
    """Every field of one reply in the unit as sent; `{"error": ...}` if it is none."""
    if len(payload) < FRAME_SIZE:
        return {"error": "truncated"}
    fields = parse(payload[:FRAME_SIZE])
    return {"error": "framing"} if fields is None else asdict(fields)


def _channels(frame: bytes, overload: int) -> list[float | str]:
    whole = frame[_WHOLE_DEGREES_AT]
    channels: list[float | str] = []
    for i, raw in enumerate(_CHANNELS.unpack_from(frame, _CHANNELS_AT)):
        if overload >> i & 1 or raw == _OPEN:
            channels.append(OVERLOAD)
        else:
            channels.append(float(raw) if whole >> i & 1 else raw / 10)
    return channels


def _read(frame: bytes, channel: int) -> list[Measurement] | None:
    fields = parse(frame)
    if fields is None:
        return None
    why = not_live(fields.mode, hold=fields.hold, rel=fields.rel, difference=fields.t1_t2)
    difference = fields.rel or fields.t1_t2
    auto_off = Measurement(Signal.AUTO_OFF, float(bool(frame[2] & _AUTO_OFF)))
    measured = measure(fields.t[channel - 1], fields.unit, why, difference=difference)
    return [measured, battery(fields.low_battery), auto_off]


def _decoder(channel: int = 1) -> Decoder:
    return StreamDecoder(FRAME_SIZE, partial(_read, channel=channel))


CODEC = Codec(
    name="center_309_45b",
    title="Center 309 and 304, Voltcraft K204 thermometer",
    decoder=_decoder,
    explain=explain,
    signals=frozenset({Signal.TEMPERATURE, Signal.BATTERY_LOW, Signal.AUTO_OFF}),
    serial=SerialSettings(poll=b"A"),
    decoder_for=of_channel(_decoder),
    channels=4,
    examples=(
        bytes.fromhex(
            "02808000000000016dfff1015504b000000000000000000000"
            "0000000000000000000000000000000000000803"
        ),
        bytes.fromhex(
            "0280060102020200ef7fff7fff7fff00000000000000000000"
            "00000000000000000000000000000e0000000e03"
        ),
    ),
    sentinels="0x7FFF, over-limit bits; HOLD, MAX, MIN, REL, T1-T2",
    tested="third-party captures",
)
