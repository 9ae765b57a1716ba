"""What the wall says of rooms that show no alarm: never that all is well when none can sound."""

import pytest

from monitor import feed
from monitor.central.told import told
from monitor.rooms.topics import Kind
from tests.snapshot import rooms
from tui.central.wall_words import wall_view


@pytest.fixture
def desk():
    found = rooms.station(rooms.Clock())
    rooms.calm(found, 2)
    return found


def view(desk):
    desk.step()
    return wall_view(desk, desk.now_s())


@pytest.mark.parametrize(
    ("standby", "word", "clock"),
    [
        (feed.Standby(reason="", remaining_s=120.0), "STANDBY", "STANDBY 2:00"),
        (feed.Standby(reason="", remaining_s=-61.0), "STANDBY", "STANDBY LATE 1:01"),
        (feed.Standby(reason="", settling_s=40.0), "SETTLING", "SETTLING 0:40"),
    ],
)
def test_a_room_whose_alarms_are_held_back_is_not_one_without_alarms(desk, standby, word, clock):
    rooms.put(desk, "room-1", Kind.SNAPSHOT, rooms.snapshot(1, standby=standby))
    wall = view(desk)
    first, second = wall.tiles
    assert (first.word, second.word) == (word, "no alarm")
    assert first.clock.startswith(clock)
    assert wall.banner.heading == "No alarms in 2 rooms, 1 in standby: alarms are held back there"
    assert [one["standby"] for one in told(desk.wall, desk.now_s())["rooms"]] == [True, False]


def test_an_alarm_in_standby_says_both(desk):
    made = rooms.alarming(1, "HIGH")
    made.standby = feed.Standby(reason="", remaining_s=120.0)
    rooms.put(desk, "room-1", Kind.SNAPSHOT, made)
    wall = view(desk)
    assert wall.tiles[0].word == "HIGH"
    assert "STANDBY 2:00" in wall.banner.line


def test_when_every_session_is_over_nobody_is_waited_for(desk):
    for room in ("room-1", "room-2"):
        gone = rooms.presence(room, online=False, reason="ended")
        rooms.put(desk, room, Kind.PRESENCE, gone)
    assert view(desk).banner.heading == "Every session has ended"
    assert wall_view(rooms.station(rooms.Clock()), 100.0).banner.heading == "No room is heard yet"
