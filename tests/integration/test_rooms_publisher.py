"""A room publishes through a real broker: what arrives, and what an outage loses - nothing."""

import asyncio
import gc
import signal
import socket
import subprocess
import sys

import aiomqtt
import pytest

from monitor.rooms import broker, messages, unsent
from monitor.rooms.link import Link
from monitor.rooms.topics import Kind, Topic
from simulators.broker import Mosquitto
from tests.integration.rooms import (
    LEFT_BY_PAHO,
    NEEDS_MOSQUITTO,
    PATIENCE_S,
    Engine,
    alarm,
    listening,
    onset,
    publishing,
    settings,
    snapshot,
    until,
)

pytestmark = [NEEDS_MOSQUITTO, LEFT_BY_PAHO]


@pytest.fixture
def real(tmp_path):
    (tmp_path / "broker").mkdir()
    with Mosquitto(tmp_path / "broker") as made:
        yield made
    gc.collect()


@pytest.fixture
def impatient(monkeypatch):
    """What does not answer at once does not answer."""
    monkeypatch.setattr(broker, "ANSWER_S", 0.5)


async def test_a_station_hears_presence_state_alarms_and_the_end(real):
    async with listening(real.port) as station:
        async with publishing(settings(real.port)) as room:
            room.newest(snapshot())
            for number in range(1, 6):
                room.changed(onset(number))
            await until(lambda: len(station.of(Kind.ALARM)) == 5)
            await until(lambda: station.of(Kind.SNAPSHOT))
            assert room.failure == ""
            here = station.of(Kind.PRESENCE)[-1]
            assert (here.online, here.session, here.instance) == (True, "P-1", room.instance)
            assert [one.seq for one in station.of(Kind.ALARM)] == [1, 2, 3, 4, 5]
            assert {one.instance for one in station.of(Kind.ALARM)} == {room.instance}
            assert station.of(Kind.SNAPSHOT)[-1].heart_rate.value == 72.0
            trend = station.of(Kind.HISTORY)[-1]
            assert (trend.step_s, set(trend.heart_rate)) == (3, {70.0})
        await until(lambda: not station.of(Kind.PRESENCE)[-1].online)
        assert station.of(Kind.PRESENCE)[-1].reason == "ended"
    # Who comes later is told that it is over, and nothing of the session.
    async with listening(real.port) as late:
        await until(lambda: late.of(Kind.PRESENCE))
        assert [topic.kind for topic, _ in late.heard] == [Kind.PRESENCE]


async def test_who_comes_late_hears_the_state_at_once(real):
    async with publishing(settings(real.port)) as room:
        room.newest(snapshot())
        room.changed(onset(1))
        await until(lambda: room.sent == 1)
        async with listening(real.port) as station:
            await until(station.changes)
            await until(
                lambda: (
                    {topic.kind for topic, _ in station.heard}
                    >= {Kind.PRESENCE, Kind.SNAPSHOT, Kind.HISTORY}
                )
            )


async def test_a_killed_broker_loses_no_alarm(real):
    async with listening(real.port) as station, publishing(settings(real.port)) as room:
        room.newest(snapshot())
        room.changed(onset(1))
        await until(lambda: len(station.of(Kind.ALARM)) == 1)
        real.kill()
        for number in range(2, 30):
            room.changed(onset(number))
            room.newest(snapshot(number))
        await until(lambda: room.failure)
        assert room.sent < 29
        real.start()
        await until(lambda: set(station.changes()) == set(range(1, 30)))
        await until(lambda: not room.failure)
        streamed = [one.seq for one in station.of(Kind.ALARM)]
        assert streamed == sorted(streamed)
        assert [station.changes()[n].occurrence for n in range(1, 30)] == list(range(1, 30))
        await until(lambda: station.of(Kind.SNAPSHOT)[-1].seq == 29)


@pytest.mark.slow
async def test_brokers_that_die_again_and_again_lose_no_alarm(real):
    async with listening(real.port) as station, publishing(settings(real.port)) as room:
        room.newest(snapshot())
        for first in (1, 11, 21):
            for number in range(first, first + 10):
                room.changed(onset(number))
                await asyncio.sleep(0)
            real.kill()
            real.start()
        await until(lambda: room.sent == 30)
        await until(lambda: set(station.changes()) == set(range(1, 31)))


async def test_an_alarm_change_brings_a_state_that_has_it_at_once(real):
    slow = settings(real.port, interval_s=10.0)
    async with listening(real.port) as station, publishing(slow) as room:
        room.newest(snapshot(4))
        await until(lambda: station.of(Kind.SNAPSHOT))
        room.changed(onset(5))
        await until(lambda: station.of(Kind.ALARM))
        room.newest(snapshot(6))
        room.newest(snapshot(7))
        # Ten seconds would be the next one's turn.
        await until(lambda: station.of(Kind.SNAPSHOT)[-1].seq == 7, 5)
        room.newest(snapshot(8))
        await asyncio.sleep(0.3)
        assert station.of(Kind.SNAPSHOT)[-1].seq == 7


