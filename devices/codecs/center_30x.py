"""Center 300 to 303 and their twins (Voltcraft K20x, Omega HH303): 8 bytes of packed decimals.

`02, status, flags, main (2), sub (2), 03` in answer to `A`. There is no checksum.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial

from devices.codec import Codec, SerialSettings
from devices.codecs.framing import ETX, STX, StreamDecoder
from devices.codecs.plausible import degc_from_degf, judged, unavailable
from devices.model import Measurement, Signal, Validity

FRAME_SIZE = 8
OVERLOAD = "OL"

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


def measure(value: float | str, unit: str, not_live: str, is_difference: bool) -> Measurement:
    """The temperature measurement of a displayed value.

    Args:
        value: as displayed, or "OL".
        unit: "C" or "F".
        not_live: why it is not the temperature of this moment; empty if it is.
        is_difference: of two temperatures, so that Fahrenheit has no offset.
    """
    if isinstance(value, str):
        return unavailable(Signal.TEMPERATURE, "open probe")
    if unit == "F":
        value = value * 5 / 9 if is_difference else degc_from_degf(value)
    if not_live:
        return Measurement(Signal.TEMPERATURE, value, Validity.INVALID, not_live)
    return judged(Signal.TEMPERATURE, value)


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


def _read(frame: bytes) -> list[Measurement] | None:
    fields = parse(frame)
    if fields is None:
        return None
    # The probe on the person is T1; the operator may have swapped the display's lines.
    value = fields.sub if fields.main_source == "T2" else fields.main
    difference = fields.main_source == "T1-T2"
    why = not_live(fields.mode, hold=fields.hold, rel=fields.rel, difference=difference)
    return [measure(value, fields.unit, why, difference or fields.rel)]


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
    decoder=partial(StreamDecoder, FRAME_SIZE, _read),
    explain=explain,
    signals=frozenset({Signal.TEMPERATURE}),
    serial=SerialSettings(poll=b"A"),
)
