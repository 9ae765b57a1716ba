"""Windows of the dashboard by key and mouse: log and corrections, handover, palette, slips."""

import asyncio

import msgspec
import pytest
from textual.color import Color
from textual.command import CommandPalette
from textual.widgets import Input, OptionList, Static

from monitor import feed
from tests.snapshot import canned
from tests.snapshot.harness import dashboard, sent, until
from tests.snapshot.test_keys import CUFF, LIMIT, LIVE_KEYS, LOG, REPLAY_KEYS, SCALED
from tests.unit.test_themes import contrast
from tui.controls import LIVE_ONLY, Controls
from tui.screens.form import Form
from tui.screens.why import WhyPage
from tui.themes import THEMES
from tui.widgets.key_bar import LIVE_KEYS as LIVE_BAR
from tui.widgets.key_bar import REPLAY_KEYS as REPLAY_BAR
from tui.widgets.key_bar import SETUP_KEYS as SETUP_BAR
from tui.widgets.key_bar import columns, fitted
from tui.widgets.replay_bar import ReplayBar

SLIP, MENDED, PRESSURE = LOG[3], LOG[5], LOG[6]
ELSEWHERE = {
    "why", "handover", "log", "help", "night", "next_theme", "trend", "setup", "sound_check",
}  # fmt: skip
"""Actions whose keys are tested one by one."""


def live(**changes):
    return [canned.history(), canned.snapshot(log=LOG, **changes)]


def body(app):
    return str(app.screen.query_one(".window-text", Static).content)


def shown(app):
    options = app.screen.query_one(OptionList)
    return [str(options.get_option_at_index(i).prompt) for i in range(options.option_count)]


def test_every_key_is_pressed_in_a_test():
    pressed = {keys[0] for keys, _, _ in (*LIVE_KEYS, *REPLAY_KEYS)}
    for binding in Controls.BINDINGS:
        first = binding.key.split(",")[0]
        assert first in pressed or binding.action in ELSEWHERE, binding


def test_every_control_can_be_clicked_at_any_width():
    for keys in (LIVE_BAR, REPLAY_BAR, SETUP_BAR):
        for width in range(56, 200):
            assert columns(*fitted(keys, width)) <= width
    everywhere = {action for *_, action in LIVE_BAR}
    assert "command_palette" in everywhere & {action for *_, action in REPLAY_BAR}


async def test_the_palette_offers_every_control_of_ours_and_nothing_else(tmp_path):
    async with dashboard(tmp_path, live()) as (engine, app, pilot):
        commands = list(app.get_system_commands(app.screen))
        actions = {b.action for b in Controls.BINDINGS if not b.description.startswith("Replay")}
        assert {
            command.callback.__name__.removeprefix("action_") for command in commands
        } == actions
        await pilot.press("ctrl+p")
        await pilot.pause()
        assert isinstance(app.screen, CommandPalette)
        await pilot.press(*"fluids")
        await until(lambda: app.screen.query_one(OptionList).option_count)
        await pilot.press("enter", "enter")
        await until(lambda: isinstance(app.screen, Form))
        await pilot.press("escape")
        assert len(app.screen_stack) == 1
        assert engine.commands == []


@pytest.mark.parametrize("theme", dict.fromkeys(theme.name for theme in THEMES.values()))
async def test_the_played_part_is_no_hole_in_the_frame(tmp_path, theme):
    """In the day colours it was as white as the page."""
    async with dashboard(tmp_path, canned.replay(), theme=_key(theme)) as (_, app, pilot):
        await pilot.pause()
        bar = app.query_one(ReplayBar)
        played, rest = bar.render_line(0).divide([2, bar.size.width])
        first, second = played._segments[0].style, rest._segments[-1].style
        assert not first.reverse
        assert first.bgcolor != second.bgcolor
        page = Color.parse(app.theme_variables["background"])
        for style in (first, second):
            fill = Color.from_rich_color(style.bgcolor)
            assert abs(fill.brightness - page.brightness) > 0.05
            ink = Color.from_rich_color(style.color)
            assert contrast(fill.hex, ink.hex) >= 3.0


def _key(name):
    return next(key for key, theme in THEMES.items() if theme.name == name)


async def test_live_controls_are_off_in_a_replay_one_by_one(tmp_path):
    history, _, snapshot = canned.replay()
    async with dashboard(tmp_path, [history, snapshot]) as (engine, app, pilot):
        offered = {c.callback.__name__.removeprefix("action_")
                   for c in app.get_system_commands(app.screen)}  # fmt: skip
        assert not offered & LIVE_ONLY
        for binding in Controls.BINDINGS:
            if binding.action in LIVE_ONLY:
                app.clear_notifications()
                await pilot.press(binding.key.split(",")[0])
                await pilot.pause()
                (note,) = app._notifications
                assert note.message.endswith("this is a REPLAY, nothing here is live.")
                assert len(app.screen_stack) == 1
        await asyncio.sleep(0.05)
        assert engine.commands == []


