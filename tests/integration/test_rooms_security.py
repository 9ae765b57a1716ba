"""Under the shipped broker files: who may write and read what, and whom a room trusts."""

import asyncio
import gc
from pathlib import Path

import aiomqtt
import pytest
import trustme

from monitor import feed
from monitor.rooms import broker, messages
from monitor.rooms.topics import Kind, Topic
from simulators.broker import Certificates, Mosquitto
from tests.integration.rooms import (
    LEFT_BY_PAHO,
    NEEDS_MOSQUITTO,
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
SHIPPED = Path(__file__).parents[2] / "docs/mosquitto"
NAMES = ("room-1", "room-2", "desk", "charge-nurse")


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    """A broker with the shipped ACL, over TLS, and the password files of its users."""
    folder = tmp_path_factory.mktemp("clinic")
    authority = trustme.CA()
    own = authority.issue_cert("127.0.0.1")
    names = Certificates(folder / "ca.pem", folder / "cert.pem", folder / "key.pem")
    authority.cert_pem.write_to_path(names.ca_file)
    trustme.CA().cert_pem.write_to_path(folder / "other.pem")
    own.cert_chain_pems[0].write_to_path(names.cert_file)
    own.private_key_pem.write_to_path(names.key_file)
    for name in NAMES:
        (folder / name).write_text(f"of {name}\n")
    users = {name: f"of {name}" for name in NAMES}
    with Mosquitto(folder, tls=names, users=users, acl=SHIPPED / "acl") as real:
        yield real, folder
    gc.collect()


def login(clinic, name):
    real, folder = clinic
    files = {"password_file": str(folder / name), "ca_file": str(folder / "ca.pem")}
    return {"port": real.port, "tls": True, "username": name, **files}


def client(clinic, name, **more):
    chosen = broker.Central(host="127.0.0.1", **login(clinic, name))
    return aiomqtt.Client(**broker.arguments(chosen, "central"), **more)


async def test_a_room_publishes_and_a_station_acknowledges_under_the_shipped_acl(clinic):
    engine = Engine()
    chosen = settings(remote_acknowledge=True, **login(clinic, "room-1"))
    async with (
        publishing(chosen, engine=engine) as room,
        listening(**login(clinic, "desk")) as desk,
        client(clinic, "charge-nurse") as nurse,
    ):
        room.newest(snapshot(alarms=[alarm(1)]))
        room.changed(onset(1))
        await until(lambda: desk.changes() and desk.of(Kind.SNAPSHOT))
        await nurse.subscribe("vigil/example/+/v1/reply/charge-nurse", qos=1)
        topic = str(Topic("example", "room-1", Kind.COMMAND, "charge-nurse"))
        asked = messages.acknowledge(room.instance, "hr_high", 1)
        await nurse.publish(topic, messages.encode(asked), qos=1)
        async with asyncio.timeout(10):
            answer = await anext(nurse.messages)
        assert messages.decode(Kind.REPLY, answer.payload) == feed.Reply(id=asked.id, ok=True)
    assert [one.operator for one in engine.asked] == ["station:charge-nurse"]


FORBIDDEN = [
    ("room-1", Topic("example", "room-2", kind)) for kind in Kind if kind is not Kind.COMMAND
] + [
    ("room-1", Topic("example", "room-2", Kind.COMMAND, "charge-nurse")),
    ("room-1", Topic("example", "room-1", Kind.COMMAND, "charge-nurse")),
    ("desk", Topic("example", "room-2", Kind.COMMAND, "desk")),
    ("desk", Topic("example", "room-2", Kind.COMMAND, "charge-nurse")),
    ("desk", Topic("example", "room-2", Kind.PRESENCE)),
    ("charge-nurse", Topic("example", "room-2", Kind.COMMAND, "desk")),
    ("charge-nurse", Topic("example", "room-2", Kind.SNAPSHOT)),
    ("charge-nurse", Topic("example", "room-2", Kind.REPLY, "charge-nurse")),
]


async def test_nobody_writes_for_another(clinic):
    engine = Engine()
    chosen = settings(room="room-2", remote_acknowledge=True, **login(clinic, "room-2"))
    async with publishing(chosen, engine=engine) as room:
        room.newest(snapshot(alarms=[alarm(1)]))
        async with listening(**login(clinic, "charge-nurse")) as station:
            await until(lambda: station.of(Kind.SNAPSHOT, "room-2"))
            command = messages.encode(messages.acknowledge(room.instance, "hr_high", 1))
            for name, topic in FORBIDDEN:
                payload = command if topic.kind is Kind.COMMAND else b'"forged"'
                async with client(clinic, name) as other:
                    await other.publish(str(topic), payload, qos=1, retain=True)
            # What comes after on the same connection of the broker shows that all was dealt with.
            room.newest(snapshot(2, alarms=[alarm(1)]))
            await until(lambda: station.of(Kind.SNAPSHOT, "room-2")[-1].seq == 2)
            assert b'"forged"' not in [payload for _, payload in station.heard]
    assert engine.asked == []


async def test_nobody_pushes_out_the_connection_of_a_room(clinic):
    """A broker closes a connection when another one comes with the same client identifier."""
    chosen = settings(room="room-2", **login(clinic, "room-2"))
    async with publishing(chosen) as room, listening(**login(clinic, "desk")) as desk:
        await until(lambda: [one for one in desk.of(Kind.PRESENCE, "room-2") if one.online])
        known = ("room-2", "example-room-2", room.instance, room.instance[:16])
        for guess in (*known, *(f"vigil-{one}" for one in known)):
            async with client(clinic, "room-1", identifier=guess):
                pass
        room.changed(onset(1))
        await until(lambda: room.sent == 1)
        assert "lost" not in {one.reason for one in desk.of(Kind.PRESENCE, "room-2")}


async def test_a_room_reads_nothing_of_another(clinic):
    chosen = settings(room="room-2", **login(clinic, "room-2"))
    async with client(clinic, "room-1") as spy, publishing(chosen) as room:
        for filter_ in ("#", "vigil/#", "vigil/example/+/v1/+", "vigil/example/room-2/v1/snapshot"):
            await spy.subscribe(filter_, qos=1)
        room.newest(snapshot())
        room.changed(onset(1))
        await until(lambda: room.sent == 1)
        own = str(Topic("example", "room-1", Kind.PRESENCE))
        await spy.publish(own, b"mine", qos=1)
        heard = set()
        async with asyncio.timeout(10):
            async for message in spy.messages:
                heard.add(message.topic.value)
                if message.payload == b"mine":
                    break
        assert heard == {own}


async def test_a_room_trusts_no_other_authority(clinic, monkeypatch):
    wrong = login(clinic, "room-1") | {"ca_file": str(clinic[1] / "other.pem")}
    async with publishing(settings(**wrong)) as room:
        await until(lambda: room.failure)
        assert "certificate verify failed" in room.failure


async def test_a_room_sends_no_password_to_a_broker_of_another_name(clinic):
    # The certificate is for 127.0.0.1, not for localhost.
    wrong = login(clinic, "room-1") | {"host": "localhost"}
    async with publishing(settings(**wrong)) as room:
        await until(lambda: room.failure)
        assert "certificate" in room.failure


def test_the_shipped_configuration_is_one_mosquitto_takes(tmp_path, clinic):
    """Started as it is shipped, with the paths and the port of the test."""
    text = (SHIPPED / "mosquitto.conf").read_text()
    made = Mosquitto(tmp_path)
    folder = clinic[1]
    for there, here in {
        "listener 8883": f"listener {made.port} 127.0.0.1\nuser root",
        "/etc/mosquitto/certs/ca.crt": folder / "ca.pem",
        "/etc/mosquitto/certs/broker.crt": folder / "cert.pem",
        "/etc/mosquitto/certs/broker.key": folder / "key.pem",
        "/etc/mosquitto/passwords": folder / "passwords",
        "/etc/mosquitto/acl": SHIPPED / "acl",
    }.items():
        assert there in text
        text = text.replace(there, str(here))
    (tmp_path / "mosquitto.conf").write_text(text)
    with made:
        assert "Error" not in made.log()
        assert "Unknown" not in made.log()
