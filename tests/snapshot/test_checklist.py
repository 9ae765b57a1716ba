"""The checklist before the dose: its pictures, and what each of its keys sends.

After a wanted change: pytest tests/snapshot --snapshot-update.
"""

import asyncio

import msgspec
import pytest

from monitor.drill import Step
from tests.snapshot import canned, setup_scenes
from tests.snapshot.harness import dashboard, sent, until
from tests.snapshot.test_dashboard import LARGE, SMALL, picture
from tui.screens.checklist import ChecklistScreen
from tui.screens.self_test import SelfTestScreen

TINY = (60, 18)
SCENES = {
    "begun": setup_scenes.before,
    "offers": setup_scenes.baselines,
    "loose": setup_scenes.loose,
    "ready": setup_scenes.ready,
}
STEPS = [Step(name, True, "seen") for name in ("alarm", "screen", "sound", "acknowledge")]
STEPS += [Step("clear", True, "gone"), Step("record", True, "190 payloads; onset, clear")]


@pytest.mark.parametrize("size", [TINY, SMALL, LARGE], ids=["60x18", "80x24", "120x40"])
@pytest.mark.parametrize("scene", SCENES)
def test_the_list(snap_compare, scene, size):
    keys = ("g",) if scene == "ready" else ()
    assert picture(snap_compare, setup_scenes.scene(SCENES[scene]()), size, keys)


@pytest.mark.parametrize("step", ["sensors", "sound", "baseline", "limits", "self_test"])
def test_each_step(snap_compare, step):
    names = ["sensors", "sound", "baseline", "limits", "self_test"]
    scene = setup_scenes.baselines() if step == "limits" else setup_scenes.loose()
    keys = ("home", *["down"] * names.index(step), "enter")
    assert picture(snap_compare, setup_scenes.scene(scene), SMALL, keys)


def test_closed_it_leaves_a_line(snap_compare):
    assert picture(snap_compare, setup_scenes.scene(setup_scenes.before()), SMALL, ("escape",))


async def session(snapshot, tmp_path):
    return dashboard(tmp_path, setup_scenes.scene(snapshot))


LIMIT = {"condition": "hr_elevated", "key": "limit_bpm", "value": 95.0}
USUAL = "resting heart rate 55 bpm"


@pytest.mark.parametrize(
    ("scene", "keys", "expected"),
    [
        ("begun", ["s"], [("setup", {"step": "sound", "state": "skipped"})]),
        ("loose", ["home", "s"], [("setup", {"step": "sensors", "state": "skipped"})]),
        ("begun", ["home", "s"], []),  # done is done
        ("begun", ["enter", "y"], [("sound_test", {}), ("sound_check", {"heard": True})]),
        ("begun", ["enter", "n"], [("sound_test", {}), ("sound_check", {"heard": False})]),
        ("begun", ["enter", "escape"], [("sound_test", {})]),
        ("begun", ["down", "enter", "s"], [("setup", {"step": "baseline", "state": "skipped"})]),
        ("loose", ["home", "enter", "s"], [("setup", {"step": "sensors", "state": "skipped"})]),
        (
            "offers", ["down", "down", "enter", "1", "enter"],
            [("set_limit", LIMIT | {"reason": USUAL})],
        ),
        ("offers", ["down", "down", "enter", "2", "escape"], []),
        (
            "offers", ["down", "down", "enter", "k"],
            [("setup", {"step": "limits", "state": "done"})],
        ),
        (
            "begun", ["down", "down", "enter", "s"],
            [("setup", {"step": "limits", "state": "skipped"})],
        ),
        ("begun", ["escape"], []),
        ("begun", ["g"], []),
        ("begun", ["q"], []),
        ("begun", ["p"], [("pause_audio", {"seconds": 120})]),
    ],
)  # fmt: skip
async def test_a_key_sends_what_it_says(tmp_path, scene, keys, expected):
    messages = setup_scenes.scene(SCENES[scene]())
    async with dashboard(tmp_path, messages) as (engine, app, pilot):
        await until(lambda: isinstance(app.screen, ChecklistScreen))
        await pilot.press(*keys)
        await until(lambda: len(engine.commands) >= len(expected))
        await pilot.pause(0.1)  # and nothing more
        assert sent(engine) == expected


async def test_an_alarm_is_acknowledged_without_closing_it(tmp_path):
    scene = setup_scenes.before(alarms=canned.alarms())
    async with dashboard(tmp_path, setup_scenes.scene(scene)) as (engine, app, pilot):
        await until(lambda: isinstance(app.screen, ChecklistScreen))
        await pilot.press("a")
        await until(lambda: engine.commands)
        assert sent(engine) == [("acknowledge", {"condition": "hr_extreme", "occurrence": 3})]
        assert isinstance(app.screen, ChecklistScreen)


