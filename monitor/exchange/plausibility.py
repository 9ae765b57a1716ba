"""Columns that cannot be what they say: Fahrenheit as Celsius, seconds as milliseconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from devices.codecs.plausible import PRESSURE_MMHG, RANGES
from devices.codecs.sample import parse
from devices.model import NS_PER_S, Frame, Signal
from monitor.errors import ImportFormatError
from monitor.exchange.units import OURS

WIDEST_UV = 100_000.0
"""Nine tenths of an ECG's samples lie in a band narrower than this: electrodes drift by up to
300 mV (IEC 60601-2-27), but not within a recording's bulk. Our choice."""
LEAST_UV = 20.0
"""A QRS complex of less than this is no surface ECG, but volts taken for millivolts."""
_OTHERS: Mapping[Signal, tuple[float, float, str]] = {
    Signal.RR_INTERVAL: (0.2, 3.0, "seconds instead of ms?"),
    Signal.HEART_RATE: (0.3, 5.0, "beats a second instead of a minute?"),
    Signal.SPO2: (0.3, 1.0, "a fraction instead of %?"),
}
"""Values between these are probably in another unit."""
_FAHRENHEIT = (60.0, 115.0, "degrees Fahrenheit?")


class ColumnCheck:
    """Counts the values of one column; `where` names the file in messages.

    0 where it is impossible is how many devices say "no reading"; it has no vote on the unit.
    """

    def __init__(self, where: str, name: str, signal: Signal) -> None:
        self._where, self._name, self._signal = where, name, signal
        self._low, self._high = RANGES.get(signal, (-np.inf, np.inf))
        degrees = OURS.get(signal) == "Cel"
        self._other = _FAHRENHEIT if degrees else _OTHERS.get(signal, (0.0, 0.0, ""))
        self._total = self._bad = self._elsewhere = self._zeros = 0
        self._first: tuple[float, str] | None = None

    def add(self, value: float, place: str) -> None:
        """Take one value; `place` is a line or sample number in words."""
        good = self._low <= value <= self._high
        if value == 0 and not good:
            self._zeros += 1
            return
        self._total += 1
        elsewhere = self._other[0] <= value <= self._other[1]
        self._elsewhere += elsewhere
        self._bad += not good
        if elsewhere or not good:
            self._first = self._first or (value, place)

    def warnings(self) -> list[str]:
        """What to tell about single values.

        Raises:
            ImportFormatError: none of the values can be in this unit, or most are in another.
        """
        zeros = f"{self._where}: {self._zeros} values of {self._name} are 0: no reading"
        said = [zeros] if self._zeros else []
        if self._first is None:
            return said
        value, place = self._first
        unit = OURS.get(self._signal, "")
        span = f"plausible are {self._low:g} to {self._high:g} {unit}"
        other = self._elsewhere * 2 > self._total
        if self._bad == self._total or other:
            raise ImportFormatError(
                f"{self._where}, {place}: {self._name} is {value:g} {unit}, and so are most of its "
                f"values; {span}" + (f": {self._other[2]}" if other else "")
            )
        if not self._bad:
            return said
        single = (
            f"{self._where}: {self._bad} of {self._total} values of {self._name} are implausible, "
            f"the first at {place} ({value:g} {unit}; {span}); recorded, and not used"
        )
        return [*said, single]


def swapped(upper: float, lower: float) -> bool:
    """Whether a systolic and a diastolic pressure, each plausible by itself, cannot be a pair."""
    low, high = PRESSURE_MMHG
    return low <= upper <= lower <= high


def check_ecg(where: str, name: str, values_uv: NDArray[np.int32]) -> list[str]:
    """Warnings about an electrocardiogram; ImportFormatError if its unit must be another one."""
    low, high = np.percentile(values_uv[:: max(1, values_uv.size // 100_000)], (5, 95)).tolist()
    if high - low > WIDEST_UV:
        raise ImportFormatError(
            f"{where}: {name} spans {(high - low) / 1000:g} mV; is its unit uV?"
        )
    span = int(np.ptp(values_uv)) if values_uv.size else 0
    if 0 < span < LEAST_UV:
        return [f"{where}: {name} spans {span / 1000:g} mV only: is its unit V?"]
    return []


def check_frames(where: str, frames: Sequence[Frame]) -> list[str]:
    """Warnings about samples that are frames already; see `ColumnCheck.warnings`."""
    checks: dict[tuple[str, Signal], ColumnCheck] = {}
    for frame in frames:
        sample = parse(frame.payload)
        if sample is None:
            continue
        signal, value = sample
        key = (frame.source, signal)
        if key not in checks:
            checks[key] = ColumnCheck(where, signal.value, signal)
        checks[key].add(value, f"{frame.t_ns / NS_PER_S:.3f} s from the start")
    return [warning for check in checks.values() for warning in check.warnings()]
