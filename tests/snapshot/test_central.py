"""Pictures of the wall of rooms. After a wanted change: pytest tests/snapshot --snapshot-update."""

import pytest

from tests.snapshot import rooms
from tests.snapshot.harness import until
from tests.snapshot.test_dashboard import HUGE, LARGE, SMALL, settled
from tui.central.room_screen import RoomScreen
from tui.themes import THEMES


def picture(snap_compare, scene, count, size, press=(), theme="dark"):
    station = rooms.station(rooms.Clock())
    rooms.SCENES[scene](station, count)
    app = rooms.app(station, theme=theme)

    async def show(pilot):
        app.draw()
        await pilot.press(*press)
        await until(lambda: all(_is_drawn(app, screen) for screen in app.screen_stack))
        await settled(app, pilot, app.draw)

    return snap_compare(app, terminal_size=size, run_before=show)


def _is_drawn(app, screen):
    app.draw()
    return not isinstance(screen, RoomScreen) or screen.view is not None


@pytest.mark.parametrize(
    ("scene", "count", "size"),
    [
        ("calm", 1, SMALL),
        ("busy", 6, SMALL),
        ("busy", 24, SMALL),
        ("busy", 60, SMALL),
        ("busy", 6, LARGE),
        ("silent", 24, LARGE),
        ("no_broker", 6, LARGE),
        ("busy", 60, HUGE),
    ],
    ids=lambda value: f"{value[0]}x{value[1]}" if isinstance(value, tuple) else None,
)
def test_wall(snap_compare, scene, count, size):
    assert picture(snap_compare, scene, count, size)


@pytest.mark.parametrize("theme", ["night", "day", "colour-blind"])
def test_wall_in_other_colours(snap_compare, theme):
    assert theme in THEMES
    assert picture(snap_compare, "busy", 6, LARGE, theme=theme)


def test_without_colour_symbol_and_word_say_the_state(snap_compare, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert picture(snap_compare, "busy", 24, SMALL)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
def test_a_room_in_full(snap_compare, size):
    assert picture(snap_compare, "busy", 6, size, ("enter",))


def test_a_room_that_is_not_heard_shows_no_number(snap_compare):
    assert picture(snap_compare, "busy", 6, LARGE, ("right", "right", "enter"))


def test_worst_first(snap_compare):
    assert picture(snap_compare, "busy", 24, SMALL, ("o",))


def test_help(snap_compare):
    assert picture(snap_compare, "busy", 6, LARGE, ("question_mark",))
