"""Made-up scenarios hold core and engine to their promises, whatever goes wrong.

What breaks a promise shrinks to a scenario file; its path stands at the end of the failure.
"""

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from alerts.catalogue import CATALOGUE
from alerts.model import Edge, Kind, Presence, Priority, Transition
from devices.model import NS_PER_S
from monitor.core import Core, Setup
from monitor.journal import transition_body
from monitor.model import Verb
from monitor.recording.chain import verify
from monitor.recording.writer import vitals_rows
from simulators import playing
from simulators import scenario_schema as schema
from simulators.scenario_file import load
from simulators.scenario_schema import Seconds
from simulators.scenario_writer import save
from tests.trouble import session
from tests.trouble.oracle import must_alarm
from tests.trouble.scenarios import broken_links, troubles
from tests.trouble.states import illegal

KEPT = Path(tempfile.gettempdir()) / "vigil-trouble"
QUICK, SLOW = 8, 300
DEEP = pytest.mark.slow


def profile(examples):
    return settings(
        max_examples=examples,
        phases=set(Phase) - {Phase.explain},
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )


def held(promise, file, *more):
    """Hold a made-up scenario to a promise; what breaks it is left as a file a person can read."""
    try:
        promise(file, *more)
    except Exception as error:
        name = promise.__name__.removeprefix("_")
        path = save(file, KEPT / f"{name}.toml")
        error.add_note(f"vigil scenario check {path}")
        raise


def on_at(edges, lasts_s):
    """Condition -> seconds at which it is on."""
    on = {}
    since = {}
    for edge in edges:
        t_s = edge.t_ns // NS_PER_S
        if edge.edge is Edge.CLEAR:
            on.setdefault(edge.condition, set()).update(range(since.pop(edge.condition), t_s))
        else:
            since.setdefault(edge.condition, t_s)
    for name, t_s in since.items():
        on.setdefault(name, set()).update(range(t_s, lasts_s))
    return on


def _nothing_is_missed(file):
    """What the bytes that arrived must raise is raised, in time, and stays."""
    scenario = session.of(file)
    happened, lasts_s = session.events(scenario), int(scenario.duration_s)
    on = on_at(session.core(scenario).step(happened, session.end_ns(scenario)).edges, lasts_s)
    changed = {a.details["condition"] for a in scenario.actions if a.verb is Verb.SET_LIMIT}
    another = "ecg" in scenario.sensors
    for name, due in must_alarm(session.frames_of(happened), lasts_s).items():
        if name not in changed and not (name == "hr_lost" and another):
            missing = sorted(due - on.get(name, set()))
            assert not missing, f"{name} must be on at {missing[:5]} s"


def _a_broken_link_is_no_danger(file):
    """Links that fail raise technical alarms only."""
    scenario = session.of(file)
    output = session.core(scenario).step(session.events(scenario), session.end_ns(scenario))
    found = [e for e in output.edges if CATALOGUE[e.condition].kind is Kind.PHYSIOLOGICAL]
    assert found == []


def _states_are_legal(file):
    scenario = session.of(file)
    output = session.core(scenario).step(session.events(scenario), session.end_ns(scenario))
    assert illegal(output.transitions) == ""


def _chunks_do_not_matter(file, cuts_s):
    scenario = session.of(file)
    happened = session.events(scenario)
    cuts_ns = [int(s * NS_PER_S) for s in cuts_s if s < scenario.duration_s]
    whole = session.stepped(scenario, happened, [])
    assert session.stepped(scenario, happened, cuts_ns) == whole


def _an_acknowledgement_silences_no_other(file):
    """What sounds before and not after is what was acknowledged, or a milder one it hides."""
    scenario = session.of(file)
    core, start, happened = session.core(scenario), 0, session.events(scenario)
    for i, event in enumerate(happened):
        if getattr(event, "verb", None) is not Verb.ACKNOWLEDGE:
            continue
        core.step(happened[start:i], event.t_ns - 1)
        before = {signal.condition for signal in core.signals.sounding()}
        refused = core.step([event], event.t_ns).refused
        after = {signal.condition for signal in core.signals.sounding()}
        name, start = event.details["condition"], i + 1
        allowed = set() if refused else {name} | CATALOGUE[name].hides
        assert before - after <= allowed, f"{event.t_ns / NS_PER_S:g} s: {name}"


