"""One of a few words, by arrow keys, by their first letters, or by mouse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Static

from tui.wording import plain


class Choice(Static, can_focus=True):
    """A line of words, one of them chosen; Enter goes on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "Before"),
        Binding("right,space", "move(1)", "Next"),
        Binding("enter", "submit", "Go on"),
    ]

    class Submitted(Message):
        """Enter was pressed."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

    def __init__(self, options: Sequence[str], value: str, *, id: str) -> None:  # noqa: A002 - Textual's
        super().__init__(id=id, markup=False)
        self._options = list(dict.fromkeys([*options, *([value] if value else [])]))
        self.value = value or self._options[0]
        self._columns: list[str] = []
        """The word under each column."""

    def render(self) -> Text:
        """The words; the chosen one in brackets and in reverse."""
        line, self._columns = Text(no_wrap=True), []
        for option in self._options:
            chosen = option == self.value
            word = f"[{plain(option, 30)}]" if chosen else f" {plain(option, 30)} "
            line.append(word, Style(reverse=self.has_focus, bold=True) if chosen else "")
            self._columns += [option] * len(word)
        return line

    def action_move(self, by: int) -> None:
        """Choose the next or the one before."""
        self._choose(self._options[(self._options.index(self.value) + by) % len(self._options)])

    def action_submit(self) -> None:
        """Go on with what is chosen."""
        self.post_message(self.Submitted(self))

    def on_key(self, event: events.Key) -> None:
        """A letter chooses the next word that begins with it."""
        letter = (event.character or "").lower()
        at = self._options.index(self.value) + 1
        later = [*self._options[at:], *self._options[:at]]
        found = [option for option in later if letter and option.lower().startswith(letter)]
        if found and letter.isalnum():
            event.stop()
            self._choose(found[0])

    def on_click(self, event: events.Click) -> None:
        """Choose the word under the mouse."""
        offset = event.get_content_offset(self)
        if offset is not None and offset.x < len(self._columns):
            self._choose(self._columns[offset.x])

    def on_focus(self) -> None:
        """Show where the keys go."""
        self.refresh()

    on_blur = on_focus

    def _choose(self, value: str) -> None:
        self.value = value
        self.refresh()
