"""Scenarios: findable, consistent, and followed by the alarms they promise."""

import pytest

from alerts.catalogue import CATALOGUE
from alerts.model import Edge
from devices.model import NS_PER_S, Frame
from monitor.clock import ManualClock
from monitor.core import Core, Setup
from monitor.model import Action, Verb
from simulators.physiology import Physiology
from simulators.scenario import FaultKind, LinkFault, Scenario, scenario, scenarios
from simulators.sensors import PATCH, PROBE, STRAP, SensorDriver, peripherals, specs
from simulators.tty import TcpSensor, center_answer
from simulators.wire import center_30x_reply

NAMES = [made.name for made in scenarios()]
SENT_NS = NS_PER_S // 10
"""Frames arrive a little after their second."""


class Ear:
    """Hears what the peripherals send, as frames."""

    def __init__(self, bluetooth):
        self.frames = []
        self.t_ns = 0
        self.drops = []
        self._alias = {id(item): alias for alias, item in bluetooth.items()}
        for item in bluetooth.values():
            item.watch(self.Watcher(self, self._alias[id(item)]))

    class Watcher:
        """One peripheral's."""

        def __init__(self, ear, alias):
            self.ear, self.alias = ear, alias

        def on_notify(self, *arguments):
            payload = arguments[-1]
            self.ear.frames.append(
                Frame(t_ns=self.ear.t_ns, source=self.alias, payload=bytes(payload))
            )

        def on_drop(self, *_):
            self.ear.drops.append(self.alias)

        def on_away(self, *_):
            pass


def play(made: Scenario, until_s: int):
    """Frames of a scenario as sensors send them, with the operator's actions, in time order."""
    bluetooth = peripherals()
    ear = Ear(bluetooth)
    driver = SensorDriver(made, ManualClock(), bluetooth, TcpSensor(center_answer(lambda: 22.0)))
    person = Physiology(made.plan)
    for second in range(until_s):
        ear.t_ns = second * NS_PER_S + SENT_NS
        driver.second(second)
        if second % 10 == 0:
            reply = center_30x_reply(person.room_degc(second))
            ear.frames.append(Frame(t_ns=ear.t_ns, source=PROBE, payload=reply))
    actions = [
        Action(t_ns=int(a.t_s * NS_PER_S), verb=a.verb, details=a.details) for a in made.actions
    ]
    return sorted([*ear.frames, *actions], key=lambda event: event.t_ns), ear


def onsets(made: Scenario) -> set[str]:
    events, _ = play(made, int(made.duration_s))
    output = Core(Setup(sensors=specs("unused"))).step(events, int(made.duration_s) * NS_PER_S)
    assert output.refused == []
    return {edge.condition for edge in output.edges if edge.edge is Edge.ONSET}


@pytest.mark.parametrize("name", NAMES)
def test_the_alarms_that_must_follow_do_and_no_others(name):
    made = scenario(name)
    assert onsets(made) == made.expected


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3])
@pytest.mark.parametrize("name", NAMES)
def test_other_people_have_the_same_alarms(name, seed):
    made = scenario(name, seed)
    assert onsets(made) == made.expected


def test_the_library_is_complete_and_well_formed():
    assert [made.name for made in scenarios()] == NAMES
    for made in scenarios():
        assert made.expected <= set(CATALOGUE)
        assert all(0 <= action.t_s < made.duration_s for action in made.actions)
        assert list(made.actions) == sorted(made.actions, key=lambda action: action.t_s)
        assert {fault.sensor for fault in made.faults} <= {STRAP, PATCH, PROBE}
        assert made.title


@pytest.mark.parametrize("made", scenarios(), ids=lambda made: made.name)
def test_doses_of_the_body_are_those_of_the_operator(made):
    given = [action.t_s for action in made.actions if action.verb is Verb.DOSE]
    assert given == [dose.t_s for dose in made.plan.doses]


def test_the_session_offers_both_baselines_at_the_dose():
    made = scenario("session")
    dose_s = int(made.actions[0].t_s)
    events, _ = play(made, dose_s)
    core = Core(Setup(sensors=specs("unused")))
    core.step([e for e in events if isinstance(e, Frame)], dose_s * NS_PER_S)
    assert core.heart_baseline.offered == pytest.approx(70, abs=3)
    assert core.skin_baseline.offered == pytest.approx(34.5, abs=0.3)


def test_seed_changes_the_person_only():
    one, two = scenario("session"), scenario("session", 2)
    assert two.plan.seed == 2
    assert (one.actions, one.expected) == (two.actions, two.expected)


def test_unknown_name_names_the_nearest():
    with pytest.raises(ValueError, match=r"no scenario 'tachicardia'.*'tachycardia'"):
        scenario("tachicardia")
    with pytest.raises(ValueError, match="There are: session, calm"):
        scenario("xyz")


def faulty(*faults: LinkFault) -> Scenario:
    return Scenario(name="x", title="x", duration_s=60, plan=scenario("calm").plan, faults=faults)


def seconds_heard(ear, alias):
    return {frame.t_ns // NS_PER_S for frame in ear.frames if frame.source == alias}


@pytest.mark.parametrize("kind", [FaultKind.AWAY, FaultKind.QUIET])
def test_a_link_fault_silences_only_its_sensor(kind):
    _, ear = play(faulty(LinkFault(20, STRAP, kind, 15)), 60)
    assert seconds_heard(ear, STRAP) == {*range(20), *range(35, 60)}
    assert seconds_heard(ear, PATCH) == set(range(0, 60, 4))


def test_a_drop_breaks_the_link_once():
    _, ear = play(faulty(LinkFault(20, PATCH, FaultKind.DROP)), 60)
    assert ear.drops == [PATCH]


def test_a_driver_that_starts_late_finds_the_fault_of_that_moment():
    bluetooth = peripherals()
    made = faulty(LinkFault(20, STRAP, FaultKind.AWAY, 30))
    driver = SensorDriver(made, ManualClock(), bluetooth, TcpSensor(center_answer(lambda: 22.0)))
    driver.second(40)
    assert not bluetooth[STRAP].in_range
    driver.second(50)
    assert bluetooth[STRAP].in_range


async def test_the_driver_keeps_to_the_clock_and_ends():
    bluetooth = peripherals()
    ear = Ear(bluetooth)
    clock = ManualClock(20 * NS_PER_S)
    await SensorDriver(faulty(), clock, bluetooth, TcpSensor(center_answer(lambda: 22.0))).run()
    assert len([f for f in ear.frames if f.source == STRAP]) == 40
    assert clock.now_ns() == 59 * NS_PER_S


async def test_a_driver_held_up_for_long_does_not_send_the_past():
    bluetooth = peripherals()
    ear = Ear(bluetooth)

    class Jump(ManualClock):
        async def sleep(self, seconds):
            await super().sleep(seconds if self.now_ns() > 5 * NS_PER_S else 30)

    await SensorDriver(faulty(), Jump(), bluetooth, TcpSensor(center_answer(lambda: 22.0))).run()
    assert len([f for f in ear.frames if f.source == STRAP]) == 60 - 30 + 1 + 10
