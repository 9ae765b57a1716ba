"""The curve of one vital sign, one value a second, and its reduction to what a chart can draw."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence

import numpy as np

from tui.plot import Point


class Series:
    """The values of one vital sign from session second 0 on; NaN is a gap.

    Four bytes a second: eight hours are 115 kB. `version` counts up with every change.
    """

    def __init__(self) -> None:
        self._values = array("f")
        self.version = 0

    def __len__(self) -> int:
        return len(self._values)

    def load(self, t0_s: int, values: Sequence[float | None]) -> None:
        """Replace everything by values from second `t0_s` on."""
        self._values = array("f", [math.nan]) * max(0, t0_s)
        self._values.extend(math.nan if value is None else value for value in values)
        self.version += 1

    def put(self, second: int, value: float | None) -> None:
        """Set one second; seconds skipped become a gap."""
        if second < 0:
            return
        new = math.nan if value is None else value
        if second >= len(self._values):
            self._values.extend([math.nan] * (second + 1 - len(self._values)))
        elif _same(self._values[second], new):
            return
        self._values[second] = new
        self.version += 1

    def cut(self, end_s: int) -> None:
        """Forget what lies after `end_s`: a replay was taken back."""
        if end_s < len(self._values):
            del self._values[max(0, end_s) :]
            self.version += 1

    def points(self, span_s: int, columns: int) -> tuple[tuple[Point, ...], int, int]:
        """Bin the last `span_s` seconds; return the points, the start and the seconds a column.

        Bins lie on whole multiples of their width, so the curve moves on but never shimmers.
        """
        step = max(1, math.ceil(span_s / columns))
        last = max(0, len(self._values) - 1) // step
        first = last - columns + 1
        start = max(0, -first)
        values = np.full((columns - start) * step, np.nan, np.float32)
        tail = self._values[max(0, first) * step :]
        values[: len(tail)] = tail
        bins = values.reshape(-1, step)
        # To hundredths again: 34.9 has no exact form in four bytes.
        lows = np.round(np.fmin.reduce(bins, axis=1).astype(float), 2).tolist()
        highs = np.round(np.fmax.reduce(bins, axis=1).astype(float), 2).tolist()
        points: list[Point] = [None] * start
        for low, high in zip(lows, highs, strict=True):
            points.append(None if math.isnan(low) else (low, high))
        return tuple(points), start, step


def _same(stored: float, new: float) -> bool:
    return (math.isnan(stored) and math.isnan(new)) or math.isclose(stored, new, rel_tol=1e-6)
