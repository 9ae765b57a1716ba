"""The last seconds of the electrocardiogram, in braille dots: for looking at, not for measuring."""

from __future__ import annotations

from rich.text import Text
from textual.content import Content
from textual.widgets import Static

from tui.views import EcgView
from tui.widgets.trend import DOTS

LEAST_SPAN_UV = 1_000
"""A quiet line is not blown up to look like a signal."""


def render(view: EcgView, width: int, height: int) -> Text:
    """The newest parts that fit, one a column of dots, newest at the right."""
    columns = min(2 * width, len(view.low_uv))
    parts = list(zip(view.low_uv, view.high_uv, strict=True))[-columns:]
    seen = [edge for part in parts for edge in part if edge is not None]
    middle = (min(seen) + max(seen)) / 2 if seen else 0.0
    span = max(LEAST_SPAN_UV, max(seen) - min(seen)) if seen else LEAST_SPAN_UV
    top, rows = middle + span / 2, 4 * height - 1
    cells = [[0] * -(-columns // 2) for _ in range(height)]
    for column, (low, high) in enumerate(parts):
        if low is None or high is None:
            continue
        first, last = (round((top - value) / span * rows) for value in (high, low))
        for row in range(max(first, 0), min(last, rows) + 1):
            cells[row // 4][column // 2] |= DOTS[row % 4][column % 2]
    lines = ("".join(chr(0x2800 + bits) for bits in line) for line in cells)
    return Text("\n".join(lines), no_wrap=True)


class EcgStrip(Static):
    """Hidden unless a sensor sends an electrocardiogram and the screen has room for it."""

    def show(self, view: EcgView) -> None:
        """Draw the view."""
        self.set_class(not view.low_uv, "none")
        self.border_title = Content(view.title)  # a note may come from outside: no markup
        if view.low_uv and self.size.height:
            self.update(render(view, self.size.width, self.size.height), layout=False)
