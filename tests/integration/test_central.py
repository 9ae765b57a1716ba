"""A central station behind a real broker that is killed, flooded and forged at."""

import asyncio
import contextlib
import json
import sys
from pathlib import Path

import aiomqtt
import pytest

from monitor.central.asking import CONFIRMED, REFUSED
from monitor.central.room import Standing
from monitor.central.sounding import Urgency
from monitor.central.station import Station
from monitor.rooms import broker, messages
from monitor.rooms.topics import Kind, Topic
from simulators.broker import Mosquitto
from tests.integration.rooms import (
    LEFT_BY_PAHO,
    NEEDS_MOSQUITTO,
    Engine,
    alarm,
    onset,
    publishing,
    settings,
    snapshot,
)
from tests.snapshot import rooms as canned_rooms

pytestmark = [NEEDS_MOSQUITTO, LEFT_BY_PAHO]
SHIPPED_ACL = Path(__file__).parents[2] / "docs/mosquitto/acl"
PATIENCE_S = 40
STALE_S = 3.0


def chosen(port, **more):
    place = {"host": "127.0.0.1", "port": port, "tls": False, "clinic": "example"}
    return broker.Central(**(place | {"station": "desk", "stale_s": STALE_S} | more))


@contextlib.asynccontextmanager
async def following(port, **more):
    """A station that follows the rooms, moved on as its screen does."""
    made = chosen(port, **more)
    station = Station(made, broker.arguments(made, "central"))
    station.told = []

    async def move_on():
        while True:
            station.told += station.step()
            await asyncio.sleep(0.05)

    tasks = [asyncio.create_task(station.link.run()), asyncio.create_task(move_on())]
    try:
        yield station
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


@contextlib.asynccontextmanager
async def room(port, name="room-1", engine=None, alarms=(), **more):
    """A room that publishes a new state ten times a second."""

    async def live(publisher):
        seq = 0
        while True:
            seq += 1
            publisher.newest(snapshot(seq, alarms=list(publisher.alarms)))
            await asyncio.sleep(0.1)

    async with publishing(settings(port, name, **more), engine=engine) as publisher:
        publisher.alarms = list(alarms)
        task = asyncio.create_task(live(publisher))
        try:
            yield publisher
        finally:
            task.cancel()
            await asyncio.wait([task])


async def until(holds):
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.05)


def standing(station, name="room-1"):
    found = station.wall.rooms.get(name)
    return None if found is None else found.standing(station.now_s())


def alarms_of(station, name="room-1"):
    found = station.wall.rooms[name].snapshot
    return [] if found is None else [one.condition for one in found.alarms]


@pytest.fixture
def real(tmp_path):
    with Mosquitto(tmp_path) as made:
        yield made


@pytest.mark.slow
async def test_a_broker_killed_and_back_is_told_and_nothing_is_missed(real):
    async with room(real.port) as publisher, following(real.port) as station:
        await until(lambda: standing(station) is Standing.LIVE)
        assert station.sounds is None
        real.kill()
        await until(lambda: station.wall.blind(station.now_s()))
        await until(lambda: station.sounds is Urgency.ROOM)
        assert standing(station) is not Standing.LIVE
        publisher.alarms = [alarm(1)]
        for number in (1, 2, 3):
            publisher.changed(onset(number))
        real.start()
        await until(lambda: standing(station) is Standing.LIVE)
        await until(lambda: station.sounds is Urgency.MEDIUM)
        assert alarms_of(station) == ["hr_high"]
        await until(lambda: len(station.wall.rooms["room-1"].changes) == 3)
        assert station.wall.rooms["room-1"].missed == 0


@pytest.mark.slow
async def test_two_stations_of_one_name_see_a_room_fall_silent_and_come_back(real):
    async with (
        room(real.port) as publisher,
        following(real.port) as one,
        following(real.port) as two,
    ):
        await until(lambda: standing(one) is standing(two) is Standing.LIVE)
        publisher.cut(off=True)
        for station in (one, two):
            await until(lambda station=station: standing(station) is Standing.SILENT)
            await until(lambda station=station: station.sounds is Urgency.ROOM)
            assert station.wall.connected
        publisher.cut(off=False)
        for station in (one, two):
            await until(lambda station=station: standing(station) is Standing.LIVE)


async def test_what_a_broker_keeps_is_not_taken_for_live(real):
    kept = messages.encode(snapshot(7, alarms=[alarm(1)]))
    made = chosen(real.port)
    async with aiomqtt.Client(**broker.arguments(made, "central")) as client:
        topic = str(Topic("example", "room-1", Kind.SNAPSHOT))
        await client.publish(topic, kept, qos=1, retain=True)
    async with following(real.port) as station:
        await until(lambda: "room-1" in station.wall.rooms)
        assert standing(station) is Standing.WAITING
        await until(lambda: standing(station) is Standing.SILENT)


