"""Alarms before and after a change of limits, and the time over a limit without its alarm."""

import numpy as np
import pytest

from alerts.model import ConditionEdge, Edge, Priority
from devices.model import NS_PER_S
from monitor.alarm_difference import compare
from monitor.episodes import Episode, OverLimit, episodes, over_limit


def alarm(onset_s, clear_s, condition="hr_high", limit=125.0):
    return Episode(condition, "PHYSIOLOGICAL", "MEDIUM", onset_s, clear_s, 130.0, limit, "bpm")


def edge(t_s, what, priority=Priority.MEDIUM):
    return ConditionEdge(t_s * NS_PER_S, "hr_high", what, priority, 130.0, 125.0, "bpm")


def test_an_episode_keeps_its_highest_priority_and_its_first_value():
    found = episodes(
        [edge(9, Edge.ONSET), edge(20, Edge.ESCALATE, Priority.HIGH), edge(30, Edge.CLEAR)]
    )
    assert [(a.priority, a.onset_s, a.clear_s, a.value) for a in found] == [("HIGH", 9, 30, 130)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ((10, 40), (10, 40), []),
        ((10, 40), None, [("gone", None, None)]),
        (None, (10, 40), [("new", None, None)]),
        ((10, 40), (15, 45), [("moved", 5, 0)]),
        ((10, 40), (10, 45), [("longer", 0, 5)]),
        ((10, 40), (5, 45), [("longer", -5, 10)]),
        ((10, 40), (15, 38), [("shorter", 5, -7)]),
        ((10, 40), (15, None), [("longer", 5, None)]),
        ((10, None), (15, 40), [("shorter", 5, None)]),
        ((10, None), (15, None), [("shorter", 5, -5)]),
        ((10, None), (5, None), [("longer", -5, 5)]),
        ((10, 40), (41, 60), [("gone", None, None), ("new", None, None)]),
    ],
)
def test_what_became_of_an_alarm(old, new, expected):
    before, after = ([alarm(*one)] if one else [] for one in (old, new))
    found = [(d.what, d.onset_by_s, d.length_by_s) for d in compare(before, after)]
    assert found == expected


def test_another_limit_alone_is_a_change():
    assert [d.what for d in compare([alarm(1, 9)], [alarm(1, 9, limit=120.0)])] == ["changed"]


def test_alarms_are_held_against_those_of_their_own_condition_in_time():
    before = [alarm(10, 40), alarm(12, 50, "hr_elevated"), alarm(100, 140)]
    after = [alarm(10, 20), alarm(25, 40), alarm(12, 50, "hr_elevated")]
    found = [(d.what, (d.after or d.before).onset_s) for d in compare(before, after)]
    assert found == [("shorter", 10), ("new", 25), ("gone", 100)]


@pytest.mark.parametrize(
    ("alarms", "silent"),
    [
        ([], 30),
        ([alarm(15, 45)], 5),
        ([alarm(15, None)], 5),
        ([alarm(15, 20), alarm(30, 33)], 22),
        ([alarm(15, 45, "hr_extreme")], 30),
    ],
)
def test_time_over_a_limit_without_its_alarm(alarms, silent):
    over = np.zeros(60, np.bool_)
    over[10:40] = True
    assert over_limit({"hr_high": over}, alarms) == {"hr_high": OverLimit(30, silent)}
    assert over.sum() == 30
