"""What a chart draws, made from a series and the timeline. Pure; no Textual."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.feed_chart import AlarmSpan, Gap, Mark
from tui import wording

if TYPE_CHECKING:
    from tui.series import Series

SPANS_S: tuple[tuple[str, int | None], ...] = (
    ("10 min", 600),
    ("1 h", 3600),
    ("session", None),
)
"""What the trend key cycles through; None is the whole session."""
WHOLE = len(SPANS_S) - 1
SHORTEST_S = 600
MARK_STEPS_S = (120, 300, 600, 900, 1800, 3600, 7200)
MARK_COLUMNS = 26
"""Dot columns an axis label needs to itself."""
NICE_STEPS = (1, 2, 3, 5, 10, 20, 50)
TONES = ("low", "medium", "high")
MARKS = {"dose": "▲", "note": "n", "blood_pressure": "b", "temperature": "c", "standby": "s"}
"""A dose as on every chart; the others by a letter, mostly that of their key."""

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
class Story:
    """What happened beside the curve: alarm spans and gaps of this signal, all marks."""

    spans: tuple[AlarmSpan, ...] = ()
    gaps: tuple[Gap, ...] = ()
    marks: tuple[Mark, ...] = ()


NOTHING = Story()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """What a chart draws. A dot column is half a character wide.

    Attributes:
        points: lowest and highest value of each dot column, oldest first; None is a gap.
        start: first dot column inside the session; those before it are blank, not gaps.
        low, high: the vertical range.
        tick: distance of the vertical labels.
        limits: value and tone (low, medium, high) of each limit line.
        doses: dot columns of the doses.
        marks: dot column and letter of other marks.
        labels: dot column and text on the time axis.
        alarms: tone of the worst alarm in each dot column, "" for none.
        gaps: first and last dot column of each gap in sight, and its reason.
    """

    points: tuple[Point, ...]
    start: int
    low: float
    high: float
    tick: float
    limits: tuple[tuple[float, str], ...] = ()
    doses: tuple[int, ...] = ()
    marks: tuple[tuple[int, str], ...] = ()
    labels: tuple[tuple[int, str], ...] = ()
    alarms: tuple[str, ...] = ()
    gaps: tuple[tuple[int, int, str], ...] = ()


def plot(
    series: Series,
    scale: Scale,
    span: int,
    size: tuple[int, int],
    limits: tuple[tuple[float, str], ...] = (),
    story: Story = NOTHING,
) -> Plot:
    """Make a chart of the series.

    Args:
        series: the values.
        scale: usual vertical range.
        span: index into `SPANS_S`.
        size: width and height of the drawing area in characters, both at least 1.
        limits: value and tone of each limit line.
        story: what happened beside the curve.
    """
    columns, rows = size[0] * 2, size[1]
    seconds = SPANS_S[span][1] or max(SHORTEST_S, len(series))
    points, start, step = series.points(seconds, columns)
    first = max(0, len(series) - 1) // step - columns + 1
    low, high = _range(scale, points, limits)
    doses_s = [mark.t_s for mark in story.marks if mark.kind == "dose"]
    places = [(int(mark.t_s) // step - first, MARKS.get(mark.kind, "n")) for mark in story.marks]
    return Plot(
        points=points,
        start=start,
        low=low,
        high=high,
        tick=_tick(scale, high - low, rows),
        limits=limits,
        doses=tuple(c for c in (int(d) // step - first for d in doses_s) if 0 <= c < columns),
        marks=tuple((c, text) for c, text in places if 0 <= c < columns and text != "▲"),
        labels=_labels(span, first * step, step, columns, doses_s),
        alarms=_alarms(story.spans, first, step, columns),
        gaps=_gaps(story.gaps, first, step, columns),
    )


def _alarms(spans: Sequence[AlarmSpan], first: int, step: int, columns: int) -> tuple[str, ...]:
    """The worst tone in each column; empty when there is no alarm in sight."""
    worst = [0] * columns
    for span in spans:
        begin = max(0, int(span.t0_s) // step - first)
        end = columns - 1 if span.t1_s is None else int(span.t1_s) // step - first
        tone = span.priority.lower()
        rank = TONES.index(tone) + 1 if tone in TONES else len(TONES)
        for column in range(begin, min(end, columns - 1) + 1):
            worst[column] = max(worst[column], rank)
    return tuple(("", *TONES)[rank] for rank in worst) if any(worst) else ()


def _gaps(
    gaps: Sequence[Gap], first: int, step: int, columns: int
) -> tuple[tuple[int, int, str], ...]:
    placed = (
        (
            max(0, gap.t0_s // step - first),
            columns - 1 if gap.t1_s is None else min(columns, gap.t1_s // step - first) - 1,
            wording.plain(gap.reason, 60),
        )
        for gap in gaps
    )
    return tuple(place for place in placed if place[0] <= place[1] and place[0] < columns)


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
