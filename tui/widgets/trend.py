"""A braille trend chart: limits exact to a dot, gaps shaded, trace coloured above its limits."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.plot import SPANS_S, Plot, Scale, Story, plot
from tui.series import Series

DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bit of the dot at [row][column] of a braille character (Unicode block 2800)."""
LEFT, RIGHT = 4, 5
"""Columns for the scale on the left and the limits on the right."""
GAP = "░"
BARS = {"low": "▂", "medium": "▄", "high": "█"}
"""An alarm's span: the more urgent the higher, so that it needs no colour."""
SMALLEST = (16, 4)
STYLES = ("trace", "low", "medium", "high", "limit", "gap", "axis", "marker")

Palette = Mapping[str, Style]
"""Styles by the names in `STYLES`."""


class _Canvas:
    """Dots of the trace, the limit lines and the dose markers, and the tone of each cell."""

    def __init__(self, plot: Plot, width: int, height: int) -> None:
        self.plot, self.width, self.height = plot, width, height
        self.trace = [[0] * width for _ in range(height)]
        self.tone = [["trace"] * width for _ in range(height)]
        self.lines = [[0] * width for _ in range(height)]
        self.words: dict[tuple[int, int], str] = {}
        self.markers = {column // 2: DOTS[0][column % 2] for column in plot.doses}
        self._draw_limits()
        self._draw_trace()
        self._write_reasons()

    def dot_row(self, value: float) -> int:
        """The dot row of a value, 0 at the top, clipped to the chart."""
        rows = self.height * 4 - 1
        share = (self.plot.high - value) / (self.plot.high - self.plot.low)
        return min(rows, max(0, round(share * rows)))

    def _draw_limits(self) -> None:
        for value, _ in self.plot.limits:
            row = self.dot_row(value)
            for cell in range(self.width):
                self.lines[row // 4][cell] |= DOTS[row % 4][0]

    def _draw_trace(self) -> None:
        before: tuple[int, int] | None = None
        for column, point in enumerate(self.plot.points):
            if point is None:
                before = None
                continue
            top, bottom = self.dot_row(point[1]), self.dot_row(point[0])
            span = top, bottom
            if before is not None:  # join to the neighbour, so that a step is one line
                top, bottom = min(top, before[1] + 1), max(bottom, before[0] - 1)
            for row in range(top, bottom + 1):
                self.trace[row // 4][column // 2] |= DOTS[row % 4][column % 2]
            self._colour(column // 2, top, bottom, point[1])
            before = span

    def _colour(self, cell: int, top: int, bottom: int, highest: float) -> None:
        for value, tone in sorted(self.plot.limits):
            limit = self.dot_row(value)
            if highest >= value and top <= limit:
                for row in range(top // 4, min(bottom, limit) // 4 + 1):
                    self.tone[row][cell] = tone

    def _write_reasons(self) -> None:
        """A gap's reason inside it, on the middle row, where it is wide enough."""
        row = self.height // 2
        for first, last, reason in self.plot.gaps:
            left, right = -(-first // 2), (last + 1) // 2
            if right - left < len(reason) + 2:
                continue
            at = left + (right - left - len(reason)) // 2
            for place, character in enumerate(f" {reason} ", at - 1):
                self.words[row, place] = character if cell_len(character) == 1 else "?"

    def is_gap(self, cell: int) -> bool:
        """Whether no valid data lies under a character column of the session."""
        points = self.plot.points[cell * 2 : cell * 2 + 2]
        return cell * 2 >= self.plot.start and not any(points)

    def cell(self, row: int, cell: int, palette: Palette) -> tuple[str, Style]:
        """Character and style of one cell."""
        marker = 0
        if cell in self.markers:
            marker = 0x47 if self.markers[cell] == DOTS[0][0] else 0xB8
        bits = self.trace[row][cell] | self.lines[row][cell] | marker
        if self.trace[row][cell]:
            return chr(0x2800 + bits), palette[self.tone[row][cell]]
        if marker:
            return chr(0x2800 + bits), palette["marker"]
        if (row, cell) in self.words:
            return self.words[row, cell], palette["axis"]
        if self.lines[row][cell]:
            return chr(0x2800 + bits), palette["limit"]
        return (GAP, palette["gap"]) if self.is_gap(cell) else (" ", palette["axis"])


def render(plot: Plot, width: int, height: int, palette: Palette) -> list[Text]:
    """Draw a chart as lines of text.

    Args:
        plot: what to draw; two points a character column of the drawing area.
        width: of the whole chart in characters, scale included.
        height: of the whole chart in characters, time axis and alarm lane included.
        palette: styles by name, see `Palette`.
    """
    lane = [_lane(plot, width, palette)] if plot.alarms else []
    canvas = _Canvas(plot, width - LEFT - RIGHT, height - 1 - len(lane))
    ticks, limits = _tick_labels(canvas), _limit_labels(canvas)
    lines = []
    for row in range(canvas.height):
        line = Text(end="")
        line.append(f"{ticks.get(row, ''):>{LEFT - 1}} ", palette["axis"])
        cells = (canvas.cell(row, cell, palette) for cell in range(canvas.width))
        for style, run in groupby(cells, key=lambda cell: cell[1]):
            line.append("".join(character for character, _ in run), style)
        text, tone = limits.get(row, ("", "axis"))
        line.append(f" {text:<{RIGHT - 1}}", palette[tone])
        lines.append(line)
    return [*lines, *lane, _axis(plot, canvas.width, palette)]


def _lane(plot: Plot, width: int, palette: Palette) -> Text:
    """When alarms held: a bar as high as they were urgent."""
    line = Text(" " * LEFT, end="")
    pairs = zip(plot.alarms[::2], plot.alarms[1::2], strict=True)
    worst = [max(pair, key=("", *BARS).index) for pair in pairs]
    for tone, run in groupby(worst):
        line.append(BARS.get(tone, " ") * len(list(run)), palette[tone or "axis"])
    line.append(" " * (width - len(line)))
    return line


def _tick_labels(canvas: _Canvas) -> dict[int, str]:
    labels, value = {}, canvas.plot.low
    while value <= canvas.plot.high:
        labels[canvas.dot_row(value) // 4] = f"{value:g}"
        value += canvas.plot.tick
    return labels


def _limit_labels(canvas: _Canvas) -> dict[int, tuple[str, str]]:
    """The label of each limit beside its line; where two share a row the higher one wins."""
    return {
        canvas.dot_row(value) // 4: (_limit_label(value), tone)
        for value, tone in sorted(canvas.plot.limits)
    }


def _limit_label(value: float) -> str:
    """As exact as fits beside the chart; a longer one would push the row out of place."""
    return next(t for t in (f"{value:.4g}", f"{value:.1f}", f"{value:.0f}") if len(t) < RIGHT)


def _axis(plot: Plot, width: int, palette: Palette) -> Text:
    cells = [" "] * (LEFT + width + RIGHT)
    marks = {LEFT + column // 2: letter for column, letter in plot.marks}
    marks |= {LEFT + column // 2: "▲" for column in plot.doses}
    for place, letter in marks.items():
        cells[place] = letter
    for column, text in reversed(plot.labels):  # "now" has the first claim, crowded ones give way
        place = LEFT + column // 2
        at = min(max(LEFT, place - len(text) // 2), LEFT + width - len(text))
        if not "".join(cells[at - 1 : at + len(text) + 1]).strip():
            cells[at : at + len(text)] = text
    line = Text(end="")
    line.append("".join(cells), palette["axis"])
    for place in marks:
        line.stylize(palette["marker"], place, place + 1)
    return line


def last_gap(plot: Plot) -> str:
    """The reason of the newest gap in sight too narrow to hold it; "" for none."""
    for first, last, reason in reversed(plot.gaps):
        if (last + 1) // 2 - -(-first // 2) < len(reason) + 2:
            return reason
    return ""


class Trend(Widget):
    """The chart of one vital sign. What did not change is neither made nor drawn anew."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"trend--{name}" for name in STYLES}

    def __init__(self, name: str, series: Series, scale: Scale, *, id: str) -> None:  # noqa: A002 - Textual's
        super().__init__(id=id)
        self._what, self._series, self._scale = name, series, scale
        self._key: object = None
        self._plot: Plot | None = None
        self._drawn_size = self.size
        self._palette: dict[str, Style] = {}
        self._lines: list[Strip] = []
        self._texts: list[Text] = []

    def show(self, span: int, limits: tuple[tuple[float, str], ...], story: Story) -> None:
        """Draw the series over this span (index into `SPANS_S`), if anything changed."""
        key = (self._series.version, span, limits, story, self.size)
        if key == self._key or not self.display:
            return
        self._key = key
        width, height = self.size
        if width < SMALLEST[0] or height < SMALLEST[1]:
            self._plot, self._lines, self._texts = None, [], []
            return
        area = (width - LEFT - RIGHT, height - 1)
        chart = plot(self._series, self._scale, span, area, limits, story)
        if chart != self._plot or self.size != self._drawn_size:
            self._plot, self._drawn_size = chart, self.size
            self._title(span, chart)
            self._draw()

    def _title(self, span: int, chart: Plot) -> None:
        reason = last_gap(chart)
        gap = f"  gap: {reason}" if reason else ""
        # A Content, not a str: a reason may come from outside, and is no markup.
        self.border_title = Content(f" {self._what}, {SPANS_S[span][0]}{gap} ")

    def notify_style_update(self) -> None:
        """Other colours: draw anew."""
        self._palette, self._texts, self._key, self._plot = {}, [], None, None
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """One line of the chart. Lines, not a renderable: a fifth of the cost."""
        if y < len(self._lines):
            return self._lines[y]
        return Strip.blank(self.size.width, self.rich_style)

    def _draw(self) -> None:
        """Make the lines; only those that differ from the ones on the screen are drawn."""
        if self._plot is None:
            return
        if not self._palette:
            self._palette = {n: self.get_component_rich_style(f"trend--{n}") for n in STYLES}
        width, height = self.size
        before, self._texts = self._texts, render(self._plot, width, height, self._palette)
        if len(before) != len(self._texts):
            self._lines = [self._strip(text, width) for text in self._texts]
            self.refresh()
            return
        for row, (old, new) in enumerate(zip(before, self._texts, strict=True)):
            if old != new or old.spans != new.spans:
                self._lines[row] = self._strip(new, width)
                self.refresh(Region(0, row, width, 1))

    def _strip(self, text: Text, width: int) -> Strip:
        return Strip(text.render(self.app.console), width).apply_style(self.rich_style)
