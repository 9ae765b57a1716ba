"""Clinical temperature, blood pressure, checks due, standby and limits: through the core."""

import numpy as np
import pytest

from alerts.model import Edge
from devices.codecs.sample import encode
from devices.model import NS_PER_S, Frame, SensorSpec, Signal
from monitor.core import Core, Setup
from monitor.model import Action, Verb

STRAP = SensorSpec(alias="strap", codec="sample", measures=Signal.HEART_RATE, transport="file")
QUIET = {"hr_lost": {"enabled": False}, "check_overdue": {"enabled": False}}


def act(t_s, verb, **details):
    return Action(t_ns=int(t_s * NS_PER_S), verb=verb, operator="SM", details=details)


def degc(t_s, value, site="ear"):
    return act(t_s, Verb.TEMPERATURE, degc=value, site=site)


def cuff(t_s, systolic, diastolic, **more):
    return act(t_s, Verb.BLOOD_PRESSURE, systolic=systolic, diastolic=diastolic, **more)


def dose(t_s, confirm=True, label="dose"):
    return act(t_s, Verb.DOSE, confirm_baseline=confirm, label=label)


def run(events, until_s, sensors=(STRAP,), alarms=QUIET):
    core = Core(Setup(sensors=list(sensors), alarms=alarms))
    output = core.step(sorted(events, key=lambda e: e.t_ns), until_s * NS_PER_S)
    return core, output


def told(output):
    return [(e.condition, e.edge.value, e.t_ns // NS_PER_S, e.priority.name) for e in output.edges]


ONSET, ESCALATE, CLEAR = (edge.value for edge in Edge)


def test_one_reading_alarms_a_repeated_one_is_medium_two_lower_ones_end_it():
    readings = [(10.5, 38.0), (100, 38.1), (320, 38.1), (400, 37.8), (500, 37.6), (600, 37.6)]
    _, output = run([degc(*r) for r in readings], 700)
    assert told(output) == [
        ("temp_elevated", ONSET, 11, "LOW"),
        ("temp_elevated", ESCALATE, 321, "MEDIUM"),
        ("temp_elevated", CLEAR, 601, "MEDIUM"),
    ]


def test_the_baseline_is_of_the_same_site_and_confirmed():
    before = [degc(10, 36.0), degc(20, 36.2), degc(30, 37.4, "rectal")]
    after = [degc(200, 37.1), degc(300, 38.3, "rectal")]
    _, output = run([*before, dose(100), *after], 400)
    assert [(e.condition, round(e.limit, 6)) for e in output.edges] == [
        ("temp_elevated", 37.1),  # +1.0 above the ear's 36.1; the rectal one is over 38.0 already
    ]
    _, output = run([*before, dose(100, confirm=False), after[0]], 400)
    assert output.edges == []


def test_what_is_in_nobody_is_refused_and_ends_nothing():
    core, output = run([degc(10, 38.6), degc(20, 25.0), degc(30, 44.0), degc(40, 37.0, "")], 50)
    assert len(output.refused) == 3
    assert "34 to 43" in output.refused[0][1]
    assert [s.condition for s in core.signals.view()] == ["temp_high", "temp_elevated"]


def test_the_critical_one_ends_only_by_the_operator_after_a_reading_below():
    over = act(30, Verb.RESOLVE, condition="temp_critical")
    core, output = run([degc(10, 39.6), over, degc(40, 39.0)], 100)
    ((_, why),) = output.refused
    assert "still over" in why
    late = core.step([act(120, Verb.RESOLVE, condition="temp_critical")], 130 * NS_PER_S)
    assert told(late) == [("temp_critical", CLEAR, 121, "HIGH")]
    refused = core.step([act(140, Verb.RESOLVE, condition="hr_high")], 141 * NS_PER_S).refused
    assert "ends by itself" in refused[0][1]


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ([(159, 109)], []),
        ([(160, 80)], ["bp_high"]),
        ([(130, 110)], ["bp_high"]),
        ([(180, 100)], ["bp_high", "bp_crisis"]),
        ([(130, 120)], ["bp_high", "bp_crisis"]),
    ],
)
def test_blood_pressure_either_value(readings, expected):
    _, output = run([cuff(10, *r) for r in readings], 20)
    assert [e.condition for e in output.edges] == expected


def test_symptoms_make_any_pressure_a_crisis():
    core, output = run([cuff(10, 140, 85, symptoms=True)], 20)
    assert [(e.condition, e.value, e.limit) for e in output.edges] == [
        ("bp_crisis", 140, pytest.approx(float("nan"), nan_ok=True)),
    ]
    assert core.signals.audible().name == "HIGH"


@pytest.mark.parametrize("pair", [(49, 30), (301, 80), (120, 120), (120, 10), (float("nan"), 80)])
def test_a_slip_of_the_finger_is_no_pressure(pair):
    _, output = run([cuff(10, *pair)], 20)
    assert len(output.refused) == 1
    assert output.edges == []


def sample(t_s, alias, signal, value):
    return Frame(t_ns=int(t_s * NS_PER_S), source=alias, payload=encode(signal, value))


