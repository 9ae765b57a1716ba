"""A page over the dashboard: text to read, renewed while open. Monitoring goes on behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button, Static

from tui import wording
from tui.screens.help_text import HELP
from tui.screens.window import Window

RENEW_S = 0.5
PAGE, FRAME = 78, 8
"""Columns of a page at most, and those of its frame and scroll bar."""
Result = TypeVar("Result")


class Page(Window[Result | None]):
    """Text to read; Esc, the page's own key or the button closes it.

    Args:
        title: stands in the frame.
        text: is asked for again while the page is open: what it says stays true.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,l,q,h,w,question_mark,f1", "close", "Close"),
        *Window.TO_READ,
    ]

    def __init__(self, title: str, text: Callable[[], Text]) -> None:
        super().__init__()
        self._title, self._text = title, text
        self._body = Static("", classes="window-text")

    def compose(self) -> ComposeResult:
        """Lay out the text and the buttons."""
        with VerticalScroll(classes="window page") as window:
            window.border_title = self._title
            yield self._body
            with Horizontal(classes="window-buttons"):
                yield from self.buttons()

    def buttons(self) -> ComposeResult:
        """The buttons below the text."""
        yield Button("Esc  Close", id="close", compact=True)

    def on_mount(self) -> None:
        """Let the keys scroll; keep the text true."""
        self.query_one(VerticalScroll).focus()
        self._renew()
        self.set_interval(RENEW_S, self._renew)

    @property
    def text_width(self) -> int:
        """Columns of a line of text in here, as laid out in the style sheet."""
        return min(PAGE, self.app.size.width * 96 // 100) - FRAME

    def _renew(self) -> None:
        text = self._text()
        if text != self._body.content:
            self._body.update(text)

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """Close."""
        event.stop()
        self.answer(None)

    def action_close(self) -> None:
        """Close."""
        self.answer(None)


def help_page() -> Page[None]:
    """Keys, symbols, and what Vigil is not."""
    return Page("Help", lambda: Text(f"{HELP}{wording.STATEMENT}"))
