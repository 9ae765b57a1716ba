"""Every key against a real feed server: the exact command an engine receives."""

import asyncio

import msgspec
import pytest
from textual.widgets import Input, Static

from monitor import feed
from monitor.hosting import SessionEndedError
from tests.snapshot import canned, setup_scenes
from tests.snapshot.harness import dashboard, sent, type_fast, until
from tui.app import VigilApp
from tui.screens.checklist import ChecklistScreen
from tui.screens.help_text import HELP
from tui.screens.page import Page
from tui.screens.question import Question
from tui.screens.window import Window
from tui.themes import DIM, NIGHT, THEMES
from tui.widgets.key_bar import KeyBar

NEVER = "Blood pressure NOT MEASURED; Temperature NOT MEASURED"
SHOWN = {
    "seen_heart_rate": 96.0, "seen_heart_rate_age_s": 0.4, "seen_skin_temperature": 34.9,
    "seen_skin_temperature_age_s": 1.0, "seen_missing": NEVER,
}  # fmt: skip
CONFIRMED = {"confirm_baseline": True, "label": "dose"} | SHOWN
AWAY = {"standby": feed.Standby(reason="toilet", remaining_s=120.0)}
LIMIT = feed.Limit(
    condition="hr_high", title="Heart rate high", priority="MEDIUM", key="limit_bpm", value=125.0,
    default=125.0, unit="bpm", sustain_s=30.0, delay_s=35.0, low=95.0, high=150.0, offered=120.0,
)  # fmt: skip
CHANGED = {"condition": "hr_high", "key": "limit_bpm", "value": 120.0, "reason": "fit"}
CRISIS = canned.alarm("bp_crisis", manual_clear=True)
CUFF = {"systolic": 128.0, "diastolic": 81.0}
UNDOSED = {"doses_s": [], "heart_rate": canned.heart(baseline_state="ready", delta=None)}
PAUSED = {"audio": feed.Audio(available=True, paused_remaining_s=80.0)}
SEEN = {"condition": "hr_extreme", "occurrence": 3}
EAR = {"degc": 37.2, "site": "ear", "method": "infrared"}
SCALES = {"distress": (0.0, 10.0), "effect": (0.0, 10.0)}
SCALED = {"session": canned.session(scales=SCALES)}
LOG = canned.log()
LIVE_KEYS = [
    (["a"], {"alarms": canned.alarms()}, ("acknowledge", SEEN)),
    (["p"], {}, ("pause_audio", {"seconds": 120})),
    (["p"], PAUSED, ("resume_audio", {})),
    (["d", "enter"], UNDOSED, ("dose", CONFIRMED)),
    (["d", "y"], UNDOSED, ("dose", CONFIRMED)),
    (["d", "w"], UNDOSED, ("dose", {"confirm_baseline": False, "label": "dose"} | SHOWN)),
    (["d", "y"], {}, ("dose", {"confirm_baseline": True, "label": "supplemental"} | SHOWN)),
    (["b", *"128/81", "enter", "enter"], {}, ("blood_pressure", CUFF)),
    (
        ["b", *"128/81", "enter", *"pain", "enter"], {},
        ("blood_pressure", CUFF | {"symptoms": True, "text": "pain"}),
    ),
    (["c", *"37,2", "enter", "enter", "enter"], {}, ("temperature", EAR)),
    (
        ["c", *"37.2", "enter", "o", "enter", "right", "enter"], {},
        ("temperature", {"degc": 37.2, "site": "oral", "method": "contact"}),
    ),
    (["f", "enter", "enter"], {}, ("fluids", {"ml": 200.0, "what": "water"})),
    (
        ["f", *["backspace"] * 3, *"150", "enter", "j", "enter"], {},
        ("fluids", {"ml": 150.0, "what": "juice"}),
    ),
    (["r", "enter", "4", "enter"], SCALED, ("score", {"name": "distress", "value": 4.0})),
    (["r", "right", "enter", "7", "enter"], SCALED, ("score", {"name": "effect", "value": 7.0})),
    (["s", "enter", "enter"], {}, ("standby", {"seconds": 600.0, "reason": "toilet"})),
    (["s"], AWAY, ("end_standby", {})),
    (["o"], {"alarms": [CRISIS]}, ("resolve", {"condition": "bp_crisis"})),
    (["i", "enter", "enter", *"fit", "enter"], {"limits": [LIMIT]}, ("set_limit", CHANGED)),
    (["m", "t", "e", "a", "enter"], {}, ("note", {"text": "tea"})),
    (["m", "down", "enter"], {"log": LOG}, ("note", {"text": "tea"})),
    (["q", "e", "y"], {}, ("end_session", {})),
]  # fmt: skip
REPLAY_KEYS = [
    (["space"], {}, ("set_rate", {"rate": 0.0})),
    (["plus"], {}, ("set_rate", {"rate": 30.0})),
    (["minus"], {}, ("set_rate", {"rate": 5.0})),
    (["left"], {}, ("seek", {"t_s": canned.T_S - 60.0})),
    (["right"], {}, ("seek", {"t_s": canned.T_S + 60.0})),
    (["right"], {"replay_length_s": canned.T_S + 5.0}, ("seek", {"t_s": canned.T_S + 5.0})),
    (["left"], {"t_s": 20.0}, ("seek", {"t_s": 0.0})),
    (["e"], {}, ("next_event", {})),
    (["E"], {}, ("previous_event", {})),
    (["pageup"], {}, ("seek", {"t_s": canned.T_S - 600.0})),
    (["pagedown"], {}, ("seek", {"t_s": canned.T_S + 600.0})),
    (["j", *"1:30", "enter"], {}, ("seek", {"t_s": 5400.0})),
    (["j", *"T+0:10:30", "enter"], {}, ("seek", {"t_s": canned.DOSE_S + 630.0})),
]


