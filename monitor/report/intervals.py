"""The interval table: means about marks before, after and between the doses."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from devices.model import NS_PER_S
from monitor.report.entries import Reading
from monitor.report.traces import Trace

HALF_S = 30
"""Means are of this many seconds on either side of a mark, as clinics' tables have it."""
BREAK_S = 10
"""So many seconds without a valid value are a gap; a mean is never taken across one."""
LEAST_S = 15
"""A mean of fewer valid seconds says too little; our own choice."""
NEAREST_S = 15 * 60
"""A reading by hand further from a mark says nothing about it; our own choice."""

Explain = Callable[[Trace, int], str]
"""Why a vital sign has no value at a second."""


@dataclass(frozen=True, slots=True)
class Dose:
    """A dose: session time and what it was called."""

    t_ns: int
    label: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of the table.

    Attributes:
        label: how it is called.
        t_ns: its session time.
        low_ns: nothing earlier belongs to it: the dose before, or the start.
        high_ns: nothing later belongs to it: the dose after, or the end.
    """

    label: str
    t_ns: int
    low_ns: int
    high_ns: int


@dataclass(frozen=True, slots=True)
class Mean:
    """Mean of the valid seconds about a mark; None with a reason where there is none."""

    value: float | None
    seconds: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Interval:
    """One row of the table."""

    mark: Mark
    heart: Mean
    skin: Mean
    pressure: Reading | None
    temperature: Reading | None


def marks(doses: Sequence[Dose], end_ns: int, every_s: int, *, ended: bool = True) -> list[Mark]:
    """The rows of the table, by time.

    Before each dose and before the end (`discharge` where a dose was given) the mark lies half a
    window earlier, so that the window ends with it.

    Args:
        doses: by time.
        end_ns: end of the session, or of what is on record.
        every_s: step of the marks after the first dose; without a dose, after the start.
        ended: whether the session was ended: else its last row is no discharge.
    """
    half_ns, step_ns = HALF_S * NS_PER_S, every_s * NS_PER_S
    zero_ns, name = (doses[0].t_ns, doses[0].label) if doses else (0, "start")
    found = [_before(f"before the {dose.label}", dose.t_ns, doses) for dose in doses]
    last = ("discharge" if doses else "end") if ended else "last on record"
    found.append(_before(last, end_ns, doses))
    steps = range(zero_ns + step_ns, end_ns - 2 * half_ns + 1, step_ns)
    named = [(f"{name} + {_minutes(t_ns - zero_ns)}", t_ns) for t_ns in steps]
    if not doses:
        named.append(("start", min(half_ns, end_ns)))
    given = [dose.t_ns for dose in doses]
    for label, t_ns in named:
        low_ns = max([0, *(at_ns for at_ns in given if at_ns <= t_ns)])
        high_ns = min([end_ns, *(at_ns for at_ns in given if at_ns > t_ns)])
        found.append(Mark(label, t_ns, low_ns, high_ns))
    return sorted(found, key=lambda mark: mark.t_ns)


def _before(label: str, until_ns: int, doses: Sequence[Dose]) -> Mark:
    """The row whose window ends at a dose or at the end."""
    low_ns = max([0, *(dose.t_ns for dose in doses if dose.t_ns < until_ns)])
    return Mark(label, max(low_ns, until_ns - HALF_S * NS_PER_S), low_ns, until_ns)


def _minutes(span_ns: int) -> str:
    minutes = span_ns // (60 * NS_PER_S)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"


def mean(trace: Trace, mark: Mark, explain: Explain) -> Mean:
    """Mean over the unbroken stretch of valid seconds about a mark, within its window and doses."""
    at = min(round(mark.t_ns / NS_PER_S), trace.values.size - 1)
    low = max(at - HALF_S, math.ceil(mark.low_ns / NS_PER_S))
    high = min(at + HALF_S, mark.high_ns // NS_PER_S, trace.values.size - 1)
    window = np.arange(low, high + 1)
    good = window[trace.counts[low : high + 1]]
    part = _about(good, at)
    if part.size < LEAST_S:
        few = f"; only {part.size} valid s" if part.size else ""
        worst = at if not part.size or not trace.counts[at] else _first_bad(trace, low, high)
        return Mean(None, int(part.size), explain(trace, worst) + few)
    return Mean(float(trace.values[part].mean()), int(part.size))


def _about(
    good: np.ndarray[tuple[int], np.dtype[np.int64]], at: int
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The stretch of seconds, without a gap in it, that holds or touches the mark."""
    if not good.size:
        return good
    breaks = np.flatnonzero(np.diff(good) > BREAK_S) + 1
    parts = np.split(good, breaks)
    near = [p for p in parts if p[0] - BREAK_S <= at <= p[-1] + BREAK_S]
    return max(near, key=len, default=good[:0])


def _first_bad(trace: Trace, low: int, high: int) -> int:
    bad = np.flatnonzero(~trace.counts[low : high + 1])
    return low + int(bad[0]) if bad.size else low


def nearest(readings: Sequence[Reading], mark: Mark) -> Reading | None:
    """The reading nearest to a mark, on the same side of every dose; None if none is near."""
    near = [
        reading
        for reading in readings
        if mark.low_ns <= reading.t_ns <= mark.high_ns
        and abs(reading.t_ns - mark.t_ns) <= NEAREST_S * NS_PER_S
    ]
    return min(near, key=lambda reading: abs(reading.t_ns - mark.t_ns), default=None)
