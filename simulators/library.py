"""The scenarios that ship with Vigil."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.model import Verb
from simulators.physiology import ContactLoss, Dose, Plan, Surge
from simulators.scenario import FaultKind, LinkFault, Scenario, ScriptedAction

MINUTE = 60.0
HOUR = 3600.0


def _dose(t_s: float, label: str = "dose") -> ScriptedAction:
    confirm = label == "dose"
    return ScriptedAction(t_s, Verb.DOSE, {"confirm_baseline": confirm, "label": label})


def _temperature(t_s: float, degc: float) -> ScriptedAction:
    return ScriptedAction(t_s, Verb.TEMPERATURE, {"degc": degc, "site": "ear"})


def _pressure(t_s: float, systolic: float, diastolic: float) -> ScriptedAction:
    return ScriptedAction(t_s, Verb.BLOOD_PRESSURE, {"systolic": systolic, "diastolic": diastolic})


def _rounds(dose_s: float, until_s: float) -> tuple[ScriptedAction, ...]:
    """A session monitor who measures in time: pressure each 25 min, temperature each 50 min."""
    minutes = range(0, int((until_s - dose_s) / MINUTE), 25)
    pressures = [_pressure(dose_s + m * MINUTE + 20.0, 128.0 + m % 4, 81.0) for m in minutes]
    warm = [_temperature(dose_s + m * MINUTE + 40.0, 36.9) for m in minutes if m % 50 == 0]
    return tuple(pressures + warm)


def _by_time(*actions: ScriptedAction) -> tuple[ScriptedAction, ...]:
    return tuple(sorted(actions, key=lambda action: action.t_s))


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
        actions=_by_time(
            _dose(dose_s), _dose(half_s, "supplemental"), *_rounds(dose_s, 6.0 * HOUR)
        ),
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
        actions=_by_time(_dose(dose_s), *_rounds(dose_s, 6.0 * HOUR)),
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


def _still(*doses: Dose) -> Plan:
    """Somebody at rest, with a probe that settled before."""
    return Plan(doses=doses, wander_bpm=1.5, artefacts_per_h=0.0, probe_on_s=-30.0 * MINUTE)


def _undosed(t_s: float) -> ScriptedAction:
    """A dose without a baseline: these scenarios are too short for one."""
    return ScriptedAction(t_s, Verb.DOSE, {"confirm_baseline": False, "label": "dose"})


def _fever() -> Scenario:
    over = ScriptedAction(17.5 * MINUTE, Verb.RESOLVE, {"condition": "temp_critical"})
    readings = ((1, 36.9), (5, 38.1), (11, 38.2), (13, 38.7), (15, 39.6), (17, 39.2))
    cooling = ((20, 38.1), (22, 38.0), (24, 37.6), (26, 37.5))
    return Scenario(
        name="fever",
        title="The thermometer climbs to 39.6 degC and falls again; skin says nothing",
        duration_s=30.0 * MINUTE,
        plan=_still(),
        actions=_by_time(
            *(_temperature(minute * MINUTE, degc) for minute, degc in (*readings, *cooling)), over
        ),
        expected=frozenset({"temp_elevated", "temp_high", "temp_critical"}),
    )


def _pressures() -> Scenario:
    over = ScriptedAction(9.0 * MINUTE, Verb.RESOLVE, {"condition": "bp_crisis"})
    readings = ((1, 128, 82), (3, 166, 98), (5, 184, 122), (8, 158, 96))
    return Scenario(
        name="pressure",
        title="Blood pressure rises into a crisis and comes down",
        duration_s=12.0 * MINUTE,
        plan=_still(),
        actions=_by_time(*(_pressure(m * MINUTE, up, low) for m, up, low in readings), over),
        expected=frozenset({"bp_high", "bp_crisis"}),
    )


def _overdue() -> Scenario:
    return Scenario(
        name="overdue",
        title="Nobody measures for 50 min after the dose",
        duration_s=55.0 * MINUTE,
        plan=_still(Dose(30.0)),
        actions=_by_time(
            _undosed(30.0), _pressure(50.0 * MINUTE, 130, 80), _temperature(50.5 * MINUTE, 36.8)
        ),
        expected=frozenset({"check_overdue"}),
    )


def _faint() -> Scenario:
    plan = Plan(
        rest_bpm=62.0,
        wander_bpm=0.5,
        artefacts_per_h=0.0,
        surges=(Surge(3.0 * MINUTE, 15.0, 90.0, 30.0, -26.0),),
        probe_on_s=-30.0 * MINUTE,
    )
    return Scenario(
        name="faint",
        title="Heart rate falls below 40 for a minute and a half",
        duration_s=10.0 * MINUTE,
        plan=plan,
        # So slow a heart follows each breath: its intervals are no longer even.
        expected=frozenset({"hr_low", "hr_very_low", "rr_irregular"}),
    )


def _frozen() -> Scenario:
    return Scenario(
        name="frozen",
        title="The strap repeats the same packet for two minutes",
        duration_s=6.0 * MINUTE,
        plan=_still(),
        faults=(LinkFault(120.0, "strap", FaultKind.FREEZE, 120.0),),
        expected=frozenset({"data_frozen"}),
    )


def _blind() -> Scenario:
    away = [LinkFault(120.0, alias, FaultKind.AWAY, 150.0) for alias in ("strap", "patch")]
    return Scenario(
        name="blind",
        title="Strap and patch both go out of range after the dose",
        duration_s=10.0 * MINUTE,
        plan=_still(Dose(30.0)),
        actions=(_undosed(30.0),),
        faults=tuple(away),
        expected=frozenset({"hr_lost", "temp_lost", "all_lost"}),
    )


def _hidden() -> Scenario:
    plan = Plan(
        wander_bpm=1.5,
        artefacts_per_h=0.0,
        surges=(Surge(40.0, 20.0, 400.0, 60.0, 85.0),),
        probe_on_s=-30.0 * MINUTE,
    )
    return Scenario(
        name="hidden",
        title="The strap is lost while the heart races: the alarm behind it is kept",
        duration_s=12.0 * MINUTE,
        plan=plan,
        faults=(LinkFault(180.0, "strap", FaultKind.AWAY, 90.0),),
        expected=frozenset({"hr_elevated", "hr_high", "hr_extreme", "hr_lost"}),
    )


def _toilet() -> Scenario:
    leave = ScriptedAction(110.0, Verb.STANDBY, {"seconds": 180.0, "reason": "toilet"})
    return Scenario(
        name="break",
        title="A toilet break: standby, a return that is late, a minute to settle",
        duration_s=12.0 * MINUTE,
        plan=_still(),
        actions=(leave, ScriptedAction(350.0, Verb.END_STANDBY)),
        faults=(LinkFault(120.0, "strap", FaultKind.AWAY, 250.0),),
        expected=frozenset({"hr_lost", "standby_overdue"}),
    )


def _chatter() -> Scenario:
    losses = tuple(ContactLoss(60.0 + 100.0 * n, 40.0) for n in range(8))
    plan = Plan(
        wander_bpm=1.5, artefacts_per_h=0.0, contact_losses=losses, probe_on_s=-30.0 * MINUTE
    )
    return Scenario(
        name="chatter",
        title="A loose strap: contact comes and goes, and is told as one alarm with a count",
        duration_s=18.0 * MINUTE,
        plan=plan,
        expected=frozenset({"hr_lost"}),
    )


def _drill() -> Scenario:
    plan = Plan(
        wander_bpm=0.5,
        artefacts_per_h=0.0,
        surges=(Surge(40.0, 5.0, 40.0, 5.0, 85.0),),
        probe_on_s=-30.0 * MINUTE,
    )
    return Scenario(
        name="drill",
        title="A minute of extreme heart rate: the self-test's known event",
        duration_s=4.0 * MINUTE,
        plan=plan,
        expected=frozenset({"hr_high", "hr_extreme"}),
    )


_MADE = (
    _session(),
    _calm(),
    _tachycardia(),
    _heat(),
    _strap_lost(),
    _fever(),
    _pressures(),
    _overdue(),
    _faint(),
    _frozen(),
    _blind(),
    _hidden(),
    _toilet(),
    _chatter(),
    _drill(),
)
LIBRARY: Mapping[str, Scenario] = {made.name: made for made in _MADE}