def _nothing_recorded_is_lost(file):
    """Engines that are killed leave the recording that one engine would have made."""
    scenario = session.of(file)
    happened = session.events(scenario)
    whole = session.core(scenario).step(happened, session.end_ns(scenario))
    with tempfile.TemporaryDirectory() as folder:
        path = session.recorded(scenario, happened, Path(folder))
        frames, vitals, alarms = session.read(path)
        assert frames == session.frames_of(happened)
        assert verify(path) == []
    rows = [row for part in whole.vitals for row in vitals_rows(part)]
    assert vitals.t_s.tolist() == [row.t_s for row in rows]
    bpm = [np.nan if r.heart_rate_bpm is None else r.heart_rate_bpm for r in rows]
    np.testing.assert_array_equal(vitals.heart_rate_bpm, bpm)
    told = [(c.t_ns, json.loads(json.dumps(transition_body(c)))) for c in whole.transitions]
    assert alarms == told


@profile(QUICK)
@given(troubles())
def test_nothing_is_missed(file):
    held(_nothing_is_missed, file)


@profile(QUICK)
@given(broken_links())
def test_a_broken_link_is_no_danger(file):
    held(_a_broken_link_is_no_danger, file)


@profile(QUICK)
@given(troubles())
def test_states_are_legal(file):
    held(_states_are_legal, file)


@profile(QUICK)
@given(troubles(), st.lists(st.floats(0, 600), max_size=12))
def test_chunks_do_not_matter(file, cuts_s):
    held(_chunks_do_not_matter, file, cuts_s)


@profile(QUICK)
@given(troubles())
def test_an_acknowledgement_silences_no_other(file):
    held(_an_acknowledgement_silences_no_other, file)


@profile(QUICK // 2)
@given(troubles(longest=120))
def test_nothing_recorded_is_lost(file):
    held(_nothing_recorded_is_lost, file)


PROMISES = {
    _nothing_is_missed: troubles(),
    _a_broken_link_is_no_danger: broken_links(),
    _states_are_legal: troubles(),
    _an_acknowledgement_silences_no_other: troubles(longest=1200),
    _nothing_recorded_is_lost: troubles(longest=300),
}


@DEEP
@pytest.mark.timeout(600)
@pytest.mark.parametrize("promise", PROMISES, ids=lambda one: one.__name__.strip("_"))
def test_many_made_up_scenarios(promise):
    @profile(SLOW)
    @given(PROMISES[promise])
    def many(file):
        held(promise, file)

    many()


RACING = schema.File(
    title="Racing",
    lasts=Seconds(300),
    person=schema.Person(wander_bpm=0.0, artefacts_per_h=0.0, probe_on=Seconds(-1800)),
    body=[schema.Surge(at=Seconds(60), bpm=90.0, hold=Seconds(200))],
)


def test_the_judge_does_judge(monkeypatch):
    """Guards the promises above: a monitor that sleeps through an alarm is found out."""
    happened = session.frames_of(session.events(session.of(RACING)))
    due = must_alarm(happened, 300)
    assert {name for name, at_s in due.items() if at_s} == {"hr_elevated", "hr_high", "hr_extreme"}
    _nothing_is_missed(RACING)
    deaf = {"hr_extreme": {"enabled": False}}
    monkeypatch.setattr(
        session, "core", lambda made: Core(Setup(sensors=playing.specs(made), alarms=deaf))
    )
    with pytest.raises(AssertionError, match="hr_extreme must be on at"):
        _nothing_is_missed(RACING)


def test_what_breaks_a_promise_is_left_as_a_file(monkeypatch, tmp_path):
    def _broken(file):
        raise AssertionError(file.title)

    monkeypatch.setattr(f"{__name__}.KEPT", tmp_path)
    with pytest.raises(AssertionError) as caught:
        held(_broken, RACING)
    assert load(tmp_path / "broken.toml") == replace(session.of(RACING), name="broken")
    assert str(tmp_path / "broken.toml") in caught.value.__notes__[0]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        (
            [("onset", "ON", "HIGH"), ("clear", "LATCHED", "HIGH"), ("acknowledge", None, "HIGH")],
            "",
        ),
        ([("onset", "ON", "LOW"), ("onset", "ON", "LOW")], "onset, ON -> ON"),
        ([("onset", "ON", "LOW"), ("clear", "LATCHED", "LOW")], "latched"),
        ([("acknowledge", "ACKNOWLEDGED", "LOW")], "acknowledge, None"),
        (
            [("onset", "ON", "HIGH"), ("clear", None, "HIGH"), ("clear", None, "HIGH")],
            "clear, None",
        ),
    ],
)
def test_states_that_may_not_be_are_told(changes, wrong):
    made_up = [
        Transition(
            t_ns=n, what=what, condition="hr_high", priority=Priority[priority],
            presence=presence and Presence(presence),
        )
        for n, (what, presence, priority) in enumerate(changes)
    ]  # fmt: skip
    assert wrong in illegal(made_up)
    assert bool(wrong) == bool(illegal(made_up))
