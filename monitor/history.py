"""The displayed vitals of the session so far, one value a second, for charts and slopes."""

from __future__ import annotations

import math

import numpy as np

from monitor.signal.slope import Slope
from monitor.signal.vitals import Vitals

DECIMALS = 2


class History:
    """Grows with every block; None marks a second without a valid value: a gap stays a gap."""

    def __init__(self) -> None:
        self.heart_bpm: list[float | None] = []
        self.skin_degc: list[float | None] = []
        self._slope = Slope()
        self.heart_slope_bpm = math.nan
        """Bpm in 10 min, by the same robust line as that of the skin."""

    def extend(self, vitals: Vitals) -> None:
        """Append one block; blocks arrive in order and without holes, from second 0."""
        self.heart_bpm += _rounded(vitals.heart.shown.value, vitals.heart.shown.valid)
        self.skin_degc += _rounded(vitals.skin.shown.value, vitals.skin.shown.valid)
        heart = vitals.heart.shown
        placement = np.zeros(vitals.ticks.size, np.int64)
        slopes = self._slope.step(vitals.ticks, heart.value, heart.valid, placement)
        self.heart_slope_bpm = float(slopes[-1])

    def curves(self) -> tuple[list[float | None], list[float | None]]:
        """Heart rate in bpm and skin temperature in degC, a value a second since second 0."""
        return self.heart_bpm, self.skin_degc

    def recent(self, seconds: int) -> list[tuple[int, float | None, float | None]]:
        """The last few seconds as (second, heart rate in bpm, skin temperature in degC)."""
        end = len(self.heart_bpm)
        start = max(0, end - seconds)
        return list(
            zip(range(start, end), self.heart_bpm[start:], self.skin_degc[start:], strict=True)
        )


def _rounded(values: np.ndarray, valid: np.ndarray) -> list[float | None]:
    rounded = np.round(values, DECIMALS).tolist()
    return [v if ok else None for v, ok in zip(rounded, valid.tolist(), strict=True)]
