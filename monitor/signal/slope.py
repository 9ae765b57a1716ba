"""How fast the skin warms or cools: Theil-Sen over ten minutes of minute medians."""

from __future__ import annotations

import math
from collections import deque
from itertools import combinations
from statistics import median

import numpy as np

from monitor.signal.hold import Flags
from monitor.signal.window import Ticks, Values

WINDOW_S = 600
LEAST_MINUTES = 6
"""With six points one wrong minute moves the median slope by little; Theil-Sen bears 29 %."""
MINUTE_S = 60
MINUTE_MIN_SAMPLES = 20
"""Seconds a minute needs, as for the 30-min rise."""


class Slope:
    """Median of the slopes between all pairs of minutes (Sen, JASA 63:1379, 1968).

    A straight line by least squares would follow one bad minute; the difference of two minutes,
    ten apart, is only those two.
    """

    def __init__(self) -> None:
        self._minute: list[float] = []
        self._levels: deque[tuple[int, float]] = deque()
        self._placement = 0
        self._slope = math.nan

    def step(self, ticks: Ticks, values: Values, usable: Flags, placement: Ticks) -> Values:
        """Take one block of seconds.

        Args:
            ticks: consecutive seconds.
            values: skin temperature, degrees Celsius.
            usable: where it is fresh, settled and not suspect.
            placement: changes where readings before and after do not compare.

        Returns:
            Slope in degrees Celsius per 10 min at each second, renewed every minute; NaN until
            there are six minutes, and where the newest minute has too little data.
        """
        if ticks.size >= MINUTE_S and (placement == self._placement).all():
            return self._minutes(ticks, values, usable)
        rows = zip(
            ticks.tolist(), values.tolist(), usable.tolist(), placement.tolist(), strict=True
        )
        return np.array([self._second(*row) for row in rows], np.float64)

    def _minutes(self, ticks: Ticks, values: Values, usable: Flags) -> Values:
        """What `_second` says of a block of one placement, a minute at once."""
        slope, done = np.full(ticks.shape, self._slope), 0
        for minute in np.flatnonzero(ticks % MINUTE_S == 0).tolist():
            part = slice(done, minute + 1)
            self._minute += values[part][usable[part]].tolist()
            self._slope, done = self._close_minute(int(ticks[minute])), minute + 1
            slope[minute:] = self._slope
        self._minute += values[done:][usable[done:]].tolist()
        return slope

    def _second(self, t_s: int, value: float, usable: bool, placement: int) -> float:
        if placement != self._placement:
            self._placement, self._slope = placement, math.nan
            self._minute.clear()
            self._levels.clear()
        if usable:
            self._minute.append(value)
        if t_s % MINUTE_S == 0:
            self._slope = self._close_minute(t_s)
        return self._slope

    def _close_minute(self, t_s: int) -> float:
        values, self._minute = self._minute, []
        while self._levels and self._levels[0][0] <= t_s - WINDOW_S:
            self._levels.popleft()
        if len(values) < MINUTE_MIN_SAMPLES:
            return math.nan
        self._levels.append((t_s, median(values)))
        return (
            theil_sen(self._levels) * WINDOW_S if len(self._levels) >= LEAST_MINUTES else math.nan
        )


def theil_sen(points: deque[tuple[int, float]]) -> float:
    """Median slope between all pairs, in value per unit of the first coordinate.

    Args:
        points: at least two, with increasing first coordinates.
    """
    return median(
        (late[1] - early[1]) / (late[0] - early[0]) for early, late in combinations(points, 2)
    )
