"""Entries by hand and their corrections, through the core: what counts, and from when on."""

import json
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.model import NS_PER_S, Frame, SensorSpec, Signal
from monitor import stored
from monitor.core import Core, Setup
from monitor.journal import action_body
from monitor.model import Verb
from monitor.reanalysis import analyse
from monitor.recording.reader import Recording
from monitor.recording.schema import NewSession
from monitor.recording.writer import Recorder
from monitor.signal.care import What
from tests.examples import examples
from tests.unit.test_readings import CLEAR, ESCALATE, ONSET, act, cuff, degc, dose, told

STRAP = SensorSpec(alias="strap", codec="sample", measures=Signal.HEART_RATE, transport="file")
QUIET = {"hr_lost": {"enabled": False}, "check_overdue": {"enabled": False}}
SCALES = {"distress": (0.0, 10.0)}


def ns(t_s):
    return int(t_s * NS_PER_S)


def again(t_s, earlier, **changes):
    """The same entry once more, corrected."""
    return act(t_s, earlier.verb, **{**earlier.details, **changes, "corrects": earlier.t_ns})


def run(events, until_s, alarms=QUIET):
    core = Core(Setup(sensors=[STRAP], alarms=alarms, scales=SCALES))
    return core, core.step(sorted(events, key=lambda e: e.t_ns), ns(until_s))


def test_a_slip_ends_what_it_raised_even_where_only_the_operator_can_end_it():
    slip = degc(10, 39.7)
    core, output = run([slip, again(40.5, slip, degc=36.7)], 60)
    assert told(output) == [
        ("temp_elevated", ONSET, 11, "LOW"),
        ("temp_high", ONSET, 11, "HIGH"),
        ("temp_critical", ONSET, 11, "HIGH"),
        ("temp_elevated", CLEAR, 41, "LOW"),
        ("temp_high", CLEAR, 41, "HIGH"),
        ("temp_critical", CLEAR, 41, "HIGH"),
    ]
    newest = core.measure.care.newest[What.TEMPERATURE]
    assert (newest.value, newest.at_s) == (36.7, 11)


