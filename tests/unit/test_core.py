"""The core on made-up sessions: what fires, what must not."""

import numpy as np
import pytest

from devices.codecs.sample import encode
from devices.model import NS_PER_S, Frame, SensorSpec, Signal
from monitor.core import Core, Setup
from monitor.model import Action, Verb
from monitor.signal.hold import Quality


def spec(alias, measures, site="axilla"):
    return SensorSpec(alias=alias, codec="sample", measures=measures, site=site, transport="file")


SENSORS = [spec("strap", Signal.HEART_RATE, "chest"), spec("patch", Signal.SKIN_TEMPERATURE)]


def heart(values, start=0):
    return [
        Frame(t_ns=(start + s) * NS_PER_S, source="strap", payload=encode(Signal.HEART_RATE, v))
        for s, v in enumerate(values)
        if v is not None
    ]


def skin(values, start=0, every=1):
    return [
        Frame(
            t_ns=(start + s * every) * NS_PER_S + 1,
            source="patch",
            payload=encode(Signal.SKIN_TEMPERATURE, float(v)),
        )
        for s, v in enumerate(values)
    ]


def dose(t_s, confirm=True):
    return Action(t_ns=t_s * NS_PER_S + 2, verb=Verb.DOSE, details={"confirm_baseline": confirm})


def run(*parts, until_s, sensors=SENSORS, alarms=None, age=0.0):
    core = Core(Setup(sensors=sensors, alarms=alarms or {}, age_years=age))
    events = sorted((event for part in parts for event in part), key=lambda e: e.t_ns)
    return core, core.step(events, until_s * NS_PER_S)


