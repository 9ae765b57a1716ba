"""A note for the record, typed or picked among earlier ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Label, OptionList
from textual.widgets.option_list import Option

from tui.screens.window import Window
from tui.wording import plain

LONGEST = 500


class NoteScreen(Window[str]):
    """Asks for a line of text; empty for Cancel. Down and Enter take an earlier label again.

    Args:
        recent: texts of earlier notes, newest first.
        text: what stands there at first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "cancel", "Cancel"),
        ("down", "recent", "Earlier ones"),
    ]

    def __init__(self, recent: Sequence[str] = (), text: str = "") -> None:
        super().__init__()
        self._recent, self._text = list(recent), text

    def again(self, text: str) -> NoteScreen:
        """The same window, with what was typed."""
        return NoteScreen(self._recent, text)

    def compose(self) -> ComposeResult:
        """Lay out the input, the earlier labels and the buttons."""
        with Vertical(classes="window") as window:
            window.border_title = "Note"
            yield Input(
                value=self._text,
                placeholder="What happened? It is recorded with the time.",
                max_length=LONGEST,
                select_on_focus=False,
                id="note",
            )
            if self._recent:
                yield Label("or again, with arrow down:", markup=False)
                shown = (Option(plain(text, 66)) for text in self._recent)
                yield OptionList(*shown, id="recent", markup=False)
            with Horizontal(classes="window-buttons"):
                yield Button("Enter  Record", id="record", compact=True)
                yield Button("Esc  Cancel", id="cancel", compact=True)

    def on_mount(self) -> None:
        """Begin in the line to type in."""
        self.query_one("#note").focus()

    def action_recent(self) -> None:
        """Go to the earlier labels."""
        for options in self.query(OptionList):
            options.focus()
            options.highlighted = 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take an earlier label."""
        event.stop()
        self.answer(self._recent[event.option_index])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the note."""
        event.stop()
        self.answer(event.value.strip())

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Take the note, or not."""
        event.stop()
        text = self.query_one("#note", Input).value.strip()
        self.answer(text if event.button.id == "record" else "")

    def action_cancel(self) -> None:
        """Take no note."""
        self.answer("")
