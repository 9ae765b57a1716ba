"""Two sensors of one signal: which is used, when it changes, and when they contradict."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.codecs.sample import encode
from devices.model import NS_PER_S, Frame, LinkState, SensorSpec, Signal
from monitor.core import Core, Setup
from monitor.intake import Intake
from monitor.model import Action, Verb
from monitor.sensor_view import Said, sensor_view
from monitor.sources import sources
from tests.examples import examples

HEART = Signal.HEART_RATE
SKIN = Signal.SKIN_TEMPERATURE


def spec(alias, measures=HEART, site="axilla", codec="sample"):
    return SensorSpec(alias=alias, codec=codec, measures=measures, site=site, transport="file")


def at(second, source, value, signal=HEART, plus=0):
    t_ns = second * NS_PER_S - 500_000_000 + plus
    return Frame(t_ns=t_ns, source=source, payload=encode(signal, value))


def heart(seconds, first, second):
    """Two straps; each is a function of the second, None where it is silent."""
    frames = []
    for t in range(1, seconds):
        for plus, (name, value) in enumerate((("a", first(t)), ("b", second(t)))):
            if value is not None:
                frames.append(at(t, name, value, plus=plus))
    return frames


def run(sensors, frames, until_s, alarms=None):
    core = Core(Setup(sensors=sensors, alarms=alarms or {}))
    return core, core.step(frames, until_s * NS_PER_S)


def shown(output, part="heart"):
    return np.concatenate([getattr(v, part).shown.value for v in output.vitals])


STRAPS = [spec("a"), spec("b")]


def test_the_first_listed_is_used_and_the_other_stands_by():
    core, output = run(STRAPS, heart(60, lambda _: 70.0, lambda _: 90.0), 59)
    assert set(shown(output)[1:]) == {70.0}
    assert output.switches == []
    assert core.measure.heart_source == "a"
    assert core.measure.standing_by == {"b"}


def test_a_silent_primary_is_replaced_and_returns_when_it_has_proven_steady():
    frames = heart(120, lambda t: None if 20 <= t < 50 else 70.0, lambda _: 72.0)
    core, output = run(STRAPS, frames, 119)
    changes = [(s.t_ns // NS_PER_S, s.before, s.after) for s in output.switches]
    assert [change[1:] for change in changes] == [("a", "b"), ("b", "a")]
    # 5 s of window, then the other; 30 s without a gap, then back.
    assert 23 <= changes[0][0] <= 26
    assert 79 <= changes[1][0] <= 81
    assert not np.isnan(shown(output)[1:]).any()
    assert "hr_lost" not in [edge.condition for edge in output.edges]
    assert core.measure.heart_source == "a"


def test_a_flapping_primary_is_left_alone():
    frames = heart(200, lambda t: None if t >= 20 and t % 20 >= 8 else 70.0, lambda _: 72.0)
    _, output = run(STRAPS, frames, 199)
    assert [s.after for s in output.switches] == ["b"]


def test_lost_is_when_nobody_delivers():
    frames = heart(40, lambda _: 70.0, lambda _: 72.0)
    _, output = run(STRAPS, frames, 120)
    onsets = [e for e in output.edges if e.condition == "hr_lost"]
    assert [e.t_ns // NS_PER_S for e in onsets] == [pytest.approx(69, abs=2)]


def test_an_alarm_goes_on_across_the_switch():
    frames = heart(150, lambda t: 150.0 if t < 60 else None, lambda _: 149.0)
    _, output = run(STRAPS, frames, 149)
    extreme = [e.edge.name for e in output.edges if e.condition == "hr_extreme"]
    assert extreme == ["ONSET"]


def test_disagreement_is_a_technical_alarm():
    frames = heart(100, lambda _: 70.0, lambda t: 95.0 if t < 60 else None)
    core, output = run(STRAPS, frames, 99)
    (onset,) = [e for e in output.edges if e.condition == "hr_sensors_disagree"]
    assert onset.t_ns // NS_PER_S == pytest.approx(31, abs=2)
    assert (onset.value, onset.limit, onset.unit) == (25.0, 15.0, "bpm")
    # One of them has fallen silent: nothing says that they agree now.
    assert [s.condition for s in core.signals.view()] == ["hr_sensors_disagree"]


def test_rates_close_together_are_no_disagreement():
    _, output = run(STRAPS, heart(200, lambda _: 70.0, lambda _: 82.0), 199)
    assert output.edges == []


def skin(until_s, first, second):
    frames = []
    for t in range(4, until_s, 4):
        for plus, (name, value) in enumerate((("a", first(t)), ("b", second(t)))):
            if value is not None:
                frames.append(at(t, name, value, SKIN, plus))
    return frames


PROBES = [spec("a", SKIN), spec("b", SKIN, "trunk")]
DOSE_S = 1500


def dosed(sensors, frames, until_s):
    core = Core(Setup(sensors=sensors))
    before = [f for f in frames if f.t_ns <= DOSE_S * NS_PER_S]
    core.step(before, DOSE_S * NS_PER_S)
    details = {"confirm_baseline": True}
    dose = Action(t_ns=DOSE_S * NS_PER_S + 1, verb=Verb.DOSE, operator="x", details=details)
    after = [f for f in frames if f.t_ns > DOSE_S * NS_PER_S]
    return core, core.step([dose, *after], until_s * NS_PER_S)


def test_another_site_has_its_own_baseline_and_raises_no_rise():
    frames = skin(4000, lambda t: 34.0 if t < 2000 else None, lambda _: 36.2)
    core, output = dosed(PROBES, frames, 3999)
    assert [s.after for s in output.switches] == ["b"]
    relative = {"skin_rise", "skin_rise_fast"}
    assert not relative & {e.condition for e in output.edges}
    assert core.skin_baseline.value == pytest.approx(36.2)


def test_heat_is_found_on_whichever_probe_is_left():
    frames = skin(3000, lambda t: 36.0 if t < 2000 else None, lambda t: 36.0 if t < 2400 else 38.4)
    _, output = dosed(PROBES, frames, 2999)
    assert "skin_high" in {e.condition for e in output.edges}


def test_probes_at_different_sites_may_differ_but_not_at_the_same():
    frames = skin(3000, lambda _: 34.0, lambda _: 36.5)
    _, apart = dosed(PROBES, frames, 2999)
    same = [spec("a", SKIN), spec("b", SKIN)]
    _, together = run(same, frames, 2999)
    assert "skin_sensors_disagree" not in {e.condition for e in apart.edges}
    assert "skin_sensors_disagree" in {e.condition for e in together.edges}


def test_intervals_stay_with_their_strap():
    straps = [spec("a", codec="hrs_2a37"), spec("b", codec="hrs_2a37")]
    found = sources(straps)
    assert found.signals() == {
        "a": {HEART, Signal.RR_INTERVAL},
        "b": {HEART, Signal.RR_INTERVAL},
    }
    imported = sources([spec("rate"), spec("ibi", Signal.RR_INTERVAL)])
    assert (imported.heart, imported.rr) == (("rate",), "ibi")


@settings(max_examples=examples(25), deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    cuts=st.lists(st.integers(1, 239), max_size=12, unique=True).map(sorted),
)
def test_any_chunking_gives_the_same(seed, cuts):
    rng = np.random.default_rng(seed)
    on = {name: np.repeat(rng.random(24) < 0.6, 10) for name in "ab"}
    frames = heart(
        240,
        lambda t: float(rng.integers(60, 160)) if on["a"][t] else None,
        lambda t: float(rng.integers(60, 160)) if on["b"][t] else None,
    )
    _, whole = run(STRAPS, frames, 239)
    core = Core(Setup(sensors=STRAPS))
    switches, edges, values = [], [], []
    for a, b in zip([0, *cuts], [*cuts, 239], strict=True):
        some = [f for f in frames if a * NS_PER_S < f.t_ns <= b * NS_PER_S]
        output = core.step(some, b * NS_PER_S)
        switches += output.switches
        edges += output.edges
        values += [shown(output)] if output.vitals else []
    assert switches == whole.switches
    assert repr(edges) == repr(whole.edges)
    np.testing.assert_array_equal(np.concatenate(values), shown(whole))


def test_half_a_message_does_not_join_the_next_link():
    intake = Intake([spec("p", SKIN, codec="center_30x_8b")])
    frame = bytes.fromhex("0280800365034103")
    pieces = [frame[:5], b"", frame[5:], frame]
    for t_ns, payload in enumerate(pieces):
        taken, (value,) = intake.step([Frame(t_ns=t_ns, source="p", payload=payload)])
    assert value == 36.5
    assert taken["p"][SKIN].values == [36.5]
    assert intake.sources["p"].packets == 3
    assert intake.sources["p"].malformed == 1


def view(name, *payloads, state=LinkState.STREAMING, now_s=1):
    sensor = spec("x", Signal.BLOOD_PRESSURE, codec=name)
    intake = Intake([sensor])
    intake.step([Frame(t_ns=t, source="x", payload=p) for t, p in enumerate(payloads)])
    return sensor_view(intake.sources["x"], (state, "not found"), Said(), now_s * NS_PER_S)


def test_what_a_sensor_says_is_shown():
    cuff = view("bps_2a35", bytes.fromhex("008a00580078 00"), now_s=300, state=LinkState.LOST)
    assert cuff.reading == "138/88 mmHg (5 min ago)"
    # A cuff is silent between two readings: it waits, it is not lost.
    assert (cuff.state, cuff.detail) == ("initial", "")
    meter = view("center_30x_8b", bytes.fromhex("02c0800365034103"), state=LinkState.STREAMING)
    assert "battery low" in meter.detail
    oximeter = view("plx_2a5f", bytes.fromhex("0061004800"))
    assert oximeter.reading == "SpO2 97 %"


def test_a_signal_is_shown_with_its_age_and_is_nothing_for_the_record():
    said, intake = Said(), Intake([spec("x")])
    assert said.take("battery", 88, 0)
    assert not said.take("battery", 88, 0)
    assert not said.take("signal", -61, 5 * NS_PER_S)
    link = (LinkState.STREAMING, "")
    view = sensor_view(intake.sources["x"], link, said, 65 * NS_PER_S)
    assert (view.signal_dbm, view.signal_age_s) == (-61.0, 60.0)
    said.take("signal", -127, 6 * NS_PER_S)
    view = sensor_view(intake.sources["x"], link, said, 65 * NS_PER_S)
    assert (view.signal_dbm, view.signal_age_s) == (None, None)
