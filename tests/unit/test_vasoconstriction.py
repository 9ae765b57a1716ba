"""Cold distal skin with a fast heart (S4): the stage, and the alarm row through the core."""

import numpy as np
import pytest

from devices.codecs.sample import encode
from devices.model import NS_PER_S, Frame, SensorSpec, Signal
from monitor.core import Core, Setup
from monitor.model import Action, Verb
from monitor.signal.vasoconstriction import ConstrictionLimits, Vasoconstriction

NAME = "skin_cold_hr_high"


def holds(fall, excess):
    stage = Vasoconstriction(ConstrictionLimits())
    fall, excess = np.broadcast_arrays(np.array(fall, float), np.array(excess, float))
    return stage.step(np.arange(1, fall.size + 1), fall, excess)


@pytest.mark.parametrize(
    ("fall", "excess", "expected"),
    [(3.0, 20.0, True), (2.9, 20.0, False), (3.0, 19.9, False), (32.3 - 29.3, 25.0, True)],
)
def test_both_limits_must_be_reached(fall, excess, expected):
    pattern = holds(np.full(120, fall), np.full(120, excess))
    assert pattern.holds[-1] == expected
    assert pattern.usable.all()


@pytest.mark.parametrize(("fall", "excess"), [(2.4, 30.0), (4.0, 14.0)])
def test_either_end_ends_it(fall, excess):
    falls = np.repeat([4.0, fall], 120)
    pattern = holds(falls, np.repeat([30.0, excess], 120))
    assert pattern.holds[119]
    assert not pattern.holds[-1]


def test_between_the_limits_it_goes_on_but_does_not_begin():
    falls, rates = np.full(240, 2.7), np.full(240, 17.0)
    assert not holds(falls, rates).holds.any()
    falls[:60], rates[:60] = 3.2, 25.0
    assert holds(falls, rates).holds[59:].all()


def test_a_wandering_heart_rate_does_not_break_it():
    """SD 5 bpm around +25: no ten minutes are without a second below +20."""
    t = np.arange(3600)
    excess = 25.0 + 7.0 * np.sin(2 * np.pi * t / 240.0)
    assert (excess < 20.0).mean() > 0.2
    assert holds(np.full(3600, 3.5), excess).holds[60:].all()


def test_minutes_without_data_change_nothing_and_do_not_count():
    falls = np.concatenate([np.full(120, 3.5), np.full(300, np.nan)])
    pattern = holds(falls, np.full(420, 30.0))
    assert pattern.holds[-1]
    assert not pattern.usable[120:].any()


# --- through the core ---

REST_S, END_S = 1500, 4200


def session(
    site="wrist",
    skin_after=28.5,
    heart_after=96.0,
    dosed=True,
    heart=True,
    skin_before=33.0,
    alarms=None,
):
    """Rest, dose, then skin that falls over 20 min and a faster heart."""
    t = np.arange(END_S)
    course = np.clip((t - REST_S) / 1200.0, 0.0, 1.0)
    skin = skin_before + (skin_after - skin_before) * course + 0.02 * (t % 2)
    rate = 68.0 + (heart_after - 68.0) * course
    events = []
    for s in range(END_S):
        at = s * NS_PER_S + 1
        if heart:
            payload = encode(Signal.HEART_RATE, float(rate[s]))
            events.append(Frame(t_ns=at, source="strap", payload=payload))
        payload = encode(Signal.SKIN_TEMPERATURE, float(skin[s]))
        events.append(Frame(t_ns=at + 1, source="patch", payload=payload))
        if s == REST_S and dosed:
            details = {"confirm_baseline": True}
            events.append(Action(t_ns=at + 2, verb=Verb.DOSE, details=details))
    sensors = [
        SensorSpec(alias="strap", codec="sample", measures=Signal.HEART_RATE, transport="file"),
        SensorSpec(
            alias="patch",
            codec="sample",
            measures=Signal.SKIN_TEMPERATURE,
            site=site,
            transport="file",
        ),
    ]
    return Core(Setup(sensors=sensors if heart else sensors[1:], alarms=alarms or {})), events


def run(until_s=END_S, alter=lambda events: events, **kwargs):
    core, events = session(**kwargs)
    return core.step(alter(events), until_s * NS_PER_S)


def edges(output, name=NAME):
    return [(e.edge.value, e.t_ns // NS_PER_S) for e in output.edges if e.condition == name]


@pytest.mark.parametrize("site", ["wrist", "hand", "foot", "ear_lobe"])
def test_cold_hands_and_a_fast_heart_are_a_low_alarm_after_ten_minutes(site):
    output = run(site=site)
    ((what, at_s),) = edges(output)
    reached_s = REST_S + 1200 * 20 / 28  # heart rate +20; the skin is there earlier
    assert what == "onset"
    assert 600 <= at_s - reached_s <= 720
    edge = next(e for e in output.edges if e.condition == NAME)
    assert edge.priority.name == "LOW"
    assert edge.value == pytest.approx(28.5, abs=0.2)
    assert edge.limit == pytest.approx(30.0, abs=0.05)


@pytest.mark.parametrize(
    "changed",
    [
        {"site": "axilla", "skin_before": 36.0, "skin_after": 31.5},
        {"site": "chest", "skin_before": 35.0, "skin_after": 31.0},
        {"site": "chest"},
        {"skin_after": 30.2},
        {"heart_after": 86.0},
        {"heart": False},
        {"dosed": False},
    ],
)
def test_it_is_silent_otherwise(changed):
    assert edges(run(**changed)) == []


def test_it_ends_when_the_heart_slows_down():
    def slow(events):
        last_s = END_S - 400
        for i, event in enumerate(events):
            if isinstance(event, Frame) and event.source == "strap":
                late = event.t_ns > last_s * NS_PER_S
                payload = encode(Signal.HEART_RATE, 72.0) if late else event.payload
                events[i] = Frame(t_ns=event.t_ns, source="strap", payload=payload)
        return events

    assert [what for what, _ in edges(run(alter=slow))] == ["onset", "clear"]


def test_a_probe_that_fell_off_is_no_constriction():
    def fall_off(events):
        """Off the hand when the heart is fast: to room temperature, and there it stays."""
        off_ns = (REST_S + 1200) * NS_PER_S
        for i, event in enumerate(events):
            if isinstance(event, Frame) and event.source == "patch" and event.t_ns > off_ns:
                since_s = (event.t_ns - off_ns) / NS_PER_S
                degc = 22.5 + 10.0 * np.exp(-since_s / 60.0) + 0.02 * (i % 2)
                payload = encode(Signal.SKIN_TEMPERATURE, float(degc))
                events[i] = Frame(t_ns=event.t_ns, source="patch", payload=payload)
        return events

    quick = {NAME: {"sustain_s": 60.0}}
    output = run(until_s=REST_S + 1750, alter=fall_off, skin_after=33.0, alarms=quick)
    assert edges(output) == []
    assert edges(output, "probe_off")
    assert edges(run(until_s=REST_S + 1750, alarms=quick))


def test_without_new_data_it_neither_begins_nor_ends():
    def stop(events):
        return [e for e in events if e.t_ns < 3600 * NS_PER_S]

    assert [what for what, _ in edges(run(alter=stop))] == ["onset"]


def test_data_that_stop_before_its_time_raise_nothing():
    def stop(events):
        return [e for e in events if e.t_ns < 2700 * NS_PER_S]

    assert edges(run(alter=stop)) == []
