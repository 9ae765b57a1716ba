"""What a central station refuses to look at, and that it counts it."""

import json

import msgspec
import pytest

from monitor import feed
from monitor.central.checking import plain
from monitor.central.inbox import BATCH, QUEUED
from monitor.central.wall import OTHER_TOPIC, OVERRUN, TOO_LARGE, TOO_MANY, UNREADABLE
from monitor.rooms.messages import encode
from monitor.rooms.topics import MOST_ROOMS, Kind
from tests.snapshot import canned, rooms


@pytest.fixture
def desk():
    return rooms.station(rooms.Clock())


def changed(message, **changes):
    return json.dumps(json.loads(encode(message)) | changes).encode()


def heart(**changes):
    return msgspec.to_builtins(canned.heart(**changes))


SNAPSHOT, TREND = rooms.snapshot(1), rooms.trend(1)
BAND = {"name": "peak", "t0_s": 9.0, "t1_s": 3.0}
BAD = {
    "empty": (Kind.ALARM, b"", UNREADABLE),
    "no JSON": (Kind.SNAPSHOT, b"{", UNREADABLE),
    "no text": (Kind.SNAPSHOT, b"\xff\xfe\x00", UNREADABLE),
    "deep": (Kind.SNAPSHOT, b"[" * 60_000, UNREADABLE),
    "another kind": (Kind.PRESENCE, encode(SNAPSHOT), UNREADABLE),
    "another version": (Kind.PRESENCE, encode(rooms.presence("a", version=2)), UNREADABLE),
    "too large": (Kind.SNAPSHOT, b" " * 65_537, TOO_LARGE),
    "history too large": (Kind.HISTORY, b" " * 262_145, TOO_LARGE),
    "impossible heart": (Kind.SNAPSHOT, changed(SNAPSHOT, heart_rate=heart(value=1e4)), None),
    "huge number": (Kind.SNAPSHOT, changed(SNAPSHOT, t_s=1e300), None),
    "endless list": (Kind.SNAPSHOT, changed(SNAPSHOT, doses_s=[1.0] * 300), None),
    "phases out of order": (
        Kind.SNAPSHOT, changed(SNAPSHOT, phase={"name": "peak", "bands": [BAND]}), None,
    ),
    "steps of nothing": (Kind.HISTORY, changed(TREND, step_s=0), None),
    "a curve too long": (Kind.HISTORY, changed(TREND, heart_rate=[70.0] * 241), None),
    "a condition that is markup": (
        Kind.ALARM, encode(rooms.change("a", 1, rooms.alarming(1, "LOW"), condition="[b]")), None,
    ),
    "number zero": (Kind.ALARM, encode(rooms.change("a", 0, rooms.alarming(1, "LOW"))), None),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_nonsense_is_dropped_and_counted(desk, name):
    kind, payload, why = BAD[name]
    rooms.put(desk, "room-1", kind, payload)
    desk.step()
    assert not desk.wall.rooms
    assert sum(desk.wall.dropped.values()) == 1
    assert why is None or desk.wall.dropped[why] == 1


@pytest.mark.parametrize(
    "topic",
    [
        "vigil/other/room-1/v1/snapshot",
        "vigil/north/room-1/v2/snapshot",
        "vigil/north/\x1b[2J/v1/snapshot",
        "vigil/north/room-1/v1/command/desk",
        "vigil/north/room-1/v1/reply/another",
        "vigil/north/never-heard/v1/reply/desk",
        "",
    ],
)
def test_other_topics_are_dropped_and_counted(desk, topic):
    desk.inbox.put(topic, encode(SNAPSHOT), 100.0, kept=False)
    desk.step()
    assert not desk.wall.rooms
    assert desk.wall.dropped == {OTHER_TOPIC: 1}


def test_the_topic_says_which_room_speaks_never_the_message(desk):
    made = rooms.snapshot(1)
    made.session.subject = made.session.session_id = "room-2"
    rooms.put(desk, "room-1", Kind.SNAPSHOT, made)
    rooms.put(desk, "room-1", Kind.PRESENCE, rooms.presence("room-2"))
    desk.step()
    assert list(desk.wall.rooms) == ["room-1"]


def test_more_rooms_than_there_are_places_are_told(desk):
    for number in range(MOST_ROOMS + 15):
        rooms.put(desk, f"r{number}", Kind.SNAPSHOT, rooms.snapshot(1))
        desk.step()
    assert len(desk.wall.rooms) == MOST_ROOMS
    assert desk.wall.dropped[TOO_MANY] == 15


def test_rooms_that_have_to_be_there_keep_their_places():
    desk = rooms.station(rooms.Clock(), rooms="late")
    for number in range(MOST_ROOMS + 5):
        rooms.put(desk, f"r{number}", Kind.SNAPSHOT, rooms.snapshot(1))
    rooms.put(desk, "late", Kind.SNAPSHOT, rooms.snapshot(2))
    desk.step()
    assert len(desk.wall.rooms) == MOST_ROOMS
    assert desk.wall.rooms["late"].heard_s is not None


def test_a_room_that_ended_gives_up_its_place(desk):
    over = rooms.presence("x", online=False, reason="ended")
    for number in range(MOST_ROOMS):
        rooms.put(desk, f"r{number}", Kind.PRESENCE, over, kept=True)
    desk.step()
    rooms.put(desk, "new", Kind.SNAPSHOT, rooms.snapshot(1))
    desk.step()
    assert "new" in desk.wall.rooms
    assert len(desk.wall.rooms) == MOST_ROOMS


def test_of_a_flood_only_the_newest_state_waits(desk):
    for number in range(5000):
        rooms.put(desk, "room-1", Kind.SNAPSHOT, rooms.snapshot(1, seq=number))
        rooms.put(desk, "room-1", Kind.ALARM, rooms.change("room-1", number + 1, ALARMING))
    assert len(desk.inbox) == 1 + QUEUED
    desk.step()
    room = desk.wall.rooms["room-1"]
    assert room.snapshot.seq == 4999
    assert room.changes[-1].seq == 5000
    assert desk.wall.dropped[OVERRUN] == 5000 - QUEUED


ALARMING = rooms.alarming(1, "LOW")


def test_what_is_looked_at_in_one_go_is_bounded(desk):
    for number in range(MOST_ROOMS):
        for seq in range(1, QUEUED + 1):
            rooms.put(desk, f"r{number}", Kind.ALARM, rooms.change("r", seq, ALARMING))
    waiting = len(desk.inbox)
    desk.step()
    assert waiting - len(desk.inbox) <= BATCH + QUEUED


def test_only_the_room_that_was_asked_can_answer(desk):
    rooms.calm(desk, 2)
    made = rooms.alarming(1, "HIGH")
    command = desk.requests.ask(desk.wall.rooms["room-1"], made.alarms[0], "desk", desk.now_s())
    answer = feed.Reply(id=command.id, ok=True)
    rooms.put(desk, "room-2", Kind.REPLY, answer)
    assert desk.step() == []
    rooms.put(desk, "room-1", Kind.REPLY, answer)
    [request] = desk.step()
    assert (request.room, request.state) == ("room-1", "confirmed")
    rooms.put(desk, "room-1", Kind.REPLY, answer)
    assert desk.step() == []


def test_every_text_that_is_taken_is_plain(desk):
    rooms.put(desk, "room-1", Kind.SNAPSHOT, canned.hostile()[-1])
    rooms.put(desk, "room-1", Kind.PRESENCE, rooms.presence("a", session=canned.HOSTILE * 40))
    desk.step()
    room = desk.wall.rooms["room-1"]
    taken = json.dumps([msgspec.to_builtins(one) for one in (room.snapshot, room.presence)])
    assert "evil" in taken
    assert "\\u001b" not in taken
    assert "\\u202e" not in taken
    assert len(room.presence.session) <= 400


@pytest.mark.parametrize(
    ("sent", "shown"),
    [("Nguyễn Tiến", "Nguyễn Tiến"), ("e\u0302\u0301", "e\u0302\u0301")]
    + [(f"e{mark * 300}f", f"e{mark * 2}f") for mark in ("\u0301", "\u20dd", "\u0e49")],
)
def test_marks_stacked_on_a_letter_do_not_reach_into_other_rooms(sent, shown):
    assert plain(sent) == shown
