"""A few lines to fill in, over the dashboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button, Input, Label

from tui.screens.choice import Choice
from tui.screens.window import AT_ONCE, Window

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Field:
    """One line: its name in the answer, what is asked, and what stands there at first.

    With `options` it is one of these words.
    """

    name: str
    label: str
    value: str = ""
    options: tuple[str, ...] = ()

    def widget(self) -> Input | Choice:
        """What it is filled in with."""
        name = f"field-{self.name}"
        if self.options:
            return Choice(self.options, self.value, id=name)
        return Input(value=self.value, max_length=LONGEST, id=name)


class Form(Window[dict[str, str] | None]):
    """Asks for values; returns them by name, None for Cancel. Enter goes on, at the end records."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *AT_ONCE,
        ("escape", "cancel", "Cancel"),
        ("up", "app.focus_previous", "Line before"),
        ("down", "app.focus_next", "Next line"),
    ]

    def __init__(
        self, title: str, fields: Sequence[Field], note: str = "", record: str = "Record"
    ) -> None:
        super().__init__()
        self._title, self._note, self._record = title, note, record
        self._fields = fields
        self._at = 0
        """The line Enter goes on from: the one in focus, or beyond it while the focus follows."""
        self._inputs = [field.widget() for field in fields]

    def again(self, values: Mapping[str, str]) -> Form:
        """The same form, with what was typed."""
        fields = [replace(f, value=values.get(f.name, f.value)) for f in self._fields]
        return Form(self._title, fields, self._note, self._record)

    def compose(self) -> ComposeResult:
        """Lay out the lines and the buttons."""
        with VerticalScroll(classes="window", can_focus=False) as window:
            window.border_title = self._title
            if self._note:
                yield Label(self._note, classes="window-text", markup=False)
            for field, line in zip(self._fields, self._inputs, strict=True):
                yield Label(field.label, markup=False)
                yield line
            with Horizontal(classes="window-buttons"):
                yield Button(f"Enter  {self._record}", id="record", compact=True)
                yield Button("Esc  Cancel", id="cancel", compact=True)

    def on_mount(self) -> None:
        """Begin in the first line."""
        self._inputs[0].focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Whoever went back to a line goes on from there."""
        if event.widget in self._inputs:
            self._at = self._inputs.index(event.widget)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the next line, or take them all."""
        event.stop()
        self._go_on(event.input)

    def on_choice_submitted(self, event: Choice.Submitted) -> None:
        """Go to the next line, or take them all."""
        event.stop()
        self._go_on(event.choice)

    def _go_on(self, line: Input | Choice) -> None:
        # Fast typing: the second Enter may come before the focus has moved.
        self._at = max(self._at, self._inputs.index(line)) + 1
        if self._at < len(self._inputs):
            self._inputs[self._at].focus()
        else:
            self._take()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Take the values, or not."""
        event.stop()
        if event.button.id == "record":
            self._take()
        else:
            self.answer(None)

    def _take(self) -> None:
        names = [field.name for field in self._fields]
        values = [line.value.strip() for line in self._inputs]
        self.answer(dict(zip(names, values, strict=True)))

    def action_cancel(self) -> None:
        """Take nothing."""
        self.answer(None)