def test_what_was_missed_by_a_slip_is_an_alarm_from_the_correction_on():
    slip = cuff(10, 118, 80)
    _, output = run([slip, again(40, slip, systolic=181)], 60)
    (high, crisis) = output.edges
    assert [(e.condition, e.t_ns // NS_PER_S, e.value) for e in (high, crisis)] == [
        ("bp_high", 41, 181.0),
        ("bp_crisis", 41, 181.0),
    ]


def test_an_earlier_reading_put_right_leaves_what_the_newer_one_says():
    slip, newer = degc(10, 36.8), degc(400, 36.9)
    _, output = run([slip, newer, again(500, slip, degc=38.6)], 600)
    # One reading below does not end it; so it holds since the correction, until another one.
    assert [t for t in told(output) if t[0] == "temp_high"] == [("temp_high", ONSET, 501, "HIGH")]
    _, output = run([slip, newer, degc(450, 36.9), again(500, slip, degc=38.6)], 600)
    assert output.edges == []


def test_an_escalation_is_found_by_the_times_of_the_measurements():
    first, second = degc(10, 38.2), degc(400, 37.0)
    _, output = run([first, second, again(500, second, degc=38.3)], 600)
    assert told(output) == [
        ("temp_elevated", ONSET, 11, "LOW"),
        ("temp_elevated", ESCALATE, 501, "MEDIUM"),
    ]


def test_a_limit_changed_since_does_not_judge_earlier_readings_again():
    early, slip = degc(10, 37.7), degc(300, 36.5)
    limit = act(
        200, Verb.SET_LIMIT, condition="temp_elevated", key="limit_degc", value=37.5, reason="x"
    )
    _, output = run([early, limit, slip, again(400, slip, degc=36.6)], 500)
    assert output.edges == []


def test_a_baseline_of_a_slip_is_put_right_with_all_that_was_judged_by_it():
    slip, later = degc(10, 37.2), degc(200, 37.3)
    events = [slip, dose(100), later]
    core, output = run(events, 290)
    assert output.edges == []
    late = core.step([again(300, slip, degc=36.2)], ns(400))
    assert told(late) == [("temp_elevated", ONSET, 301, "LOW")]
    assert round(late.edges[0].limit, 6) == 37.2
    unconfirmed, _ = run([slip, dose(100, confirm=False), later], 290)
    assert unconfirmed.step([again(300, slip, degc=36.2)], ns(400)).edges == []


def test_a_check_withdrawn_is_due_again_and_a_corrected_one_keeps_its_time():
    rows = {"hr_lost": {"enabled": False}}
    cuffs, degrees = cuff(1700, 120, 80), degc(1700, 36.8)
    base = [dose(100), cuffs, degrees]
    _, output = run([*base, again(3000, cuffs, systolic=125)], 3600, rows)
    assert told(output) == [("check_overdue", ONSET, 3501, "LOW")]
    _, output = run([*base, again(3000, cuffs, withdrawn=True)], 3100, rows)
    assert told(output) == [("check_overdue", ONSET, 3001, "LOW")]


def test_what_was_withdrawn_can_be_put_back_and_a_chain_is_followed_from_its_end():
    slip = degc(10, 38.6)
    gone = again(20, slip, withdrawn=True)
    back = act(30, Verb.TEMPERATURE, degc=38.6, site="ear", corrects=gone.t_ns)
    core, output = run([slip, gone, back], 60)
    assert [(c, e, t) for c, e, t, _ in told(output) if c == "temp_high"] == [
        ("temp_high", ONSET, 11),
        ("temp_high", CLEAR, 21),
        ("temp_high", ONSET, 31),
    ]
    refused = core.step([again(70, slip, degc=37.0)], ns(80)).refused
    assert "corrected already" in refused[0][1]


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (act(50, Verb.TEMPERATURE, degc=37.0, site="ear", corrects=7), "no entry of 7 ns"),
        (act(50, Verb.TEMPERATURE, degc=37.0, site="ear", corrects="10"), "a whole number"),
        (act(50, Verb.NOTE, text="x", corrects=ns(10)), "a temperature cannot be corrected by"),
        (act(50, Verb.TEMPERATURE, degc=50.0, site="ear", corrects=ns(10)), "34 to 43"),
        (act(50, Verb.NOTE, withdrawn=True), "goes with"),
        (act(50, Verb.DOSE, label="dose", corrects=ns(20)), "a dose cannot be corrected"),
        (act(50, Verb.FLUIDS, ml=0), "1 to 3000 ml"),
        (act(50, Verb.FLUIDS, ml=float("nan")), "1 to 3000 ml"),
        (act(50, Verb.FLUIDS, what="water"), "needs ml"),
        (act(50, Verb.SCORE, name="calm", value=1), "no score 'calm'; there are: distress"),
        (act(50, Verb.SCORE, name="distress", value=11), "0 to 10"),
    ],
)
def test_what_cannot_be_entered_changes_nothing(action, words):
    core, output = run([degc(10, 37.0), dose(20), action], 60)
    ((_, why),) = output.refused
    assert words in why
    assert core.measure.care.newest[What.TEMPERATURE].value == 37.0
    assert core.doses_ns == [ns(20)]


def test_fluids_and_scores_stand_as_corrected():
    water = act(10, Verb.FLUIDS, ml=200, what="water")
    tea = act(20, Verb.FLUIDS, ml=150.0, what="tea")
    score = act(30, Verb.SCORE, name="distress", value=3)
    events = [water, tea, score, again(40, water, ml=250), again(50, score, value=4)]
    core, _ = run(events, 60)
    assert [(d.ml, d.what, d.t_ns) for d in core.by_hand.drinks.values()] == [
        (250, "water", ns(10)),
        (150, "tea", ns(20)),
    ]
    assert [s.value for s in core.by_hand.scores.values()] == [4]
    core.step([again(70, tea, withdrawn=True)], ns(80))
    assert sum(d.ml for d in core.by_hand.drinks.values()) == 250


readings = st.lists(
    st.tuples(
        st.integers(1, 900),
        st.sampled_from([36.5, 37.6, 37.9, 38.2, 38.6, 39.7]),
        st.sampled_from(["ear", "oral"]),
    ),
    min_size=1, max_size=8, unique_by=lambda r: r[0],
)  # fmt: skip


