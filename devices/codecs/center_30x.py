"""Center 300 to 303 and their twins (Voltcraft K20x, Omega HH303): 8 bytes of packed decimals.

`02, status, flags, main (2), sub (2), 03` in answer to `A`. There is no checksum.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial

from devices.codec import Codec, Decoder, SerialSettings, of_channel
from devices.codecs.framing import ETX, STX, StreamDecoder
from devices.codecs.plausible import unavailable
from devices.codecs.thermometer import OVERLOAD, measure
from devices.model import Measurement, Signal

FRAME_SIZE = 8
MODES = {0: "normal", 1: "max", 2: "min", 4: "avg", 7: "maxminavg"}
SOURCES = (("T1-T2", "T1"), ("T1-T2", "T2"), ("T1", "T2"), ("T2", "T1"))
"""What the main and the second line of the display show, by bits 6 and 7 of the flags."""


@dataclass(frozen=True, slots=True)
class Fields:
    """One reply as sent, values in `unit` ("C" or "F") or "OL" for an open probe."""

    unit: str
    low_battery: bool
    hold: bool
    rel: bool
    tc_type: str
    mode: str
    main_source: str
    sub_source: str
    main: float | str
    sub: float | str


def parse(frame: bytes) -> Fields | None:
    """The fields of one reply of 8 bytes; None if it cannot be one."""
    if len(frame) != FRAME_SIZE or frame[0] != STX or frame[-1] != ETX:
        return None
    status, flags = frame[1], frame[2]
    mode = MODES.get(status & 0x07)
    main, sub = _value(frame[3:5], flags), _value(frame[5:7], flags >> 3)
    if mode is None or main is None or sub is None:
        return None
    main_source, sub_source = SOURCES[flags >> 6]
    return Fields(
        unit="C" if status & 0x80 else "F",
        low_battery=bool(status & 0x40),
        hold=bool(status & 0x20),
        rel=bool(status & 0x10),
        tc_type="J" if status & 0x08 else "K",
        mode=mode,
        main_source=main_source,
        sub_source=sub_source,
        main=main,
        sub=sub,
    )


def explain(payload: bytes) -> dict[str, object]:
    """Every field of one reply in the unit as sent; `{"error": ...}` if it is none."""
    if len(payload) < FRAME_SIZE:
        return {"error": "truncated"}
    fields = parse(payload[:FRAME_SIZE])
    return {"error": "framing"} if fields is None else asdict(fields)


def _value(digits: bytes, flags: int) -> float | str | None:
    """A displayed value by its three flag bits; None if a digit is none."""
    if flags & 0x01:
        return OVERLOAD
    number = 0
    for byte in digits:
        high, low = byte >> 4, byte & 0x0F
        if high > 9 or low > 9:
            return None
        number = number * 100 + high * 10 + low
    signed = -number if flags & 0x02 else number
    return float(signed) if flags & 0x04 else signed / 10


def _read(frame: bytes, channel: int) -> list[Measurement] | None:
    fields = parse(frame)
    if fields is None:
        return None
    difference = fields.main_source == "T1-T2"
    why = not_live(fields.mode, hold=fields.hold, rel=fields.rel, difference=difference)
    value = _of_channel(fields, f"T{channel}")
    measured = (
        unavailable(Signal.TEMPERATURE, "channel not shown")
        if value is None
        else measure(value, fields.unit, why, difference=difference or fields.rel)
    )
    return [measured, battery(fields.low_battery)]


def _of_channel(fields: Fields, wanted: str) -> float | str | None:
    """The value of a probe: the operator may have swapped the display's lines."""
    if fields.main_source in {wanted, "T1-T2"}:
        return fields.main
    return fields.sub if fields.sub_source == wanted else None


def battery(low: bool) -> Measurement:
    """What the frame says of the instrument's battery."""
    return Measurement(Signal.BATTERY_LOW, float(low))


def _decoder(channel: int = 1) -> Decoder:
    return StreamDecoder(FRAME_SIZE, partial(_read, channel=channel))


def not_live(mode: str, *, hold: bool, rel: bool, difference: bool) -> str:
    """Why the display does not show a present temperature; empty if it does."""
    if hold:
        return "hold"
    if mode != "normal":
        return mode
    return "rel" if rel else "t1-t2" if difference else ""


CODEC = Codec(
    name="center_30x_8b",
    title="Center 300 to 303, Voltcraft K20x, Omega HH303 thermometer",
    decoder=_decoder,
    explain=explain,
    signals=frozenset({Signal.TEMPERATURE, Signal.BATTERY_LOW}),
    serial=SerialSettings(poll=b"A"),
    decoder_for=of_channel(_decoder),
    channels=2,
    examples=(bytes.fromhex("0280800365034103"), bytes.fromhex("0280810000034103")),
    sentinels="overload bits; HOLD, MAX, MIN, AVG, REL, T1-T2",
    tested="computed payloads",
)