async def each_sends_exactly_one_command(directory, messages, cases):
    """One dashboard for all: starting it costs more than all that is asked of it."""
    async with dashboard(directory, messages) as (engine, app, pilot):
        for seq, (keys, changes, expected) in enumerate(cases, 100):
            engine.publish(msgspec.structs.replace(messages[-1], seq=seq, **changes))
            await until(lambda seq=seq: app.drawn.seq == seq)
            engine.commands.clear()
            await pilot.press(*keys)
            await until(lambda: engine.commands)
            await pilot.pause()
            assert sent(engine) == [expected], keys
            assert engine.commands[0].operator == "KL"


@pytest.mark.timeout(400)  # on a busy machine
async def test_every_live_key_sends_exactly_one_command(tmp_path):
    await each_sends_exactly_one_command(tmp_path, [canned.history(), canned.snapshot()], LIVE_KEYS)


@pytest.mark.parametrize(("key", "heard"), [("y", True), ("n", False)])
async def test_the_sound_check_sounds_and_asks(tmp_path, key, heard):
    messages = [canned.history(), canned.snapshot()]
    async with dashboard(tmp_path, messages) as (engine, _, pilot):
        await pilot.press("v", key)
        await until(lambda: len(engine.commands) == 2)
        assert sent(engine) == [("sound_test", {}), ("sound_check", {"heard": heard})]


async def test_enter_pressed_twice_hears_nothing(tmp_path):
    """Enter opens the sound check from the checklist: the second one is no answer."""
    messages = [canned.history(), canned.snapshot()]
    async with dashboard(tmp_path, messages) as (engine, app, pilot):
        await pilot.press("v", "enter", "enter")
        await pilot.pause()
        assert isinstance(app.screen, Question)
        assert sent(engine) == [("sound_test", {})]


async def test_without_sound_nobody_is_asked_whether_it_was_heard(tmp_path):
    silent = feed.Audio(available=False, detail="no sound device")
    async with dashboard(tmp_path, [canned.history(), canned.snapshot(audio=silent)]) as (
        engine, app, pilot,
    ):  # fmt: skip
        await pilot.press("v", "y")
        await pilot.pause()
        said = str(app.screen.query_one(".window-text", Static).content)
        assert "NO SOUND: no sound device" in said
        assert "sounds now, for" not in said
        await pilot.press("n")
        await until(lambda: len(engine.commands) == 2)
        assert sent(engine)[1] == ("sound_check", {"heard": False})


async def test_a_line_gone_back_to_goes_on_from_there(tmp_path):
    messages = [canned.history(), canned.snapshot()]
    async with dashboard(tmp_path, messages) as (engine, app, pilot):
        await pilot.press("b", *"12881", "enter", "up", *["backspace"] * 2, *"/81", "enter")
        await pilot.pause()
        assert engine.commands == []
        assert app.focused is app.screen.query(Input)[1]


async def test_what_is_typed_behind_a_tab_lands_in_the_next_line(tmp_path):
    messages = [canned.history(), canned.snapshot()]
    async with dashboard(tmp_path, messages) as (_, app, pilot):
        await pilot.press("b")
        type_fast(app, *"128/81", "tab", *"pain")
        await pilot.pause()
        assert [line.value for line in app.screen.query(Input)] == ["128/81", "pain"]