async def test_the_log_is_shown_by_kind_and_grows_while_it_is_open(tmp_path):
    async with dashboard(tmp_path, live()) as (engine, app, pilot):
        await pilot.press("l")
        await pilot.pause()
        assert len(shown(app)) == len(LOG)
        assert app.screen.query_one(OptionList).highlighted == len(LOG) - 1
        await pilot.press("right")
        entries = shown(app)
        assert [text[12:].split(" (KL)")[0] for text in entries] == [
            "DOSE recorded", "note: tea", "temperature 39.7 degC, ear",
            "CORRECTED: temperature 36.9 degC, ear", "blood pressure 128/81 mmHg",
        ]  # fmt: skip
        assert entries[2].endswith("(corrected later)")
        await pilot.press("right")
        assert [text[12:] for text in shown(app)] == ["*** Temperature critical: onset"]
        await pilot.press("left")
        note = canned.entry(8, 3100.0, "note", "note: music", text="music")
        engine.publish(canned.snapshot(seq=2, log=[*LOG[-2:], note]))
        await until(lambda: len(shown(app)) == 6)
        await pilot.press("escape")
        assert len(app.screen_stack) == 1


CORRECTED = {"corrects": PRESSURE.entry.t_ns}
WARM = {"degc": 37.1, "site": "ear", "method": "infrared"}
CORRECTIONS = [
    ([], ["c", *["backspace"] * 6, *"118/76", "enter", "enter"],
     ("blood_pressure", {"systolic": 118.0, "diastolic": 76.0} | CORRECTED)),
    ([], ["w"], ("blood_pressure", {"withdrawn": True} | CORRECTED)),
    (["up"], ["c", *["backspace"] * 4, *"37.1", "enter", "enter", "enter"],
     ("temperature", WARM | {"corrects": MENDED.entry.t_ns})),
    (["up"] * 3, ["c", *"s", "enter"], ("note", {"text": "teas", "corrects": LOG[2].entry.t_ns})),
]  # fmt: skip


@pytest.mark.parametrize(("moves", "keys", "expected"), CORRECTIONS)
async def test_an_entry_picked_from_the_log_is_corrected_by_another(
    tmp_path, moves, keys, expected
):
    async with dashboard(tmp_path, live(**SCALED)) as (engine, app, pilot):
        await pilot.press("l", "right", *moves, "enter")
        await pilot.pause()
        await pilot.press(*keys)
        await until(lambda: engine.commands)
        assert sent(engine) == [expected]
        await until(lambda: len(app.screen_stack) == 1)


@pytest.mark.parametrize(
    ("moves", "words"),
    [(["up"] * 2, "corrected; pick the newer one"), (["up"] * 4, "A dose cannot be corrected")],
)
async def test_what_cannot_be_corrected_says_so(tmp_path, moves, words):
    async with dashboard(tmp_path, live()) as (engine, app, pilot):
        await pilot.press("l", "right", *moves, "enter")
        await until(lambda: any(words in note.message for note in app._notifications))
        assert engine.commands == []


async def test_a_refused_entry_is_asked_again_with_what_was_typed(tmp_path):
    async with dashboard(tmp_path, live()) as (engine, app, pilot):
        engine.refuse = "systolic must be 50 to 300"
        await pilot.press("b", *"30/20", "enter", "enter")
        await until(lambda: isinstance(app.screen, Form))
        assert app.screen.query_one("#field-pressure", Input).value == "30/20"
        engine.refuse = ""
        await pilot.press(*["backspace"] * 5, *"128/81", "enter", "enter")
        await until(lambda: len(engine.commands) == 2)
        assert sent(engine)[1] == ("blood_pressure", CUFF)


@pytest.mark.parametrize("doses", [[], [canned.DOSE_S]])
async def test_typing_into_the_wrong_window_gives_no_dose(tmp_path, doses):
    async with dashboard(tmp_path, live(doses_s=doses)) as (engine, app, pilot):
        await pilot.press("d", *"37.2", "enter")
        await pilot.pause()
        assert "NOT recorded" in next(iter(app._notifications)).message
        assert len(app.screen_stack) == 1
        await asyncio.sleep(0.05)
        assert engine.commands == []


