"""Scoring of a training: tables of journal rows in, answers out."""

import pytest

from monitor import training
from monitor.training import IN_TIME, LATE, MISSED, PASSED, score
from tui.view_state import _mark

S = 10**9
BEGUN = (0, "session", {"event": "training", "scenario": "x", "title": "X", "seed": 3})


def alarm(t_s, what, condition="hr_high", priority="MEDIUM", presence="ON", occurrence=1):
    body = {
        "what": what, "condition": condition, "priority": priority, "presence": presence,
        "occurrence": occurrence, "value": 130.0, "limit": 125.0, "unit": "bpm", "detail": "",
    }  # fmt: skip
    return (t_s * S, "alarm", body)


def did(t_s, verb, **more):
    return (t_s * S, "action", {"verb": verb, "operator": "T", "details": {}, **more})


def seen(t_s, **more):
    return [did(t_s, "acknowledge"), alarm(t_s, "acknowledge", **more)]


def scored(*rows, end_s=1000):
    flat = [BEGUN, *(r for row in rows for r in (row if isinstance(row, list) else [row]))]
    return score(flat, end_s * S)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([seen(160)], (IN_TIME, 60.0)),
        ([seen(161)], (LATE, 61.0)),
        ([], (MISSED, None)),
        ([alarm(140, "clear")], (PASSED, None)),
        ([alarm(170, "clear")], (MISSED, None)),
        ([alarm(280, "unanswered", priority="HIGH"), seen(290)], (LATE, 190.0)),
        ([alarm(120, "clear"), seen(150)], (IN_TIME, 50.0)),
    ],
)
def test_when_it_was_seen(rows, told):
    (answer,) = scored(alarm(100, "onset"), *rows).answers
    assert (answer.seen, answer.seen_s) == told


@pytest.mark.parametrize(("priority", "goal_s"), [("HIGH", 30.0), ("MEDIUM", 60.0), ("LOW", 120.0)])
def test_goals_by_priority(priority, goal_s):
    for late in (0, 1):
        rows = seen(100 + int(goal_s) + late, priority=priority)
        (answer,) = scored(alarm(100, "onset", priority=priority), rows).answers
        assert (answer.goal_s, answer.seen) == (goal_s, LATE if late else IN_TIME)


def test_a_high_one_that_is_over_still_waits_to_be_seen():
    high = {"condition": "hr_extreme", "priority": "HIGH"}
    rows = [alarm(100, "onset", **high), alarm(110, "clear", presence="LATCHED", **high)]
    assert scored(*rows).answers[0].seen == MISSED


@pytest.mark.parametrize(
    ("condition", "verb", "at_s", "told"),
    [
        ("hr_high", "blood_pressure", 400, IN_TIME),
        ("hr_high", "blood_pressure", 401, LATE),
        ("hr_high", "temperature", 200, MISSED),
        ("hr_high", "blood_pressure", 99, MISSED),
        ("skin_high", "temperature", 200, IN_TIME),
        ("bp_crisis", "blood_pressure", 200, IN_TIME),
        ("check_overdue", "temperature", 200, IN_TIME),
        ("standby_overdue", "end_standby", 130, IN_TIME),
        ("hr_lost", "note", 130, ""),
    ],
)
def test_the_right_entry(condition, verb, at_s, told):
    found = scored(alarm(100, "onset", condition=condition), did(at_s, verb))
    assert found.answers[0].answered == told


def test_an_entry_that_was_refused_is_none():
    found = scored(alarm(100, "onset"), did(150, "blood_pressure", refused="no number"))
    assert found.answers[0].answered == MISSED


def test_what_the_session_is_too_short_for_is_not_missed():
    (answer,) = scored(alarm(900, "onset"), seen(910), end_s=1000).answers
    assert (answer.seen, answer.answered) == (IN_TIME, PASSED)


@pytest.mark.parametrize(
    ("rows", "needless"),
    [
        ([did(50, "pause_audio")], [50.0]),
        ([did(110, "pause_audio")], []),
        ([seen(110), did(120, "pause_audio")], [120.0]),
        ([alarm(110, "clear"), did(120, "pause_audio")], [120.0]),
        ([did(50, "pause_audio", refused="too long")], []),
    ],
)
def test_needless_audio_pauses(rows, needless):
    assert scored(alarm(100, "onset"), *rows).needless_pauses_s == needless


def test_what_is_not_scored():
    own = alarm(100, "onset", condition="sound_or_power", priority="LOW")
    covered = alarm(200, "onset", presence="ACKNOWLEDGED")
    assert scored(own, covered).answers == []
    assert score([alarm(100, "onset")], 1000 * S) is None


def test_the_score_in_words_and_for_programs():
    found = scored(alarm(100, "onset"), seen(130), did(200, "blood_pressure"))
    text = "\n".join(training.lines(found))
    assert "TRAINING (SIM): X (x)" in text
    assert (
        "0:01:40 MEDIUM hr_high: acknowledgement after 30 s, in time (goal 60 s); blood pressure"
        in text
    )
    assert "missed 0, late 0, needless audio pauses 0" in text
    assert found.as_json()["missed"] == 0
    assert found.as_json()["scenario"] == {"scenario": "x", "title": "X", "seed": 3}
    missed = scored(alarm(100, "onset"))
    assert missed.missed == 2
    assert "acknowledgement missed (goal 60 s); blood pressure missed" in "\n".join(
        training.lines(missed)
    )


def test_the_screen_says_that_it_is_a_training():
    from monitor import feed  # noqa: PLC0415

    session = feed.Session(session_id="x", mode="SIM", training=True, rate=4)
    assert _mark(session, simulated=True) == "TRAINING (SIM) x4"
