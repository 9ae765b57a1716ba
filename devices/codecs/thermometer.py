"""What the displays of serial thermometers have in common: open probes, units, what is not live."""

from __future__ import annotations

from devices.codecs.plausible import degc_from_degf, judged, unavailable
from devices.model import Measurement, Signal, Validity

KELVIN_AT_0_DEGC = 273.15
OVERLOAD = "OL"


def measure(value: object, unit: str, not_live: str, *, difference: bool = False) -> Measurement:
    """The temperature measurement of a displayed value.

    Args:
        value: as displayed; anything but a number stands for an open probe.
        unit: "C", "F" or "K"; any other makes the value unusable.
        not_live: why it is not the temperature of this moment; empty if it is.
        difference: of two temperatures, so that units differ by a factor only.
    """
    if not isinstance(value, int | float):
        return unavailable(Signal.TEMPERATURE, "open probe")
    degc = _degc(float(value), unit, difference=difference)
    if degc is None:
        return unavailable(Signal.TEMPERATURE, "unknown unit")
    if not_live:
        return Measurement(Signal.TEMPERATURE, degc, Validity.INVALID, not_live)
    return judged(Signal.TEMPERATURE, degc)


def _degc(value: float, unit: str, *, difference: bool) -> float | None:
    if unit == "F":
        return value * 5 / 9 if difference else degc_from_degf(value)
    if unit == "K":
        return value if difference else round(value - KELVIN_AT_0_DEGC, 6)
    return value if unit == "C" else None
