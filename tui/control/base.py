"""One command a control: sent once, answered in words, asked again when refused."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from monitor.feed import Command, Reply, Snapshot
from monitor.model import Verb
from tui.control.colours import Coloured
from tui.entries import Details
from tui.link import Link
from tui.log_book import LogBook
from tui.screens.form import Form
from tui.screens.self_test import Tester
from tui.views import ViewState
from tui.wording import plain

REPLAY = "REPLAY"
_DONE = {
    Verb.DOSE.value: "Dose recorded.",
    Verb.NOTE.value: "Note recorded.",
    Verb.ACKNOWLEDGE.value: "Acknowledged.",
    Verb.TEMPERATURE.value: "Temperature recorded.",
    Verb.BLOOD_PRESSURE.value: "Blood pressure recorded.",
    Verb.FLUIDS.value: "Fluids recorded.",
    Verb.SCORE.value: "Score recorded.",
    Verb.STANDBY.value: "Standby. Press s when they are back.",
    Verb.END_STANDBY.value: "Back. Alarms sound again after a minute.",
    Verb.SET_LIMIT.value: "Limit changed, for this session.",
    Verb.SOUND_CHECK.value: "Recorded.",
    Verb.SELF_TEST.value: "Self-test recorded.",
}

_ONLY_MOVES = frozenset({"next_event", "previous_event", "seek"})
Again = Callable[[], None]
"""Asks once more, with what was typed."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A command on its way: what to say when it is done, and how to ask again if refused."""

    verb: str
    done: str
    again: Again | None


def _done(verb: str, details: Details) -> str:
    if details.get("withdrawn"):
        return "Withdrawn. It stays in the log, struck through."
    if "corrects" in details:
        return "Corrected. The earlier entry stays in the log, struck through."
    return _DONE.get(verb, "")


class Base(Coloured):
    """What all controls need. A subclass draws; `view` and `drawn` are what the operator sees."""

    def __init__(self, view: ViewState, operator: str, start_theme: str) -> None:
        super().__init__(start_theme)
        self.view = view
        self.drawn: Snapshot | None = None
        """The snapshot on the screen: what an operator saw when pressing a key."""
        self.link: Link | None = None
        self.tester: Tester | None = None
        """Does the self-test, where it can be done."""
        self.book = LogBook()
        """The session's log."""
        self.operator = operator
        """Who acts, by initials or role."""
        self.span = 0
        self.ending = False
        self._ids = itertools.count(1)
        self._asked: dict[int, _Asked] = {}

    def command(self, verb: str, **details: str | float | bool) -> None:
        """Send a command; say so when it cannot be sent."""
        self.send(verb, details)

    def send(self, verb: str, details: Details, again: Again | None = None) -> None:
        """Send a command; when it cannot be sent or is refused, say so and ask `again`."""
        command = Command(id=next(self._ids), verb=verb, operator=self.operator, details=details)
        if self.link is not None and self.link.send(command):
            self._asked[command.id] = _Asked(verb, _done(verb, details), again)
            return
        self._say("Not sent: no connection to the engine.", severe=True)
        if again is not None:
            again()

    def answered(self, reply: Reply) -> None:
        """Tell the operator what came of a command."""
        asked = self._asked.pop(reply.id, _Asked("command", "", None))
        if not reply.ok:
            self._refused(asked.verb, reply.message)
            if asked.again is not None and len(self.screen_stack) == 1:
                asked.again()
        elif asked.done:
            self._say(asked.done)

    def _refused(self, verb: str, message: str) -> None:
        self.ending = self.ending and verb != Verb.END_SESSION.value
        if verb == Verb.ACKNOWLEDGE.value and "already" in message:
            return  # pressed twice: what was wanted is so
        said = ":" if verb in _ONLY_MOVES else " refused:"
        self._say(f"{verb.replace('_', ' ')}{said} {plain(message)}", severe=True)

    def _enter(
        self,
        verb: str,
        form: Form,
        read: Callable[[Mapping[str, str]], Details | str],
    ) -> None:
        """Show a form; send what was typed, or say what is wrong with it and ask again."""

        def record(values: dict[str, str] | None) -> None:
            if values is None:
                return

            def again() -> None:
                self._enter(verb, form.again(values), read)

            details = read(values)
            if isinstance(details, str):
                self._say(details, severe=True)
                again()
            else:
                self.send(verb, details, again)

        self.push_screen(form, record)

    def _live(self, control: str) -> bool:
        """Whether live controls work; says so when they do not."""
        if self.view.mode == REPLAY:
            self._say(f"{control} is off: this is a REPLAY, nothing here is live.", severe=True)
            return False
        if self.view.ended:
            self._say(f"{control} is off: the session has ended.", severe=True)
            return False
        return True
