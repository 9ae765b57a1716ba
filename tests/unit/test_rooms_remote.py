"""Commands of central stations: which reach the engine, and what becomes of the others."""

import asyncio

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import feed
from monitor.rooms import messages, remote

ALARM = feed.Alarm(
    condition="hr_high",
    occurrence=3,
    kind="PHYSIOLOGICAL",
    priority="MEDIUM",
    presence="ON",
    message="",
    onset_s=1.0,
)
ASKED = messages.acknowledge("me", "hr_high", 3)


class Room:
    """A room with one alarm, a clock that stands, and an engine that notes what it was asked."""

    def __init__(self, alarms=(ALARM,)):
        self.asked, self.now_ns = [], 0
        self.remote = remote.Remote("me", lambda: alarms, self._command, lambda: self.now_ns)

    async def _command(self, command):
        self.asked.append(command)
        return feed.Reply(id=command.id, ok=True)

    def gets(self, message, station="desk", *, retained=False):
        payload = message if isinstance(message, bytes) else messages.encode(message)
        return asyncio.run(self.remote.answer(station, payload, retained=retained))


def changed(**details):
    return msgspec.structs.replace(ASKED, details=ASKED.details | details)


def test_the_alarm_that_is_there_is_acknowledged_in_the_name_of_the_station():
    room = Room()
    assert room.gets(ASKED) == feed.Reply(id=ASKED.id, ok=True)
    (command,) = room.asked
    assert (command.verb, command.operator) == ("acknowledge", "station:desk")
    assert command.details == {"condition": "hr_high", "occurrence": 3}


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (msgspec.structs.replace(ASKED, verb="end_session"), "only acknowledge"),
        (msgspec.structs.replace(ASKED, verb="set_limit"), "only acknowledge"),
        (msgspec.structs.replace(ASKED, details={}), "must name"),
        (changed(more="x"), "must name"),
        (changed(occurrence=True), "must name"),
        (changed(occurrence=3.0), "must name"),
        (changed(occurrence="3"), "must name"),
        (changed(instance="other"), "another start"),
        (changed(occurrence=2), "no such alarm now"),
        (changed(occurrence=4), "no such alarm now"),
        (changed(condition="hr_low"), "no such alarm now"),
        (changed(condition="x\x1b[2J"), "no such alarm now"),
    ],
)
def test_everything_else_is_refused_without_the_engine(command, why):
    room = Room()
    reply = room.gets(command)
    assert not reply.ok
    assert why in reply.message
    assert reply.id == command.id
    assert room.asked == []


def test_what_is_acknowledged_already_is_not_acknowledged_again():
    room = Room([msgspec.structs.replace(ALARM, presence="ACKNOWLEDGED")])
    assert room.gets(ASKED).message == remote.DONE
    assert room.asked == []


def test_a_command_that_comes_twice_acts_once_and_is_answered_twice():
    room = Room()
    assert room.gets(ASKED) == room.gets(ASKED)
    assert len(room.asked) == 1


def test_what_the_broker_kept_never_acts():
    room = Room()
    assert room.gets(ASKED, retained=True) is None
    assert room.asked == []


def test_a_flood_is_dropped_and_hinders_no_other_station():
    room = Room()
    answers = [room.gets(messages.acknowledge("me", "hr_high", n), "mad") for n in range(500)]
    assert sum(one is not None for one in answers) == remote.BURST
    assert room.remote.dropped == 500 - remote.BURST
    assert room.gets(ASKED, "desk").ok
    room.now_ns = int(remote.EVERY_S * 1_000_000_000)
    assert room.gets(ASKED, "mad") is not None


def test_many_names_use_little_memory():
    room = Room()
    for number in range(1000):
        room.gets(messages.acknowledge("me", "hr_low", 1), f"station-{number}")
    assert len(room.remote._allowed) <= remote.STATIONS
    assert len(room.remote._answers) <= remote.ANSWERED


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
TREES = st.recursive(VALUES, lambda c: st.lists(c, max_size=3) | st.dictionaries(st.text(), c))


@given(
    st.binary(max_size=200)
    | TREES.map(msgspec.json.encode)
    | st.fixed_dictionaries(
        {
            "type": st.sampled_from(["command", "ping", "snapshot"]),
            "id": VALUES,
            "verb": st.sampled_from(["acknowledge", "dose", "end_session", "resolve"]),
            "operator": VALUES,
            "details": st.dictionaries(
                st.sampled_from(["instance", "condition", "occurrence", "x"]),
                st.sampled_from(["me", "hr_high", 2, 4, -1, True, 3.5, None, "\x00"]),
            ),
        }
    ).map(msgspec.json.encode)
)
def test_no_bytes_make_a_room_do_anything(payload):
    room = Room()
    reply = room.gets(payload)
    assert reply is None or not reply.ok
    assert room.asked == []