def test_sensors_of_single_values_and_streams_are_readings_too():
    clinical = Signal.CLINICAL_TEMPERATURE
    sensors = [
        SensorSpec(alias="rectal", codec="sample", measures=clinical, site="rectal"),
        SensorSpec(alias="cuff", codec="sample", measures=Signal.BLOOD_PRESSURE),
    ]
    # One wrong sample of a stream decides nothing: its minute's median is the reading.
    stream = [sample(t, "rectal", clinical, 39.9 if t == 30 else 37.0) for t in range(60)]
    stream += [sample(t, "rectal", clinical, 38.7) for t in range(60, 130)]
    upper = sample(100.5, "cuff", Signal.SYSTOLIC_PRESSURE, 171.0)
    lower = sample(100.5, "cuff", Signal.DIASTOLIC_PRESSURE, 95.0)
    _, output = run([*stream, upper, lower], 200, sensors)
    assert [(e.condition, e.t_ns // NS_PER_S) for e in output.edges] == [
        ("bp_high", 101),
        ("temp_elevated", 120),
        ("temp_high", 120),
    ]


def test_checks_are_due_from_the_dose_and_after_each_entry():
    row = {"hr_lost": {"enabled": False}}
    events = [dose(100), cuff(1700, 120, 80), degc(1700, 36.8), cuff(3600, 120, 80)]
    _, output = run(events, 5700, alarms=row)
    assert told(output) == [
        ("check_overdue", ONSET, 3501, "LOW"),
        ("check_overdue", CLEAR, 3601, "LOW"),
        ("check_overdue", ONSET, 5301, "LOW"),
    ]


def test_checks_escalate_and_end_with_the_observation():
    _, output = run([dose(100)], 23000, alarms={"hr_lost": {"enabled": False}})
    assert told(output) == [
        ("check_overdue", ONSET, 1901, "LOW"),
        ("check_overdue", ESCALATE, 2801, "MEDIUM"),
        ("check_overdue", CLEAR, 21702, "LOW"),
    ]


def test_a_supplemental_dose_without_measurements_is_told_at_once():
    rows = {"hr_lost": {"enabled": False}, "check_overdue": {"pressure_every_s": 14400.0}}
    rows["check_overdue"]["temperature_every_s"] = 14400.0
    events = [dose(100), cuff(600, 120, 80), dose(5000, label="supplemental"), degc(5060, 36.8)]
    _, output = run(events, 6000, alarms=rows)
    assert [(c, e, t) for c, e, t, _ in told(output)] == [
        ("check_overdue", ONSET, 5001),
        ("check_overdue", CLEAR, 5061),
    ]


def test_a_late_return_from_standby_is_an_alarm_and_the_return_ends_it():
    leave = act(10.5, Verb.STANDBY, seconds=120, reason="toilet")
    events = [leave, act(500, Verb.END_STANDBY)]
    core, output = run(events, 600)
    assert told(output) == [
        ("standby_overdue", ONSET, 130, "MEDIUM"),
        ("standby_overdue", ESCALATE, 430, "HIGH"),
        ("standby_overdue", CLEAR, 501, "MEDIUM"),
    ]
    assert not core.signals.standby.active


def heart(values, start=0):
    return [sample(start + i, "strap", Signal.HEART_RATE, v) for i, v in enumerate(values)]


def change(t_s, value, key="limit_bpm", condition="hr_high", reason="slow at rest"):
    return act(t_s, Verb.SET_LIMIT, condition=condition, key=key, value=value, reason=reason)


def test_a_limit_changed_within_the_session_is_audited_and_moves_its_clear_limit():
    rates = heart([70.0] * 100 + [117.0] * 60 + [113.0] * 60)
    core, output = run([*rates, change(50, 115)], 220)
    (changed,) = [c for c in output.transitions if c.what == "limit_changed"]
    assert (changed.condition, changed.detail) == ("hr_high", "limit_bpm 125 -> 115 (slow at rest)")
    assert ("hr_high", ONSET) in [(c, e) for c, e, *_ in told(output)]
    assert core.settings["hr_high"].number("clear_bpm") == 110.0
    assert core.configured["hr_high"].number("limit_bpm") == 125.0


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (change(10, 500), "must be 95 to 150"),
        (change(10, 20), "must be 95 to 150"),
        (change(10, 120, reason=" "), "needs a reason"),
        (change(10, 0, key="sustain_s"), "these can: limit_bpm"),
        (change(10, 60, key="escalate_s", condition="temp_lost"), "cannot be changed in a session"),
        (change(10, 120, condition="temp_lost"), "cannot be changed"),
        (change(10, 120, condition="nonsense"), "no alarm"),
        (change(10, 140), "lowers it to 130"),
        (change(10, float("nan")), "must be 95"),
    ],
)
def test_what_a_change_of_limits_may_not_do(action, words):
    core, output = run([action], 20)
    ((_, why),) = output.refused
    assert words in why
    assert core.settings == core.configured


