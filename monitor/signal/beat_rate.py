"""The rate of beats at each second, with its uncertainty and how much of it was mended."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from devices.model import NS_PER_S
from monitor.signal import fast, rate_kernel
from monitor.signal.beats import LONGEST_PAUSE_MS, SHORTEST_RR_MS, Beats
from monitor.signal.window import NEVER_NS, Ticks, Times, Values

LEAST = 3
"""Intervals a rate is made of at least."""
FRESH_S = 5.0
"""A rate whose newest beat is older is not a rate of now."""
SPREAD_TIMES = 1.96
"""Of the standard error: half a 95 % interval."""
LEAST_PLUS_MINUS_BPM = 0.5


class BeatRate(NamedTuple):
    """The rate of beats at each tick.

    Attributes:
        bpm: NaN if there is none.
        plus_minus_bpm: half its 95 % interval.
        mended: share of the last 12 intervals that were mended.
        unbroken: intervals since the last gap.
        newest_ns: arrival of the newest beat.
    """

    bpm: Values
    plus_minus_bpm: Values
    mended: Values
    unbroken: Values
    newest_ns: Times


class BeatRateStage:
    """Blocks of beats in, rate at 1 Hz out."""

    def __init__(self) -> None:
        self._memory = rate_kernel.memory()
        self._unbroken = 0.0
        self._recent = np.zeros(rate_kernel.KEPT)
        self._rows = np.array([[np.nan], [np.nan], [0.0], [0.0], [0.0]])
        self._known: Times = np.array([NEVER_NS], np.int64)

    def step(self, beats: Beats, ticks: Ticks) -> BeatRate:
        """Take beats and the seconds that passed."""
        self._follow(beats)
        at = np.searchsorted(self._known, ticks * NS_PER_S, side="right") - 1
        bpm, spread, count, mended, unbroken = self._rows[:, at]
        newest = self._known[at]
        old = ticks * NS_PER_S - newest > FRESH_S * NS_PER_S
        rate = np.where((count < LEAST) | old, np.nan, bpm)
        plus_minus = np.maximum(SPREAD_TIMES * spread * rate, LEAST_PLUS_MINUS_BPM)
        if ticks.size:
            self._rows, self._known = self._rows[:, at[-1] :], self._known[at[-1] :]
        return BeatRate(rate, plus_minus, mended, unbroken, newest)

    def _follow(self, beats: Beats) -> None:
        rr = beats.rr_ms
        # Shorter than any heart's: not a beat, and no time passes for the next one.
        noise = (rr < SHORTEST_RR_MS) | (rr > LONGEST_PAUSE_MS)
        taken, known = rr[~noise], beats.known_ns[~noise]
        n = taken.size
        if not n:
            return
        bpm, spread, count, mended = np.empty((4, n))
        fast.run(rate_kernel.follow, taken, *self._memory, bpm, spread, count, mended)
        rows = np.array([bpm, spread, count, self._share(mended), self._since_gap(taken)])
        self._rows = np.concatenate((self._rows, rows), axis=1)
        self._known = np.concatenate((self._known, known))

    def _since_gap(self, rr: Values) -> Values:
        """How many intervals there were since the last gap, at each."""
        number = np.arange(1.0, rr.size + 1)
        before = np.maximum.accumulate(np.where(np.isnan(rr), number, -self._unbroken))
        since: Values = number - before
        self._unbroken = float(since[-1])
        return since

    def _share(self, mended: Values) -> Values:
        """Share mended of the last `KEPT` intervals, at each."""
        all_of = np.concatenate((self._recent, mended))
        windows = np.lib.stride_tricks.sliding_window_view(all_of, rate_kernel.KEPT)[1:]
        self._recent = all_of[-rate_kernel.KEPT :]
        share: Values = windows.sum(axis=1) / rate_kernel.KEPT
        return share