async def test_the_gate_says_what_is_missing_and_what_is_overdue(tmp_path):
    checks = feed.Checks(
        pressure="128/81", pressure_s=canned.T_S - 2400, temperature="36.9 ear",
        temperature_s=canned.T_S - 600, method="infrared", site="ear", pressure_every_s=1800.0,
        temperature_every_s=3600.0,
    )  # fmt: skip
    async with dashboard(tmp_path, live(checks=checks)) as (engine, app, pilot):
        await pilot.press("d")
        text = body(app)
        assert "128/81 mmHg, 40:00 ago" in text
        assert "36.9 ear infrared, 10:00 ago" in text
        assert "!! Blood pressure OVERDUE: due every 30 min" in text
        assert "!! Temperature" not in text
        await pilot.press("y")
        await until(lambda: engine.commands)
        ((_, details),) = sent(engine)
        assert details["seen_pressure_age_s"] == 2400.0
        assert details["seen_missing"] == "Blood pressure OVERDUE: due every 30 min"


@pytest.mark.parametrize("key", ["l", "h", "question_mark", "w", "i"])
async def test_an_alarm_is_answered_behind_a_window_to_read(tmp_path, key):
    messages = [canned.history(), canned.snapshot(alarms=canned.alarms(), limits=[LIMIT], log=LOG)]
    async with dashboard(tmp_path, messages) as (engine, app, pilot):
        await pilot.press(key)
        await pilot.pause()
        await pilot.press("a")
        await until(lambda: engine.commands)
        assert engine.commands[-1].verb == "acknowledge"
        assert len(app.screen_stack) == 2
        await pilot.press("escape")
        assert len(app.screen_stack) == 1


async def test_a_click_on_an_alarm_shows_why_and_acknowledges_that_one(tmp_path):
    async with dashboard(tmp_path, canned.high_alarm()) as (engine, app, pilot):
        row = list(app.view.alarms).index(
            next(alarm for alarm in app.view.alarms if alarm.condition == "temp_lost")
        )
        await pilot.click("AlarmList", offset=(10, 1 + row))
        await until(lambda: isinstance(app.screen, WhyPage))
        assert "No skin temperature signal" in body(app)
        assert "Heart rate" not in body(app)
        await pilot.click("#acknowledge")
        await until(lambda: engine.commands)
        assert sent(engine) == [("acknowledge", {"condition": "temp_lost", "occurrence": 4})]


async def test_handover_says_all_and_the_next_one_signs_in(tmp_path):
    messages = live(alarms=canned.alarms(), limits=[msgspec.structs.replace(LIMIT, value=120.0)])
    async with dashboard(tmp_path, messages) as (engine, app, pilot):
        await pilot.press("h")
        text = body(app)
        for words in (
            "on watch: KL", "HIGH Heart rate extreme", "Silences   none", "96 bpm",
            "BP not measured", "dose 1:42:10 ago", "Fluids     none entered",
            "changed: Heart rate high 120 (was 125)", "T+0:02:00 tea", "blood pressure 128/81",
        ):  # fmt: skip
            assert words in text
        assert len(text.split()) < 130  # at 250 words a minute, half a minute
        await pilot.press("t")
        await pilot.pause()
        await pilot.press(*"MB", "enter")
        await until(lambda: engine.commands)
        assert sent(engine) == [("note", {"text": "handover: MB takes over from KL"})]
        await pilot.press("m", *"hi", "enter")
        await until(lambda: len(engine.commands) == 2)
        assert engine.commands[1].operator == "MB"


async def test_the_purple_bar_goes_to_the_part_that_was_clicked(tmp_path):
    async with dashboard(tmp_path, canned.replay()) as (engine, app, pilot):
        width = app.query_one("ReplayBar").size.width
        await pilot.click("ReplayBar", offset=(width - 1, 0))
        await until(lambda: engine.commands)
        assert sent(engine) == [("seek", {"t_s": 21600.0})]


async def test_a_time_outside_the_recording_is_asked_again(tmp_path):
    async with dashboard(tmp_path, canned.replay()) as (engine, app, pilot):
        for typed in ("9:00", "x", "T+7:00", "T-1:00", "1"):
            await pilot.press("j", *typed, "enter")
            await pilot.pause()
            assert app.screen.query_one("#field-time", Input).value == typed
            await pilot.press("escape")
            await pilot.pause()
            assert len(app.screen_stack) == 1, typed
        assert engine.commands == []


async def test_the_colours_go_round_all_themes(tmp_path):
    async with dashboard(tmp_path, live()) as (engine, app, pilot):
        begun, seen = app.theme, []
        names = {theme.name for theme in THEMES.values()}
        for _ in names:
            await pilot.press("N")
            seen.append(app.theme)
        assert app.theme == begun
        assert sorted(seen) == sorted(names)
        assert engine.commands == []


async def test_an_ended_session_takes_no_entries(tmp_path):
    async with dashboard(tmp_path, live()) as (engine, app, pilot):
        engine.publish(canned.snapshot(seq=2, ended=True))
        await until(lambda: app.view.ended)
        await pilot.press("m", "b", "d", "a")
        await pilot.pause()
        assert len(app.screen_stack) == 1
        assert engine.commands == []