async def test_a_slip_of_the_finger_is_asked_again_with_what_was_typed(tmp_path):
    messages = [canned.history(), canned.snapshot()]
    async with dashboard(tmp_path, messages) as (engine, app, pilot):
        await pilot.press("b", *"12881", "enter", "enter")
        await pilot.pause()
        assert app.screen.query_one("#field-pressure", Input).value == "12881"
        assert engine.commands == []


async def test_a_key_pressed_twice_answers_once(tmp_path):
    messages = [canned.history(), canned.snapshot()]
    async with dashboard(tmp_path, messages) as (engine, app, pilot):
        for open_, answer in (("d", "confirm"), ("m", "tea"), ("s", None), ("w", None)):
            await pilot.press(open_)
            await pilot.pause()
            window = app.screen
            window.answer(answer)
            window.answer(answer)
            await pilot.pause()
            assert len(app.screen_stack) == 1
        await until(lambda: len(engine.commands) == 2)


async def test_enter_twice_before_the_focus_has_moved_records(tmp_path):
    messages = [canned.history(), canned.snapshot()]
    async with dashboard(tmp_path, messages) as (engine, app, pilot):
        await pilot.press("b", *"128/81")
        first = app.screen.query_one("#field-pressure", Input)
        first.post_message(Input.Submitted(first, first.value))
        first.post_message(Input.Submitted(first, first.value))
        first.post_message(Input.Submitted(first, first.value))
        await until(lambda: engine.commands)
        await pilot.pause()
        assert sent(engine) == [("blood_pressure", CUFF)]


async def test_why_says_everything_about_the_alarm(tmp_path):
    alarm = canned.alarm(
        rule="limit bpm 140", quality="valid", last_good="148 bpm, 0 s ago",
        checklist="Second person to the room.", acknowledged_by="KL",
    )  # fmt: skip
    messages = [canned.history(), canned.snapshot(alarms=[alarm])]
    async with dashboard(tmp_path, messages) as (_, app, pilot):
        await pilot.press("w")
        await pilot.pause()
        text = str(app.screen.query_one(".window-text", Static).content)
        for word in ("limit bpm 140", "valid", "148 bpm, 0 s ago", "Second person", "KL"):
            assert word in text
        await pilot.press("w")
        assert not isinstance(app.screen, Page)


@pytest.mark.slow
async def test_every_replay_key_sends_exactly_one_command(tmp_path):
    history, _, snapshot = canned.replay()
    await each_sends_exactly_one_command(tmp_path, [history, snapshot], REPLAY_KEYS)


async def test_live_controls_are_off_in_a_replay_and_say_so(tmp_path):
    async with dashboard(tmp_path, canned.replay()) as (engine, app, pilot):
        await pilot.press("a", "p", "d", "m")
        await pilot.pause()
        assert [note.message.endswith("this is a REPLAY, nothing here is live.")
                for note in app._notifications] == [True] * 4  # fmt: skip
        assert len(app.screen_stack) == 1
        await asyncio.sleep(0.1)
        assert engine.commands == []


async def test_going_on_after_a_pause_takes_the_last_speed(tmp_path):
    history, _, snapshot = canned.replay()
    async with dashboard(tmp_path, [history, snapshot]) as (engine, app, pilot):
        await pilot.press("space")
        paused = canned.session(mode="REPLAY", rate=0.0)
        engine.publish(msgspec.structs.replace(snapshot, seq=2, session=paused))
        await until(lambda: app.view.paused_replay)
        await pilot.press("space")
        await until(lambda: len(engine.commands) == 2)
        assert sent(engine)[1] == ("set_rate", {"rate": 10.0})


async def test_acknowledge_names_what_was_on_the_screen_not_what_came_since(tmp_path):
    seen = [canned.alarm("hr_high", "MEDIUM", occurrence=7)]
    async with dashboard(tmp_path, [canned.history(), canned.snapshot(alarms=seen)]) as (
        engine, app, pilot,
    ):  # fmt: skip
        worse = [canned.alarm("hr_extreme", "HIGH", occurrence=1), *seen]
        app.receive(canned.snapshot(seq=2, alarms=worse))  # received, not yet drawn
        app.action_acknowledge()
        await until(lambda: engine.commands)
        assert sent(engine) == [("acknowledge", {"condition": "hr_high", "occurrence": 7})]
        await pilot.pause()


