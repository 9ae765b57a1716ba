"""Keys and mouse of the central station, and what it sounds. No broker: messages come by hand."""

import contextlib
import itertools

import msgspec
import pytest

from alerts.annunciator.tones import Sound
from monitor import feed
from monitor.central.sounding import Urgency
from monitor.rooms.topics import Kind
from tests.snapshot import rooms
from tests.snapshot.canned import HOSTILE
from tests.snapshot.harness import until
from tui.central.room_screen import RoomScreen
from tui.central.sound import BELLS_S, SOUNDS
from tui.screens.page import Page
from tui.screens.why import WhyPage
from tui.themes import NIGHT


class Played:
    """In place of the sound process: what it was told, and whether it works."""

    def __init__(self, *, available=True):
        self.available, self.detail = available, "no sound device"
        self.sound = None

    def play(self, sound):
        self.sound = sound


@contextlib.asynccontextmanager
async def central(scene="busy", count=6, size=(120, 40), *, heard=True, **settings):
    station = rooms.station(rooms.Clock(), **settings)
    rooms.SCENES[scene](station, count)
    app = rooms.app(station)
    app._muted, app._annunciator = False, Played(available=heard)
    async with app.run_test(size=size) as pilot:
        app.tick()
        await pilot.pause()
        yield station, app, pilot


def text_of(app):
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


def said_by(app):
    return [note.message for note in app._notifications]


async def drawn(app, pilot):
    app.tick()
    await pilot.pause()
    return text_of(app)


async def test_arrows_enter_and_escape():
    async with central() as (_, app, pilot):
        assert app.chosen == "room-1"
        await pilot.press("right", "down")
        assert app.chosen == "room-4"
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, RoomScreen)
        await pilot.pause()
        assert "ROOM-4" in await drawn(app, pilot)
        await pilot.press("left")
        assert "ROOM-3" in await drawn(app, pilot)
        await pilot.press("escape")
        assert len(app.screen_stack) == 1
        assert app.chosen == "room-3"


async def test_worst_first_puts_high_then_silent_then_the_rest():
    async with central() as (_, app, pilot):
        await pilot.press("o")
        order = [tile.room for tile in app.tiles]
        assert order == ["room-1", "room-3", "room-4", "room-2", "room-6", "room-5"]
        await pilot.press("end", "w")
        assert app.chosen == "room-1"


async def test_a_click_chooses_and_another_opens():
    async with central() as (_, app, pilot):
        assert await pilot.click("Tiles", offset=(70, 3))
        assert app.chosen == "room-2"
        assert await pilot.click("Tiles", offset=(70, 3))
        await pilot.pause()
        assert isinstance(app.screen, RoomScreen)
        assert app.screen.room == "room-2"


async def test_the_most_urgent_sounds_and_a_silent_room_has_a_sound_of_its_own():
    async with central(count=6) as (station, app, pilot):
        assert app._annunciator.sound is Sound.HIGH
        rooms.put(
            station, "room-1", Kind.SNAPSHOT, rooms.alarming(1, "HIGH", presence="ACKNOWLEDGED")
        )
        await drawn(app, pilot)
        assert app._annunciator.sound is Sound.ROOM
        await pilot.press("right", "right", "a")
        assert "LOST ack" in await drawn(app, pilot)
        assert app._annunciator.sound is Sound.MEDIUM


async def test_a_pause_is_broken_by_anything_new_and_ends_by_itself():
    async with central() as (station, app, pilot):
        await pilot.press("p")
        assert "AUDIO PAUSED 2:00" in await drawn(app, pilot)
        assert app._annunciator.sound is None
        # Every room goes on, or its silence would be news too.
        for room in ("room-2", "room-4"):
            rooms.put(station, room, Kind.SNAPSHOT, station.wall.rooms[room].snapshot)
        await drawn(app, pilot)
        assert app._annunciator.sound is None
        rooms.put(station, "room-2", Kind.SNAPSHOT, rooms.alarming(2, "LOW"))
        assert "AUDIO PAUSED" not in await drawn(app, pilot)
        assert app._annunciator.sound is Sound.HIGH


async def test_without_sound_it_says_so():
    async with central(heard=False) as (_, app, pilot):
        assert "NO SOUND (no sound device)" in await drawn(app, pilot)


async def test_without_a_broker_nothing_old_is_shown_as_live():
    async with central("no_broker") as (_, app, pilot):
        text = await drawn(app, pilot)
        assert "NO CONNECTION TO THE BROKER" in text
        assert "0 fresh" in text
        assert "148" not in text
        assert (
            app._annunciator.sound is Sound.HIGH
        )  # the last HIGH of room-1: nobody knows it ended
        await pilot.press("enter")
        assert "NO CONNECTION TO THE BROKER" in await drawn(app, pilot)


