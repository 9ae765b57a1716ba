"""Scenarios: findable, consistent, and followed by the alarms they promise."""

from dataclasses import replace

import pytest

from alerts.catalogue import CATALOGUE
from devices.model import NS_PER_S
from monitor.clock import ManualClock
from monitor.core import Core, Setup
from monitor.errors import ConfigError
from monitor.model import Verb
from simulators.checking import Seen, check, compare
from simulators.library import names, scenario, scenarios
from simulators.playing import Player
from simulators.scenario import ExpectedAlarm, FaultKind, LinkFault, Scenario
from simulators.sensors import PATCH, PROBE, STRAP, SensorDriver, peripherals, specs
from simulators.tty import TcpSensor, center_answer

NAMES = names()


def told(result):
    return (result.missing, result.unexpected, result.refused)


@pytest.mark.parametrize("name", NAMES)
def test_the_alarms_that_must_follow_do_and_no_others(name):
    assert told(check(scenario(name))) == ((), (), ())


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3])
@pytest.mark.parametrize("name", NAMES)
def test_other_people_have_the_same_alarms(name, seed):
    assert told(check(scenario(name, seed))) == ((), (), ())


def test_the_library_is_complete_and_well_formed():
    assert tuple(made.name for made in scenarios()) == NAMES
    for made in scenarios():
        assert made.expected <= set(CATALOGUE)
        assert all(0 <= action.t_s < made.duration_s for action in made.actions)
        assert list(made.actions) == sorted(made.actions, key=lambda action: action.t_s)
        assert {fault.sensor for fault in made.faults} <= {STRAP, PATCH, PROBE}


@pytest.mark.parametrize("made", scenarios(), ids=lambda made: made.name)
def test_doses_of_the_body_are_those_of_the_operator(made):
    given = [action.t_s for action in made.actions if action.verb is Verb.DOSE]
    assert given == [dose.t_s for dose in made.plan.doses]


def test_the_session_offers_both_baselines_at_the_dose():
    made = scenario("session")
    dose_s = int(made.actions[0].t_s)
    core = Core(Setup(sensors=specs("unused")))
    core.step(Player(replace(made, duration_s=dose_s)).play(), dose_s * NS_PER_S)
    assert core.heart_baseline.offered == pytest.approx(70, abs=3)
    assert core.skin_baseline.offered == pytest.approx(34.5, abs=0.3)


def test_seed_changes_the_person_only():
    one, two = scenario("session"), scenario("session", 2)
    assert two.plan.seed == 2
    assert (one.actions, one.expect) == (two.actions, two.expect)


def test_unknown_name_names_the_nearest():
    with pytest.raises(ConfigError, match=r"no scenario 'tachicardia'.*'tachycardia'"):
        scenario("tachicardia")
    with pytest.raises(ConfigError, match="There are: session, blind"):
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


def faulty(*faults: LinkFault) -> Scenario:
    return Scenario(name="x", title="x", duration_s=60, plan=scenario("calm").plan, faults=faults)


def seconds_heard(frames, alias):
    return {frame.t_ns // NS_PER_S for frame in frames if frame.source == alias}


@pytest.mark.parametrize("kind", [FaultKind.AWAY, FaultKind.QUIET])
@pytest.mark.parametrize("sensor", [STRAP, PATCH, PROBE])
def test_a_link_fault_silences_only_its_sensor(kind, sensor):
    frames = Player(faulty(LinkFault(20, sensor, kind, 15))).play()
    for alias, period in ((STRAP, 1), (PATCH, 4), (PROBE, 10)):
        silent = range(20, 35) if alias == sensor else ()
        assert seconds_heard(frames, alias) == set(range(0, 60, period)) - set(silent)


def test_a_frozen_sensor_repeats_itself():
    frames = Player(faulty(LinkFault(20, STRAP, FaultKind.FREEZE, 15))).play()
    said = {f.t_ns // NS_PER_S: f.payload for f in frames if f.source == STRAP}
    assert {said[second] for second in range(19, 35)} == {said[19]}
    assert said[35] != said[19]


class Ear:
    """Counts what it hears."""

    def __init__(self, peripheral):
        self.heard = self.drops = 0
        peripheral.watch(self)

    def on_notify(self, *_):
        self.heard += 1

    def on_drop(self):
        self.drops += 1

    def on_away(self):
        pass


def driver(made, clock, bluetooth):
    return SensorDriver(made, clock, bluetooth, TcpSensor(center_answer(lambda: 22.0)))


def test_a_drop_breaks_the_link_once():
    bluetooth = peripherals()
    ears = {alias: Ear(one) for alias, one in bluetooth.items()}
    driving = driver(faulty(LinkFault(20, PATCH, FaultKind.DROP)), ManualClock(), bluetooth)
    for second in range(60):
        driving.second(second)
    assert (ears[PATCH].drops, ears[STRAP].drops) == (1, 0)


def test_a_driver_that_starts_late_finds_the_fault_of_that_moment():
    bluetooth = peripherals()
    driving = driver(faulty(LinkFault(20, STRAP, FaultKind.AWAY, 30)), ManualClock(), bluetooth)
    driving.second(40)
    assert not bluetooth[STRAP].in_range
    driving.second(50)
    assert bluetooth[STRAP].in_range


async def test_the_driver_keeps_to_the_clock_and_ends():
    bluetooth = peripherals()
    ear, clock = Ear(bluetooth[STRAP]), ManualClock(20 * NS_PER_S)
    await driver(faulty(), clock, bluetooth).run()
    assert ear.heard == 40
    assert clock.now_ns() == 59 * NS_PER_S


async def test_a_driver_held_up_for_long_does_not_send_the_past():
    bluetooth = peripherals()
    ear = Ear(bluetooth[STRAP])

    class Jump(ManualClock):
        async def sleep(self, seconds):
            await super().sleep(seconds if self.now_ns() > 5 * NS_PER_S else 30)

    await driver(faulty(), Jump(), bluetooth).run()
    assert ear.heard == 60 - 30 + 1 + 10
