"""A window over the dashboard: it is answered once, however fast the keys come."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

Answer = TypeVar("Answer")

AT_ONCE: tuple[Binding, ...] = (
    Binding("tab", "app.focus_next", "Next line", show=False, priority=True),
    Binding("shift+tab", "app.focus_previous", "Line before", show=False, priority=True),
)
"""Where something is typed: what is typed behind a Tab lands in the next line, however fast it
comes. Textual's own bindings wait for the line that has the focus to be done with its keys."""


class Window(ModalScreen[Answer]):
    """A modal screen whose second answer, from a key pressed twice, is dropped."""

    _answered = False

    TO_READ: ClassVar[list[BindingType]] = [
        Binding("a", "app.acknowledge", "Acknowledge"),
        Binding("p", "app.pause", "Pause audio"),
    ]
    """Keys of windows in which nothing is typed: an alarm can be answered behind them."""

    def answer(self, value: Answer) -> None:
        """Close with this answer."""
        if not self._answered:
            self._answered = True
            self.dismiss(value)