@settings(max_examples=examples(60), deadline=None)
@given(readings, st.data())
def test_corrected_readings_end_where_right_ones_would_have_and_any_chunking_agrees(rows, data):
    rows = sorted(rows)
    right = [degc(*row) for row in rows]
    slips, fixes = [], []
    for i, entry in enumerate(right):
        wrong = data.draw(st.one_of(st.none(), st.sampled_from([36.0, 38.1, 39.9])))
        if wrong is None:
            slips.append(entry)
            continue
        slips.append(degc(entry.t_ns / NS_PER_S, wrong, entry.details["site"]))
        fixes.append(again(1000 + i, slips[-1], degc=entry.details["degc"]))
    confirmed = dose(450.5)
    core, _ = run([*right, confirmed], 1100)
    events = sorted([*slips, *fixes, confirmed], key=lambda e: e.t_ns)
    mended, whole = run(events, 1100)
    for name, machine in core._conditions._spots.items():
        other = mended._conditions._spots[name]
        assert (machine.active, machine.over) == (other.active, other.over)
    pieces, edges, start = Core(Setup(sensors=[STRAP], alarms=QUIET)), [], 0
    for until_s in sorted(data.draw(st.sets(st.integers(1, 1099), max_size=6)) | {1100}):
        stop = sum(event.t_ns <= ns(until_s) for event in events)
        edges += pieces.step(events[start:stop], ns(until_s)).edges
        start = stop
    assert edges == whole.edges


def test_corrections_do_not_disturb_a_stream_of_the_same_signal():
    """A thermometer that streams beside entries by hand: each keeps its own readings."""
    from devices.codecs.sample import encode  # noqa: PLC0415 - this test alone needs bytes

    clinical = Signal.CLINICAL_TEMPERATURE
    probe = SensorSpec(alias="rectal", codec="sample", measures=clinical, site="rectal")
    stream = [
        Frame(t_ns=ns(t), source="rectal", payload=encode(clinical, 37.0)) for t in range(300)
    ]
    slip = degc(100.5, 39.8)
    core = Core(Setup(sensors=[probe], alarms=QUIET))
    events = sorted([*stream, slip, again(200.5, slip, degc=37.1)], key=lambda e: e.t_ns)
    output = core.step(events, ns(300))
    assert [(c, e, t) for c, e, t, _ in told(output) if c == "temp_critical"] == [
        ("temp_critical", ONSET, 101),
        ("temp_critical", CLEAR, 201),
    ]
    assert core.measure.care.newest[What.TEMPERATURE].site == "rectal"


def test_the_documented_query_finds_what_stands():
    page = (Path(__file__).parents[2] / "docs" / "recording.md").read_text(encoding="utf-8")
    query = page.partition("```sql\nSELECT t_ns, body")[2].partition("```")[0]
    slip, tea = degc(10, 39.7), act(20, Verb.NOTE, text="tea")
    mended = again(30, slip, degc=36.9)
    events = [slip, tea, mended, again(40, tea, withdrawn=True), again(50, slip, degc=38.0)]
    _, output = run(events, 60)
    refused = {id(action): why for action, why in output.refused}
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE journal (t_ns, kind, body)")
        for event in events:
            body = json.dumps(action_body(event, refused.get(id(event), "")))
            database.execute("INSERT INTO journal VALUES (?, 'action', ?)", (event.t_ns, body))
        rows = database.execute(f"SELECT t_ns, body {query}").fetchall()
    database.close()
    assert [t_ns for t_ns, _ in rows] == [mended.t_ns]


def test_a_resumed_and_a_reanalysed_session_know_the_corrections(tmp_path):
    """From a real file: what a fresh engine derives from the record is what the first one had."""
    slip, drink = degc(10, 39.7), act(15, Verb.FLUIDS, ml=200, what="water")
    mended = again(40, slip, degc=36.9)
    events = [slip, drink, mended, again(50, slip, degc=38.0), again(55, drink, ml=250)]
    core, output = run(events, 90)
    refused = {id(action): why for action, why in output.refused}
    path = tmp_path / "session.db"
    recorder = Recorder(path, create=NewSession(config={"alarms": QUIET}))
    recorder.anchor(t_ns=0, utc_ns=0, zone="UTC", monotonic_ns=0)
    recorder.sensors([STRAP])
    for event in events:
        body = action_body(event, refused.get(id(event), ""))
        recorder.journal(event.t_ns, "action", body)
    recorder.close(ns(90))
    with Recording.open(path) as recording:
        resumed = Core(stored.setup(recording))
        derived = stored.run(resumed, stored.events(recording), recording.end_ns)
    assert derived.edges == output.edges
    assert [why for _, why in derived.refused] == [why for _, why in output.refused]
    assert resumed.measure.care.newest == core.measure.care.newest
    assert resumed.by_hand.drinks == core.by_hand.drinks
    found = [(e.condition, e.onset_s, e.clear_s) for e in analyse(path).alarms]
    names = ("temp_elevated", "temp_high", "temp_critical")
    assert found == [(name, 11.0, 41.0) for name in names]
