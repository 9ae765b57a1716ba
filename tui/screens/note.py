"""A note for the record."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input

from tui.screens.window import Window

LONGEST = 500


class NoteScreen(Window[str]):
    """Asks for a line of text; empty for Cancel."""

    BINDINGS = [("escape", "cancel", "Cancel")]  # noqa: RUF012 - Textual's own form

    def compose(self) -> ComposeResult:
        """Lay out the input and the buttons."""
        with Vertical(classes="window") as window:
            window.border_title = "Note"
            yield Input(
                placeholder="What happened? It is recorded with the time.",
                max_length=LONGEST,
                id="note",
            )
            with Horizontal(classes="window-buttons"):
                yield Button("Enter  Record", id="record", compact=True)
                yield Button("Esc  Cancel", id="cancel", compact=True)

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
