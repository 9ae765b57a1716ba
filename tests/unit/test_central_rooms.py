"""How a room stands at a central station, from what was heard of it and when."""

import pytest

from monitor.central.room import Standing
from monitor.central.told import findings
from monitor.rooms import messages
from monitor.rooms.topics import Kind
from tests.snapshot import rooms

STALE_S = 10.0


@pytest.fixture
def desk():
    return rooms.station(rooms.Clock(), rooms="room-1", stale_s=STALE_S)


def later(desk, seconds):
    """The clock goes on as on a running station: in small steps."""
    for _ in range(int(seconds)):
        desk.now_s.now_s += 1.0
        desk.step()


def hear(desk, kind, message, room="room-1", **more):
    rooms.put(desk, room, kind, message, **more)
    desk.step()


def hear_again(desk):
    """After a silence the first word is not believed yet."""
    for _ in range(2):
        later(desk, 1)
        hear(desk, Kind.SNAPSHOT, rooms.snapshot(1))


def standing(desk, room="room-1"):
    return desk.wall.rooms[room].standing(desk.now_s())


def presence(**changes):
    return rooms.presence("room-1", **changes)


GONE = presence(online=False, reason="lost")
OVER = presence(online=False, reason="ended")
STORIES = {
    "expected, not waited for long": ([5], Standing.WAITING),
    "expected, never there": ([11], Standing.ABSENT),
    "a snapshot just now": ([(Kind.SNAPSHOT, False)], Standing.LIVE),
    "a snapshot the broker had kept": ([(Kind.SNAPSHOT, True)], Standing.WAITING),
    "kept, and nothing since": ([(Kind.SNAPSHOT, True), 11], Standing.SILENT),
    "live, then nothing": ([(Kind.SNAPSHOT, False), 11], Standing.SILENT),
    "live, not silent for long": ([(Kind.SNAPSHOT, False), 9], Standing.LIVE),
    "kept ones do not keep a room alive": (
        [(Kind.SNAPSHOT, False), 6, (Kind.SNAPSHOT, True), 6], Standing.SILENT,
    ),
    "nor does presence alone": ([presence(), 11], Standing.SILENT),
    "nor do alarms alone": ([presence(), (Kind.ALARM, False), 11], Standing.SILENT),
    "lost": ([(Kind.SNAPSHOT, False), GONE], Standing.LOST),
    "lost long ago, kept": ([(Kind.PRESENCE, GONE)], Standing.LOST),
    "ended": ([(Kind.SNAPSHOT, False), OVER, 60], Standing.ENDED),
    "ended, and begun again": ([OVER, presence(), (Kind.SNAPSHOT, False)], Standing.LIVE),
    "lost, and back": ([GONE, (Kind.SNAPSHOT, False)], Standing.LIVE),
    "silent, and one came that may have waited on the way": (
        [(Kind.SNAPSHOT, False), 11, (Kind.SNAPSHOT, False)], Standing.SILENT,
    ),
    "silent, and a few came that had waited together": (
        [(Kind.SNAPSHOT, False), 11, (Kind.SNAPSHOT, False), (Kind.SNAPSHOT, False), 9],
        Standing.SILENT,
    ),
    "silent, and back": (
        [(Kind.SNAPSHOT, False), 11, (Kind.SNAPSHOT, False), 1, (Kind.SNAPSHOT, False)],
        Standing.LIVE,
    ),
    "silent, one late, silent, one late": (
        [(Kind.SNAPSHOT, False), 11, (Kind.SNAPSHOT, False), 11, (Kind.SNAPSHOT, False)],
        Standing.SILENT,
    ),
    "lost, back, and silent": ([GONE, (Kind.SNAPSHOT, False), 11], Standing.SILENT),
    "a slow room has three of its intervals": (
        [presence(interval_s=10.0), (Kind.SNAPSHOT, False), 25], Standing.LIVE,
    ),
    "a lying one no more than 30 s": (
        [presence(interval_s=1e9), (Kind.SNAPSHOT, False), 31], Standing.SILENT,
    ),
    "the will of an engine that was replaced": (
        [presence(instance="b"), (Kind.SNAPSHOT, False), presence(
            online=False, instance="a", reason="lost")], Standing.LIVE,
    ),
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_how_a_room_stands(desk, story):
    steps, expected = STORIES[story]
    for step in steps:
        if isinstance(step, int):
            later(desk, step)
        elif isinstance(step, messages.Presence):
            hear(desk, Kind.PRESENCE, step)
        elif isinstance(step[1], messages.Presence):
            hear(desk, step[0], step[1], kept=True)
        elif step[0] is Kind.ALARM:
            hear(desk, Kind.ALARM, rooms.change("room-1", 1, rooms.alarming(1, "HIGH")))
        else:
            hear(desk, step[0], rooms.snapshot(1), kept=step[1])
    assert standing(desk) is expected


def test_who_listens_once_is_told_of_a_room_that_was_not_heard(desk):
    told = [findings(desk.wall, desk.now_s())]
    for message in ((Kind.SNAPSHOT, rooms.snapshot()), (Kind.PRESENCE, OVER)):
        hear(desk, *message)
        told.append(findings(desk.wall, desk.now_s()))
    assert told == [["room-1"], [], []]


@pytest.mark.parametrize("utc", ["", "1970-01-01T00:00:00", "9999-12-31T23:59:59", "no time"])
def test_a_rooms_own_clocks_are_never_asked(desk, utc):
    hear(desk, Kind.SNAPSHOT, rooms.snapshot(1, utc=utc, t_s=8e8, seq=1))
    assert standing(desk) is Standing.LIVE
    later(desk, 11)
    assert standing(desk) is Standing.SILENT


def test_without_a_broker_no_room_stays_live_for_long(desk):
    hear(desk, Kind.SNAPSHOT, rooms.snapshot(1))
    desk.wall.disconnect(desk.now_s(), "refused")
    later(desk, 11)
    assert standing(desk) is Standing.SILENT
    assert desk.wall.blind(desk.now_s())
    assert desk.wall.offline_s(desk.now_s()) == 11
    desk.wall.connect(desk.now_s())
    hear(desk, Kind.SNAPSHOT, rooms.snapshot(1), kept=True)
    assert standing(desk) is Standing.SILENT
    hear_again(desk)
    assert standing(desk) is Standing.LIVE
    assert not desk.wall.blind(desk.now_s())


def test_what_waited_while_the_station_itself_stood_still_is_old(desk):
    hear(desk, Kind.SNAPSHOT, rooms.snapshot(1))
    desk.now_s.now_s += 3600.0  # a closed lid
    hear(desk, Kind.SNAPSHOT, rooms.snapshot(1))
    assert standing(desk) is Standing.SILENT
    later(desk, 2)
    hear_again(desk)
    assert standing(desk) is Standing.LIVE


def test_a_session_that_ended_in_good_order_leaves_no_numbers(desk):
    hear(desk, Kind.SNAPSHOT, rooms.snapshot(1))
    for kind in (Kind.SNAPSHOT, Kind.HISTORY):
        hear(desk, kind, b"")
    hear(desk, Kind.PRESENCE, OVER)
    room = desk.wall.rooms["room-1"]
    assert room.snapshot is None
    assert room.trend is None
    assert standing(desk) is Standing.ENDED
    assert not desk.calls


def changes(*numbers, instance="a"):
    made = rooms.alarming(1, "HIGH")
    return [rooms.change("room-1", n, made, instance=instance) for n in numbers]


@pytest.mark.parametrize(
    ("heard", "kept", "missed"),
    [
        ([1, 2, 3], [], 0),
        ([7, 8, 9], [], 0),  # this station began later
        ([1, 1, 2, 2], [], 0),
        ([1, 2, 5], [], 2),
        ([1, 5], [2, 3, 4, 5], 0),
        ([1, 5], [4, 5], 2),
        ([], [1, 2, 3], 0),
        ([3], [1, 2, 3], 0),
        ([1, 2**60], [], 999),
    ],
)
def test_a_hole_in_the_numbers_is_told_unless_history_fills_it(desk, heard, kept, missed):
    for one in changes(*heard):
        hear(desk, Kind.ALARM, one)
    trend = rooms.trend(1)
    trend.instance, trend.changes = "a", changes(*kept)
    hear(desk, Kind.HISTORY, trend, kept=True)
    room = desk.wall.rooms["room-1"]
    assert room.missed == missed
    assert [one.seq for one in room.changes] == sorted({*heard, *kept})


def test_a_new_start_of_the_engine_begins_its_numbers_anew(desk):
    for one in (*changes(4, 5), *changes(1, 2, instance="b")):
        hear(desk, Kind.ALARM, one)
    room = desk.wall.rooms["room-1"]
    assert room.missed == 0
    assert [one.seq for one in room.changes] == [4, 5, 1, 2]


def test_two_engines_that_speak_in_turn_are_told(desk):
    for turn in range(3):
        for name in ("a", "b"):
            made = rooms.snapshot(1, seq=100 + turn)
            made.session.session_id = name
            hear(desk, Kind.SNAPSHOT, made)
    room = desk.wall.rooms["room-1"]
    assert room.claims.disputed(desk.now_s())
    assert "disputed" in {call.what for call in desk.calls}
    later(desk, 61)
    assert not room.claims.disputed(desk.now_s())


def test_an_engine_started_anew_is_no_second_one(desk):
    hear(desk, Kind.PRESENCE, presence(instance="a"))
    hear(desk, Kind.SNAPSHOT, rooms.snapshot(1, seq=500))
    hear(desk, Kind.PRESENCE, presence(instance="b"))
    hear(desk, Kind.SNAPSHOT, rooms.snapshot(1, seq=1))
    hear(desk, Kind.SNAPSHOT, rooms.snapshot(1, seq=2))
    assert not desk.wall.rooms["room-1"].claims.disputed(desk.now_s())
