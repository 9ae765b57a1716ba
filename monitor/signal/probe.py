"""Is the skin probe on the skin, has it settled, and how fast does the skin warm?

A plain loop over seconds: the state is small, and the order of events is the whole point.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

import numpy as np

from monitor.signal.hold import Flags
from monitor.signal.window import Ticks, Values

SETTLE_MIN_S = 600
"""A probe needs 10 min on the skin before its trend means anything (clinical section 2)."""
SETTLE_MAX_S = 2400
"""After 40 min on the skin a rise is taken as real: waiting longer could hide one."""
SETTLED_CHANGE_DEGC = 0.12
"""Largest change over 5 min of a settled probe: 0.7 in 30 min, safely below what counts as fast."""
SETTLED_MINUTES = 6
NEVER_ON_S = 1200
"""A probe that has been sending for 20 min and never was warm is not on anybody."""
SEEN_S = 60
DROP_WINDOW_S = 120
STABLE_WINDOW_S = 60
STABLE_RANGE_DEGC = 0.5
RISE_WINDOW_MIN = 30
MINUTE_S = 60
STRETCH_S = 600
"""Seconds looked at together, to see that nothing happens in them."""
MINUTE_MIN_SAMPLES = 20


@dataclass(frozen=True, slots=True)
class ProbeLimits:
    """When the probe counts as off: `limit_degc` (NaN at distal sites), drop in 2 min, room."""

    limit_degc: float = 30.0
    drop_degc: float = 2.0
    room_degc: float = 2.0


@dataclass(frozen=True, slots=True)
class ProbeSecond:
    """What is known at one second.

    Attributes:
        settled: the trend may be used.
        placement: counts up whenever the probe came off; readings across it do not compare.
        suspect: the probe may be off the skin.
        rise_30min_degc: newest minute's median above the lowest of the last 30; NaN at first.
    """

    settled: bool
    placement: int
    suspect: bool
    rise_30min_degc: float


class ProbeSeconds(NamedTuple):
    """The same of consecutive seconds, as columns."""

    settled: Flags
    placement: Ticks
    suspect: Flags
    rise_30min_degc: Values


class Probe:
    """Follows one skin probe, second by second."""

    def __init__(self, limits: ProbeLimits) -> None:
        self._limits = limits
        self._sending_s = self._on_skin_s = self._placement = 0
        self._seen_on_skin = self._settled = False
        self._fell_from = math.nan
        """Level before a sudden drop that is not explained yet."""
        self._peaks: deque[tuple[int, float]] = deque()
        """Falling values of the drop window: the first is its highest."""
        self._recent: deque[tuple[int, float]] = deque()
        self._minute: list[float] = []
        self._levels: deque[float] = deque(maxlen=SETTLED_MINUTES)
        self._minutes: deque[tuple[int, float]] = deque()
        self._rise = math.nan

    def run(self, ticks: Ticks, skin_degc: Values, room_degc: Values) -> ProbeSeconds:
        """Take consecutive seconds; NaN where there is no valid value."""
        parts = [
            self._stretch(ticks[i : i + STRETCH_S], skin_degc[i:], room_degc[i:])
            for i in range(0, max(ticks.size, 1), STRETCH_S)
        ]
        return ProbeSeconds(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def _stretch(self, ticks: Ticks, skin: Values, room: Values) -> ProbeSeconds:
        skin, room = skin[: ticks.size], room[: ticks.size]
        if self._is_calm(skin, room):
            return self._calm(ticks, skin)
        rows = zip(ticks.tolist(), skin.tolist(), room.tolist(), strict=True)
        seconds = [self.step(*row) for row in rows]
        return ProbeSeconds(
            np.array([second.settled for second in seconds], np.bool_),
            np.array([second.placement for second in seconds], np.int64),
            np.array([second.suspect for second in seconds], np.bool_),
            np.array([second.rise_30min_degc for second in seconds], np.float64),
        )

    def _is_calm(self, skin: Values, room: Values) -> bool:
        """Whether no second of a stretch can be suspect, or without a value."""
        limits = self._limits
        if skin.size < MINUTE_S or not self._seen_on_skin or not math.isnan(self._fell_from):
            return False
        highest = max([float(skin.max()), *(value for _, value in self._peaks)])
        off = (skin < limits.limit_degc) | (np.abs(skin - room) <= limits.room_degc)
        return highest - float(skin.min()) < limits.drop_degc and not off.any()

    def _calm(self, ticks: Ticks, skin: Values) -> ProbeSeconds:
        """What `step` does in a stretch where only minutes pass."""
        settled, rise = np.full(ticks.shape, self._settled), np.full(ticks.shape, self._rise)
        values, done = skin.tolist(), 0
        self._sending_s += ticks.size
        for minute in np.flatnonzero(ticks % MINUTE_S == 0).tolist():
            self._on_skin_s += minute + 1 - done
            self._minute += values[done : minute + 1]
            done = minute + 1
            self._close_minute(int(ticks[minute]))
            settled[minute:], rise[minute:] = self._settled, self._rise
        self._on_skin_s += ticks.size - done
        self._minute += values[done:]
        last = slice(-DROP_WINDOW_S - 1, None)
        for t_s, value in zip(ticks[last].tolist(), values[last], strict=True):
            self._highest(t_s, value)
        placement = np.full(ticks.shape, self._placement, np.int64)
        return ProbeSeconds(settled, placement, np.zeros(ticks.shape, np.bool_), rise)

    def step(self, t_s: int, skin_degc: float, room_degc: float) -> ProbeSecond:
        """Take one second; NaN where there is no valid value."""
        if not math.isnan(skin_degc):
            self._take(t_s, skin_degc, room_degc)
        if t_s % MINUTE_S == 0:
            self._close_minute(t_s)
        suspect = self._is_suspect(skin_degc, room_degc)
        return ProbeSecond(self._settled, self._placement, suspect, self._rise)

    def _take(self, t_s: int, skin: float, room: float) -> None:
        self._sending_s += 1
        self._seen_on_skin |= self._sending_s >= NEVER_ON_S
        self._follow_drop(t_s, skin)
        if self._is_suspect(skin, room):
            self._restart()
        elif not self._off_level(skin, room):
            self._on_skin_s += 1
            self._seen_on_skin |= self._on_skin_s >= SEEN_S
            self._minute.append(skin)

    def _follow_drop(self, t_s: int, skin: float) -> None:
        """A sudden drop is suspect until the level is back, or stands still where it is."""
        highest = self._highest(t_s, skin)
        if math.isnan(self._fell_from):
            fell = highest - skin >= self._limits.drop_degc
            self._fell_from = highest if self._seen_on_skin and fell else math.nan
        elif skin >= self._fell_from - self._limits.drop_degc / 2 or self._stands_still(t_s):
            self._fell_from = math.nan

    def _highest(self, t_s: int, skin: float) -> float:
        while self._peaks and self._peaks[-1][1] <= skin:
            self._peaks.pop()
        self._peaks.append((t_s, skin))
        while self._peaks[0][0] < t_s - DROP_WINDOW_S:
            self._peaks.popleft()
        self._recent.append((t_s, skin))
        while self._recent[0][0] <= t_s - STABLE_WINDOW_S:
            self._recent.popleft()
        return self._peaks[0][1]

    def _stands_still(self, t_s: int) -> bool:
        values = [value for _, value in self._recent]
        long_enough = self._recent[0][0] <= t_s - STABLE_WINDOW_S + 1
        return long_enough and max(values) - min(values) <= STABLE_RANGE_DEGC

    def _off_level(self, skin: float, room: float) -> bool:
        near_room = not math.isnan(room) and abs(skin - room) <= self._limits.room_degc
        return skin < self._limits.limit_degc or near_room

    def _is_suspect(self, skin: float, room: float) -> bool:
        """Needs a probe that was on the skin before: a cold probe at set-up is no fault."""
        if not self._seen_on_skin:
            return False
        return not math.isnan(self._fell_from) or self._off_level(skin, room)

    def _restart(self) -> None:
        self._placement += self._on_skin_s > 0
        self._on_skin_s, self._settled, self._rise = 0, False, math.nan
        for memory in (self._minute, self._levels, self._minutes):
            memory.clear()

    def _has_settled(self) -> bool:
        if self._on_skin_s >= SETTLE_MAX_S:
            return True
        if self._on_skin_s < SETTLE_MIN_S or len(self._levels) < SETTLED_MINUTES:
            return False
        return abs(self._levels[-1] - self._levels[0]) <= SETTLED_CHANGE_DEGC

    def _close_minute(self, t_s: int) -> None:
        samples, self._minute = self._minute, []
        if len(samples) < MINUTE_MIN_SAMPLES:
            return
        level = median(samples)
        self._levels.append(level)
        self._settled = self._settled or self._has_settled()
        if not self._settled:
            return
        self._minutes.append((t_s, level))
        while self._minutes[0][0] < t_s - RISE_WINDOW_MIN * MINUTE_S:
            self._minutes.popleft()
        self._rise = level - min(value for _, value in self._minutes)
