"""The usual course of a session as one line, and where the clock stands in it."""

from __future__ import annotations

from itertools import groupby
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.widgets import Static

from tui.views import PhaseView

PAST, COMING, WINDOW, EDGE, NOW, DOSE = "━", "─", "╌", "┃", "●", "▲"
STYLES = ("past", "coming", "name", "now", "dose")


def cells(view: PhaseView, width: int) -> list[tuple[str, str]]:
    """Character and style of each column; empty before the dose."""
    if not view.bands or width < 1:
        return []
    begin, end = view.bands[0][1], view.bands[-1][2]

    def column(t_s: float) -> int:
        return min(width - 1, max(0, int((t_s - begin) / (end - begin) * width)))

    now = column(view.now_s)
    line = [(PAST, "past") if at < now else (COMING, "coming") for at in range(width)]
    if view.window is not None:
        for at in range(max(now, column(view.window[0])), column(view.window[1]) + 1):
            line[at] = (WINDOW, "coming")
        begins, text = max(now, column(view.window[0])) + 2, " supplemental? "
        if column(view.window[1]) - begins >= len(text):
            line[begins : begins + len(text)] = [(character, "coming") for character in text]
    for name, t0_s, t1_s in view.bands:
        at = column(t0_s)
        style = "name" if name == view.words else "past" if at < now else "coming"
        line[at] = (EDGE, "coming") if at else line[at]
        text = f" {name} "
        if column(t1_s) - at > len(text) + 1:
            line[at + 1 : at + 1 + len(text)] = [(character, style) for character in text]
    for dose_s in view.doses_s:
        line[column(dose_s)] = (DOSE, "dose")
    line[now] = (NOW, "now")
    return line


class PhaseBand(Static):
    """Hidden before the dose. It moves by a column every few minutes, and is drawn only then."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"phase--{name}" for name in STYLES}

    def __init__(self) -> None:
        super().__init__("", markup=False)

    def show(self, view: PhaseView) -> None:
        """Draw the view."""
        self.set_class(not view.bands, "none")
        line = cells(view, self.size.width)
        text = Text(no_wrap=True)
        for style, run in groupby(line, key=lambda cell: cell[1]):
            text.append("".join(character for character, _ in run), self._style(style))
        self.update(text, layout=False)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"phase--{name}")
