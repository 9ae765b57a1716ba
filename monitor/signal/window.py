"""Median of the samples in a sliding time window, at given ticks; any chunking, same output."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from devices.model import NS_PER_S

Times = NDArray[np.int64]
"""Nanoseconds on the session clock."""
Ticks = NDArray[np.int64]
"""Whole seconds of session time."""
Values = NDArray[np.float64]

NEVER_NS = -(2**62)
"""Time of the last sample when there never was one."""


class WindowMedian:
    """At each tick, the median of the samples in (tick - window, tick].

    A median, because short medians follow a step in half the window and ignore single outliers,
    where means over 30-60 s miss the field's norms (clinical reference, section 3).
    """

    def __init__(self, window_s: float) -> None:
        self._window_ns = int(window_s * NS_PER_S)
        self._t_ns: Times = np.empty(0, np.int64)
        self._values: Values = np.empty(0)
        self._last_ns = NEVER_NS

    def step(self, t_ns: Times, values: Values, ticks: Ticks) -> tuple[Values, Ticks, Times]:
        """Take the samples that arrived and the ticks that passed.

        Args:
            t_ns: arrival times, not decreasing, after all samples given before.
            values: finite values, same length.
            ticks: seconds, increasing, at or after every time given before.

        Returns:
            For each tick: the median (NaN if no sample), the number of samples in the window, and
            the time of the newest sample so far (`NEVER_NS` if none).
        """
        times = np.concatenate((self._t_ns, t_ns))
        samples = np.concatenate((self._values, values))
        at_ns = ticks * NS_PER_S
        low = np.searchsorted(times, at_ns - self._window_ns, side="right")
        high = np.searchsorted(times, at_ns, side="right")
        newest = self._newest(times, high)
        if ticks.size:
            self._last_ns = int(newest[-1])
            times, samples = self._forget(times, samples, int(at_ns[-1]))
        result = _medians(np.concatenate((self._values, values)), low, high), high - low, newest
        self._t_ns, self._values = times, samples
        return result

    def _newest(self, times: Times, high: Ticks) -> Times:
        newest: Times = np.full(high.shape, self._last_ns, np.int64)
        some = high > 0
        newest[some] = times[high[some] - 1]
        return newest

    def _forget(self, times: Times, samples: Values, now_ns: int) -> tuple[Times, Values]:
        keep = int(np.searchsorted(times, now_ns - self._window_ns, side="right"))
        return times[keep:], samples[keep:]


def _medians(samples: Values, low: Ticks, high: Ticks) -> Values:
    """Medians of samples[low:high] for each pair, NaN where empty."""
    counts = high - low
    widest = int(counts.max(initial=0))
    if widest == 0:
        return np.full(counts.shape, np.nan)
    index = low[:, None] + np.arange(widest)
    inside = index < high[:, None]
    table = np.where(inside, samples[np.minimum(index, samples.size - 1)], np.inf)
    table.sort(axis=1)
    rows = np.arange(counts.size)
    upper = table[rows, np.minimum(counts // 2, widest - 1)]
    lower = table[rows, np.maximum(counts - 1, 0) // 2]
    return np.where(counts > 0, (upper + lower) / 2, np.nan)
