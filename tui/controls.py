"""What the operator can do, by key or mouse. Each control sends one command to the engine."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from functools import partial
from typing import ClassVar

from textual.app import App
from textual.binding import Binding, BindingType

from monitor.feed import Command, Limit, Reply, Snapshot
from monitor.model import Verb
from tui import entries
from tui.link import Link
from tui.log_book import LogBook
from tui.screens import dose, leave, page, sound, why
from tui.screens.form import Form
from tui.screens.limits import LimitsScreen
from tui.screens.note import NoteScreen
from tui.screens.self_test import Tester
from tui.series import SPANS_S
from tui.setup_steps import open_checklist
from tui.themes import DIM, NIGHT
from tui.views import ViewState
from tui.wording import plain

PAUSE_S = 120
SEEK_S = 60.0
SPEEDS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0)
REPLAY = "REPLAY"
_DONE = {
    Verb.DOSE.value: "Dose recorded.",
    Verb.NOTE.value: "Note recorded.",
    Verb.ACKNOWLEDGE.value: "Acknowledged.",
    Verb.TEMPERATURE.value: "Temperature recorded.",
    Verb.BLOOD_PRESSURE.value: "Blood pressure recorded.",
    Verb.STANDBY.value: "Standby. Press s when they are back.",
    Verb.END_STANDBY.value: "Back. Alarms sound again after a minute.",
    Verb.SET_LIMIT.value: "Limit changed, for this session.",
    Verb.SOUND_CHECK.value: "Recorded.",
    Verb.SELF_TEST.value: "Self-test recorded.",
}


class Controls(App[str]):
    """The actions. A subclass draws; `view` and `drawn` are what the operator sees."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "acknowledge", "Acknowledge"),
        Binding("p", "pause", "Pause audio"),
        Binding("d", "dose", "Dose"),
        Binding("m", "note", "Note"),
        Binding("b", "pressure", "Blood pressure"),
        Binding("c", "temperature", "Temperature"),
        Binding("s", "standby", "Standby"),
        Binding("o", "resolve", "Is over"),
        Binding("w", "why", "Why"),
        Binding("i", "limits", "Limits"),
        Binding("v", "sound_check", "Sound check"),
        Binding("g", "setup", "Before the dose"),
        Binding("t", "trend", "Trend"),
        Binding("l", "log", "Log"),
        Binding("n", "night", "Night"),
        Binding("question_mark,h", "help", "Help"),
        Binding("q,ctrl+c", "leave", "Leave"),
        Binding("space", "replay_pause", "Pause/play"),
        Binding("plus,equals_sign", "faster", "Faster"),
        Binding("minus", "slower", "Slower"),
        Binding("left", "rewind", "Back"),
        Binding("right", "forward", "On"),
        Binding("e", "next_event", "Next event"),
    ]

    def __init__(self, view: ViewState, operator: str, day_theme: str) -> None:
        super().__init__()
        self.view = view
        self.day_theme = DIM.name if day_theme == NIGHT.name else day_theme
        """What the night key goes back to."""
        self.drawn: Snapshot | None = None
        """The snapshot on the screen: what an operator saw when pressing a key."""
        self.link: Link | None = None
        self.book = LogBook()
        """The session's log."""
        self.span = 0
        self.ending = False
        self.tester: Tester | None = None
        """Does the self-test, where it can be done."""
        self._operator = operator
        self._ids = itertools.count(1)
        self._asked: dict[int, str] = {}
        self._last_rate = 1.0

    def command(self, verb: str, **details: str | float | bool) -> None:
        """Send a command; say so when it cannot be sent."""
        command = Command(id=next(self._ids), verb=verb, operator=self._operator, details=details)
        if self.link is not None and self.link.send(command):
            self._asked[command.id] = verb
        else:
            self._say("Not sent: no connection to the engine.", severe=True)

    def answered(self, reply: Reply) -> None:
        """Tell the operator what came of a command."""
        verb = self._asked.pop(reply.id, "command")
        if not reply.ok:
            self.ending = self.ending and verb != Verb.END_SESSION.value
            if verb == Verb.ACKNOWLEDGE.value and "already" in reply.message:
                return  # pressed twice: what was wanted is so
            words = verb.replace("_", " ")
            self._say(f"{words} refused: {plain(reply.message)}", severe=True)
        elif verb in _DONE:
            self._say(_DONE[verb])

    def action_acknowledge(self) -> None:
        """Acknowledge the most urgent alarm on the screen that nobody has acknowledged."""
        alarm = self.view.to_acknowledge
        if not self._live("Acknowledge"):
            return
        if alarm is None:
            self._say("No alarm to acknowledge.")
            return
        self.command(Verb.ACKNOWLEDGE.value, condition=alarm.condition, occurrence=alarm.occurrence)

    def action_pause(self) -> None:
        """Pause all alarm sound for two minutes, or resume it."""
        if not self._live("Audio pause"):
            return
        if self.view.audio_paused:
            self.command(Verb.RESUME_AUDIO.value)
        else:
            self.command(Verb.PAUSE_AUDIO.value, seconds=PAUSE_S)

    def action_dose(self) -> None:
        """Ask about the dose and its baseline."""
        if self._live("Dose") and self.drawn is not None:
            seen = self.drawn
            label = "supplemental" if seen.doses_s else "dose"

            def record(answer: str | None) -> None:
                if answer:
                    confirm = answer == dose.CONFIRM
                    shown = dose.as_seen(self.drawn or seen)
                    self.command(Verb.DOSE.value, confirm_baseline=confirm, label=label, **shown)

            self.push_screen(dose.dose_question(lambda: self.drawn or seen), record)

    def action_note(self) -> None:
        """Ask for a note."""
        if self._live("Note"):

            def record(text: str | None) -> None:
                if text:
                    self.command(Verb.NOTE.value, text=text)

            self.push_screen(NoteScreen(), record)

    def action_pressure(self) -> None:
        """Ask for a blood pressure."""
        if self._live("Blood pressure"):
            self._enter(Verb.BLOOD_PRESSURE, entries.pressure_form(), entries.pressure)

    def action_temperature(self) -> None:
        """Ask for a clinical temperature."""
        if self._live("Temperature"):
            form = entries.temperature_form(self.drawn)
            self._enter(Verb.TEMPERATURE, form, entries.temperature)

    def action_standby(self) -> None:
        """Ask about a standby, or end it."""
        if not self._live("Standby") or self.drawn is None:
            return
        away = self.drawn.standby
        if away is not None and away.remaining_s is not None:
            self.command(Verb.END_STANDBY.value)
        else:
            self._enter(Verb.STANDBY, entries.standby_form(), entries.standby)

    def action_resolve(self) -> None:
        """Say that what only the operator can end is over."""
        if not self._live("Is over") or self.drawn is None:
            return
        holding = [a for a in self.drawn.alarms if a.manual_clear and a.clear_s is None]
        if holding:
            self.command(Verb.RESOLVE.value, condition=holding[0].condition)
        else:
            self._say("No alarm that you have to end.")

    def action_why(self) -> None:
        """Show why it is alarming."""
        self.push_screen(why.why_page(self.drawn))

    def action_limits(self) -> None:
        """Show the limits, and change one."""
        if self.drawn is None:
            return

        def change(chosen: Limit | None) -> None:
            if chosen is not None and self._live("Limits"):
                form = entries.limit_form(chosen)
                self._enter(Verb.SET_LIMIT, form, partial(entries.limit, chosen))

        self.push_screen(LimitsScreen(self.drawn.limits), change)

    def action_sound_check(self) -> None:
        """Sound the test tone, and ask whether it was heard."""
        if not self._live("Sound check"):
            return

        def heard(answer: str | None) -> None:
            if answer:
                self.command(Verb.SOUND_CHECK.value, heard=answer == sound.HEARD)

        self.command("sound_test")
        self.push_screen(sound.sound_question(), heard)

    def action_setup(self) -> None:
        """Show what is to be done before the dose."""
        if self._live("Before the dose"):
            open_checklist(self)

    def _enter(
        self,
        verb: Verb,
        form: Form,
        read: Callable[[Mapping[str, str]], entries.Details | str],
    ) -> None:
        """Show a form; send what was typed, or say what is wrong with it and ask again."""

        def record(values: dict[str, str] | None) -> None:
            if values is None:
                return
            details = read(values)
            if isinstance(details, str):
                self._say(details, severe=True)
                self.push_screen(form.again(values), record)
            else:
                self.command(verb.value, **details)

        self.push_screen(form, record)

    def action_trend(self) -> None:
        """Show the next span of time in the charts."""
        self.span = (self.span + 1) % len(SPANS_S)

    def action_log(self) -> None:
        """Show the log."""
        self.push_screen(page.log_page(self.drawn))

    def action_help(self) -> None:
        """Show the help."""
        self.push_screen(page.help_page())

    def action_night(self) -> None:
        """Change between the dim and the night colours."""
        self.theme = self.day_theme if self.theme == NIGHT.name else NIGHT.name

    def action_leave(self) -> None:
        """Ask whether to close the screen or to end the session."""
        if self.view.ended and self.view.mode != REPLAY:
            self.exit("ended")
        elif self.view.mode == REPLAY:
            self.exit("closed")
        elif len(self.screen_stack) == 1:
            self.push_screen(leave.leave_question(), self._leave)

    async def action_quit(self) -> None:
        """Ctrl+Q asks too."""
        self.action_leave()

    def _leave(self, answer: str | None) -> None:
        if answer == leave.CLOSE:
            self.exit("closed")
        elif answer == leave.END:
            self.ending = True
            self.command(Verb.END_SESSION.value)

    def action_replay_pause(self) -> None:
        """Pause the replay, or go on at the last speed."""
        if self._replaying() is not None:
            self.command("set_rate", rate=self._last_rate if self.view.paused_replay else 0.0)

    def action_faster(self) -> None:
        """Replay at the next higher speed."""
        self._change_speed(1)

    def action_slower(self) -> None:
        """Replay at the next lower speed."""
        self._change_speed(-1)

    def action_rewind(self) -> None:
        """Go back a minute in the replay."""
        self._seek(-SEEK_S)

    def action_forward(self) -> None:
        """Go on a minute in the replay."""
        self._seek(SEEK_S)

    def action_next_event(self) -> None:
        """Go to the next event of the replay."""
        if self._replaying() is not None:
            self.command("next_event")

    def _change_speed(self, direction: int) -> None:
        if self._replaying() is None:
            return
        others = sorted(SPEEDS, key=lambda speed: abs(speed - self._last_rate))
        nearest = [speed for speed in others if (speed - self._last_rate) * direction > 0]
        if nearest:
            self._last_rate = nearest[0]
            self.command("set_rate", rate=nearest[0])

    def _seek(self, by_s: float) -> None:
        replay = self._replaying()
        if replay is not None:
            end_s = replay.replay_length_s
            target_s = max(0.0, replay.t_s + by_s)
            self.command("seek", t_s=target_s if end_s is None else min(target_s, end_s))

    def _replaying(self) -> Snapshot | None:
        """The replay on the screen; its speed is remembered for going on after a pause."""
        if self.drawn is None or self.drawn.session.mode != REPLAY:
            return None
        self._last_rate = self.drawn.session.rate or self._last_rate
        return self.drawn

    def _live(self, control: str) -> bool:
        """Whether live controls work; says so when they do not."""
        if self.view.mode == REPLAY:
            self._say(f"{control} is off: this is a REPLAY, nothing here is live.", severe=True)
            return False
        return True

    def _say(self, message: str, *, severe: bool = False) -> None:
        self.notify(message, severity="error" if severe else "information", markup=False)
