"""Other limits judged over vitals derived before: the very alarms of deriving everything again."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.codecs.sample import encode
from devices.model import NS_PER_S, Frame, SensorSpec, Signal
from monitor import stored
from monitor.core import Setup
from monitor.model import Action, Status, Verb
from monitor.tape import Tape
from tests.examples import examples

SPAN_S = 300


def sensor(alias, measures, site=""):
    return SensorSpec(alias=alias, codec="sample", measures=measures, site=site, transport="file")


SENSORS = [
    sensor("strap", Signal.HEART_RATE),
    sensor("watch", Signal.HEART_RATE),
    sensor("patch", Signal.SKIN_TEMPERATURE, "axilla"),
]
SHORT = {"sustain_s": 3.0, "clear_s": 4.0}
# Short sustains, so that a few minutes of made-up data reach every state.
ALARMS = {
    "hr_elevated": SHORT,
    "hr_high": SHORT,
    "hr_low": SHORT,
    "hr_above_baseline": SHORT,
    "skin_high": SHORT,
    "hr_lost": {"sustain_s": 10.0, "clear_s": 2.0, "escalate_s": 30.0},
    "temp_lost": {"sustain_s": 30.0, "clear_s": 5.0, "escalate_s": 60.0},
}


def _actions(rng):
    """What an operator may do, sensible or not."""
    names = ("hr_elevated", "hr_high", "hr_extreme", "temp_critical", "bp_crisis", "hr_lost")
    name = names[rng.integers(len(names))]
    return [
        (Verb.DOSE, {"confirm_baseline": True}),
        (Verb.ACKNOWLEDGE, {"condition": name, "occurrence": int(rng.integers(1, 3))}),
        (Verb.ACKNOWLEDGE, {"condition": name, "occurrence": 1}),
        (Verb.PAUSE_AUDIO, {"seconds": 30}),
        (Verb.STANDBY, {"seconds": 60, "reason": "toilet"}),
        (Verb.END_STANDBY, {}),
        (Verb.TEMPERATURE, {"degc": 37.0 + 3 * rng.random(), "site": "ear"}),
        (Verb.BLOOD_PRESSURE, {"systolic": 130 + 70 * rng.random(), "diastolic": 90}),
        (Verb.RESOLVE, {"condition": name}),
        (Verb.SET_LIMIT, {"condition": "hr_high", "key": "limit_bpm",
                          "value": 118.0, "reason": "calm"}),
        (Verb.SET_LIMIT, {"condition": "skin_cold_hr_high", "key": "limit_degc",
                          "value": 2.0, "reason": "cold room"}),
    ]  # fmt: skip


@st.composite
def sessions(draw):
    """Events in order over a few minutes: rates of two sensors, gaps, skin, actions, statuses."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    level = np.repeat(rng.choice([45.0, 70.0, 112.0, 128.0, 150.0], SPAN_S // 10), 10)
    gaps = np.repeat(rng.random(SPAN_S // 10) < draw(st.sampled_from([0.0, 0.2, 0.5])), 10)
    events = []
    for second in range(SPAN_S):
        at = second * NS_PER_S + int(rng.integers(0, NS_PER_S // 2))
        value = float(level[second] + rng.normal(0, 3))
        rate = encode(Signal.HEART_RATE, value)
        if not gaps[second]:
            events.append(Frame(t_ns=at, source="strap", payload=rate))
        if second > 150:
            events.append(Frame(t_ns=at + 1, source="watch", payload=rate))
        skin = encode(Signal.SKIN_TEMPERATURE, 34.0 + 4.5 * (second > 200))
        events.append(Frame(t_ns=at + 2, source="patch", payload=skin))
        if rng.random() < 0.06:
            verb, details = _actions(rng)[rng.integers(11)]
            events.append(Action(t_ns=at + 3, verb=verb, operator="SM", details=details))
        if rng.random() < 0.03:
            flags = {k: bool(rng.integers(2)) for k in ("active", "urgent", "renewed")}
            events.append(Status(t_ns=at + 4, condition="sound_or_power", **flags))
    return events


@st.composite
def limits(draw):
    """Other limits, sustains, priorities; some rows disabled."""
    rows = {name: dict(row) for name, row in ALARMS.items()}
    ranges = {"hr_elevated": (90, 140), "hr_high": (95, 150), "hr_low": (40, 60)}
    for name, bounds in ranges.items():
        limit = float(draw(st.integers(*bounds)))
        step = draw(st.sampled_from([2.0, 5.0, 20.0]))
        clear = limit + step if name == "hr_low" else limit - step
        rows[name] |= {"limit_bpm": limit, "clear_bpm": clear}
        rows[name]["sustain_s"] = float(draw(st.integers(0, 20)))
        rows[name]["priority"] = draw(st.sampled_from(["LOW", "MEDIUM", "HIGH"]))
    rows["hr_lost"]["sustain_s"] = float(draw(st.integers(3, 20)))
    rows["hr_extreme"] = {"limit_bpm": float(draw(st.integers(120, 150))), "clear_bpm": 115.0}
    rows["temp_high"] = {"limit_degc": draw(st.sampled_from([38.0, 39.0]))}
    rows["bp_high"] = {"enabled": draw(st.booleans())}
    if draw(st.integers(0, 4)) == 0:
        rows["probe_off"] = {"limit_degc": 35.0}
    return rows


def alarms_of(outcome):
    """The alarms and the time over limits; NaN equals itself in text."""
    over = {name: seconds.tolist() for name, seconds in outcome.over.items()}
    return [repr(edge) for edge in outcome.edges], over, outcome.settings


def said(judged):
    """Everything a judgement says."""
    return alarms_of(judged), [repr(change) for change in judged.transitions], judged.refused


@settings(deadline=None, max_examples=examples(40))
@given(sessions(), limits())
def test_a_what_if_is_a_full_derivation_with_those_limits(events, alarms):
    end_ns = SPAN_S * NS_PER_S
    tape = Tape.of(Setup(sensors=SENSORS, alarms=ALARMS), events, end_ns)
    others = [event for event in events if not stored.changes_limits(event)]
    full = Tape.of(Setup(sensors=SENSORS, alarms=alarms), others, end_ns)
    played = tape.judge(alarms)
    if full.measured_by != tape.measured_by:
        assert played is None  # never a guess: the recording is derived again
        return
    assert played is not None
    assert said(played) == said(full.own)
    # A second time, and only what differs judged again: the way of sweeps.
    for name in ALARMS:
        one = ALARMS | {name: alarms[name]}
        assert alarms_of(tape.outcome(one)) == alarms_of(tape.judge(one)), name
    assert alarms_of(tape.outcome(alarms)) == alarms_of(full.own)


def test_the_made_up_sessions_do_alarm_and_are_answered():
    """Guards the property above against passing on silence."""
    frames = [
        Frame(t_ns=s * NS_PER_S, source="strap", payload=encode(Signal.HEART_RATE, 128.0))
        for s in range(120)
    ]
    seen = {"condition": "hr_high", "occurrence": 1}
    seen_at = Action(t_ns=90 * NS_PER_S + 5, verb=Verb.ACKNOWLEDGE, details=seen)
    events = sorted([*frames, seen_at], key=lambda event: event.t_ns)
    tape = Tape.of(Setup(sensors=SENSORS, alarms=ALARMS), events, SPAN_S * NS_PER_S)
    assert {"hr_elevated", "hr_high", "hr_lost"} <= {edge.condition for edge in tape.own.edges}
    assert "acknowledge" in {change.what for change in tape.own.transitions}
    higher = tape.judge(ALARMS | {"hr_high": {"limit_bpm": 135.0, "clear_bpm": 130.0}})
    assert "hr_high" not in {edge.condition for edge in higher.edges}
    assert tape.own.over["hr_high"].sum() > 100
