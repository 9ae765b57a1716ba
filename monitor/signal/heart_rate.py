"""Displayed heart rate from the sensor's own rate, or from RR intervals where there is no rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.signal.hold import BLANK_PERIODS, WINDOW_PERIODS, Displayed, Flags, Hold
from monitor.signal.window import NEVER_NS, Ticks, Times, Values, WindowMedian

RATE_WINDOW_S = 5.0
"""Median of the last 5 s of the strap's 1 Hz number: a step is shown after about 2.5 s, bursts of
up to 2 s are ignored; the strap itself has averaged already."""
RR_WINDOW_S = 10.0
RR_MINIMUM = 3
"""Intervals needed in the window before they stand in for a missing rate."""
BLANK_AFTER_S = 10.0
"""A stale heart rate is the hazard: nothing is shown after 10 s (clinical table, X1)."""
LOST_AFTER_S = 30.0
ARM_AFTER_S = 30
"""Heart-rate limits arm after this much valid data (GE B20 practice; clinical rule 1)."""
MS_PER_MIN = 60_000.0


@dataclass(frozen=True, slots=True, eq=False)
class HeartRate:
    """Displayed heart rate, bpm, at each tick, and whether limits are armed."""

    shown: Displayed
    armed: Flags


class HeartRateStage:
    """Blocks of samples in, displayed heart rate at 1 Hz out.

    `period_s`: seconds between the rates of a slow source (a chart's minute values), else 0.
    """

    def __init__(self, period_s: float = 0.0) -> None:
        self._rate = WindowMedian(max(RATE_WINDOW_S, WINDOW_PERIODS * period_s))
        self._rr = WindowMedian(RR_WINDOW_S)
        blank_s = max(BLANK_AFTER_S, BLANK_PERIODS * period_s)
        self._hold = Hold(blank_s, max(LOST_AFTER_S, blank_s))
        self._newest_ns = NEVER_NS
        self._valid_s = 0

    def step(self, rate: tuple[Times, Values], rr: tuple[Times, Values], ticks: Ticks) -> HeartRate:
        """Take valid rates (bpm) and RR intervals (ms), each as (times, values), and the ticks."""
        bpm, _, rate_ns = self._rate.step(*rate, ticks)
        rr_ms, count, rr_ns = self._rr.step(*rr, ticks)
        from_rr = np.where(count >= RR_MINIMUM, MS_PER_MIN / rr_ms, np.nan)
        fresh = np.where(np.isnan(bpm), from_rr, bpm)
        used = np.where(count >= RR_MINIMUM, np.maximum(rate_ns, rr_ns), rate_ns)
        shown = self._hold.step(fresh, self._newest(used), ticks)
        return HeartRate(shown, self._arm(shown.valid))

    def _newest(self, used: Times) -> Times:
        """Time of the newest sample that ever counted: a thin window must not make it older."""
        newest = np.maximum.accumulate(np.maximum(used, self._newest_ns))
        if newest.size:
            self._newest_ns = int(newest[-1])
        return newest

    def _arm(self, valid: Flags) -> Flags:
        seconds = self._valid_s + np.cumsum(valid, dtype=np.int64)
        if valid.size:
            self._valid_s = min(int(seconds[-1]), ARM_AFTER_S)
        return seconds >= ARM_AFTER_S
