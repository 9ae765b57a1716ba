"""Alarms looked back at: answers, ends and how many an hour."""

import pytest

from monitor.alarm_review import Reviewed, burden_per_hour, responses, review

S = 1_000_000_000


def alarm(t_s, what, condition="hr_high", occurrence=1, priority="MEDIUM", presence="ON", **more):
    body = {
        "what": what, "condition": condition, "occurrence": occurrence, "priority": priority,
        "presence": presence, "value": 131.0, "limit": 125.0, "unit": "bpm", "detail": "",
    }  # fmt: skip
    return int(t_s * S), "alarm", body | more


def acknowledged(t_s, by="ab", **more):
    action = {"verb": "acknowledge", "operator": by, "details": {}}
    return [(int(t_s * S), "action", action), alarm(t_s, "acknowledge", **more)]


def one(rows):
    (found,) = review(rows)
    return found


ANSWERS = {
    "acknowledged while it holds": (
        [alarm(10, "onset"), *acknowledged(22.5), alarm(60, "clear")],
        (12.5, "ab", "MEDIUM", 60),
    ),
    "acknowledged after it ended": (
        [alarm(10, "onset"), alarm(20, "clear", presence="RETURNED"), *acknowledged(50)],
        (40.0, "ab", "MEDIUM", 20),
    ),
    "only the milder occurrence was seen": (
        [alarm(10, "onset"), *acknowledged(15), alarm(70, "escalate", occurrence=2,
                                                      priority="HIGH")],
        (5.0, "ab", "HIGH", None),
    ),
    "the first acknowledgement counts": (
        [alarm(10, "onset"), *acknowledged(15), alarm(195, "reminder"),
         *acknowledged(200, by="cd")],
        (5.0, "ab", "MEDIUM", None),
    ),
    "never": ([alarm(10, "onset"), alarm(30, "clear")], (None, "", "MEDIUM", 30)),
    "unanswered becomes HIGH": (
        [alarm(10, "onset"), alarm(190, "unanswered", priority="HIGH"), *acknowledged(191)],
        (181.0, "ab", "HIGH", None),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "expected"), ANSWERS.values(), ids=ANSWERS)
def test_answers(rows, expected):
    found = one(rows)
    clear_s = None if found.clear_ns is None else found.clear_ns / S
    assert (found.response_s, found.by, found.priority, clear_s) == expected


def test_an_acknowledgement_of_another_occurrence_answers_that_one():
    again = {"occurrence": 2}
    rows = [
        *(alarm(10, "onset"), alarm(20, "clear", presence="RETURNED")),
        *(alarm(100, "onset", **again), *acknowledged(130, **again)),
    ]
    first, second = review(rows)
    assert first.response_s is None
    assert second.response_s == 30.0


def test_what_else_an_alarm_tells():
    rows = [
        alarm(10, "onset", condition="hr_elevated", priority="LOW"),
        alarm(20, "onset", condition="hr_extreme", priority="HIGH"),
        *acknowledged(25, condition="hr_extreme", priority="HIGH"),
        alarm(25, "acknowledge", condition="hr_elevated", priority="LOW", detail="with hr_extreme"),
        alarm(205, "reminder", condition="hr_extreme", priority="HIGH"),
        alarm(300, "onset", condition="probe_off", presence="ACKNOWLEDGED"),
        alarm(301, "audio_paused", condition="", occurrence=0),
    ]
    mild, severe, again = review(rows)
    assert (mild.along_with, mild.response_s) == ("hr_extreme", 15.0)
    assert (severe.reminders, severe.kind, severe.value, severe.limit) == (
        *(1, "PHYSIOLOGICAL"),
        *(131.0, 125.0),
    )
    assert again.covered
    assert again.kind == "TECHNICAL"


def test_responses_and_burden_by_priority():
    def made(priority, answered_s=None):
        at = None if answered_s is None else answered_s * S
        return Reviewed(condition="hr_high", kind="PHYSIOLOGICAL", priority=priority, onset_ns=0,
                        acknowledged_ns=at)  # fmt: skip

    alarms = [made("HIGH", 4), made("HIGH", 10), made("HIGH"), made("LOW")]
    high, medium, low = responses(alarms)
    assert (high.alarms, high.acknowledged, high.median_s, high.longest_s) == (3, 2, 7.0, 10.0)
    assert (medium.alarms, medium.median_s) == (0, None)
    assert (low.alarms, low.acknowledged, low.longest_s) == (1, 0, None)
    burden = burden_per_hour(alarms, 1800.0)
    assert burden == {"HIGH": 6.0, "MEDIUM": 0.0, "LOW": 2.0, "ALL": 8.0}
    assert burden_per_hour([], 0.0)["ALL"] == 0.0
