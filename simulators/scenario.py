"""Scenarios: what happens to person, links and operator, and which alarms must follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from monitor.model import Verb
from simulators.physiology import Plan


class FaultKind(StrEnum):
    """What goes wrong with a sensor's link.

    DROP: it breaks once and can be rebuilt at once. AWAY: out of range, or unplugged. QUIET: it
    stands and nothing comes. FREEZE: the sensor repeats its last payload. All but DROP end after
    the fault's duration.
    """

    DROP = "drop"
    AWAY = "away"
    QUIET = "quiet"
    FREEZE = "freeze"


@dataclass(frozen=True, slots=True)
class LinkFault:
    """At session second `t_s`, the sensor called `sensor` (its alias), for `duration_s` seconds."""

    t_s: float
    sensor: str
    kind: FaultKind
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ScriptedAction:
    """What the operator does at session second `t_s`; `details` as in `monitor.model.Verb`."""

    t_s: float
    verb: Verb
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedAlarm:
    """An alarm condition that must begin.

    Attributes:
        alarm: id of the condition.
        at_s: session second of the onset, give or take `within_s`; None: once or more, any time.
        within_s: how far the onset may be off, either way.
        priority: of the onset; None: any.
        clears_s: session second of its end, give or take `within_s`; None: any, or never.
    """

    alarm: str
    at_s: float | None = None
    within_s: float = 15.0
    priority: str | None = None
    clears_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A simulated session.

    Attributes:
        name: what the user types.
        title: one line for a list.
        duration_s: session seconds until the simulation ends.
        plan: the person; its doses are those of `actions`.
        actions: in time order.
        faults: of the links, in time order.
        expect: the alarms that begin with the default limits: these, no others.
    """

    name: str
    title: str
    duration_s: float
    plan: Plan
    actions: tuple[ScriptedAction, ...] = ()
    faults: tuple[LinkFault, ...] = ()
    expect: tuple[ExpectedAlarm, ...] = ()

    @property
    def expected(self) -> frozenset[str]:
        """Ids of the conditions in `expect`."""
        return frozenset(one.alarm for one in self.expect)

    def with_seed(self, seed: int) -> Scenario:
        """The same events happening to another person."""
        return replace(self, plan=replace(self.plan, seed=seed))