async def test_a_session_that_ends_is_calm(real):
    async with following(real.port) as station:
        async with room(real.port, alarms=[alarm(1)]):
            await until(lambda: standing(station) is Standing.LIVE)
        await until(lambda: standing(station) is Standing.ENDED)
        await until(lambda: station.sounds is None)
        assert station.wall.rooms["room-1"].snapshot is None


@pytest.fixture
def clinic(tmp_path):
    """A broker with the shipped access list."""
    users = {name: name for name in ("room-1", "room-2", "desk", "charge-nurse")}
    for name in users:
        (tmp_path / f"password-{name}").write_text(name)
    with Mosquitto(tmp_path, users=users, acl=SHIPPED_ACL) as made:
        yield made, lambda name: {
            "username": name, "password_file": str(tmp_path / f"password-{name}"),
        }  # fmt: skip


async def test_under_the_shipped_list_one_station_looks_on_and_another_acknowledges(clinic):
    real, login = clinic
    engine = Engine()
    as_room = login("room-1") | {"remote_acknowledge": True}
    nurse = login("charge-nurse") | {"station": "charge-nurse", "remote_acknowledge": True}
    async with (
        room(real.port, engine=engine, alarms=[alarm(4)], **as_room),
        following(real.port, **login("desk")) as desk,
        following(real.port, **nurse) as station,
    ):
        await until(lambda: standing(desk) is standing(station) is Standing.LIVE)
        seen, wrong = alarm(4), alarm(3)
        assert "off at this station" in await desk.acknowledge(desk.wall.rooms["room-1"], seen)
        for one in (wrong, seen):
            assert await station.acknowledge(station.wall.rooms["room-1"], one) == ""
        await until(lambda: len(station.told) == 2)
        states = {request.occurrence: request.state for request in station.told}
        assert states == {3: REFUSED, 4: CONFIRMED}
        assert next(r.reason for r in station.told if r.state == REFUSED)
        [asked] = engine.asked
        assert (asked.verb, asked.details["occurrence"]) == ("acknowledge", 4)


async def test_no_room_can_speak_for_another_under_the_shipped_list(clinic):
    real, login = clinic
    made = chosen(real.port, **login("room-2"))
    async with (
        room(real.port, **login("room-1")),
        following(real.port, **login("desk")) as station,
        aiomqtt.Client(**broker.arguments(made, "central")) as liar,
    ):
        await until(lambda: standing(station) is Standing.LIVE)
        forged = messages.encode(snapshot(9, alarms=[alarm(1)]))
        over = messages.encode(canned_rooms.presence("x", online=False, reason="ended"))
        for kind, payload in ((Kind.SNAPSHOT, forged), (Kind.PRESENCE, over)):
            await liar.publish(str(Topic("example", "room-1", kind)), payload, qos=1, retain=True)
        own = str(Topic("example", "room-2", Kind.SNAPSHOT))
        await liar.publish(own, forged, qos=1)  # comes after, on the same connection
        await until(lambda: standing(station, "room-2") is Standing.LIVE)
        assert alarms_of(station) == []
        assert standing(station) is Standing.LIVE


async def vigil(port, *more):
    """`vigil central --once`; its exit code and what it said."""
    words = [f"port={port}", "host=127.0.0.1", "tls=false", "clinic=example", "station=desk"]
    sets = [part for word in words for part in ("--set", f"central.{word}")]
    command = ("-m", "monitor", "central", "--once", "--json", *sets, *more)
    python = sys.executable
    process = await asyncio.create_subprocess_exec(
        python, *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    return process.returncode, json.loads(out), err.decode()


@pytest.mark.slow
async def test_other_programs_read_how_the_rooms_stand(real):
    async with room(real.port, alarms=[alarm(2)]) as publisher, following(real.port) as station:
        await until(lambda: standing(station) is Standing.LIVE)
        code, said, _ = await vigil(real.port, "--for", "4")
        [one] = said["rooms"]
        assert code == 1
        assert (one["room"], one["standing"], one["heart_rate_bpm"]) == ("room-1", "LIVE", 72.0)
        assert one["alarms"][0]["occurrence"] == 2
        publisher.alarms = []
        await until(lambda: alarms_of(station) == [])
        code, said, _ = await vigil(real.port, "--for", "4")
        assert (code, said["rooms"][0]["alarms"]) == (0, [])
    real.kill()
    code, said, err = await vigil(real.port, "--for", "1")
    assert (code, said["connected"]) == (3, False)
    assert "no connection to the broker" in err
