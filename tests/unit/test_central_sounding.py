"""What a central station sounds, and what breaks its audio pause."""

import pytest

from monitor.central.sounding import LONGEST_PAUSE_S, Call, Urgency, worst
from monitor.rooms.topics import Kind
from tests.snapshot import rooms


@pytest.fixture
def desk():
    found = rooms.station(rooms.Clock())
    rooms.calm(found, 3)
    return found


def tell(desk, number, name=None, **changes):
    made = rooms.alarming(number, name, **changes) if name else rooms.snapshot(number)
    rooms.put(desk, f"room-{number}", Kind.SNAPSHOT, made)
    desk.step()


def escalate(desk):
    made = rooms.alarming(1, "MEDIUM")
    made.alarms[0].priority = "HIGH"
    rooms.put(desk, "room-1", Kind.SNAPSHOT, made)
    desk.step()


def lose(desk, number):
    gone = rooms.presence(f"room-{number}", online=False, reason="lost")
    rooms.put(desk, f"room-{number}", Kind.PRESENCE, gone)
    desk.step()


def wait(desk, seconds, *, alive=()):
    """Time passes; these rooms go on speaking."""
    for _ in range(seconds):
        desk.now_s.now_s += 1.0
        for number in alive:
            room = f"room-{number}"
            rooms.put(desk, room, Kind.SNAPSHOT, desk.wall.rooms[room].snapshot)
        desk.step()


@pytest.mark.parametrize(
    ("alarms", "lost", "expected"),
    [
        ([], False, None),
        (["LOW"], False, Urgency.LOW),
        (["LOW", "MEDIUM"], False, Urgency.MEDIUM),
        (["LOW", "MEDIUM"], True, Urgency.ROOM),
        (["HIGH", "LOW"], True, Urgency.HIGH),
        ([], True, Urgency.ROOM),
        (["nonsense"], False, Urgency.HIGH),
    ],
)
def test_the_most_urgent_of_all_rooms_sounds(desk, alarms, lost, expected):
    for number, priority in enumerate(alarms, 1):
        made = rooms.alarming(number, priority if priority != "nonsense" else "HIGH")
        made.alarms[0].priority = priority
        rooms.put(desk, f"room-{number}", Kind.SNAPSHOT, made)
    if lost:
        lose(desk, 3)
    desk.step()
    assert desk.sounds is expected
    assert worst(desk.calls) is expected


@pytest.mark.parametrize(
    ("changes", "sounds"),
    [
        ({}, True),
        ({"presence": "LATCHED"}, True),
        ({"presence": "ACKNOWLEDGED"}, False),
        ({"presence": "RETURNED"}, False),
        ({"hidden": True}, False),
    ],
)
def test_only_what_nobody_acknowledged_sounds(desk, changes, sounds):
    tell(desk, 1, "HIGH", **changes)
    assert (desk.sounds is Urgency.HIGH) == sounds


def test_a_replay_sounds_nothing(desk):
    made = rooms.alarming(1, "HIGH")
    made.session.mode = "REPLAY"
    rooms.put(desk, "room-1", Kind.SNAPSHOT, made)
    desk.step()
    assert desk.sounds is None


def test_a_kept_alarm_of_nobody_knows_when_does_not_sound():
    desk = rooms.station(rooms.Clock())
    rooms.put(desk, "room-1", Kind.SNAPSHOT, rooms.alarming(1, "HIGH"), kept=True)
    desk.step()
    assert desk.sounds is None
    wait(desk, 11)
    assert desk.sounds is Urgency.ROOM


def test_a_silent_rooms_last_alarm_sounds_on(desk):
    tell(desk, 1, "HIGH")
    wait(desk, 20, alive=(2, 3))
    assert desk.sounds is Urgency.HIGH
    assert Call("room-1", "silent") in desk.calls


def test_without_a_broker_one_call_stands_for_all_rooms(desk):
    desk.wall.disconnect(desk.now_s(), "gone")
    wait(desk, 15)
    assert desk.calls == {Call("", "broker"): Urgency.ROOM}
    assert desk.sounds is Urgency.ROOM


def test_a_seen_silence_is_quiet_until_the_room_was_back(desk):
    wait(desk, 12, alive=(2, 3))
    desk.wall.rooms["room-1"].seen = True
    wait(desk, 1, alive=(2, 3))
    assert desk.sounds is None
    wait(desk, 2, alive=(1, 2, 3))
    wait(desk, 12, alive=(2, 3))
    assert desk.sounds is Urgency.ROOM


NEWS = {
    "a lower one in another room": lambda desk: tell(desk, 2, "LOW"),
    "the same again": lambda desk: tell(desk, 1, "MEDIUM", occurrence=9),
    "the same, worse": escalate,
    "a lost room": lambda desk: lose(desk, 3),
}


@pytest.mark.parametrize("news", NEWS)
def test_anything_new_or_worse_breaks_the_pause(desk, news):
    tell(desk, 1, "MEDIUM")
    desk.toggle_pause()
    desk.step()
    assert desk.sounds is None
    NEWS[news](desk)
    assert desk.sounds is not None
    assert desk.pause.remaining_s(desk.now_s()) is None


def test_the_pause_ends_by_itself_after_two_minutes_at_most(desk):
    tell(desk, 1, "MEDIUM")
    desk.toggle_pause()
    wait(desk, int(LONGEST_PAUSE_S) - 1, alive=(1, 2, 3))
    assert desk.sounds is None
    wait(desk, 1, alive=(1, 2, 3))
    assert desk.sounds is Urgency.MEDIUM


def test_what_ended_and_came_back_breaks_the_pause(desk):
    tell(desk, 1, "MEDIUM")
    desk.toggle_pause()
    tell(desk, 1)
    assert desk.sounds is None
    tell(desk, 1, "MEDIUM")
    assert desk.sounds is Urgency.MEDIUM


def test_a_pause_when_nothing_sounds_is_broken_by_the_first_alarm(desk):
    desk.toggle_pause()
    tell(desk, 1, "LOW")
    assert desk.sounds is Urgency.LOW


def test_the_pause_can_be_taken_back(desk):
    tell(desk, 1, "MEDIUM")
    desk.toggle_pause()
    desk.toggle_pause()
    desk.step()
    assert desk.sounds is Urgency.MEDIUM
