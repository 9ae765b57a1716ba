"""A braille trend chart: limits exact to a dot, gaps shaded, trace coloured above its limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.strip import Strip
from textual.widget import Widget

from tui.series import Plot, Scale, Series, plot

DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bit of the dot at [row][column] of a braille character (Unicode block 2800)."""
LEFT, RIGHT = 4, 5
"""Columns for the scale on the left and the limits on the right."""
GAP = "░"
SMALLEST = (16, 4)

Palette = Mapping[str, Style]
"""Styles named trace, low, medium, high, limit, gap, axis, marker."""


class _Canvas:
    """Dots of the trace, the limit lines and the dose markers, and the tone of each cell."""

    def __init__(self, plot: Plot, width: int, height: int) -> None:
        self.plot, self.width, self.height = plot, width, height
        self.trace = [[0] * width for _ in range(height)]
        self.tone = [["trace"] * width for _ in range(height)]
        self.lines = [[0] * width for _ in range(height)]
        self.line_tone: dict[int, str] = {}
        self.markers = {column // 2: DOTS[0][column % 2] for column in plot.markers}
        self._draw_limits()
        self._draw_trace()

    def dot_row(self, value: float) -> int:
        """The dot row of a value, 0 at the top, clipped to the chart."""
        rows = self.height * 4 - 1
        share = (self.plot.high - value) / (self.plot.high - self.plot.low)
        return min(rows, max(0, round(share * rows)))

    def _draw_limits(self) -> None:
        for value, tone in sorted(self.plot.limits):
            row = self.dot_row(value)
            self.line_tone[row // 4] = tone
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
        if self.lines[row][cell]:
            return chr(0x2800 + bits), palette["limit"]
        return (GAP, palette["gap"]) if self.is_gap(cell) else (" ", palette["axis"])


def render(plot: Plot, width: int, height: int, palette: Palette) -> list[Text]:
    """Draw a chart as lines of text.

    Args:
        plot: what to draw; two points a character column of the drawing area.
        width: of the whole chart in characters, scale included.
        height: of the whole chart in characters, time axis included.
        palette: styles by name, see `Palette`.
    """
    canvas = _Canvas(plot, width - LEFT - RIGHT, height - 1)
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
    return [*lines, _axis(plot, canvas.width, palette)]


def _tick_labels(canvas: _Canvas) -> dict[int, str]:
    labels, value = {}, canvas.plot.low
    while value <= canvas.plot.high:
        labels[canvas.dot_row(value) // 4] = f"{value:g}"
        value += canvas.plot.tick
    return labels


def _limit_labels(canvas: _Canvas) -> dict[int, tuple[str, str]]:
    """The label of each limit beside its line; where two share a row the higher one wins."""
    return {
        canvas.dot_row(value) // 4: (f"{value:.4g}", tone)
        for value, tone in sorted(canvas.plot.limits)
    }


def _axis(plot: Plot, width: int, palette: Palette) -> Text:
    cells = [" "] * (LEFT + width + RIGHT)
    for column in plot.markers:
        cells[LEFT + column // 2] = "▲"
    for column, text in reversed(plot.labels):  # "now" has the first claim, crowded ones give way
        place = LEFT + column // 2
        at = min(max(LEFT, place - len(text) // 2), LEFT + width - len(text))
        if not "".join(cells[at - 1 : at + len(text) + 1]).strip():
            cells[at : at + len(text)] = text
    line = Text(end="")
    line.append("".join(cells), palette["axis"])
    for column in plot.markers:
        line.stylize(palette["marker"], LEFT + column // 2, LEFT + column // 2 + 1)
    return line


class Trend(Widget):
    """The chart of one vital sign. It draws anew only when told of new data, or resized."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"trend--{name}"
        for name in ("trace", "low", "medium", "high", "limit", "gap", "axis", "marker")
    }

    def __init__(self, series: Series, scale: Scale, *, id: str) -> None:  # noqa: A002 - Textual's
        super().__init__(id=id)
        self._series, self._scale = series, scale
        self._span = 0
        self._limits: tuple[tuple[float, str], ...] = ()
        self._doses_s: tuple[float, ...] = ()
        self._key: object = None
        self._drawn: tuple[object, list[Strip]] = (None, [])

    def show(
        self, span: int, limits: tuple[tuple[float, str], ...], doses_s: Sequence[float]
    ) -> None:
        """Draw the series over this span (index into `SPANS_S`), if anything changed."""
        key = (len(self._series), span, limits, tuple(doses_s))
        if key != self._key:
            self._key, self._span = key, span
            self._limits, self._doses_s = limits, tuple(doses_s)
            self._drawn = (None, [])
            self.refresh()

    def invalidate(self) -> None:
        """Draw anew at the next `show`: the past changed."""
        self._key = None

    def notify_style_update(self) -> None:
        """Other colours: draw anew."""
        self._drawn = (None, [])
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """One line of the chart. Lines, not a renderable: a fifth of the cost."""
        if self._drawn[0] != self.size:
            self._drawn = (self.size, self._draw())
        lines = self._drawn[1]
        return lines[y] if y < len(lines) else Strip.blank(self.size.width, self.rich_style)

    def _draw(self) -> list[Strip]:
        width, height = self.size
        if width < SMALLEST[0] or height < SMALLEST[1]:
            return []
        area = (width - LEFT - RIGHT, height - 1)
        chart = plot(self._series, self._scale, self._span, area, self._limits, self._doses_s)
        names = (name.removeprefix("trend--") for name in self.COMPONENT_CLASSES)
        palette = {name: self.get_component_rich_style(f"trend--{name}") for name in names}
        lines = render(chart, width, height, palette)
        return [
            Strip(line.render(self.app.console), width).apply_style(self.rich_style)
            for line in lines
        ]