async def test_a_will_that_comes_late_is_contradicted(real):
    async with listening(real.port) as station, publishing(settings(real.port)) as room:
        await until(lambda: station.of(Kind.PRESENCE))
        old = messages.Presence(online=False, instance="before", reason="lost")
        arguments = broker.arguments(station.settings, "central")
        async with aiomqtt.Client(**arguments) as other:
            topic = str(Topic("example", "room-1", Kind.PRESENCE))
            await other.publish(topic, messages.encode(old), qos=1, retain=True)
        await until(lambda: old in station.of(Kind.PRESENCE))
        await until(lambda: station.of(Kind.PRESENCE)[-1].online)
        assert station.of(Kind.PRESENCE)[-1].instance == room.instance


async def test_a_scenario_can_take_the_broker_away(real):
    async with publishing(settings(real.port)) as room, listening(real.port) as station:
        await until(lambda: station.of(Kind.PRESENCE))
        room.cut(off=True)
        await until(lambda: room.failure == "cut off")
        room.changed(onset(1))
        room.cut(off=False)
        await until(lambda: not room.failure)
        assert set(station.changes()) == {1}


@pytest.mark.slow
async def test_two_engines_of_one_room_are_told(real):
    async with listening(real.port) as station, publishing(settings(real.port)) as one:
        one.newest(snapshot())
        await until(lambda: one._told is not None)
        async with publishing(settings(real.port)) as two:
            two.newest(snapshot())
            for room in (one, two):
                await until(lambda room=room: "another engine" in room.failure)
            two.changed(onset(1))
            await until(lambda: two.sent == 1)
        # In doubt or not, who ends says so; and who goes on says that.
        await until(
            lambda: (
                two.instance
                in [said.instance for said in station.of(Kind.PRESENCE) if said.reason == "ended"]
            )
        )
        await until(lambda: station.of(Kind.PRESENCE)[-1].instance == one.instance)


async def test_a_broker_that_never_answers_holds_up_nobody(impatient):
    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        hole.listen()
        async with publishing(settings(hole.getsockname()[1])) as room:
            room.newest(snapshot())
            room.changed(onset(1))
            await until(lambda: room.failure)
            assert room.sent == 0
    gc.collect()


async def test_a_broker_that_stands_still_holds_up_nobody_and_loses_no_alarm(real, impatient):
    async with listening(real.port) as station, publishing(settings(real.port)) as room:
        room.changed(onset(1))
        await until(lambda: room.sent == 1)
        real.process.send_signal(signal.SIGSTOP)
        for number in range(2, 10):
            room.changed(onset(number))
        room.newest(snapshot(9))
        await until(lambda: room.failure)
        real.process.send_signal(signal.SIGCONT)
        await until(lambda: room.sent == 9 and not room.failure)
        await until(lambda: set(station.changes()) == set(range(1, 10)))
    gc.collect()


async def test_a_long_queue_at_a_slow_broker_does_not_hold_up_the_state(real, monkeypatch):
    say = Link.say

    async def slow(link, kind, *more):
        await asyncio.sleep(0.05 if kind is Kind.ALARM else 0)
        await say(link, kind, *more)

    monkeypatch.setattr(Link, "say", slow)
    async with listening(real.port) as station, publishing(settings(real.port)) as room:
        for number in range(1, 101):
            room.changed(onset(number))
        for seq in (1, 2):
            room.newest(snapshot(seq))
            await until(
                lambda seq=seq: [one.seq for one in station.of(Kind.SNAPSHOT)][-1:] == [seq]
            )
            assert room.sent < 100
        monkeypatch.setattr(Link, "say", say)
        await until(lambda: len(station.of(Kind.ALARM)) == 100)


async def test_the_end_says_all_that_waits(real):
    async with listening(real.port) as station:
        async with publishing(settings(real.port)) as room:
            await until(lambda: station.of(Kind.PRESENCE))
            for number in range(1, 101):
                room.changed(onset(number))
        await until(lambda: not station.of(Kind.PRESENCE)[-1].online)
        assert set(station.changes()) == set(range(1, 101))


async def test_a_wrong_password_is_told_in_words(tmp_path):
    (tmp_path / "pw").write_text("wrong")
    with Mosquitto(tmp_path, users={"room-1": "right"}) as real:
        chosen = settings(real.port, username="room-1", password_file=str(tmp_path / "pw"))
        async with publishing(chosen) as room:
            await until(lambda: room.failure)
            assert "ot authori" in room.failure
            (tmp_path / "pw").write_text("right")  # mended in mid-session
            await until(lambda: not room.failure)
    gc.collect()


async def test_a_room_that_may_not_publish_is_told(impatient, tmp_path):
    (tmp_path / "acl").write_text("topic read vigil/#\n")
    with Mosquitto(tmp_path, acl=tmp_path / "acl") as real:
        async with publishing(settings(real.port)) as room:
            await until(lambda: room.failure)
            assert "does not pass on" in room.failure