async def test_remote_acknowledgement_is_off_and_says_so():
    async with central() as (station, app, pilot):
        await pilot.press("a")
        assert "Enter shows room-1" in said_by(app)[-1]
        await pilot.press("enter", "a")
        assert "Remote acknowledgement is off" in said_by(app)[-1]
        assert station.requests.state("room-1", "hr_extreme", 3) == ""


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ({"ok": True}, "confirmed"),
        ({"ok": False, "message": f"off {HOSTILE}"}, "refused: off evil"),
        (None, "no answer: the room, or the broker, may not allow it"),
    ],
    ids=["confirmed", "refused", "unanswered"],
)
async def test_an_acknowledgement_is_pending_until_the_room_answers(reply, said):
    async with central(remote_acknowledge=True) as (station, app, pilot):
        sent = []

        async def send(room, command):
            sent.append((room, command))
            return True

        station.link.send = send
        await pilot.press("enter", "a")
        assert "acknowledgement pending" in await drawn(app, pilot)
        [(room, command)] = sent
        assert (room, command.verb) == ("room-1", "acknowledge")
        assert command.details == {
            "instance": "room-1-1",
            "condition": "hr_extreme",
            "occurrence": 3,
        }
        if reply is None:
            station.now_s.now_s += 5.5
        else:
            answer = feed.Reply(id=command.id, **reply)
            rooms.put(station, "room-2", Kind.REPLY, answer)  # another room cannot answer for it
            rooms.put(station, "room-1", Kind.REPLY, answer)
        await drawn(app, pilot)
        assert f"acknowledgement of hr_extreme {said}" in said_by(app)[-1]
        assert "\x1b" not in said_by(app)[-1]


async def test_why_help_broker_night_and_leaving():
    async with central() as (_, app, pilot):
        await pilot.press("y")
        assert isinstance(app.screen, WhyPage)
        assert "Heart rate extreme" in text_of(app)
        await pilot.press("escape", "i")
        await pilot.pause()
        assert "NOT ENCRYPTED" not in text_of(app)
        assert "broker.example:8883, TLS, connected" in text_of(app)
        await pilot.press("escape", "question_mark")
        assert isinstance(app.screen, Page)
        await pilot.press("escape", "n")
        assert app.theme == NIGHT.name
        await pilot.press("q", "escape")
        assert app.is_running
        await pilot.press("q", "y")
    assert app.return_value == "closed"


@pytest.mark.parametrize("keys", [(), ("enter",), ("enter", "y"), ("i",)], ids=str)
@pytest.mark.parametrize("size", [(60, 18), (80, 24), (200, 60)], ids=lambda s: f"{s[0]}x{s[1]}")
async def test_nothing_a_room_sends_acts_on_the_terminal(size, keys):
    station = rooms.station(rooms.Clock())
    evil = rooms.alarming(1, "HIGH", message=HOSTILE, advice=HOSTILE, detail=HOSTILE)
    evil = msgspec.structs.replace(
        evil,
        session=msgspec.structs.replace(evil.session, subject=HOSTILE, mode=HOSTILE),
        heart_rate=msgspec.structs.replace(evil.heart_rate, note=HOSTILE, site=HOSTILE),
        sensors=[msgspec.structs.replace(s, alias=HOSTILE, detail=HOSTILE) for s in evil.sensors],
        log=[feed.LogLine(t_s=5.0, kind="action", text=HOSTILE)],
    )
    for alarm in evil.alarms:
        alarm.rule = alarm.quality = alarm.last_good = alarm.checklist = HOSTILE
    rooms.put(station, "room-1", Kind.SNAPSHOT, evil)
    station.wall.disconnect(station.now_s(), HOSTILE)
    station.wall.connect(station.now_s())
    app = rooms.app(station)
    async with app.run_test(size=size) as pilot:
        app.tick()
        await pilot.press(*keys)
        await pilot.pause()
        app.tick()
        await pilot.pause()
        drawn = [segment for strip in app.screen._compositor.render_strips() for segment in strip]
        text = "".join(segment.text for segment in drawn)
        assert not [c for c in text if ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u200b"]
        assert not any(s.style and s.style.meta and "@click" in s.style.meta for s in drawn)
        assert "evil" in text or keys == ("i",)


async def test_a_room_that_takes_its_state_back_ends_without_an_alarm():
    async with central("calm", count=2) as (station, app, pilot):
        rooms.put(station, "room-1", Kind.SNAPSHOT, b"")
        assert "waiting" in await drawn(app, pilot)
        assert app._annunciator.sound is None
        gone = rooms.presence("room-1", online=False, reason="ended")
        rooms.put(station, "room-1", Kind.PRESENCE, gone)
        assert "ended" in await drawn(app, pilot)
        assert app._annunciator.sound is None


@pytest.mark.parametrize("keys", [("question_mark",), ("i",), ("q",), ("enter", "y")], ids=str)
async def test_what_stands_behind_a_window_stays_true(keys):
    async with central() as (station, app, pilot):
        await pilot.press(*keys)
        await pilot.pause()
        station.wall.disconnect(station.now_s(), "gone")
        station.now_s.now_s += 60.0
        text = await drawn(app, pilot)
        assert "NO CONNECTION TO THE BROKER" in text
        await until(lambda: "148" not in text_of(app))  # a window renews itself twice a second
        assert all(not tile.live for tile in app._grid._tiles)


async def test_each_priority_flashes_at_its_own_rate():
    async with central() as (station, app, _):
        app._flashing = True
        seen = []
        for _ in range(16):
            station.now_s.now_s += 0.25
            app.draw()
            seen.append(app._grid._dark)
        turns = {
            tone: sum((tone in a) != (tone in b) for a, b in itertools.pairwise(seen))
            for tone in ("high", "medium", "unheard", "low")
        }
        assert turns["high"] == turns["unheard"] == 15  # 2 Hz
        assert 3 <= turns["medium"] <= 4  # 0.5 Hz
        assert turns["low"] == 0


def test_every_urgency_has_a_sound_and_a_bell():
    assert set(SOUNDS) == set(BELLS_S) == set(Urgency)
    assert len(set(SOUNDS.values())) == len(Urgency)
