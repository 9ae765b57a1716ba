"""Conditions judged reading by reading, not second by second: thermometers and blood pressure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alerts.model import ConditionEdge, Edge, Priority
from alerts.settings import Settings
from devices.model import NS_PER_S


@dataclass(frozen=True, slots=True)
class Judged:
    """One reading as a row sees it, taken at `t_s`; `value` and `limit` in `unit`."""

    t_s: int
    over: bool
    clear: bool
    value: float
    limit: float
    unit: str


_NOTHING = Judged(0, False, False, float("nan"), float("nan"), "")


class SpotMachine:
    """Turns judged readings into edges; one instance a condition.

    Args:
        settings: the condition's row; its `sustain_s` and `clear_s` are spans between readings.
        clear_readings: so many readings in a row below the clear limit end it.
    """

    def __init__(self, settings: Settings, clear_readings: int = 1) -> None:
        self.settings = settings
        self._clear_readings = clear_readings
        self.active = False
        self.over = False
        """The newest reading is over the limit."""
        self._escalated = False
        self._onset = _NOTHING
        self._seen: dict[int, Judged | None] = {}
        """Every reading in order, by key; None for one that was withdrawn."""
        self._ends: set[int] = set()
        """After how many readings the operator said that it is over."""
        self._trend_s: int | None = None
        self._trend = 0
        self._newest = _NOTHING

    def take(self, reading: Judged, key: int) -> list[ConditionEdge]:
        """Take the next reading; `key` names it for when it is put right."""
        self._seen[key] = reading
        return self._judge(reading)

    def _judge(self, reading: Judged) -> list[ConditionEdge]:
        self._newest, self.over = reading, reading.over
        self._follow(reading)
        if not self.active:
            if self._trend and reading.t_s - (self._trend_s or 0) >= self._number("sustain_s"):
                return [self._begin(reading)]
            return []
        if reading.over:
            return self._escalation(reading)
        ended = self._trend >= self._clear_readings and not self.settings.spec.manual_clear
        if ended and reading.t_s - (self._trend_s or 0) >= self._number("clear_s"):
            return [self._end(reading.t_s)]
        return []

    def resolve(self, t_s: int) -> list[ConditionEdge]:
        """The operator says that it is over."""
        self._ends.add(len(self._seen))
        return [self._end(t_s)] if self.active else []

    def revise(self, t_s: int, revised: Mapping[int, Judged | None]) -> list[ConditionEdge]:
        """From this second on earlier readings stand differently; None: there was no such one.

        What would hold now had they been so from the start, holds now. What was raised by a slip
        of the finger ends, also where only the operator can end it: they just did. A condition
        that goes on does not become less urgent.
        """
        before, escalated = self.active, self._escalated
        again = SpotMachine(self.settings, self._clear_readings)
        for number, (key, reading) in enumerate({**self._seen, **revised}.items(), 1):
            again._seen[key] = reading
            if reading is not None:
                again._judge(reading)
            if number in self._ends:
                again.resolve(t_s)
        if before and not again.active:
            again._escalated = escalated
            ended = [again._end(t_s)]
            vars(self).update(vars(again))
            return ended
        vars(self).update(vars(again))
        return self._risen(t_s, before=before, escalated=escalated)

    def _risen(self, t_s: int, *, before: bool, escalated: bool) -> list[ConditionEdge]:
        """Edges of what holds since readings were put right; before it did, or did not."""
        edges, worse = [], self._escalated
        if self.active and not before:
            self._escalated = False
            edges.append(self._edge(t_s, Edge.ONSET, self._onset))
        self._escalated = self.active and (worse or (before and escalated))
        if self._escalated and not (before and escalated):
            edges.append(self._edge(t_s, Edge.ESCALATE, self._onset))
        return edges

    def _number(self, key: str) -> float:
        return self.settings.number(key)

    def _follow(self, reading: Judged) -> None:
        """Count readings in a row towards onset, or towards the end."""
        towards = reading.clear if self.active else reading.over
        self._trend = self._trend + 1 if towards else 0
        if not towards:
            self._trend_s = None
        elif self._trend_s is None:
            self._trend_s = reading.t_s

    def _begin(self, reading: Judged) -> ConditionEdge:
        self.active, self._escalated, self._onset = True, False, reading
        self._trend, self._trend_s = 0, None
        return self._edge(reading.t_s, Edge.ONSET)

    def _end(self, t_s: int) -> ConditionEdge:
        edge = self._edge(t_s, Edge.CLEAR)
        self.active, self._escalated = False, False
        self._trend, self._trend_s = 0, None
        return edge

    def _escalation(self, reading: Judged) -> list[ConditionEdge]:
        after_s = self.settings.escalate_after_s
        if after_s is None or self._escalated or reading.t_s - self._onset.t_s < after_s:
            return []
        self._escalated = True
        return [self._edge(reading.t_s, Edge.ESCALATE)]

    def _edge(self, t_s: int, edge: Edge, of: Judged | None = None) -> ConditionEdge:
        now = of or self._newest
        priority: Priority = self.settings.priority
        if self._escalated:
            priority = max(priority, self.settings.escalate_priority)
        name = self.settings.spec.id
        return ConditionEdge(t_s * NS_PER_S, name, edge, priority, now.value, now.limit, now.unit)
