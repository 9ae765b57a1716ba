"""Pictures of the dashboard. After a wanted change: pytest tests/snapshot --snapshot-update."""

import asyncio

import pytest

from tests.snapshot import canned
from tui.app import VigilApp
from tui.themes import NIGHT, THEMES

SMALL, LARGE, HUGE = (80, 24), (120, 40), (200, 60)
SCENES = {
    "calm": canned.calm,
    "high": canned.high_alarm,
    "lost_strap": canned.lost_strap,
    "replay": canned.replay,
}


async def nowhere():
    """An engine that is never found: what is drawn comes from canned messages alone."""
    await asyncio.Event().wait()


class Clock:
    """Real seconds that stand still."""

    now_s = 100.0

    def __call__(self):
        return self.now_s


async def settled(app, pilot, draw):
    """Wait until everything is laid out and drawn, also behind a window: on a busy machine that
    takes more than one turn, and charts are drawn for the size they have at that time."""
    before = None
    while (now := app.export_screenshot()) != before:
        before = now
        draw()
        for screen in app.screen_stack:
            screen.refresh(layout=True)
        await pilot.pause(0.05)


def picture(snap_compare, messages, size, press=(), *, age_s=0.0, theme=None):
    clock = Clock()
    app = VigilApp(nowhere, now_s=clock, flashing=False)

    async def show(pilot):
        for message in messages:
            app.receive(message)
        clock.now_s += age_s
        if theme is not None:
            app.theme = theme
        app.redraw()
        await pilot.pause()
        await pilot.press(*press)
        app.redraw()
        await settled(app, pilot, app.redraw)

    return snap_compare(app, terminal_size=size, run_before=show)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("scene", SCENES)
def test_scene(snap_compare, scene, size):
    assert picture(snap_compare, SCENES[scene](), size)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
def test_engine_lost(snap_compare, size):
    assert picture(snap_compare, canned.high_alarm(), size, age_s=12.0)


def test_night(snap_compare):
    assert picture(snap_compare, canned.high_alarm(), LARGE, theme=NIGHT.name)


@pytest.mark.parametrize("theme", ["day", "high-contrast", "colour-blind"])
def test_an_alarm_in_other_colours(snap_compare, theme):
    assert picture(snap_compare, canned.high_alarm(), LARGE, theme=THEMES[theme].name)


@pytest.mark.parametrize("theme", ["dark", "day"])
def test_the_largest_layout(snap_compare, theme):
    scene = {"dark": canned.high_alarm, "day": canned.replay}[theme]()
    assert picture(snap_compare, scene, HUGE, theme=THEMES[theme].name)


def test_without_colour_priority_and_gaps_can_still_be_read(snap_compare, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert picture(snap_compare, canned.lost_strap(), SMALL)


def test_whole_session(snap_compare):
    assert picture(snap_compare, canned.calm(), LARGE, ("t", "t"))


def test_too_small_still_shows_values_and_alarm(snap_compare):
    assert picture(snap_compare, canned.high_alarm(), (50, 12))


@pytest.mark.parametrize("key", ["question_mark", "q", "d", "h"])
def test_window_leaves_the_banner_free(snap_compare, key):
    assert picture(snap_compare, canned.high_alarm(), SMALL, (key,))


def test_hostile_names_are_inert(snap_compare):
    assert picture(snap_compare, canned.hostile(), SMALL)
