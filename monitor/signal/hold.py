"""Staleness: how old a displayed value is, how long it may be held, when it becomes "--"."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from devices.model import NS_PER_S
from monitor.signal.window import NEVER_NS, Ticks, Times, Values

Codes = NDArray[np.int8]
Flags = NDArray[np.bool_]


WINDOW_PERIODS = 2.2
"""A slow source's window holds two or three readings, so that one wrong one decides nothing."""
BLANK_PERIODS = 3.0


class Quality(IntEnum):
    """What a displayed value is worth."""

    NOT_AVAILABLE = 0
    """Shown as "--"."""
    QUESTIONABLE = 1
    """The last value, held: shown grey with its age; never counts, never clears an alarm."""
    VALID = 2


@dataclass(frozen=True, slots=True, eq=False)
class Displayed:
    """A displayed value at each tick.

    Attributes:
        value: in the signal's unit; NaN when not available.
        quality: `Quality` codes.
        age_s: seconds since the newest valid sample; infinite if there never was one.
        scarce: less than half of the last seconds were valid: data that come and go.
    """

    value: Values
    quality: Codes
    age_s: Values
    scarce: Flags

    def cut(self, part: slice) -> Displayed:
        """Some of the ticks."""
        return Displayed(self.value[part], self.quality[part], self.age_s[part], self.scarce[part])

    @property
    def valid(self) -> Flags:
        """Where the value counts for alarms."""
        valid: Flags = self.quality == Quality.VALID
        return valid


class Scarcity:
    """Notices a signal that comes and goes, never away long enough to count as lost.

    Args:
        window_s: less than half of these seconds valid is scarce.
        lost_s: away for this long is a plain loss; counting starts anew after it.
    """

    _least = 60
    """Seconds from which on a block is faster at once than one by one."""

    def __init__(self, window_s: int, lost_s: int) -> None:
        self._seen: deque[bool] = deque(maxlen=window_s)
        self._lost_s = lost_s
        self._good = self._away_s = 0

    def step(self, valid: Flags) -> Flags:
        """Take a block of seconds."""
        index = np.arange(valid.size)
        away = index - np.maximum.accumulate(np.where(valid, index, -1 - self._away_s))
        if valid.size < self._least or (away >= self._lost_s).any():
            return np.array([self._second(good) for good in valid.tolist()], np.bool_)
        return self._never_lost(valid, int(away[-1]))

    def _never_lost(self, valid: Flags, away_s: int) -> Flags:
        """What `_second` says of a block in which the signal is never away for too long."""
        window_s = self._seen.maxlen or 0
        seen = np.concatenate((np.array(self._seen, np.bool_), valid))
        total = np.concatenate(([0], np.cumsum(seen, dtype=np.int64)))
        count = np.arange(len(self._seen) + 1, seen.size + 1)
        good = total[count] - total[np.maximum(count - window_s, 0)]
        self._seen.extend(valid[-window_s:].tolist())
        self._good, self._away_s = int(good[-1]), away_s
        scarce: Flags = (count > window_s) & (2 * good < window_s)
        return scarce

    def _second(self, good: bool) -> bool:
        self._away_s = 0 if good else self._away_s + 1
        if self._away_s >= self._lost_s:
            self._seen.clear()
            self._good = 0
            return False
        full = len(self._seen) == self._seen.maxlen
        self._good += good - (self._seen[0] if full else False)
        self._seen.append(good)
        return full and 2 * self._good < len(self._seen)


class Hold:
    """Carries the last value for a while, then gives it up.

    `lost_s`: away for this long, seconds, the signal counts as lost.
    """

    def __init__(self, hold_s: float, lost_s: float) -> None:
        self._hold_s = hold_s
        self._scarcity = Scarcity(int(2 * lost_s), int(lost_s))
        self._last = float("nan")

    def step(self, fresh: Values, newest_ns: Times, ticks: Ticks) -> Displayed:
        """Turn fresh values (NaN where there is none) into displayed ones."""
        age_s = np.where(
            newest_ns == NEVER_NS, np.inf, (ticks * NS_PER_S - newest_ns) / float(NS_PER_S)
        )
        present = ~np.isnan(fresh)
        held = self._carry(fresh, present)
        keep = ~present & (age_s <= self._hold_s) & ~np.isnan(held)
        quality = np.where(present, Quality.VALID, np.where(keep, Quality.QUESTIONABLE, 0))
        value = np.where(present | keep, held, np.nan)
        scarce = self._scarcity.step(present)
        return Displayed(value, quality.astype(np.int8), age_s, scarce)

    def _carry(self, fresh: Values, present: Flags) -> Values:
        index = np.maximum.accumulate(np.where(present, np.arange(fresh.size), -1))
        held = (
            np.where(index >= 0, fresh[np.maximum(index, 0)], self._last) if fresh.size else fresh
        )
        if fresh.size:
            self._last = float(held[-1])
        return held
