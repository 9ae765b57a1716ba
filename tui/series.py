"""The curve of one vital sign, one value a second, and its reduction to what a chart can draw."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tui import wording

SPANS_S: tuple[tuple[str, int | None], ...] = (
    ("10 min", 600),
    ("1 h", 3600),
    ("session", None),
)
"""What the trend key cycles through; None is the whole session."""
SHORTEST_S = 600
MARK_STEPS_S = (120, 300, 600, 900, 1800, 3600, 7200)
MARK_COLUMNS = 26
"""Dot columns an axis label needs to itself."""
NICE_STEPS = (1, 2, 3, 5, 10, 20, 50)

Point = tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Scale:
    """The usual vertical range; it widens by whole ticks, so that the scale does not jump."""

    low: float
    high: float
    tick: float


HEART_SCALE = Scale(40.0, 160.0, 20.0)
SKIN_SCALE = Scale(33.0, 39.0, 1.0)
"""Covers the usual proximal skin and the absolute limit; 6 degrees, so noise stays small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """What a chart draws. A dot column is half a character wide.

    Attributes:
        points: lowest and highest value of each dot column, oldest first; None is a gap.
        start: first dot column inside the session; those before it are blank, not gaps.
        low, high: the vertical range.
        tick: distance of the vertical labels.
        limits: value and tone (low, medium, high) of each limit line.
        markers: dot columns of the doses.
        labels: dot column and text on the time axis.
    """

    points: tuple[Point, ...]
    start: int
    low: float
    high: float
    tick: float
    limits: tuple[tuple[float, str], ...] = ()
    markers: tuple[int, ...] = ()
    labels: tuple[tuple[int, str], ...] = ()


class Series:
    """The values of one vital sign from session second 0 on; NaN is a gap."""

    def __init__(self) -> None:
        self._values: list[float] = []

    def __len__(self) -> int:
        return len(self._values)

    def load(self, t0_s: int, values: Sequence[float | None]) -> None:
        """Replace everything by values from second `t0_s` on."""
        self._values = [math.nan] * max(0, t0_s)
        self._values += [math.nan if value is None else value for value in values]

    def put(self, second: int, value: float | None) -> None:
        """Set one second; seconds skipped become a gap."""
        if second < 0:
            return
        if second >= len(self._values):
            self._values += [math.nan] * (second + 1 - len(self._values))
        self._values[second] = math.nan if value is None else value

    def cut(self, end_s: int) -> None:
        """Forget what lies after `end_s`: a replay was taken back."""
        del self._values[max(0, end_s) :]

    def points(self, span_s: int, columns: int) -> tuple[tuple[Point, ...], int, int]:
        """Bin the last `span_s` seconds; return the points, the start and the seconds a column.

        Bins lie on whole multiples of their width, so the curve moves on but never shimmers.
        """
        step = max(1, math.ceil(span_s / columns))
        last = max(0, len(self._values) - 1) // step
        first = last - columns + 1
        start = max(0, -first)
        values = np.full((columns - start) * step, np.nan)
        tail = self._values[max(0, first) * step :]
        values[: len(tail)] = tail
        bins = values.reshape(-1, step)
        lows, highs = np.fmin.reduce(bins, axis=1), np.fmax.reduce(bins, axis=1)
        points: list[Point] = [None] * start
        for low, high in zip(lows.tolist(), highs.tolist(), strict=True):
            points.append(None if math.isnan(low) else (low, high))
        return tuple(points), start, step


def plot(
    series: Series,
    scale: Scale,
    span: int,
    size: tuple[int, int],
    limits: tuple[tuple[float, str], ...] = (),
    doses_s: Sequence[float] = (),
) -> Plot:
    """Make a chart of the series.

    Args:
        series: the values.
        scale: usual vertical range.
        span: index into `SPANS_S`.
        size: width and height of the drawing area in characters, both at least 1.
        limits: value and tone of each limit line.
        doses_s: session seconds of the doses.
    """
    columns, rows = size[0] * 2, size[1]
    seconds = SPANS_S[span][1] or max(SHORTEST_S, len(series))
    points, start, step = series.points(seconds, columns)
    first = max(0, len(series) - 1) // step - columns + 1
    low, high = _range(scale, points, limits)
    return Plot(
        points=points,
        start=start,
        low=low,
        high=high,
        tick=_tick(scale, high - low, rows),
        limits=limits,
        markers=tuple(c for c in (int(d) // step - first for d in doses_s) if 0 <= c < columns),
        labels=_labels(span, first * step, step, columns, doses_s),
    )


def _range(
    scale: Scale, points: Sequence[Point], limits: Sequence[tuple[float, str]]
) -> tuple[float, float]:
    values = [value for point in points if point is not None for value in point]
    values += [value for value, _ in limits]
    low, high = min([scale.low, *values]), max([scale.high, *values])
    return math.floor(low / scale.tick) * scale.tick, math.ceil(high / scale.tick) * scale.tick


def _tick(scale: Scale, span: float, rows: int) -> float:
    """The smallest round distance that leaves a free row between labels where it can."""
    most = max(2, (rows - 1) // 2)
    steps = [scale.tick * nice for nice in NICE_STEPS]
    return next((step for step in steps if span / step <= most), steps[-1])


def _labels(
    span: int, first_s: int, step: int, columns: int, doses_s: Sequence[float]
) -> tuple[tuple[int, str], ...]:
    """Labels before now for a short span; of session time, dose at 0, for the whole session."""
    if SPANS_S[span][1] is None:
        return _session_labels(first_s, step, columns, doses_s)
    end_s = first_s + columns * step
    every = (SPANS_S[span][1] or 0) // 2
    marks = [(columns - every // step, f"-{every // 60}"), (columns - 1, "now")]
    left = columns - 2 * every // step
    return ((max(0, left), f"-{2 * every // 60} min"), *marks) if end_s else ()


def _session_labels(
    first_s: int, step: int, columns: int, doses_s: Sequence[float]
) -> tuple[tuple[int, str], ...]:
    origin = int(doses_s[0]) if doses_s else 0
    fits = (every for every in MARK_STEPS_S if every >= MARK_COLUMNS * step)
    every = next(fits, MARK_STEPS_S[-1])
    begin_s = max(0, first_s)
    mark = origin + math.ceil((begin_s - origin) / every) * every
    labels = []
    while (column := (mark - first_s) // step) < columns - 8:
        labels.append((column, wording.since_dose(mark, [origin] if doses_s else [])[:-3]))
        mark += every
    return (*labels, (columns - 1, "now"))
