"""The purple line of a replay: that it is none of now, where it is, and a click to go elsewhere."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.message import Message
from textual.widgets import Static


class ReplayBar(Static):
    """The words in the middle; the part that was played is lighter, and underlined."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"replay--played"}

    class Seek(Message):
        """A click asks for this share (0 to 1) of the recording."""

        def __init__(self, share: float) -> None:
            super().__init__()
            self.share = share

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's
        super().__init__("", id=id, markup=False)
        self._words, self._share = "", 0.0

    def show(self, words: str, share: float) -> None:
        """Draw the words, and how much of the recording was played."""
        self._words, self._share = words, min(1.0, max(0.0, share))
        self.refresh()

    def render(self) -> Text:
        """One line as wide as the screen."""
        width = max(1, self.size.width)
        line = Text(self._words[:width].center(width), no_wrap=True)
        line.stylize(self.get_component_rich_style("replay--played"), 0, round(self._share * width))
        return line

    def on_click(self, event: events.Click) -> None:
        """Ask for the part of the recording under the mouse."""
        event.stop()
        offset = event.get_content_offset(self)
        if offset is not None and self.size.width > 1:
            self.post_message(self.Seek(offset.x / (self.size.width - 1)))
