"""A small window over the dashboard: some text, and answers by key or mouse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button, Static

from tui.screens.window import Window

RENEW_S = 0.5


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: the keys that give it, what the button says, what the caller gets."""

    keys: tuple[str, ...]
    label: str
    value: str


CANCEL = Answer(("escape",), "Esc  Cancel", "")


class Question(Window[str]):
    """Asks; returns the value of the answer, empty for Cancel.

    `text` is asked for again while the window is open: what it says stays true. `astray` is the
    answer to a key that means nothing here: somebody may be typing what belongs elsewhere.
    """

    AUTO_FOCUS = ""
    """No button has the focus at first, or Enter would give the first answer, meant or not."""

    def __init__(
        self,
        title: str,
        text: Callable[[], Text],
        answers: Sequence[Answer],
        astray: str | None = None,
    ) -> None:
        super().__init__()
        self._astray = astray
        self._title, self._text, self._answers = title, text, (*answers, CANCEL)
        self._body = Static(text(), classes="window-text")

    def compose(self) -> ComposeResult:
        """Lay out title, text and buttons."""
        with VerticalScroll(classes="window", can_focus=False) as window:
            window.border_title = self._title
            yield self._body
            with Horizontal(id="answers", classes="window-buttons"):
                for index, answer in enumerate(self._answers):
                    yield Button(answer.label, id=f"answer-{index}", compact=True)

    def on_mount(self) -> None:
        """What the text says stays true."""
        self.set_interval(RENEW_S, lambda: self._body.update(self._text()))

    def on_key(self, event: events.Key) -> None:
        """Give the answer of this key."""
        if event.key in {"up", "down"}:  # a low screen shows but a part of it
            event.stop()
            window = self.query_one(VerticalScroll)
            window.scroll_relative(y=-1 if event.key == "up" else 1, animate=False)
            return
        for answer in self._answers:
            if event.key in answer.keys or (event.character or "") in answer.keys:
                event.stop()
                self.answer(answer.value)
                return
        if self._astray is not None and event.is_printable:
            event.stop()
            self.answer(self._astray)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Give the answer of this button."""
        event.stop()
        index = int(str(event.button.id).removeprefix("answer-"))
        self.answer(self._answers[index].value)
