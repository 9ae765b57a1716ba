"""The displayed vitals of the session so far, one value a second, for charts and slopes."""

from __future__ import annotations

from statistics import median

import numpy as np

from monitor.signal.vitals import Vitals

SLOPE_S = 600
SLOPE_EDGE_S = 60
SLOPE_MIN_SAMPLES = 20
DECIMALS = 2


class History:
    """Grows with every block; None marks a second without a valid value: a gap stays a gap."""

    def __init__(self) -> None:
        self.heart_bpm: list[float | None] = []
        self.skin_degc: list[float | None] = []

    def extend(self, vitals: Vitals) -> None:
        """Append one block; blocks arrive in order and without holes, from second 0."""
        self.heart_bpm += _rounded(vitals.heart.shown.value, vitals.heart.shown.valid)
        self.skin_degc += _rounded(vitals.skin.shown.value, vitals.skin.shown.valid)

    def recent(self, seconds: int) -> list[tuple[int, float | None, float | None]]:
        """The last few seconds as (second, heart rate in bpm, skin temperature in degC)."""
        end = len(self.heart_bpm)
        start = max(0, end - seconds)
        return list(
            zip(range(start, end), self.heart_bpm[start:], self.skin_degc[start:], strict=True)
        )


def slope_10min(values: list[float | None]) -> float | None:
    """Median of the last minute minus that of the minute 10 min earlier; None if either is thin."""
    if len(values) < SLOPE_S + SLOPE_EDGE_S:
        return None
    now = [v for v in values[-SLOPE_EDGE_S:] if v is not None]
    then = [v for v in values[-SLOPE_S - SLOPE_EDGE_S : -SLOPE_S] if v is not None]
    if min(len(now), len(then)) < SLOPE_MIN_SAMPLES:
        return None
    return round(median(now) - median(then), DECIMALS)


def _rounded(values: np.ndarray, valid: np.ndarray) -> list[float | None]:
    rounded = np.round(values, DECIMALS).tolist()
    return [v if ok else None for v, ok in zip(rounded, valid.tolist(), strict=True)]
