"""What the timeline draws, as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from alerts.catalogue import CATALOGUE
from devices.model import NS_PER_S
from monitor.report.limits import InForce
from monitor.report.traces import Values

BUCKETS = 1200
"""More points across a page cannot be told apart."""
STEPS_MIN = (0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440)
"""Distances between ticks, minutes."""
TICKS = 14


@dataclass(frozen=True, slots=True, eq=False)
class Envelope:
    """A trace in few points: lowest, highest and mean of each; NaN where there is no value.

    A peak of one second stays visible; nothing is drawn across a gap as long as a point.
    """

    t_s: Values
    low: Values
    high: Values
    middle: Values

    @property
    def lonely(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Points without neighbours, which a line would not show."""
        there = np.isfinite(self.middle)
        near = np.zeros(there.size + 2, np.bool_)
        near[1:-1] = there
        return there & ~near[:-2] & ~near[2:]


def envelope(values: Values, buckets: int = BUCKETS) -> Envelope:
    """Sum up a value a second in at most so many points."""
    width = max(1, -(-values.size // buckets))
    padded = np.full(-(-values.size // width) * width, np.nan)
    padded[: values.size] = values
    rows = padded.reshape(-1, width)
    there = np.isfinite(rows)
    some = there.any(axis=1)
    low = np.where(there, rows, np.inf).min(axis=1, initial=np.inf)
    high = np.where(there, rows, -np.inf).max(axis=1, initial=-np.inf)
    total, n = np.where(there, rows, 0.0).sum(axis=1), np.maximum(there.sum(axis=1), 1)
    t_s = np.arange(some.size) * width + (width - 1) / 2
    blank = np.full(some.size, np.nan)
    return Envelope(
        t_s,
        np.where(some, low, blank),
        np.where(some, high, blank),
        np.where(some, total / n, blank),
    )


@dataclass(frozen=True, slots=True)
class Step:
    """A limit from `t0_s` to `t1_s`, seconds, and the name of its priority."""

    t0_s: float
    t1_s: float
    value: float
    priority: str


def limit_steps(states: Sequence[InForce], condition: str, end_s: float) -> list[Step]:
    """A condition's own limit over the session; nothing while it was not in force."""
    unit = "bpm" if "limit_bpm" in CATALOGUE[condition].defaults else "degc"
    starts_s = [0.0, *(state.t_ns / NS_PER_S for state in states[1:]), end_s]
    found: list[Step] = []
    for state, t0_s, t1_s in zip(states, starts_s, starts_s[1:], strict=False):
        row = state.rows.get(condition, {})
        value = row.get(f"limit_{unit}")
        if not isinstance(value, int | float):
            continue
        step = Step(t0_s, t1_s, float(value), str(row.get("priority", "LOW")))
        same = found and (found[-1].t1_s, found[-1].value) == (t0_s, step.value)
        if same:
            step = Step(found.pop().t0_s, t1_s, step.value, step.priority)
        found.append(step)
    return found


def ticks(zero_s: float, end_s: float, most: int = TICKS) -> list[float]:
    """Round distances from `zero_s` within the session, not too many."""
    wide = [minutes for minutes in STEPS_MIN if end_s / (minutes * 60) <= most]
    step_s = (wide[0] if wide else STEPS_MIN[-1]) * 60
    first = -int(zero_s // step_s)
    return [
        zero_s + k * step_s
        for k in range(first, first + most + 2)
        if 0 <= zero_s + k * step_s <= end_s
    ]


def spread(places: Sequence[float], apart: float) -> list[float]:
    """Places for labels, from the top down, moved so that no two are nearer than `apart`."""
    order = sorted(range(len(places)), key=lambda i: -places[i])
    found = list(places)
    for above, below in pairwise(order):
        found[below] = min(found[below], found[above] - apart)
    return found
