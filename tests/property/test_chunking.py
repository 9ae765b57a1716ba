"""Any chunking of the same frames, actions and statuses gives the same vitals and alarms."""

import dataclasses

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.codecs.sample import encode
from devices.model import NS_PER_S, Frame, SensorSpec, Signal
from monitor.core import Core, Setup
from monitor.model import Action, Status, Verb
from tests.examples import examples

SENSORS = [
    SensorSpec(alias="strap", codec="sample", measures=Signal.HEART_RATE, transport="file"),
    SensorSpec(
        alias="patch",
        codec="sample",
        measures=Signal.SKIN_TEMPERATURE,
        site="axilla",
        transport="file",
    ),
]
# Short sustains, so that a few minutes of made-up data reach every state.
ALARMS = {
    "hr_elevated": {"sustain_s": 5.0, "clear_s": 5.0},
    "hr_high": {"sustain_s": 3.0, "clear_s": 4.0},
    "hr_extreme": {"sustain_s": 2.0, "clear_s": 3.0},
    "hr_lost": {"sustain_s": 10.0, "clear_s": 2.0, "escalate_s": 30.0},
    "skin_high": {"sustain_s": 5.0, "clear_s": 5.0},
    "temp_lost": {"sustain_s": 30.0, "clear_s": 5.0, "escalate_s": 60.0},
}
SPAN_S = 240


@st.composite
def sessions(draw):
    """Events with strictly increasing times over a few minutes: rates, gaps, actions, garbage."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    level = np.repeat(rng.choice([70.0, 112.0, 128.0, 150.0], 24), 10)
    gaps = np.repeat(rng.random(24) < draw(st.sampled_from([0.0, 0.2, 0.5])), 10)
    events = []
    for second in range(SPAN_S):
        at = second * NS_PER_S + int(rng.integers(0, NS_PER_S // 2))
        if not gaps[second]:
            value = float(level[second] + rng.normal(0, 3))
            events.append(Frame(t_ns=at, source="strap", payload=encode(Signal.HEART_RATE, value)))
        if second % 4 == 0 and second < 200:
            skin = 34.0 + 4.5 * (second > 100)
            payload = encode(Signal.SKIN_TEMPERATURE, skin)
            events.append(Frame(t_ns=at + 1, source="patch", payload=payload))
        if rng.random() < 0.02:
            events.append(Frame(t_ns=at + 2, source="strap", payload=rng.bytes(3)))
        if rng.random() < 0.03:
            events.append(_action(at + 3, rng))
        if rng.random() < 0.02:
            active = bool(rng.integers(2))
            events.append(Status(t_ns=at + 4, condition="sound_or_power", active=active))
    return events


def _action(t_ns, rng):
    verb = [Verb.DOSE, Verb.PAUSE_AUDIO, Verb.ACKNOWLEDGE, Verb.RESUME_AUDIO][rng.integers(4)]
    details = {
        Verb.DOSE: {"confirm_baseline": True},
        Verb.PAUSE_AUDIO: {"seconds": 30},
        Verb.ACKNOWLEDGE: {"condition": "hr_high", "occurrence": 1},
        Verb.RESUME_AUDIO: {},
    }
    return Action(t_ns=t_ns, verb=verb, operator="SM", details=details[verb])


def columns(vitals):
    """Every array of a vitals block, by name."""
    found = {"ticks": vitals.ticks, "armed": vitals.heart.armed}
    for name, part in (("heart", vitals.heart.shown), ("skin", vitals.skin.shown)):
        for field in dataclasses.fields(part):
            found[f"{name}.{field.name}"] = getattr(part, field.name)
    for name in ("settled", "suspect", "rise_30min_degc", "room_degc"):
        found[name] = getattr(vitals.skin, name)
    return found


def joined(outputs):
    blocks = [columns(v) for output in outputs for v in output.vitals]
    arrays = {name: np.concatenate([b[name] for b in blocks]) for name in blocks[0]}
    edges = [repr(edge) for output in outputs for edge in output.edges]
    transitions = [repr(change) for output in outputs for change in output.transitions]
    values = [value for output in outputs for value in output.values]
    refused = [why for output in outputs for _, why in output.refused]
    return arrays, edges, transitions, values, refused


def run(events, cuts_ns):
    core = Core(Setup(sensors=SENSORS, alarms=ALARMS))
    outputs, start = [], 0
    for until_ns in [*cuts_ns, SPAN_S * NS_PER_S]:
        stop = start
        while stop < len(events) and events[stop].t_ns <= until_ns:
            stop += 1
        outputs.append(core.step(events[start:stop], until_ns))
        start = stop
    return joined(outputs)


@settings(deadline=None, max_examples=examples(40))
@given(
    sessions(),
    st.lists(st.integers(0, SPAN_S * NS_PER_S), max_size=12).map(sorted),
)
def test_any_chunking_gives_the_same_vitals_and_alarms(events, cuts_ns):
    whole, chunked = run(events, []), run(events, cuts_ns)
    for name, array in whole[0].items():
        np.testing.assert_array_equal(array, chunked[0][name], err_msg=name)
    assert whole[1:] == chunked[1:]


def test_the_made_up_sessions_do_reach_alarms():
    """Guards the property above against passing on silence."""
    rng = np.random.default_rng(1)
    events = [
        Frame(t_ns=s * NS_PER_S, source="strap", payload=encode(Signal.HEART_RATE, 150.0))
        for s in range(120)
    ]
    events.append(_action(120 * NS_PER_S + 5, rng))
    arrays, edges, transitions, _, _ = run(events, list(range(0, SPAN_S * NS_PER_S, NS_PER_S)))
    assert arrays["heart.value"][60] == 150.0
    conditions = {edge.split("condition='")[1].split("'")[0] for edge in edges}
    assert {"hr_elevated", "hr_high", "hr_extreme", "hr_lost"} <= conditions
    assert transitions
