"""What a value must look like to be used: ranges shared by every codec."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from devices.model import Measurement, Signal, Validity

HEART_RATE_BPM = (20.0, 300.0)
"""Wider than any limit a session sets; 300 is the top bedside monitors declare for themselves."""
RR_INTERVAL_MS = (240.0, 2500.0)
"""hrvanalysis uses 300..2000 ms; widened so that a real tachycardia at 210 bpm gets through."""
TEMPERATURE_DEGC = (-20.0, 60.0)
"""Anything a skin, body or room probe in use can meet; beyond it the probe or its line is at
fault. Our choice: wide on purpose, limits are the alarms' business."""
PRESSURE_MMHG = (10.0, 300.0)
"""What cuffs can read at all; our choice. Beyond it the cuff is at fault."""

RANGES: Mapping[Signal, tuple[float, float]] = MappingProxyType(
    {
        Signal.HEART_RATE: HEART_RATE_BPM,
        Signal.RR_INTERVAL: RR_INTERVAL_MS,
        Signal.TEMPERATURE: TEMPERATURE_DEGC,
        Signal.SKIN_TEMPERATURE: TEMPERATURE_DEGC,
        Signal.ROOM_TEMPERATURE: TEMPERATURE_DEGC,
        Signal.CLINICAL_TEMPERATURE: TEMPERATURE_DEGC,
        Signal.CONTACT: (0.0, 1.0),
        Signal.BATTERY: (0.0, 100.0),
        Signal.SPO2: (0.0, 100.0),
        Signal.CORE_ESTIMATE: TEMPERATURE_DEGC,
        Signal.BATTERY_LOW: (0.0, 1.0),
        Signal.AUTO_OFF: (0.0, 1.0),
        Signal.SYSTOLIC_PRESSURE: PRESSURE_MMHG,
        Signal.DIASTOLIC_PRESSURE: PRESSURE_MMHG,
        Signal.MEAN_PRESSURE: PRESSURE_MMHG,
        Signal.HUMIDITY: (0.0, 100.0),
    }
)
"""Lowest and highest plausible value, both included; any finite value of other signals is."""

FINITE = (-1.7976931348623157e308, 1.7976931348623157e308)


def judged(signal: Signal, value: float) -> Measurement:
    """A measurement with its validity: NaN is "no reading", outside its range "implausible"."""
    if math.isnan(value):
        return unavailable(signal, "no reading")
    low, high = RANGES.get(signal, FINITE)
    if low <= value <= high:
        return Measurement(signal, value)
    return Measurement(signal, value, Validity.INVALID, "implausible")


def unavailable(signal: Signal, reason: str) -> Measurement:
    """The sensor says that it has no value."""
    return Measurement(signal, math.nan, Validity.NOT_AVAILABLE, reason)


def degc_from_degf(value_degf: float) -> float:
    """Degrees Celsius of a temperature in degrees Fahrenheit."""
    return (value_degf - 32) * 5 / 9
