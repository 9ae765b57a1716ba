"""Faults: what becomes of bytes and links, second by second."""

from dataclasses import dataclass, field

import pytest

from devices.model import NS_PER_S
from monitor.clock import ManualClock
from simulators.faults import Links, Passage
from simulators.kinds import named
from simulators.library import scenario
from simulators.playing import Heard, frames
from simulators.room import Room
from simulators.scenario import FaultKind, LinkFault, Scenario

K = FaultKind


def arrived(fault, seconds=10):
    """What comes of a packet a second, by second."""
    way = Passage([fault])
    found = {}
    for second in range(seconds):
        way.send(second, bytes([second % 256] * 4))
        if came := way.arriving(second):
            found[second] = [payload[0] for payload in came]
    return found


PLAIN = {second: [second] for second in range(10)}


@pytest.mark.parametrize(
    ("fault", "changed"),
    [
        (LinkFault(2, "x", K.DROP), {}),
        (LinkFault(2, "x", K.FREEZE, 3), {2: [1], 3: [1], 4: [1]}),
        (LinkFault(2, "x", K.LOSE, 3), {2: None, 3: None, 4: None}),
        (LinkFault(2, "x", K.LOSE, 3, share_pct=0.0), {}),
        (LinkFault(2, "x", K.DELAY, 2, by_s=3), {2: None, 3: None, 5: [2, 5], 6: [3, 6]}),
        (
            LinkFault(2, "x", K.BURST, 4, by_s=2),
            {2: None, 3: None, 4: [2, 3], 5: None, 6: [4, 5, 6]},
        ),
        (LinkFault(2, "x", K.STALL, 4), {2: None, 3: None, 4: None, 5: None, 6: [2, 3, 4, 5, 6]}),
        (LinkFault(2, "x", K.DUPLICATE, 1), {2: [2, 2]}),
        (LinkFault(2, "x", K.REORDER, 2), {2: None, 4: [2, 4]}),
        (LinkFault(2, "x", K.SPLIT, 1), {2: [2, 2]}),
    ],
)
def test_what_comes_of_the_packets(fault, changed):
    wanted = {s: p for s, p in (PLAIN | changed).items() if p is not None}
    assert arrived(fault) == wanted


def test_a_share_of_the_packets_is_lost_or_changed_and_always_the_same_one():
    lost = arrived(LinkFault(0, "x", K.LOSE, 1000, share_pct=30.0), 1000)
    assert 600 < len(lost) < 800
    assert lost == arrived(LinkFault(0, "x", K.LOSE, 1000, share_pct=30.0), 1000)
    way = Passage([LinkFault(0, "x", K.CORRUPT, 1000, share_pct=30.0)])
    sent = bytes(range(8))
    changed = 0
    for second in range(1000):
        way.send(second, sent)
        (came,) = way.arriving(second)
        different = sum(a != b for a, b in zip(came, sent, strict=True))
        assert different <= 1
        changed += different
    assert 200 < changed < 400


def test_faults_add_up():
    way = Passage([LinkFault(0, "x", K.SPLIT, 9), LinkFault(0, "x", K.DUPLICATE, 9)])
    way.send(0, b"abcd")
    assert way.arriving(0) == [b"ab", b"ab", b"cd", b"cd"]


@dataclass
class Sensor:
    """Writes down what is done to it."""

    done: list = field(default_factory=list)

    def drop(self):
        self.done.append("drop")

    def away(self):
        self.done.append("away")

    def back(self):
        self.done.append("back")

    def quiet(self, on):
        self.done.append("quiet" if on else "loud")

    def battery(self, percent):
        self.done.append(f"{percent} %")


@pytest.mark.parametrize(
    ("fault", "done"),
    [
        (LinkFault(3, "x", K.DROP), {3: ["drop"]}),
        (LinkFault(3, "x", K.AWAY, 4), {3: ["away"], 7: ["back"]}),
        (LinkFault(3, "x", K.QUIET, 4), {3: ["quiet"], 7: ["loud"]}),
        (LinkFault(1, "x", K.STORM, 6), {1: ["drop"], 4: ["drop"]}),
        (LinkFault(2, "x", K.STORM, 8, by_s=5), {2: ["drop"], 7: ["drop"]}),
        (LinkFault(2, "x", K.BATTERY, 2, by_s=80), {3: ["84 %"], 4: ["80 %"]}),
        (LinkFault(3, "y", K.AWAY, 4), {}),
        (LinkFault(3, "x", K.LOSE, 4), {}),
    ],
)
def test_what_becomes_of_the_link(fault, done):
    sensor = Sensor()
    links, seen = Links([fault], {"x": sensor}), {}
    for second in range(10):
        links.apply(second)
        if sensor.done:
            seen[second], sensor.done = sensor.done, []
    assert seen == done


def test_links_that_start_late_find_the_fault_of_that_moment():
    sensor = Sensor()
    Links([LinkFault(20, "x", K.AWAY, 30)], {"x": sensor}).apply(40)
    assert sensor.done == ["away"]


def faulty(*faults: LinkFault) -> Scenario:
    return Scenario(name="x", title="x", duration_s=60, plan=scenario("calm").plan, faults=faults)


def seconds_heard(heard, alias):
    return {frame.t_ns // NS_PER_S for frame in heard if frame.source == alias}


@pytest.mark.parametrize("kind", [K.AWAY, K.QUIET, K.LOSE])
@pytest.mark.parametrize("sensor", ["strap", "patch", "probe"])
def test_a_fault_silences_only_its_sensor(kind, sensor):
    heard = frames(faulty(LinkFault(20, sensor, kind, 15)))
    for alias, period in (("strap", 1), ("patch", 4), ("probe", 1)):
        silent = range(20, 35) if alias == sensor else ()
        assert seconds_heard(heard, alias) == set(range(0, 60, period)) - set(silent)


def room(clock):
    sensors = {alias: Heard(alias, kind) for alias, kind in named(["strap"]).items()}
    return Room(faulty(), clock, sensors), sensors["strap"]


async def test_a_room_keeps_to_the_clock_and_ends():
    clock = ManualClock(20 * NS_PER_S)
    made, strap = room(clock)
    await made.run()
    assert len(strap.frames) == 40
    assert clock.now_ns() == 59 * NS_PER_S


async def test_a_room_held_up_for_long_does_not_send_the_past():
    class Jump(ManualClock):
        async def sleep(self, seconds):
            await super().sleep(seconds if self.now_ns() > 5 * NS_PER_S else 30)

    made, strap = room(Jump())
    await made.run()
    assert len(strap.frames) == 60 - 30 + 1 + 10
