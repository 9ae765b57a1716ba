"""Several sensors of one signal: which is used at each second, and whether they agree.

Every sensor has its own stage, so a switch mixes nothing: windows, settling, placement and baseline
stay with the sensor they belong to.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from monitor.signal.heart_rate import HeartRate
from monitor.signal.hold import Displayed, Flags
from monitor.signal.rhythm import Rhythm
from monitor.signal.skin_temperature import SkinTemperature
from monitor.signal.window import Values

RETURN_S = 30
"""A better sensor must deliver this long without a gap before it is used again: no flapping."""
Index = NDArray[np.int64]
"""Position of the sensor in use, at each second."""


class Selection:
    """The first sensor that delivers is used; a better one only when it has proven steady."""

    def __init__(self, count: int) -> None:
        self.active = 0
        self._steady_s = [0] * count

    def step(self, parts: Sequence[Displayed]) -> Index:
        """Take a block of each sensor's displayed values; which is used at each second."""
        if len(parts) < 2:
            return np.zeros(parts[0].value.shape if parts else (0,), np.int64)
        rows = zip(*(part.valid.tolist() for part in parts), strict=True)
        return np.array([self._second(row) for row in rows], np.int64)

    def _second(self, delivers: tuple[bool, ...]) -> int:
        for i, good in enumerate(delivers):
            self._steady_s[i] = self._steady_s[i] + 1 if good else 0
        if not delivers[self.active]:
            self.active = next((i for i, good in enumerate(delivers) if good), self.active)
        steady = (i for i in range(self.active) if self._steady_s[i] >= RETURN_S)
        self.active = next(steady, self.active)
        return self.active


def _chosen(index: Index, arrays: Sequence[np.ndarray]) -> np.ndarray:
    return np.choose(index, arrays) if len(arrays) > 1 else arrays[0]


def _displayed(index: Index, parts: Sequence[Displayed]) -> Displayed:
    return Displayed(
        _chosen(index, [part.value for part in parts]),
        _chosen(index, [part.quality for part in parts]),
        _chosen(index, [part.age_s for part in parts]),
        _chosen(index, [part.scarce for part in parts]),
    )


def heart_in_use(index: Index, parts: Sequence[HeartRate]) -> HeartRate:
    """The heart rate of the sensor in use. Limits armed by one stay armed with the next."""
    armed = np.logical_or.reduce([part.armed for part in parts])
    rhythms = [part.rhythm for part in parts if part.rhythm is not None]
    return HeartRate(
        _displayed(index, [part.shown for part in parts]),
        armed,
        _chosen(index, [part.plus_minus_bpm for part in parts]),
        Rhythm(*(_chosen(index, rows) for rows in zip(*rhythms, strict=True))),
        _chosen(index, [part.ecg_quality for part in parts]),
        _chosen(index, [part.still_s for part in parts]),
        _chosen(index, [part.rate_still_s for part in parts]),
    )


def skin_in_use(index: Index, parts: Sequence[SkinTemperature]) -> SkinTemperature:
    """The skin temperature of the sensor in use, with that sensor's own trend."""
    return SkinTemperature(
        _displayed(index, [part.shown for part in parts]),
        _chosen(index, [part.settled for part in parts]),
        _chosen(index, [part.placement for part in parts]),
        _chosen(index, [part.suspect for part in parts]),
        _chosen(index, [part.rise_30min_degc for part in parts]),
        parts[0].room_degc,
        _chosen(index, [part.slope_degc_per_10min for part in parts]),
        _chosen(index, [part.frozen_s for part in parts]),
        _chosen(index, [part.reason for part in parts]),
        _chosen(index, [part.rejected for part in parts]),
        _chosen(index, [part.fine for part in parts]),
    )


def disagreement(
    in_use: Displayed, usable: Flags, others: Sequence[tuple[Values, Flags]]
) -> Values:
    """Largest difference between the value in use and the others; NaN where none compares.

    Args:
        in_use: the values in use.
        usable: where they may be compared.
        others: values of the other sensors, and where they may be compared.
    """
    most = np.full(in_use.value.shape, np.nan)
    for values, valid in others:
        apart = np.where(usable & in_use.valid & valid, np.abs(values - in_use.value), np.nan)
        most = np.fmax(most, apart)
    return most
