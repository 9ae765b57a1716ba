"""Scenarios: what happens to person, links and operator, and which alarms must follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
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
class Scenario:
    """A simulated session.

    Attributes:
        name: what the user types.
        title: one line for a list.
        duration_s: session seconds until the simulation ends.
        plan: the person; its doses are those of `actions`.
        actions: in time order.
        faults: of the links, in time order.
        expected: ids of the alarm conditions that begin with the default limits: these, no others.
    """

    name: str
    title: str
    duration_s: float
    plan: Plan
    actions: tuple[ScriptedAction, ...] = ()
    faults: tuple[LinkFault, ...] = ()
    expected: frozenset[str] = frozenset()

    def with_seed(self, seed: int) -> Scenario:
        """The same events happening to another person."""
        return replace(self, plan=replace(self.plan, seed=seed))


def _library() -> Mapping[str, Scenario]:
    from simulators.library import LIBRARY  # noqa: PLC0415 - it is made of what stands here

    return LIBRARY


def scenarios() -> tuple[Scenario, ...]:
    """All scenarios, the default one first."""
    return tuple(_library().values())


def scenario(name: str, seed: int = 1) -> Scenario:
    """The scenario of that name, happening to the person of that seed.

    Raises:
        ValueError: there is none; the message names the nearest one and all there are.
    """
    library = _library()
    if name not in library:
        near = get_close_matches(name, library, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"no scenario {name!r}.{hint} There are: {', '.join(library)}.")
    return library[name].with_seed(seed)
