"""Limit, sustain, hysteresis and quality gate as one small machine over seconds."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from alerts.model import ConditionEdge, Edge
from alerts.settings import Settings
from devices.model import NS_PER_S

DIP_LEAST_S, DIP_SHARE = 3.0, 0.1
"""So many seconds, or this share of the sustain, may lie between limit and clear limit."""

Flags = NDArray[np.bool_]
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """One condition's view of a block of seconds.

    Attributes:
        over: the limit is reached.
        clear: back beyond the hysteresis.
        counts: the second has data good enough to count, for onset and for clearing alike.
        value: the deciding value, for the record.
        limit: the limit it is compared with; an array where it varies.
        unit: of both.
        may_begin: new onsets are allowed (quality gate); None for always.
        may_escalate: escalation is allowed; None for always.
        age_s: seconds since the newest sample behind the value; None if it is not of a sensor.
    """

    over: Flags
    clear: Flags
    counts: Flags
    value: Values
    limit: float | Values
    unit: str
    may_begin: Flags | None = None
    may_escalate: Flags | None = None
    age_s: Values | None = None


class _Marks(NamedTuple):
    """Which seconds of a block can begin an onset, a clearing, an escalation: a byte a second."""

    on: bytes
    off: bytes
    up: bytes


def _first(marks: bytes, index: int) -> int:
    """The first second marked at or after an index, beyond every block if there is none."""
    at = marks.find(1, index)
    return sys.maxsize if at < 0 else at


class SustainMachine:
    """Turns checks into onset, escalation and clear edges; one instance a condition.

    Args:
        settings: the condition's row.
        sustain_s: instead of the row's own.
        freeze_s: a gap freezes a count for this long; then the lost signal is an alarm of its own
            and the count starts anew. Never shorter than until that alarm, or data that come and
            go could keep both silent.
    """

    def __init__(
        self, settings: Settings, sustain_s: float | None = None, freeze_s: float = 30.0
    ) -> None:
        self.settings = settings
        self._freeze_s = freeze_s
        self._sustain_s = sustain_s
        self.active = False
        self._escalated = False
        self._counted_s = -1
        """Seconds the present trend (towards onset, or clearing) has lasted; -1: no trend."""
        self._gap_s, self._dip_s, self._onset_s = 0.0, 0, 0

    @property
    def idle(self) -> bool:
        """Nothing holds and nothing is counted: only a second over the limit changes that."""
        return not self.active and self._counted_s < 0

    def step(self, ticks: NDArray[np.int64], check: Check) -> list[ConditionEdge]:
        """Take one block of consecutive seconds; return edges in time order."""
        begin = check.over & check.counts
        if check.may_begin is not None:
            begin = begin & check.may_begin
        if self.idle and not begin.any():
            return []  # the common case, a whole block at once
        first_s, off = int(ticks[0]), check.clear & check.counts
        up = np.ones_like(begin) if check.may_escalate is None else check.may_escalate
        marks = _Marks(begin.tobytes(), off.tobytes(), up.tobytes())
        counts, over, clear = check.counts.tobytes(), marks.on, check.clear.tobytes()
        edges: list[ConditionEdge] = []
        index = self._next(0, first_s, marks)
        while index < len(counts):
            t_s = first_s + index
            dips = counts[index] and not over[index] and not clear[index] and self._dips()
            if not dips:
                if check.age_s is not None and not counts[index]:
                    # A gap is as old as the newest sample, as for the lost signal's alarm.
                    self._gap_s = max(self._gap_s, check.age_s[index] - 1)
                trend = clear[index] if self.active else over[index]
                edge = self._second(t_s, counts=bool(counts[index]), trend=bool(trend))
                edge = edge or self._escalation(t_s, index, check)
                if edge is not None:
                    edges.append(self._describe(edge, t_s, index, check))
            index = self._next(index + 1, first_s, marks)
        return edges

    def _next(self, index: int, first_s: int, marks: _Marks) -> int:
        """The next second that can change anything but a count; those before it are counted."""
        if self._counted_s >= 0:
            return index + self._count(index, marks)
        if not self.active:
            return _first(marks.on, index)
        clears = _first(marks.off, index)
        if not self._may_escalate:
            return clears
        due = math.ceil(self._onset_s + (self.settings.escalate_after_s or 0.0)) - first_s
        return min(clears, _first(marks.up, max(index, due)))

    def _count(self, index: int, marks: _Marks) -> int:
        """Count the seconds that only go on with the trend, short of the one that ends it."""
        if self._may_escalate:
            return 0
        towards = marks.off if self.active else marks.on
        end = towards.find(0, index)
        run = (len(towards) if end < 0 else end) - index
        short = max(0, min(run, math.ceil(self._lasting_s() - self._counted_s) - 1))
        if short:
            self._counted_s += short
            self._gap_s = 0
        return short

    def end(self, t_s: int) -> list[ConditionEdge]:
        """End it at once: what comes next is an alarm of its own."""
        if not self.active:
            return []
        self.active, self._counted_s, self._escalated = False, -1, False
        priority, name = self.settings.priority, self.settings.spec.id
        return [ConditionEdge(t_s * NS_PER_S, name, Edge.CLEAR, priority)]

    def _dips(self) -> bool:
        """Whether a second between limit and clear limit only holds up the count.

        Displayed values wander by a beat; a few such seconds must not undo a minute.
        """
        if self.active or self._counted_s < 0:
            return False
        self._dip_s += 1
        self._gap_s = 0
        return self._dip_s <= max(DIP_LEAST_S, DIP_SHARE * self._needed_s())

    def _second(self, t_s: int, *, counts: bool, trend: bool) -> Edge | None:
        if not counts:
            self._gap_s += 1
            if self._gap_s > self._freeze_s:
                self._counted_s = -1
            return None
        self._gap_s = 0
        self._counted_s = self._counted_s + 1 if trend else -1
        self._dip_s = self._dip_s if self._counted_s > 0 else 0
        if self._counted_s < 0 or self._counted_s < self._lasting_s():
            return None
        self.active, self._counted_s = not self.active, -1
        if self.active:
            self._onset_s, self._escalated = t_s, False
        return Edge.ONSET if self.active else Edge.CLEAR

    @property
    def _may_escalate(self) -> bool:
        """Whether it holds and can still become more urgent."""
        return self.active and not self._escalated and self.settings.escalate_after_s is not None

    def _lasting_s(self) -> float:
        """How long the present trend must last."""
        return self.settings.number("clear_s") if self.active else self._needed_s()

    def _needed_s(self) -> float:
        return self.settings.number("sustain_s") if self._sustain_s is None else self._sustain_s

    def _escalation(self, t_s: int, index: int, check: Check) -> Edge | None:
        after_s = self.settings.escalate_after_s
        if after_s is None or not self.active or self._escalated:
            return None
        allowed = check.may_escalate is None or bool(check.may_escalate[index])
        if not allowed or t_s - self._onset_s < after_s:
            return None
        self._escalated = True
        return Edge.ESCALATE

    def _describe(self, edge: Edge, t_s: int, index: int, check: Check) -> ConditionEdge:
        escalated = self._escalated and edge is not Edge.CLEAR
        priority = self.settings.escalate_priority if escalated else self.settings.priority
        return ConditionEdge(
            t_s * NS_PER_S,
            self.settings.spec.id,
            edge,
            max(priority, self.settings.priority),
            float(check.value[index]),
            float(np.broadcast_to(check.limit, check.value.shape)[index]),
            check.unit,
        )
