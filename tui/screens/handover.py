"""Handover: one page, read aloud in half a minute; who takes over may sign in."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Button

from monitor.feed import Snapshot
from tui import handover, wording
from tui.log_book import LogBook
from tui.screens.page import Page

HEADINGS = 11
"""Columns of the headings."""


class HandoverPage(Page[bool]):
    """Shows what is in force now; returns True when somebody takes over."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("t", "take_over", "Take over")]

    def __init__(self, newest: Callable[[], Snapshot | None], book: LogBook, operator: str) -> None:
        self._newest, self._book, self._operator = newest, book, operator
        super().__init__("Handover", self._told)

    def _told(self) -> Text:
        snapshot = self._newest()
        if snapshot is None:
            return Text("Nothing known yet.")
        told = (
            wording.hanging(name, said, HEADINGS, self.text_width)
            for name, said in handover.lines(snapshot, self._book, self._operator)
        )
        return Text("\n".join(told))

    def buttons(self) -> ComposeResult:
        """Take over, or close."""
        yield Button("t  Take over", id="take", compact=True)
        yield from super().buttons()

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """Take over, or close."""
        event.stop()
        self.answer(event.button.id == "take")

    def action_take_over(self) -> None:
        """Take over."""
        self.answer(True)
