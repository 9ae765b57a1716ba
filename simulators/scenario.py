"""Scenarios: what happens to person, links and operator, and which alarms must follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import StrEnum

from monitor.model import Verb
from simulators.physiology import ContactLoss, Dose, Plan, Surge

MINUTE = 60.0
HOUR = 3600.0


class FaultKind(StrEnum):
    """What goes wrong with a sensor's link.

    DROP: it breaks once and can be rebuilt at once. AWAY: out of range, or unplugged. QUIET: it
    stands and nothing comes. AWAY and QUIET end after the fault's duration.
    """

    DROP = "drop"
    AWAY = "away"
    QUIET = "quiet"


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


def _dose(t_s: float, label: str = "dose") -> ScriptedAction:
    confirm = label == "dose"
    return ScriptedAction(t_s, Verb.DOSE, {"confirm_baseline": confirm, "label": label})


def _session() -> Scenario:
    # Skin needs 10 min or more to settle and 10 more for a baseline: with the probe on 10 min
    # before the session begins, both baselines are ready before the dose at 25 min.
    dose_s, half_s = 25.0 * MINUTE, 130.0 * MINUTE
    plan = Plan(
        doses=(Dose(dose_s), Dose(half_s, 0.5)),
        drug_rise_bpm=30.0,
        wander_bpm=3.0,
        surges=(Surge(dose_s + 72.0 * MINUTE, 6.0 * MINUTE, 12.0 * MINUTE, 10.0 * MINUTE, 29.5),),
        contact_losses=(ContactLoss(185.0 * MINUTE, 45.0),),
        probe_on_s=-10.0 * MINUTE,
        skin_rise_degc=1.2,
        skin_rise_from_s=dose_s + 40.0 * MINUTE,
        skin_rise_over_s=3.0 * HOUR,
    )
    return Scenario(
        name="session",
        title="A six-hour session with a half-dose, a difficult passage and a loose strap",
        duration_s=6.0 * HOUR,
        plan=plan,
        actions=(_dose(dose_s), _dose(half_s, "supplemental")),
        expected=frozenset({"hr_elevated", "hr_high", "hr_above_baseline", "hr_lost", "skin_rise"}),
    )


def _calm() -> Scenario:
    dose_s = 25.0 * MINUTE
    plan = Plan(
        doses=(Dose(dose_s),),
        rest_bpm=66.0,
        drug_rise_bpm=15.0,
        wander_bpm=3.0,
        probe_on_s=-10.0 * MINUTE,
        skin_rise_degc=0.3,
        skin_rise_from_s=dose_s,
        skin_rise_over_s=2.0 * HOUR,
    )
    return Scenario(
        name="calm",
        title="A quiet session: no alarm",
        duration_s=6.0 * HOUR,
        plan=plan,
        actions=(_dose(dose_s),),
    )


def _tachycardia() -> Scenario:
    plan = Plan(
        wander_bpm=1.5,
        artefacts_per_h=0.0,
        surges=(Surge(40.0, 20.0, 180.0, 60.0, 85.0),),
        probe_on_s=-30.0 * MINUTE,
    )
    return Scenario(
        name="tachycardia",
        title="Heart rate climbs to 155 within a minute: for training",
        duration_s=10.0 * MINUTE,
        plan=plan,
        expected=frozenset({"hr_elevated", "hr_high", "hr_extreme"}),
    )


def _heat() -> Scenario:
    plan = Plan(
        rest_bpm=78.0,
        probe_on_s=-15.0 * MINUTE,
        skin_rise_degc=3.9,
        skin_rise_from_s=12.0 * MINUTE,
        skin_rise_over_s=22.0 * MINUTE,
    )
    return Scenario(
        name="heat",
        title="Skin climbs to 38.4 degC",
        duration_s=45.0 * MINUTE,
        plan=plan,
        expected=frozenset({"skin_rise_fast", "skin_high"}),
    )


def _strap_lost() -> Scenario:
    # No baseline can be ready after 30 s; the dose only makes the loss urgent.
    dose = ScriptedAction(30.0, Verb.DOSE, {"confirm_baseline": False, "label": "dose"})
    return Scenario(
        name="strap_lost",
        title="The strap goes out of range for three minutes after the dose",
        duration_s=10.0 * MINUTE,
        plan=Plan(doses=(Dose(30.0),), artefacts_per_h=0.0, probe_on_s=-30.0 * MINUTE),
        actions=(dose,),
        faults=(LinkFault(60.0, "strap", FaultKind.AWAY, 180.0),),
        expected=frozenset({"hr_lost"}),
    )


_LIBRARY: Mapping[str, Scenario] = {
    made.name: made for made in (_session(), _calm(), _tachycardia(), _heat(), _strap_lost())
}


def scenarios() -> tuple[Scenario, ...]:
    """All scenarios, the default one first."""
    return tuple(_LIBRARY.values())


def scenario(name: str, seed: int = 1) -> Scenario:
    """The scenario of that name, happening to the person of that seed.

    Raises:
        ValueError: there is none; the message names the nearest one and all there are.
    """
    if name not in _LIBRARY:
        near = get_close_matches(name, _LIBRARY, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"no scenario {name!r}.{hint} There are: {', '.join(_LIBRARY)}.")
    return _LIBRARY[name].with_seed(seed)
