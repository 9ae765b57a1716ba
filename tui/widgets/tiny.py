"""The screen for a window too small for anything else: values and the alarm word."""

from __future__ import annotations

from rich.text import Text
from textual.widgets import Static

from tui.views import ViewState


class Tiny(Static):
    """Mark, alarm, the two numbers. Never only "too small"."""

    def show(self, view: ViewState) -> None:
        """Draw the view."""
        lines = [
            view.banner.heading,
            f"HR   {view.heart.number} {view.heart.unit}  {view.heart.age}",
            f"SKIN {view.skin.number} {view.skin.unit}  {view.skin.age}",
            f"{view.header.mark}  {view.header.clock}  {view.header.audio}",
        ]
        self.update(
            Text("\n").join(Text(line, no_wrap=True, overflow="ellipsis") for line in lines)
        )
        self.set_class(view.banner.tone in {"high", "lost"}, "urgent")
