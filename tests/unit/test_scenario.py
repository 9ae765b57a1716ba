"""Scenarios: findable, consistent, and followed by the alarms they promise."""

from dataclasses import replace

import pytest

from alerts.catalogue import CATALOGUE
from devices.model import NS_PER_S
from monitor.core import Core, Setup
from monitor.errors import ConfigError
from monitor.model import Verb
from simulators.checking import Seen, check, compare
from simulators.library import DEFAULT, names, scenario, scenarios
from simulators.playing import frames, specs
from simulators.scenario import ExpectedAlarm

NAMES = names()
LONG_S = 7200
"""Longer ones are slow tests, but for the one that everybody sees first."""


def slow_if_long(made):
    long = made.duration_s > LONG_S and made.name != DEFAULT
    return pytest.param(made.name, marks=pytest.mark.slow if long else ())


def told(result):
    return (result.missing, result.unexpected, result.refused)


@pytest.mark.parametrize("name", map(slow_if_long, scenarios()))
def test_the_alarms_that_must_follow_do_and_no_others(name):
    assert told(check(scenario(name))) == ((), (), ())


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3, 4, 5])
@pytest.mark.parametrize("name", NAMES)
def test_other_people_have_the_same_alarms(name, seed):
    assert told(check(scenario(name, seed))) == ((), (), ())


def test_every_alarm_of_the_catalogue_can_be_seen_in_a_scenario():
    assert frozenset().union(*(made.expected for made in scenarios())) == set(CATALOGUE)


def test_what_is_usual_raises_nothing_or_the_lowest_alarm():
    usual = (
        "calm",
        "non_responder",
        "restless",
        "walk",
        "firmware",
        "bad_air",
        "fast_clock",
        "disk_slow",
    )
    assert all(scenario(name).expected == set() for name in usual)
    assert scenario("strong_response").expected == {"hr_elevated"}


def test_the_library_is_complete_and_well_formed():
    assert len(NAMES) >= 25
    assert tuple(made.name for made in scenarios()) == NAMES
    for made in scenarios():
        assert made.expected <= set(CATALOGUE)
        assert all(0 <= action.t_s < made.duration_s for action in made.actions)
        assert list(made.actions) == sorted(made.actions, key=lambda action: action.t_s)


@pytest.mark.parametrize("made", scenarios(), ids=lambda made: made.name)
def test_doses_of_the_body_are_those_of_the_operator(made):
    given = [action.t_s for action in made.actions if action.verb is Verb.DOSE]
    assert given == [dose.t_s for dose in made.plan.doses]


def test_the_session_offers_both_baselines_at_the_dose():
    made = scenario("session")
    dose_s = int(made.actions[0].t_s)
    core = Core(Setup(sensors=specs(made)))
    core.step(frames(replace(made, duration_s=dose_s)), dose_s * NS_PER_S)
    assert core.heart_baseline.offered == pytest.approx(70, abs=3)
    assert core.skin_baseline.offered == pytest.approx(34.5, abs=0.3)


def test_seed_changes_the_person_only():
    one, two = scenario("session"), scenario("session", 2)
    assert two.plan.seed == 2
    assert (one.actions, one.expect) == (two.actions, two.expect)


def test_unknown_name_names_the_nearest():
    with pytest.raises(ConfigError, match=r"no scenario 'tachicardia'.*'tachycardia'"):
        scenario("tachicardia")
    with pytest.raises(ConfigError, match="There are: session, armband_off"):
        scenario("xyz")


ONE = Seen("hr_high", "MEDIUM", 100.0, 200.0)
TWO = Seen("hr_high", "MEDIUM", 300.0, None)
MORE = Seen("hr_lost", "HIGH", 120.0, None, escalation=True)


@pytest.mark.parametrize(
    ("expect", "missing", "unexpected"),
    [
        ([ExpectedAlarm(alarm="hr_high")], 0, ()),
        ([ExpectedAlarm(alarm="hr_high", at_s=110)], 0, (TWO,)),
        ([ExpectedAlarm(alarm="hr_high", at_s=116)], 1, (ONE, TWO)),
        ([ExpectedAlarm(alarm="hr_high", at_s=116, within_s=20)], 0, (TWO,)),
        ([ExpectedAlarm(alarm="hr_high", at_s=100), ExpectedAlarm(alarm="hr_high")], 0, ()),
        ([ExpectedAlarm(alarm="hr_high", at_s=at_s) for at_s in (300, 100)], 0, ()),
        ([ExpectedAlarm(alarm="hr_high", at_s=100)] * 2, 1, (TWO,)),
        ([ExpectedAlarm(alarm="hr_high", at_s=100, clears_s=210)], 0, (TWO,)),
        ([ExpectedAlarm(alarm="hr_high", at_s=300, clears_s=400)], 1, (ONE, TWO)),
        ([ExpectedAlarm(alarm="hr_high", priority="HIGH")], 1, (ONE, TWO)),
        ([ExpectedAlarm(alarm="hr_lost", priority="HIGH", at_s=120)], 0, (ONE, TWO)),
        ([], 0, (ONE, TWO)),
    ],
)
def test_expected_against_seen(expect, missing, unexpected):
    found = compare(expect, (ONE, MORE, TWO))
    assert (len(found[0]), found[1]) == (missing, unexpected)
