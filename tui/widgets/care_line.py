"""What people measured, the next check, the next reminder: one quiet line."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.widgets import Static

from tui.views import CareView


class CareLine(Static):
    """Facts on the left, what is due beside them. Never an alarm's colour, never flashing."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"care--later", "care--soon", "care--due", "care--none"}

    def __init__(self) -> None:
        super().__init__("", markup=False)

    def show(self, view: CareView) -> None:
        """Draw the view; what is due comes first, as a narrow screen cuts the end."""
        line = Text(no_wrap=True, overflow="ellipsis")
        for text, tone in ((view.due, view.tone), (view.reminder, "soon"), (view.facts, "none")):
            if text:
                padded = f" {text} " if tone == "due" else text
                line.append(padded, self.get_component_rich_style(f"care--{tone}"))
                line.append("   ")
        line.rstrip()
        self.update(line, layout=False)
