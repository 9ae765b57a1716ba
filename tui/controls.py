"""Every control by key, by mouse and by name: the keys, the command palette, leaving."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from monitor.model import Verb
from tui.control.alarms import AlarmControls
from tui.control.base import REPLAY
from tui.control.pages import PageControls
from tui.control.replaying import ReplayControls
from tui.screens import leave
from tui.setup_steps import open_checklist

__all__ = ["REPLAY", "Controls"]

KEYS = {"question_mark": "?", "plus": "+", "minus": "-", "left": "←", "right": "→"}
"""How keys are written."""
LIVE_ONLY = frozenset(
    {
        "acknowledge", "pause", "pressure", "temperature", "fluids", "score", "note", "dose",
        "standby", "resolve", "sound_check", "setup",
    }
)  # fmt: skip
"""Off in a replay."""


class Controls(AlarmControls, PageControls, ReplayControls):
    """The actions. A subclass draws; `view` and `drawn` are what the operator sees."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "acknowledge", "Acknowledge the most urgent alarm"),
        Binding("p", "pause", "Pause alarm sound for 2 min, or resume it"),
        Binding("w", "why", "Why is it alarming?"),
        Binding("b", "pressure", "Enter blood pressure"),
        Binding("c", "temperature", "Enter clinical temperature"),
        Binding("f", "fluids", "Enter fluids"),
        Binding("r", "score", "Enter an observer's score"),
        Binding("m", "note", "Write a note"),
        Binding("d", "dose", "Record a dose"),
        Binding("s", "standby", "Standby: they leave, or are back"),
        Binding("o", "resolve", "It is over (where only you can say so)"),
        Binding("h", "handover", "Handover: all that matters in 30 seconds"),
        Binding("l", "log", "Log; correct an entry"),
        Binding("i", "limits", "Limits of this session"),
        Binding("v", "sound_check", "Sound check"),
        Binding("g", "setup", "Checklist before the dose"),
        Binding("t", "trend", "Charts: 10 min, 1 h, session"),
        Binding("n", "night", "Night colours, or back"),
        Binding("N,upper_n", "next_theme", "Next colours"),
        Binding("question_mark,f1", "help", "Help"),
        Binding("q,ctrl+c", "leave", "Leave, or end the session"),
        Binding("space", "replay_pause", "Replay: pause or play"),
        Binding("plus,equals_sign", "faster", "Replay: faster"),
        Binding("minus", "slower", "Replay: slower"),
        Binding("left", "rewind", "Replay: 60 s back"),
        Binding("right", "forward", "Replay: 60 s on"),
        Binding("pageup", "rewind_far", "Replay: 10 min back"),
        Binding("pagedown", "forward_far", "Replay: 10 min on"),
        Binding("e", "next_event", "Replay: next event"),
        Binding("E,upper_e", "previous_event", "Replay: event before"),
        Binding("j", "go_to", "Replay: go to a time"),
    ]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002 - Textual's signature
        """What the command palette offers: our own controls, those that work now."""
        for binding in self.BINDINGS:
            if isinstance(binding, Binding) and self._offered(binding):
                key = binding.key.split(",")[0]
                title = binding.description.removeprefix("Replay: ").capitalize()
                action = getattr(self, f"action_{binding.action}")
                yield SystemCommand(title, f"key {KEYS.get(key, key)}", action)

    def _offered(self, binding: Binding) -> bool:
        if self.view.mode == REPLAY:
            return binding.action not in LIVE_ONLY
        return not binding.description.startswith("Replay: ")

    def action_setup(self) -> None:
        """Show what is to be done before the dose."""
        if self._live("Before the dose"):
            open_checklist(self)

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
        elif answer == leave.ASK_END:
            self.push_screen(leave.end_question(), self._leave)
        elif answer == leave.END:
            self.ending = True
            self.command(Verb.END_SESSION.value)