async def test_what_an_engine_was_killed_with_its_next_one_sends(real, tmp_path):
    changes = [onset(1), onset(2), onset(2, "hr_extreme"), onset(3)]
    async with publishing(settings(real.port), tmp_path) as first:
        for change in changes[:2]:
            first.changed(change)
        await until(lambda: first.sent == 2)
    async with listening(real.port) as station, publishing(settings(real.port), tmp_path) as next_:
        next_.catch_up(changes)
        await until(lambda: len(station.of(Kind.ALARM)) == 2)
        sent = [(one.seq, one.condition) for one in station.of(Kind.ALARM)]
        assert sent == [(1, "hr_extreme"), (2, "hr_high")]


def test_too_many_unsent_alarms_drop_the_oldest_and_are_counted(monkeypatch):
    monkeypatch.setattr(unsent, "MOST", 3)
    queue = unsent.Unsent("i", None)
    for number in range(1, 6):
        queue.add(onset(number), "")
    assert (len(queue), queue.dropped, queue.first().seq) == (3, 2, 3)


async def test_a_station_acknowledges_only_where_it_may(real):
    engine = Engine()
    chosen = settings(real.port, remote_acknowledge=True)
    async with publishing(chosen, engine=engine) as room, listening(real.port) as station:
        room.newest(snapshot(alarms=[alarm(3)]))
        await until(lambda: station.of(Kind.SNAPSHOT))
        async with aiomqtt.Client(**broker.arguments(station.settings, "central")) as desk:
            topic = str(Topic("example", "room-1", Kind.COMMAND, "desk"))
            asked = messages.acknowledge(room.instance, "hr_high", 3)
            for _ in range(2):  # QoS 1 may bring it twice
                await desk.publish(topic, messages.encode(asked), qos=1)
            await until(lambda: len(station.of(Kind.REPLY)) == 2)
            other = messages.acknowledge(room.instance, "hr_high", 2)
            await desk.publish(topic, messages.encode(other), qos=1)
            await until(lambda: len(station.of(Kind.REPLY)) == 3)
    replies = station.of(Kind.REPLY)
    assert [(one.id, one.ok) for one in replies] == [(asked.id, True)] * 2 + [(other.id, False)]
    assert [(one.operator, one.details) for one in engine.asked] == [
        ("station:desk", {"condition": "hr_high", "occurrence": 3})
    ]


async def test_nobody_acknowledges_where_it_is_off(real):
    engine = Engine()
    async with publishing(settings(real.port), engine=engine) as room:
        room.newest(snapshot(alarms=[alarm(3)]))
        async with listening(real.port) as station:
            await until(lambda: station.of(Kind.SNAPSHOT))
            async with aiomqtt.Client(**broker.arguments(station.settings, "central")) as desk:
                topic = str(Topic("example", "room-1", Kind.COMMAND, "desk"))
                asked = messages.encode(messages.acknowledge(room.instance, "hr_high", 3))
                await desk.publish(topic, asked, qos=1)
            seen = len(station.of(Kind.SNAPSHOT))
            room.newest(snapshot(2, alarms=[alarm(3)]))
            await until(lambda: len(station.of(Kind.SNAPSHOT)) > seen)
            assert station.of(Kind.REPLY) == []
    assert engine.asked == []


FLOOD = """
import itertools, sys
from paho.mqtt import client
junk = [b"", b"\\xff" * 100, b"{" * 60_000, b'{"type": "command"}', b"x" * 1000]
mad = client.Client(client.CallbackAPIVersion.VERSION2)
mad.connect("127.0.0.1", int(sys.argv[1]))
mad.loop_start()
for payload in itertools.cycle(junk):
    mad.publish("vigil/example/room-1/v1/command/mad", payload).wait_for_publish(5)
"""


async def test_a_flood_of_commands_hinders_neither_the_room_nor_other_stations(real):
    engine = Engine()
    chosen = settings(real.port, remote_acknowledge=True)
    told = "vigil/example/room-1/v1/+"  # and no commands
    async with (
        publishing(chosen, engine=engine) as room,
        listening(real.port, topics=told) as station,
    ):
        await until(lambda: station.of(Kind.PRESENCE))
        with subprocess.Popen([sys.executable, "-c", FLOOD, str(real.port)]) as mad:  # noqa: ASYNC220 - starts at once
            try:
                await until(lambda: room._remote.dropped > 1000)
                room.newest(snapshot(2, alarms=[alarm(3)]))
                room.changed(onset(1))
                await until(lambda: station.of(Kind.ALARM) and station.of(Kind.SNAPSHOT))
                await asked_until_done(real.port, room, engine)
                assert room.failure == ""
            finally:
                mad.kill()


async def asked_until_done(port, room, engine):
    """Ask as a hand would, again and again, since a flooded room drops what it has no time for."""
    chosen = broker.Central(host="127.0.0.1", port=port, tls=False)
    asked = messages.encode(messages.acknowledge(room.instance, "hr_high", 3))
    async with aiomqtt.Client(**broker.arguments(chosen, "central")) as desk:
        async with asyncio.timeout(PATIENCE_S):
            while not engine.asked:
                topic = Topic("example", "room-1", Kind.COMMAND, "desk")
                await desk.publish(str(topic), asked, qos=1)
                await asyncio.sleep(0.1)