def test_any_chunking_gives_the_same_readings_and_edges():
    rng = np.random.default_rng(7)
    clinical = SensorSpec(
        alias="rectal", codec="sample", measures=Signal.CLINICAL_TEMPERATURE, site="rectal"
    )
    times = np.sort(rng.uniform(0, 3000, 400))
    events = [
        sample(t, "rectal", Signal.CLINICAL_TEMPERATURE, 37.6 + rng.normal(0, 0.5)) for t in times
    ]
    events += [dose(300.0), cuff(900.0, 166, 90), cuff(1500.3, 150, 90), degc(2000.0, 38.2)]
    events.sort(key=lambda event: event.t_ns)
    _, whole = run(events, 3600, [clinical], alarms={})
    core, edges, start = Core(Setup(sensors=[clinical])), [], 0
    for until_s in [1, 2, 60, 61, 300, 301, 899, 900, 901, 1501, 2000, 2001, 2999, 3600]:
        until_ns = until_s * NS_PER_S
        stop = sum(event.t_ns <= until_ns for event in events)
        edges += core.step(events[start:stop], until_ns).edges
        start = stop
    assert told(whole) == [
        (e.condition, e.edge.value, e.t_ns // NS_PER_S, e.priority.name) for e in edges
    ]
    assert whole.edges


RR_MS = 60_000 / 72.0


def beats(until_s, still_from_s, rr=True):
    rng = np.random.default_rng(3)
    for t in range(until_s):
        still = t >= still_from_s
        rate = 72.0 if still else 72.0 + t % 3
        yield sample(t, "strap", Signal.HEART_RATE, rate)
        if rr:
            interval = RR_MS if still else RR_MS + rng.normal(0, 20)
            yield sample(t + 0.001, "strap", Signal.RR_INTERVAL, interval)


@pytest.mark.parametrize(("rr", "expected_s"), [(True, 130), (False, 1000)])
def test_a_strap_that_repeats_itself_is_told(rr, expected_s):
    _, output = run(list(beats(1200, 100, rr=rr)), 1199)
    (edge,) = output.edges
    assert edge.condition == "data_frozen"
    assert edge.t_ns // NS_PER_S == pytest.approx(expected_s, abs=1)


def test_half_a_pressure_alarms_and_ends_nothing():
    cuffs = SensorSpec(alias="cuff", codec="sample", measures=Signal.BLOOD_PRESSURE)
    upper = [sample(t, "cuff", Signal.SYSTOLIC_PRESSURE, v) for t, v in ((10, 171.0), (60, 120.0))]
    lower = [sample(30, "cuff", Signal.DIASTOLIC_PRESSURE, 121.0)]
    core, output = run([*upper, *lower], 100, [STRAP, cuffs])
    assert [(e.condition, e.edge.value, e.t_ns // NS_PER_S, e.value) for e in output.edges] == [
        ("bp_high", ONSET, 10, 171.0),
        ("bp_crisis", ONSET, 30, 121.0),
    ]
    assert not core.measure.care.newest


@pytest.mark.parametrize(("value", "after_s"), [(34.02, 900), (34.0, 3600)])
def test_frozen_skin_knows_the_sensors_resolution(value, after_s):
    patch = SensorSpec(
        alias="patch", codec="sample", measures=Signal.SKIN_TEMPERATURE, site="axilla"
    )
    frames = [sample(t, "patch", Signal.SKIN_TEMPERATURE, value) for t in range(3700)]
    _, output = run(frames, 3699, [patch])
    frozen = [e for e in output.edges if e.condition == "data_frozen"]
    assert [(e.t_ns // NS_PER_S, e.value, e.limit) for e in frozen] == [(after_s,) * 3]


@pytest.mark.parametrize(("gap_s", "told_s"), [(20, [121]), (31, [])])
def test_a_count_starts_anew_once_the_signal_counted_as_lost(gap_s, told_s):
    times = [*range(100), *range(100 + gap_s, 112 + gap_s)]
    frames = [sample(t, "strap", Signal.HEART_RATE, 145 if t >= 88 else 70) for t in times]
    _, output = run(frames, 112 + gap_s)
    extreme = [e for e in output.edges if e.condition == "hr_extreme"]
    assert [e.t_ns // NS_PER_S for e in extreme if e.edge is Edge.ONSET] == told_s


def test_both_signals_lost_after_the_dose_are_one_high_alarm():
    patch = SensorSpec(
        alias="patch", codec="sample", measures=Signal.SKIN_TEMPERATURE, site="axilla"
    )
    frames = [*beats(200, 1e9), *(sample(t, "patch", Signal.SKIN_TEMPERATURE, 34.0 + t % 7 / 50)
                                  for t in range(200))]  # fmt: skip
    core, output = run([*frames, dose(100, confirm=False)], 300, [STRAP, patch], alarms={})
    at = {e.condition: e.t_ns // NS_PER_S for e in output.edges if e.edge is Edge.ONSET}
    assert at["all_lost"] - 199 == pytest.approx(60, abs=1)
    shown = [s.condition for s in core.signals.view() if not s.hidden]
    assert shown == ["all_lost"]
