"""Regularity of the beat: share of intervals that fit no sinus rhythm, and two HRV measures.

HRV is shown as a research trend only. Under the drug it is drug- and emotion-driven (clinical
reference, section 5); nothing is ever alarmed on it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from devices.model import NS_PER_S
from monitor.signal import fast, rr_kernel
from monitor.signal.beats import Beats
from monitor.signal.window import Ticks, Times, Values

IRREGULAR_S = 60
"""Window of the irregularity indicator (clinical table, P7)."""
IRREGULAR_LEAST = 20
HRV_S = 300
"""Task Force 1996: five minutes for short-term HRV."""
HRV_LEAST = 120
HRV_EVERY_S = 60
HRV_MOST_CORRECTED_PCT = 5.0
"""Above this share of corrected beats HRV is blank (convention named in the clinical reference)."""
PCT = 100.0


class Rhythm(NamedTuple):
    """At each tick; NaN where too few beats are known.

    Attributes:
        irregular_pct: share of intervals in the last minute that fit no sinus rhythm.
        corrected_pct: share of the last five minutes' that are no plain sinus interval.
        rmssd_ms: root mean square of successive differences, last five minutes, every minute.
        sdnn_ms: standard deviation of the same intervals.
    """

    irregular_pct: Values
    corrected_pct: Values
    rmssd_ms: Values
    sdnn_ms: Values


class RhythmStage:
    """Blocks of beats in, regularity at 1 Hz out. A beat is judged when the next has come."""

    def __init__(self) -> None:
        self._memory = rr_kernel.memory()
        self._known: Times = np.empty(0, np.int64)
        self._kinds = np.empty(0, np.int64)
        self._clean: Values = np.empty(0)
        self._hrv = (np.nan, np.nan)

    def step(self, beats: Beats, ticks: Ticks) -> Rhythm:
        """Take beats and the seconds that passed."""
        if not (beats.rr_ms.size or self._known.size):
            return Rhythm(*(np.full(ticks.shape, np.nan) for _ in range(4)))
        self._judge(beats)
        # Beat i is judged by the time beat i + 1 is known, never before: any chunking the same.
        n = min(self._kinds.size, max(self._known.size - 1, 0))
        known, kinds = self._known[1 : n + 1], self._kinds[:n]
        now = np.searchsorted(known, ticks * NS_PER_S, side="right")
        minute = np.searchsorted(known, (ticks - IRREGULAR_S) * NS_PER_S, side="right")
        five = np.searchsorted(known, (ticks - HRV_S) * NS_PER_S, side="right")
        odd = (kinds == rr_kernel.ECTOPIC) | (kinds == rr_kernel.NOISE)
        corrected = (kinds != rr_kernel.NORMAL) & (kinds != rr_kernel.GAP)
        irregular_pct = _share(odd, minute, now, IRREGULAR_LEAST)
        corrected_pct = _share(corrected, five, now, IRREGULAR_LEAST)
        rmssd, sdnn = self._trend(ticks, five, now, corrected_pct)
        if ticks.size:
            self._forget(int(five[-1]))
        return Rhythm(irregular_pct, corrected_pct, rmssd, sdnn)

    def _judge(self, beats: Beats) -> None:
        if not beats.rr_ms.size:
            return
        n = beats.rr_ms.size
        kinds, clean = np.zeros(n + 1, np.int64), np.zeros(n + 1)
        done = fast.run(rr_kernel.judge, beats.rr_ms, *self._memory, kinds, clean)
        self._known = np.concatenate((self._known, beats.known_ns))
        self._kinds = np.concatenate((self._kinds, kinds[:done]))
        self._clean = np.concatenate((self._clean, clean[:done]))

    def _trend(
        self, ticks: Ticks, start: Ticks, end: Ticks, corrected_pct: Values
    ) -> tuple[Values, Values]:
        rmssd, sdnn = np.empty(ticks.size), np.empty(ticks.size)
        for i in range(ticks.size):
            if ticks[i] % HRV_EVERY_S == 0:
                good = corrected_pct[i] <= HRV_MOST_CORRECTED_PCT
                part = slice(int(start[i]), int(end[i]))
                self._hrv = self._measure(part) if good else (np.nan, np.nan)
            rmssd[i], sdnn[i] = self._hrv
        return rmssd, sdnn

    def _measure(self, part: slice) -> tuple[float, float]:
        """RMSSD and SDNN of plain intervals; differences only between neighbours."""
        normal = self._kinds[part] == rr_kernel.NORMAL
        rr = self._clean[part]
        if np.count_nonzero(normal) < HRV_LEAST:
            return np.nan, np.nan
        both = normal[1:] & normal[:-1]
        steps = np.diff(rr)[both]
        return float(np.sqrt(np.mean(steps * steps))), float(np.std(rr[normal], ddof=1))

    def _forget(self, keep: int) -> None:
        self._known, self._kinds = self._known[keep:], self._kinds[keep:]
        self._clean = self._clean[keep:]


def _share(flags: np.ndarray, start: Ticks, end: Ticks, least: int) -> Values:
    """Percentage of set flags in [start, end); whole numbers are summed, so the bits are exact."""
    total = np.concatenate(([0], np.cumsum(flags, dtype=np.int64)))
    count = end - start
    share = PCT * (total[end] - total[start]) / np.maximum(count, 1)
    return np.where(count >= least, share, np.nan)
