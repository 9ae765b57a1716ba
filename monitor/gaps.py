"""Stretches without a valid value, each with its reason: a gap stays a gap, and is explained."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import IntEnum

import numpy as np

from devices.model import NS_PER_S
from monitor.feed_chart import Gap
from monitor.signal.hold import Flags
from monitor.signal.window import Ticks

SHORTEST_S = 5
"""A shorter gap is not worth a word; the chart's line is broken all the same."""
MOST_GAPS = 300
MOST_WORDS = 500
"""Bounds for hours of chatter: what is older than so many is forgotten, on the screen only."""
UNKNOWN = "no data"
ANY = ""
"""Explains gaps of every signal."""


class Cause(IntEnum):
    """What may explain a gap; of several, the highest does."""

    REFUSED = 1
    SENSOR = 2
    LINK = 3
    STANDBY = 4
    ENGINE = 5


class Causes:
    """What was told, by whom it concerns and when it began; an empty text ends it."""

    def __init__(self) -> None:
        self._told: dict[tuple[Cause, str], deque[tuple[int, str]]] = {}

    def tell(self, cause: Cause, concerns: str, t_ns: int, text: str) -> None:
        """From this time on it is so; `concerns` is a sensor's alias or `ANY`."""
        told = self._told.setdefault((cause, concerns), deque(maxlen=MOST_WORDS))
        if (told[-1][1] if told else "") != text:
            told.append((t_ns, text))

    def why(self, concerns: str, t0_ns: int, t1_ns: int) -> str:
        """What explains a gap of this sensor's signal between two times."""
        for (_, whom), told in sorted(self._told.items(), key=lambda item: -item[0][0]):
            if whom in {concerns, ANY} and (text := _in_force(told, t0_ns, t1_ns)):
                return text
        return UNKNOWN


def _in_force(told: deque[tuple[int, str]], t0_ns: int, t1_ns: int) -> str:
    """The newest text that held at some time between the two."""
    for t_ns, text in reversed(told):
        if t_ns <= t1_ns and text:
            return text
        if t_ns <= t0_ns:
            return ""
    return ""


class Gaps:
    """The gaps of one signal, the last of them perhaps still open."""

    def __init__(self, signal: str) -> None:
        self.signal = signal
        self._past: deque[Gap] = deque(maxlen=MOST_GAPS)
        self._open_s: int | None = None
        self._now: Gap | None = None

    def step(self, ticks: Ticks, valid: Flags, why: Callable[[int, int], str]) -> bool:
        """Take one block of seconds; returns whether there is something new to show."""
        before = len(self._past), self._now
        lost = ~valid
        flips = np.flatnonzero(np.diff(lost, prepend=self._open_s is not None))
        for at in flips.tolist():
            self._flip(int(ticks[at]), why, lost=bool(lost[at]))
        end_s = int(ticks[-1]) + 1
        if self._open_s is not None and end_s - self._open_s >= SHORTEST_S:
            reason = why(self._open_s * NS_PER_S, end_s * NS_PER_S)
            self._now = Gap(signal=self.signal, t0_s=self._open_s, reason=reason)
        return (len(self._past), self._now) != before

    def _flip(self, t_s: int, why: Callable[[int, int], str], *, lost: bool) -> None:
        if lost:
            self._open_s = t_s
            return
        begun_s, self._open_s, self._now = self._open_s, None, None
        if begun_s is not None and t_s - begun_s >= SHORTEST_S:
            reason = why(begun_s * NS_PER_S, t_s * NS_PER_S)
            gap = Gap(signal=self.signal, t0_s=begun_s, t1_s=t_s, reason=reason)
            self._past.append(gap)

    def view(self) -> list[Gap]:
        """Oldest first."""
        return [*self._past, *([self._now] if self._now is not None else [])]