async def test_acknowledge_passes_over_acknowledged_and_hidden_alarms(tmp_path):
    alarms = [
        canned.alarm(presence="ACKNOWLEDGED"),
        canned.alarm("hr_high", "MEDIUM", hidden=True),
        canned.alarm("temp_lost", "LOW", presence="RETURNED", occurrence=9),
    ]
    async with dashboard(tmp_path, [canned.history(), canned.snapshot(alarms=alarms)]) as (
        engine, _, pilot,
    ):  # fmt: skip
        await pilot.press("a")
        await until(lambda: engine.commands)
        assert sent(engine) == [("acknowledge", {"condition": "temp_lost", "occurrence": 9})]


async def test_refusal_is_shown_without_markup(tmp_path):
    async with dashboard(tmp_path, canned.high_alarm()) as (engine, app, pilot):
        engine.refuse = "occurrence 4 is newer[bold]\x1b[31m"
        await pilot.press("a")
        await until(lambda: len(app._notifications) == 1)
        (note,) = app._notifications
        assert note.message == "acknowledge refused: occurrence 4 is newer[bold]"
        assert note.markup is False


HARMLESS = ["d escape", "m x escape", "m enter", "q escape", "l escape", "h escape", "a"]


async def test_these_send_nothing_and_return_to_the_screen(tmp_path):
    async with dashboard(tmp_path, canned.calm()) as (engine, app, pilot):
        for keys in HARMLESS:
            await pilot.press(*keys.split())
            await pilot.pause()
            assert len(app.screen_stack) == 1, keys
        await asyncio.sleep(0.1)
        assert engine.commands == []


async def test_a_screen_that_is_being_closed_is_not_drawn(tmp_path):
    """Parts go one by one, and a busy machine may redraw in between."""
    async with dashboard(tmp_path, canned.high_alarm()) as (_, app, _pilot):
        await app._alarms.remove()
        app.receive(canned.snapshot(seq=2, alarms=[canned.alarm("hr_high", "MEDIUM")]))
        app.redraw()


async def test_closing_the_screen_ends_nothing(tmp_path):
    async with dashboard(tmp_path, canned.calm()) as (engine, app, pilot):
        await pilot.press("q", "c")
        await pilot.pause()
        assert app.return_value == "closed"
        assert engine.commands == []


async def test_ending_waits_for_the_engines_last_word(tmp_path):
    async with dashboard(tmp_path, canned.calm()) as (engine, app, pilot):
        await pilot.press("q", "e", "y")
        await until(lambda: engine.commands)
        assert app.return_value is None
        engine.publish(canned.snapshot(seq=2, ended=True))
        await until(lambda: app.return_value is not None)
        assert app.return_value == "ended"


async def test_other_keys_change_only_the_screen(tmp_path):
    async with dashboard(tmp_path, canned.calm()) as (engine, app, pilot):
        await pilot.press("n")
        assert app.theme == NIGHT.name
        await pilot.press("n", "t")
        assert app.theme == DIM.name
        assert app.span == 1
        for key, title in (("l", "Log"), ("question_mark", "Help")):
            await pilot.press(key)
            assert isinstance(app.screen, Window)
            assert app.screen.query_one(".window").border_title == title
            await pilot.press("escape")
        await pilot.press("m", "space", "a")
        assert app.screen.query_one(Input).value == " a"
        assert engine.commands == []


@pytest.mark.slow
async def test_shift_n_goes_round_all_colours_and_names_them(tmp_path):
    async with dashboard(tmp_path, canned.calm()) as (engine, app, pilot):
        seen = []
        for _ in range(len(set(map(id, THEMES.values())))):
            app.clear_notifications()
            await pilot.press("N")
            (note,) = app._notifications
            assert note.message == f"Colours: {app.theme.removeprefix('vigil-').replace('-', ' ')}"
            seen.append(app.theme)
        assert set(seen) == {theme.name for theme in THEMES.values()}
        assert seen[-1] == DIM.name
        await pilot.press("N", "N", "n", "n")  # from the day colours to night, and back to day
        assert app.theme == THEMES["day"].name
        assert engine.commands == []
        assert " N " in HELP


async def test_the_checklist_is_a_click_away_until_it_is_done(tmp_path):
    scene = setup_scenes.scene(setup_scenes.before())
    async with dashboard(tmp_path, scene) as (engine, app, pilot):
        await pilot.press("escape")
        words = str(app.query_one(KeyBar).content)
        assert words.startswith("g Setup")
        await pilot.click(KeyBar, offset=(2, 0))
        assert isinstance(app.screen, ChecklistScreen)
        await pilot.press("escape")
        engine.publish(canned.snapshot(seq=2))
        await until(lambda: str(app.query_one(KeyBar).content).startswith("a Ack"))


