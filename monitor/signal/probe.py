"""Is the skin probe on the skin, has it settled, and how fast does the skin warm?

A plain loop over seconds: the state is small, and the order of events is the whole point.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from statistics import median

SETTLE_MIN_S = 600
"""A probe needs 10 min on the skin before its trend means anything (clinical section 2)."""
SETTLE_MAX_S = 1200
"""After 20 min on the skin a rise is taken as real: waiting longer could hide one."""
SETTLED_CHANGE_DEGC = 0.25
"""Largest change over 5 min of a settled probe: half a degree per 10 min, an order of magnitude
below warm-up and above what drifts do."""
DROP_WINDOW_S = 120
STABLE_WINDOW_S = 300
STABLE_RANGE_DEGC = 0.5
RISE_WINDOW_MIN = 30
MINUTE_S = 60
MINUTE_MIN_SAMPLES = 20
DISTAL_SITES = frozenset({"wrist", "hand", "finger", "forearm", "foot", "toe", "ankle", "ear_lobe"})
"""Bare or distal sites: vasoconstriction and room air move them by degrees; trends there are
neither warning nor reassurance, and 24-34 degC is normal on the skin."""


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
        suspect: the probe may be off the skin.
        rise_30min_degc: newest minute's median above the lowest of the last 30; NaN at first.
    """

    settled: bool
    suspect: bool
    rise_30min_degc: float


class Probe:
    """Follows one skin probe, second by second."""

    def __init__(self, limits: ProbeLimits) -> None:
        self._limits = limits
        self._on_skin_s = 0
        self._seen_on_skin = False
        self._dropped = False
        self._settled = False
        self._recent: deque[tuple[int, float]] = deque()
        self._peaks: deque[tuple[int, float]] = deque()
        """Falling values of the drop window: the first is its highest."""
        self._level_s = 0
        self._minute: list[float] = []
        self._minutes: deque[tuple[int, float]] = deque()
        self._rise = math.nan

    def step(self, t_s: int, skin_degc: float, room_degc: float) -> ProbeSecond:
        """Take one second; NaN where there is no valid value."""
        if not math.isnan(skin_degc):
            self._take(t_s, skin_degc, room_degc)
        if t_s % MINUTE_S == 0:
            self._close_minute(t_s)
        return ProbeSecond(self._settled, self._is_suspect(skin_degc, room_degc), self._rise)

    def _take(self, t_s: int, skin: float, room: float) -> None:
        self._recent.append((t_s, skin))
        while self._recent[0][0] <= t_s - STABLE_WINDOW_S:
            self._recent.popleft()
        self._notice_drop(t_s, skin)
        if self._is_suspect(skin, room):
            self._restart()
            return
        self._on_skin_s += 1
        self._level_s += not self._off_level(skin, room)
        self._seen_on_skin |= self._level_s >= MINUTE_S or self._on_skin_s >= SETTLE_MAX_S
        self._minute.append(skin)
        self._settled = self._settled or self._has_settled()

    def _notice_drop(self, t_s: int, skin: float) -> None:
        while self._peaks and self._peaks[-1][1] <= skin:
            self._peaks.pop()
        self._peaks.append((t_s, skin))
        while self._peaks[0][0] <= t_s - DROP_WINDOW_S:
            self._peaks.popleft()
        if self._dropped:
            self._dropped = not self._stable(STABLE_RANGE_DEGC)
        elif self._seen_on_skin:
            self._dropped = self._peaks[0][1] - skin >= self._limits.drop_degc

    def _stable(self, range_degc: float) -> bool:
        if len(self._recent) < STABLE_WINDOW_S * 0.8:
            return False
        values = [value for _, value in self._recent]
        return max(values) - min(values) <= range_degc

    def _off_level(self, skin: float, room: float) -> bool:
        near_room = not math.isnan(room) and abs(skin - room) <= self._limits.room_degc
        return skin < self._limits.limit_degc or near_room

    def _is_suspect(self, skin: float, room: float) -> bool:
        """Needs a probe that was on the skin before: a cold probe at set-up is no fault."""
        if not self._seen_on_skin:
            return False
        return self._dropped or (not math.isnan(skin) and self._off_level(skin, room))

    def _restart(self) -> None:
        self._on_skin_s, self._settled, self._rise = 0, False, math.nan
        self._minute.clear()
        self._minutes.clear()

    def _has_settled(self) -> bool:
        if self._on_skin_s >= SETTLE_MAX_S:
            return True
        return self._on_skin_s >= SETTLE_MIN_S and self._stable(SETTLED_CHANGE_DEGC)

    def _close_minute(self, t_s: int) -> None:
        samples, self._minute = self._minute, []
        if not self._settled or len(samples) < MINUTE_MIN_SAMPLES:
            return
        self._minutes.append((t_s, median(samples)))
        while self._minutes[0][0] <= t_s - RISE_WINDOW_MIN * MINUTE_S:
            self._minutes.popleft()
        self._rise = self._minutes[-1][1] - min(value for _, value in self._minutes)