def onsets(output):
    return [(e.condition, e.t_ns // NS_PER_S) for e in output.edges if e.edge.value == "onset"]


NO_SKIN = SENSORS[:1]
NO_R1 = {"check_overdue": {"enabled": False}}


@pytest.mark.parametrize(
    ("bpm", "seconds", "expected"),
    [
        (109, 300, []),
        (110, 59, []),
        (110, 80, ["hr_elevated"]),
        (125, 40, ["hr_high"]),
        (125, 100, ["hr_high", "hr_elevated"]),
        (140, 25, ["hr_extreme"]),
        (140, 14, []),
    ],
)
def test_a_sustained_rate_fires_its_rows(bpm, seconds, expected):
    values = [70.0] * 60 + [float(bpm)] * seconds + [70.0] * 20
    _, output = run(heart(values), until_s=len(values), sensors=NO_SKIN)
    assert [name for name, _ in onsets(output)] == expected


def test_worst_case_delay_of_the_extreme_row_is_about_twenty_seconds():
    values = [70.0] * 60 + [150.0] * 60
    _, output = run(heart(values), until_s=119, sensors=NO_SKIN)
    at = dict(onsets(output))["hr_extreme"]
    assert 15 <= at - 60 <= 20


def test_limits_arm_after_thirty_valid_seconds():
    _, output = run(heart([150.0] * 60), until_s=59, sensors=NO_SKIN)
    assert dict(onsets(output))["hr_extreme"] == 29 + 15


def test_short_artefact_bursts_raise_nothing():
    values = ([70.0] * 60 + [190.0] * 8) * 10
    _, output = run(heart(values), until_s=len(values), sensors=NO_SKIN)
    assert onsets(output) == []


def test_zero_and_absurd_rates_are_no_reading():
    values = [70.0] * 40 + [0.0] * 8 + [900.0] * 4 + [70.0] * 5
    core, output = run(heart(values), until_s=56, sensors=NO_SKIN)
    shown = output.vitals[0].heart.shown
    assert shown.value[50] != 0
    assert shown.quality[51] == Quality.NOT_AVAILABLE
    assert core.intake.sources["strap"].packets == len(values)


def test_silence_is_noticed_and_escalates_only_after_the_dose():
    quiet = heart([70.0] * 60)
    _, before = run(quiet, until_s=300, sensors=NO_SKIN)
    assert [(e.edge.value, e.t_ns // NS_PER_S, e.priority.name) for e in before.edges] == [
        ("onset", 89, "MEDIUM")
    ]
    _, after = run(quiet, [dose(50, confirm=False)], until_s=300, sensors=NO_SKIN)
    assert [(e.edge.value, e.t_ns // NS_PER_S, e.priority.name) for e in after.edges] == [
        ("onset", 89, "MEDIUM"),
        ("escalate", 179, "HIGH"),
    ]


def test_a_sensor_never_seen_is_quiet_during_setup_only():
    _, output = run([], until_s=400)
    assert onsets(output) == [("hr_lost", 300), ("temp_lost", 300)]


def test_a_lost_signal_never_clears_an_alarm():
    values = [70.0] * 60 + [150.0] * 40
    core, output = run(heart(values), until_s=600, sensors=NO_SKIN)
    assert "clear" not in {e.edge.value for e in output.edges if e.condition == "hr_extreme"}
    assert any(s.condition == "hr_extreme" for s in core.signals.view())


def test_baseline_is_the_median_before_the_dose_and_never_rolls():
    before, after = [70.0] * 900, [112.0] * 600
    core, output = run(heart(before + after), [dose(900)], until_s=1499, sensors=NO_SKIN)
    assert core.heart_baseline.value == 70.0
    assert onsets(output) == [("hr_elevated", 962), ("hr_above_baseline", 1022)]


@pytest.mark.parametrize(("seconds", "confirm"), [(500, True), (900, False)])
def test_without_a_confirmed_baseline_relative_rows_are_silent(seconds, confirm):
    values = [70.0] * seconds + [112.0] * 600
    core, output = run(
        heart(values), [dose(seconds, confirm)], until_s=len(values), sensors=NO_SKIN
    )
    assert core.heart_baseline.value is None
    assert core.heart_baseline.state == "none"
    assert [name for name, _ in onsets(output)] == ["hr_elevated"]


def warm_up(seconds, start=25.0, end=34.0):
    return end + (start - end) * np.exp(-np.arange(seconds) / 240.0)


def test_probe_warm_up_raises_nothing():
    _, output = run(skin(warm_up(3600)), until_s=3600, sensors=SENSORS[1:])
    assert onsets(output) == []


def test_skin_rise_above_the_frozen_baseline():
    values = np.concatenate([np.full(1500, 34.0), 34.0 + np.minimum(np.arange(4000) / 3000, 1.2)])
    core, output = run(skin(values), [dose(1500)], until_s=5400, sensors=SENSORS[1:], alarms=NO_R1)
    assert core.skin_baseline.value == 34.0
    assert [name for name, _ in onsets(output)] == ["skin_rise"]


def test_skin_rising_fast_needs_no_baseline():
    values = np.concatenate([np.full(1500, 34.0), 34.0 + np.minimum(np.arange(1500) / 800, 1.4)])
    _, output = run(skin(values), until_s=2900, sensors=SENSORS[1:])
    assert [name for name, _ in onsets(output)] == ["skin_rise_fast"]


def test_a_wrist_says_nothing_about_trends_but_can_rule_heat_in():
    wrist = [spec("patch", Signal.SKIN_TEMPERATURE, "wrist")]
    values = np.concatenate([np.full(1500, 30.0), np.linspace(30.0, 38.5, 1500), [38.5] * 300])
    _, output = run(skin(values), [dose(1500)], until_s=3300, sensors=wrist)
    assert [name for name, _ in onsets(output)] == ["skin_high"]


def test_skin_high_fires_while_settling_too():
    _, output = run(skin([38.3] * 200), until_s=199, sensors=SENSORS[1:])
    assert onsets(output) == [("skin_high", 61)]


def test_a_fallen_probe_is_a_technical_alarm_and_holds_new_trends():
    fallen = 23.0 + 11.0 * np.exp(-np.arange(1500) / 90.0)
    values = np.concatenate([np.full(1500, 34.0), fallen])
    _, output = run(skin(values), [dose(1450)], until_s=2999, sensors=SENSORS[1:])
    assert [name for name, _ in onsets(output)] == ["probe_off"]
    assert [e.priority.name for e in output.edges] == ["LOW", "MEDIUM"]
    assert output.edges[-1].value < output.edges[-1].limit == 30


def test_a_probe_that_falls_fast_names_no_limit_that_is_not_the_reason():
    values = np.concatenate([np.full(600, 34.0), np.full(200, 31.5)])
    _, output = run(skin(values), until_s=799, sensors=SENSORS[1:])
    (edge,) = output.edges
    assert edge.condition == "probe_off"
    assert np.isnan(edge.limit)


def test_frames_of_unknown_sensors_are_counted_and_dropped():
    stranger = Frame(t_ns=1, source="neighbour", payload=encode(Signal.HEART_RATE, 180.0))
    core, output = run([stranger], until_s=10)
    assert core.intake.unknown == 1
    assert np.isnan(output.vitals[0].heart.shown.value).all()


@pytest.mark.parametrize(
    "details",
    [{}, {"condition": "hr_high"}, {"condition": "x", "occurrence": 1}, {"occurrence": "NaN"}],
)
def test_a_nonsense_acknowledgement_is_refused_not_raised(details):
    action = Action(t_ns=5, verb=Verb.ACKNOWLEDGE, details=details)
    _, output = run([action], until_s=1)
    assert len(output.refused) == 1


def test_rr_intervals_stand_in_for_a_missing_rate():
    sensors = [spec("strap", Signal.RR_INTERVAL)]
    frames = [
        Frame(t_ns=i * NS_PER_S // 2, source="strap", payload=encode(Signal.RR_INTERVAL, 500.0))
        for i in range(200)
    ]
    _, output = run(frames, until_s=99, sensors=sensors)
    assert output.vitals[0].heart.shown.value[50] == 120.0
    assert [name for name, _ in onsets(output)] == ["hr_elevated"]


def slow(alias, measures, period_s, site="axilla"):
    return SensorSpec(
        alias=alias,
        codec="sample",
        measures=measures,
        site=site,
        transport="file",
        period_s=period_s,
    )


@pytest.mark.parametrize("period", [5, 15, 60])
def test_a_slow_source_alarms_in_its_own_time(period):
    sensors = [slow("strap", Signal.HEART_RATE, period)]
    values = [v for bpm in [70.0] * 600 + [150.0] * 600 for v in [bpm]]
    sparse = [v if t % period == 0 else None for t, v in enumerate(values)]
    _, output = run(heart(sparse), until_s=1199, sensors=sensors)
    found = dict(onsets(output))
    assert set(found) == {"hr_elevated", "hr_high", "hr_extreme"}
    assert found["hr_extreme"] - 600 <= 15 + 2 * period


def test_one_wrong_reading_of_a_slow_source_raises_nothing():
    sensors = [slow("strap", Signal.HEART_RATE, 60)]
    sparse = [None if t % 60 else (160.0 if t == 600 else 70.0) for t in range(1800)]
    _, output = run(heart(sparse), until_s=1799, sensors=sensors)
    assert onsets(output) == []


def test_a_slow_source_is_lost_in_its_own_time():
    sensors = [slow("strap", Signal.HEART_RATE, 60)]
    sparse = [None if t % 60 or t > 600 else 70.0 for t in range(1800)]
    _, output = run(heart(sparse), until_s=1799, sensors=sensors)
    assert onsets(output) == [("hr_lost", 600 + 150)]


def test_a_slow_skin_sensor_reaches_its_absolute_limit():
    sensors = [slow("patch", Signal.SKIN_TEMPERATURE, 60)]
    _, output = run(skin([34.0] * 10 + [38.5] * 10, every=60), until_s=1100, sensors=sensors)
    name, at_s = onsets(output)[0]
    assert name == "skin_high"
    assert at_s - 600 <= 60 + 2 * 60


@pytest.mark.parametrize(("on", "off"), [(1, 15), (2, 25), (6, 15), (14, 11), (3, 28)])
def test_intermittent_contact_hides_no_tachycardia(on, off):
    """Contact that comes and goes: the limit is reached, or the missing signal is an alarm."""
    values = [70.0] * 120 + [150.0 if t % (on + off) < on else None for t in range(1200)]
    _, output = run(heart(values), [dose(60, confirm=False)], until_s=1319, sensors=NO_SKIN)
    assert "hr_extreme" in dict(onsets(output))


def test_a_signal_mostly_missing_is_an_alarm_even_if_never_away_for_long():
    values = [70.0] * 120 + [70.0 if t % 25 == 0 else None for t in range(600)]
    _, output = run(heart(values), until_s=719, sensors=NO_SKIN)
    assert [name for name, _ in onsets(output)] == ["hr_lost"]


def test_intermittent_skin_contact_hides_no_heat():
    values = [34.0] * 120 + [38.5 if t % 50 < 5 else None for t in range(3000)]
    frames = [f for t, v in enumerate(values) if v is not None for f in skin([v], start=t)]
    _, output = run(frames, until_s=3119, sensors=SENSORS[1:])
    assert {"skin_high"} <= set(dict(onsets(output)))


def rr(times_s, ms=800.0):
    return [
        Frame(t_ns=int(t * NS_PER_S), source="strap", payload=encode(Signal.RR_INTERVAL, ms))
        for t in times_s
    ]


def test_a_short_gap_of_an_rr_only_strap_is_no_loss_and_a_long_one_is_at_once():
    sensors = [spec("strap", Signal.RR_INTERVAL)]
    beats = [t * 0.8 for t in range(1000)]
    short = [t for t in beats if not 400 <= t < 409]
    _, output = run(rr(short), until_s=799, sensors=sensors)
    assert onsets(output) == []
    _, output = run(rr([t for t in beats if t < 100]), until_s=400, sensors=sensors)
    (found,) = onsets(output)
    assert found[0] == "hr_lost"
    assert 128 <= found[1] <= 131


def test_data_that_return_do_not_escalate():
    values = [70.0] * 100 + [None] * 119 + [70.0] * 60
    _, output = run(heart(values), [dose(50, confirm=False)], until_s=278, sensors=NO_SKIN)
    assert [(e.edge.value, e.priority.name) for e in output.edges] == [
        ("onset", "MEDIUM"),
        ("clear", "MEDIUM"),
    ]


def test_another_placement_of_the_probe_is_another_baseline():
    values = np.concatenate([np.full(2400, 35.5), np.full(120, 24.0), np.full(2700, 33.5)])
    core, _ = run(skin(values), [dose(5100)], until_s=5200, sensors=SENSORS[1:])
    assert core.skin_baseline.value == 33.5


@pytest.mark.parametrize("base", [30.8, 31.3, 31.8, 34.0])
def test_differences_of_decimal_readings_reach_their_limit(base):
    values = np.concatenate([np.full(1800, base), np.full(600, round(base + 1.0, 1))])
    _, output = run(skin(values), [dose(1800)], until_s=2399, sensors=SENSORS[1:])
    assert "skin_rise" in dict(onsets(output))


def test_each_half_of_the_fast_rise_is_recorded_with_its_own_limit():
    values = np.concatenate([np.full(1800, 33.0), np.full(60, 28.0), np.full(2400, 34.7)])
    _, output = run(skin(values), [dose(1800)], until_s=4200, sensors=SENSORS[1:])
    (edge,) = [e for e in output.edges if e.condition == "skin_rise_fast"]
    assert edge.limit == 1.5