async def test_keys_can_be_clicked(tmp_path):
    async with dashboard(tmp_path, canned.high_alarm()) as (engine, app, pilot):
        words = str(app.query_one(KeyBar).content)
        await pilot.click(KeyBar, offset=(2 + words.index("Pause"), 0))
        await until(lambda: engine.commands)
        await pilot.click("Banner")
        await until(lambda: len(engine.commands) == 2)
        assert [verb for verb, _ in sent(engine)] == ["pause_audio", "acknowledge"]


class Clock:
    now_s = 100.0

    def __call__(self):
        return self.now_s


class Failure:
    """Notes what it is asked to sound; `available` says whether it would be heard."""

    def __init__(self, *, available):
        self.available, self.heard = available, []

    def start(self):
        self.heard.append("lost")

    def stop(self):
        self.heard.append("back")


async def test_silent_engine_blanks_values_and_sounds_until_it_is_back(tmp_path):
    failure, clock = Failure(available=True), Clock()
    heard = failure.heard
    async with dashboard(tmp_path, canned.calm(), now_s=clock, failure=failure) as (
        engine, app, _,
    ):  # fmt: skip
        assert app.view.heart.number == "96"
        clock.now_s += 5.1
        await until(lambda: heard == ["lost"])
        assert (app.view.heart.number, app.view.skin.number) == ("--", "--")
        assert "ENGINE NOT RESPONDING" in app.view.banner.heading
        engine.publish(canned.snapshot(seq=2))
        await until(lambda: heard == ["lost", "back"])
        assert app.view.heart.number == "96"


async def test_lost_connection_is_renewed_by_asking_again(tmp_path):
    async with dashboard(tmp_path, canned.calm()) as (engine, app, _):
        await engine.server.close()
        await until(lambda: app.view.lost)
        await engine.server.start()
        await until(lambda: not app.view.lost)


async def test_session_that_is_gone_closes_the_screen():
    async def gone():
        raise SessionEndedError

    app = VigilApp(gone)
    async with app.run_test():
        await until(lambda: app.return_value is not None)
    assert app.return_value == "ended"


async def test_session_ended_elsewhere_is_said_until_the_screen_is_closed(tmp_path):
    async with dashboard(tmp_path, canned.calm()) as (engine, app, pilot):
        engine.publish(canned.snapshot(seq=2, ended=True))
        await until(lambda: app.view.ended)
        await engine.server.close()
        await until(lambda: app._lost_reason)
        assert app.view.banner.heading == "SESSION ENDED"
        assert not app.view.lost
        await pilot.press("q")
        await pilot.pause()
        assert app.return_value == "ended"


async def test_dose_window_follows_the_baseline_it_will_fix(tmp_path):
    async with dashboard(tmp_path, [canned.history(), canned.snapshot(**UNDOSED)]) as (
        engine, app, pilot,
    ):  # fmt: skip
        await pilot.press("d")
        text = app.screen.query_one(".window-text", Static)
        assert "Heart rate: baseline 84 bpm" in str(text.content)
        thin = canned.heart(baseline=None, baseline_state="collecting", baseline_progress_s=250.0)
        engine.publish(canned.snapshot(**(UNDOSED | {"seq": 2, "heart_rate": thin})))
        await until(lambda: "NOT ENOUGH DATA (4:10 of 10:00 valid)" in str(text.content))
        assert 'will say "no baseline"' in str(text.content)


async def test_bell_rings_when_there_is_no_sound_and_when_the_engine_is_lost(tmp_path, monkeypatch):
    rings, clock = [], Clock()
    monkeypatch.setattr(VigilApp, "bell", lambda _: rings.append(clock.now_s))
    silent = feed.Audio(available=False, burst="HIGH")
    messages = [canned.history(), canned.snapshot(audio=silent, alarms=canned.alarms())]
    async with dashboard(tmp_path, messages, now_s=clock) as (_, app, _pilot):
        await until(lambda: rings == [100.0])
        clock.now_s += 1.0
        await until(lambda: rings == [100.0, 101.0])
        assert app.view.header.audio == "NO SOUND"
        clock.now_s += 10.0
        await until(lambda: rings == [100.0, 101.0, 111.0])
        assert app.view.lost
