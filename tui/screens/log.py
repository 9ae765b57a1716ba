"""The whole log, scrollable, by kind; an entry picked from it can be corrected."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from monitor.feed import LogLine, Snapshot
from monitor.model import Verb
from tui import wording
from tui.log_book import LogBook
from tui.screens.choice import Choice
from tui.screens.window import Window

ENTRIES = frozenset(
    verb.value
    for verb in (
        Verb.DOSE,
        Verb.NOTE,
        Verb.TEMPERATURE,
        Verb.BLOOD_PRESSURE,
        Verb.FLUIDS,
        Verb.SCORE,
    )
)
KINDS = ("all", "entries", "alarms", "operator", "system")
"""What can be shown; "operator" is what was done but is no entry."""
RENEW_S = 0.5
NOTE = "left/right: kind   Enter: correct an entry   Esc: close"


def kind(line: LogLine) -> str:
    """Which of `KINDS` a line is."""
    if line.kind == "action":
        return "entries" if line.entry and line.entry.verb in ENTRIES else "operator"
    return "alarms" if line.kind == "alarm" else "system"


class LogScreen(Window[LogLine | None]):
    """Shows the log, newest at the end; returns the entry to correct, None for none.

    Args:
        book: grows while the window is open.
        newest: gives the newest snapshot.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,l,q", "cancel", "Close"),
        Binding("left", "kind(-1)", "Kind before", priority=True),
        Binding("right", "kind(1)", "Next kind", priority=True),
        *Window.TO_READ,
    ]

    def __init__(self, book: LogBook, newest: Callable[[], Snapshot | None]) -> None:
        super().__init__()
        self._book, self._newest = book, newest
        self._kinds = Choice(KINDS, "all", id="kinds")
        self._kinds.can_focus = False
        self._list = OptionList(id="log", markup=False)
        self._lines: list[LogLine] = []
        self._drawn: tuple[int, str] = (-1, "")

    def compose(self) -> ComposeResult:
        """Lay out the kinds and the list."""
        with Vertical(classes="window page") as window:
            window.border_title = "Log"
            yield self._kinds
            yield self._list
            yield Static(NOTE, markup=False, classes="window-foot")

    def on_mount(self) -> None:
        """Begin at the end, and follow it."""
        self._list.focus()
        self._fill()
        self.set_interval(RENEW_S, self._fill)

    def _fill(self) -> None:
        """Fill the list anew when there is something new to show."""
        now = (self._book.version, self._kinds.value)
        if now == self._drawn:
            return
        other_kind, self._drawn = now[1] != self._drawn[1], now
        at = self._list.highlighted
        following = other_kind or at is None or at >= len(self._lines) - 1
        chosen = now[1]
        self._lines = [x for x in self._book.lines if chosen in {"all", kind(x)}]
        self._list.clear_options()
        self._list.add_options(Option(self._text(x)) for x in self._lines)
        if self._lines:
            self._list.highlighted = len(self._lines) - 1 if following else at

    def _text(self, line: LogLine) -> Text:
        newest = self._newest()
        when = wording.since_dose(line.t_s, [] if newest is None else newest.doses_s)
        text = Text(f"{when:<11} ")
        if self._book.is_replaced(line):
            text.append(wording.plain(line.text), "strike")
            text.append("  (corrected later)")
        else:
            text.append(wording.plain(line.text))
        return text

    def action_kind(self, by: int) -> None:
        """Show another kind of lines."""
        self._kinds.action_move(by)
        self._fill()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Pick a line; only an entry that stands can be corrected."""
        event.stop()
        line = self._lines[event.option_index]
        if kind(line) != "entries":
            self.app.notify("Only entries can be corrected.", markup=False)
        elif self._book.is_replaced(line):
            self.app.notify("That one was corrected; pick the newer one.", markup=False)
        else:
            self.answer(line)

    def action_cancel(self) -> None:
        """Pick none."""
        self.answer(None)
