"""Conditions judged reading by reading, not second by second: thermometers and blood pressure."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.model import ConditionEdge, Edge, Priority
from alerts.settings import Settings
from devices.model import NS_PER_S


@dataclass(frozen=True, slots=True)
class Judged:
    """One reading as a row sees it; `value` and `limit` in `unit`."""

    t_s: int
    over: bool
    clear: bool
    value: float
    limit: float
    unit: str


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
        self._onset_s = 0
        self._trend_s: int | None = None
        self._trend = 0
        self._newest = Judged(0, False, False, float("nan"), float("nan"), "")

    def take(self, reading: Judged) -> list[ConditionEdge]:
        """Take the next reading."""
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
        return [self._end(t_s)] if self.active else []

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
        self.active, self._escalated, self._onset_s = True, False, reading.t_s
        self._trend, self._trend_s = 0, None
        return self._edge(reading.t_s, Edge.ONSET)

    def _end(self, t_s: int) -> ConditionEdge:
        edge = self._edge(t_s, Edge.CLEAR)
        self.active, self._escalated = False, False
        self._trend, self._trend_s = 0, None
        return edge

    def _escalation(self, reading: Judged) -> list[ConditionEdge]:
        after_s = self.settings.escalate_after_s
        if after_s is None or self._escalated or reading.t_s - self._onset_s < after_s:
            return []
        self._escalated = True
        return [self._edge(reading.t_s, Edge.ESCALATE)]

    def _edge(self, t_s: int, edge: Edge) -> ConditionEdge:
        now = self._newest
        priority: Priority = self.settings.priority
        if self._escalated:
            priority = max(priority, self.settings.escalate_priority)
        name = self.settings.spec.id
        return ConditionEdge(t_s * NS_PER_S, name, edge, priority, now.value, now.limit, now.unit)