async def test_a_step_is_opened_with_the_mouse(tmp_path):
    async with dashboard(tmp_path, setup_scenes.scene(setup_scenes.before())) as (_, app, pilot):
        await until(lambda: isinstance(app.screen, ChecklistScreen))
        await pilot.pause()
        await pilot.click("#steps", offset=(5, 2))
        await pilot.pause()
        assert app.screen.query("#answers")
        assert not isinstance(app.screen, ChecklistScreen)


async def test_a_skipped_step_is_taken_up_again(tmp_path):
    scene = setup_scenes.before(setup=setup_scenes.setup(sound="skipped"))
    async with dashboard(tmp_path, setup_scenes.scene(scene)) as (engine, app, pilot):
        await until(lambda: isinstance(app.screen, ChecklistScreen))
        await pilot.press("home", "down", "s")
        await until(lambda: engine.commands)
        assert sent(engine) == [("setup", {"step": "sound", "state": "open"})]


async def test_it_follows_the_engine_and_ends_with_the_dose(tmp_path):
    async with dashboard(tmp_path, setup_scenes.scene(setup_scenes.before())) as all_of:
        engine, app, pilot = all_of
        await until(lambda: isinstance(app.screen, ChecklistScreen))
        engine.publish(setup_scenes.ready())
        await until(
            lambda: "Ready for the dose" in str(app.screen.query_one("#steps-ready").visual)
        )
        await pilot.press("d")
        await pilot.pause()
        assert "fixed now" in str(app.screen.query_one(".window-text").visual)
        await pilot.press("escape", "g")
        await until(lambda: isinstance(app.screen, ChecklistScreen))
        engine.publish(canned.snapshot())
        await until(lambda: not isinstance(app.screen, ChecklistScreen))
        await pilot.press("g")
        await pilot.pause()
        assert len(app.screen_stack) == 1


async def test_a_finished_checklist_does_not_open_itself(tmp_path):
    async with dashboard(tmp_path, setup_scenes.scene(setup_scenes.ready())) as (_, app, pilot):
        await pilot.pause(0.4)
        assert len(app.screen_stack) == 1


def drilling(steps, *, fails=False):
    async def drill(told):
        for step in steps:
            told(step)
            await asyncio.sleep(0)
        if fails:
            raise RuntimeError("no room")
        return steps

    return drill


@pytest.mark.parametrize(
    ("steps", "fails", "passed"),
    [
        (STEPS, False, True),
        ([*STEPS[:2], Step("sound", False, "no loudspeaker"), *STEPS[3:]], False, False),
        (STEPS[:3], True, False),
    ],
)
async def test_the_self_test_is_recorded_with_what_it_saw(tmp_path, steps, fails, passed):
    async with dashboard(tmp_path, setup_scenes.scene(setup_scenes.before())) as all_of:
        engine, app, pilot = all_of
        app.tester = drilling(steps, fails=fails)
        await until(lambda: isinstance(app.screen, ChecklistScreen))
        await pilot.press("end", "enter")
        await until(lambda: isinstance(app.screen, SelfTestScreen))
        await pilot.press("enter")
        await until(lambda: app.screen._over)
        await pilot.press("enter")
        await until(lambda: engine.commands)
        ((verb, details),) = sent(engine)
        assert verb == "self_test"
        assert details["passed"] is passed
        assert details["sound"] == next(s.saw for s in steps if s.name == "sound")
        assert ("failure" in details) is fails


async def test_a_self_test_cancelled_is_not_recorded(tmp_path):
    stopped = asyncio.Event()

    async def long(told):
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    async with dashboard(tmp_path, setup_scenes.scene(setup_scenes.before())) as all_of:
        engine, app, pilot = all_of
        app.tester = long
        await until(lambda: isinstance(app.screen, ChecklistScreen))
        await pilot.press("end", "enter", "enter")
        await pilot.pause()
        await pilot.press("escape")
        await asyncio.wait_for(stopped.wait(), 30)
        assert sent(engine) == []


async def test_in_a_replay_there_is_none(tmp_path):
    replayed = msgspec.structs.replace(
        setup_scenes.before(), session=canned.session(mode="REPLAY"), setup=None
    )
    async with dashboard(tmp_path, setup_scenes.scene(replayed)) as (_, app, pilot):
        await pilot.press("g")
        await pilot.pause()
        assert len(app.screen_stack) == 1
