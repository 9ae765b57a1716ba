"""The pattern of constricted skin: a distal site grows cold while the heart beats fast.

The drug closes skin vessels and adds heat (clinical section 2), so that cold hands may go with a
rising core. The pattern is no sign of heat by itself; it says that cool skin does not rule it out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median

import numpy as np

from monitor.signal.hold import Flags
from monitor.signal.slope import MINUTE_MIN_SAMPLES, MINUTE_S
from monitor.signal.window import Ticks, Values

ROUNDING = 1e-9
"""Differences of decimal readings are not exact in binary: 32.3 - 29.3 must reach 3.0."""


@dataclass(frozen=True, slots=True)
class ConstrictionLimits:
    """When skin counts as fallen and heart rate as raised, and when no longer (clinical, S4).

    The clear limits are our own: minutes at the very limit must not start the count anew.
    """

    limit_degc: float = 3.0
    clear_degc: float = 2.5
    limit_bpm: float = 20.0
    clear_bpm: float = 15.0


@dataclass(frozen=True, slots=True, eq=False)
class Constriction:
    """At each second: whether the pattern holds, and whether there are data to judge it by."""

    holds: Flags = field(default_factory=lambda: np.empty(0, np.bool_))
    usable: Flags = field(default_factory=lambda: np.empty(0, np.bool_))


class Vasoconstriction:
    """Judges minute medians, each against its limit or, once beyond it, its clear limit.

    Seconds would not do: heart rate wanders by 5 bpm, and ten minutes without one second below
    the limit are rare even 8 bpm above it.
    """

    def __init__(self, limits: ConstrictionLimits) -> None:
        self.limits = limits
        self._fallen = self._raised = False
        self._minute: list[tuple[float, float]] = []

    def step(self, ticks: Ticks, fall_degc: Values, excess_bpm: Values) -> Constriction:
        """Take one block of seconds.

        Args:
            ticks: consecutive seconds.
            fall_degc: skin below its own frozen baseline, degrees Celsius; NaN where the site is
                not distal, there is no baseline, or the probe is not to be trusted.
            excess_bpm: heart rate above its frozen baseline; NaN where not valid or without one.
        """
        usable = ~(np.isnan(fall_degc) | np.isnan(excess_bpm))
        if not self._minute and not usable.any():
            return Constriction(np.full(ticks.shape, self._fallen and self._raised), usable)
        rows = zip(
            ticks.tolist(), usable.tolist(), fall_degc.tolist(), excess_bpm.tolist(), strict=True
        )
        return Constriction(np.array([self._second(*row) for row in rows], np.bool_), usable)

    def _second(self, t_s: int, usable: bool, fall_degc: float, excess_bpm: float) -> bool:
        if usable:
            self._minute.append((fall_degc, excess_bpm))
        if t_s % MINUTE_S == 0:
            self._close_minute()
        return self._fallen and self._raised

    def _close_minute(self) -> None:
        seconds, self._minute = self._minute, []
        if len(seconds) < MINUTE_MIN_SAMPLES:
            return
        fall_degc, excess_bpm = (median(column) for column in zip(*seconds, strict=True))
        limits = self.limits
        degc = limits.clear_degc if self._fallen else limits.limit_degc
        bpm = limits.clear_bpm if self._raised else limits.limit_bpm
        self._fallen, self._raised = fall_degc >= degc - ROUNDING, excess_bpm >= bpm
