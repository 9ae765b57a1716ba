"""Displayed skin temperature, its trend, and whether the probe can be believed."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np

from monitor.signal.frozen import Frozen
from monitor.signal.hold import BLANK_PERIODS, WINDOW_PERIODS, Codes, Displayed, Flags, Hold
from monitor.signal.probe import Probe, ProbeLimits
from monitor.signal.sites import DISTAL_SITES
from monitor.signal.skin_samples import SampleGuard
from monitor.signal.slope import Slope
from monitor.signal.window import Ticks, Times, Values, WindowMedian

SKIN_WINDOW_S = 30.0
"""Thermometers report every 0.25 to 10 s; skin itself moves over minutes."""
ROOM_WINDOW_S = 120.0
BLANK_AFTER_S = 60.0
"""No skin temperature for 60 s is an alarm (clinical table, X2); nothing is shown from then on."""


@dataclass(frozen=True, slots=True, eq=False)
class SkinTemperature:
    """Skin temperature, degrees Celsius, at each tick.

    Attributes:
        shown: displayed value, quality, age.
        settled: warm-up is over; trends and baseline may be used.
        placement: counts up whenever the probe was put on anew.
        suspect: the probe may be off the skin.
        rise_30min_degc: rise above the lowest minute of the last 30; NaN until known.
        room_degc: displayed room temperature, NaN if none.
        slope_degc_per_10min: robust slope of the last 10 min; NaN until known.
        frozen_s: how long the raw value has been bit-identical, seconds.
        reason: `skin_samples.Reason` of the last sample refused, for a minute.
        rejected: how many samples were refused so far.
        fine: the sensor has shown more than tenths so far.
    """

    shown: Displayed
    settled: Flags
    placement: Ticks
    suspect: Flags
    rise_30min_degc: Values
    room_degc: Values
    slope_degc_per_10min: Values = field(default_factory=lambda: np.empty(0))
    frozen_s: Values = field(default_factory=lambda: np.empty(0))
    reason: Codes = field(default_factory=lambda: np.empty(0, np.int8))
    rejected: Ticks = field(default_factory=lambda: np.empty(0, np.int64))
    fine: Flags = field(default_factory=lambda: np.empty(0, np.bool_))

    def cut(self, part: slice) -> SkinTemperature:
        """Some of the ticks."""
        columns = (getattr(self, column.name)[part] for column in fields(self)[1:])
        return SkinTemperature(self.shown.cut(part), *columns)


def is_distal(site: str) -> bool:
    """Whether trends at this body site say nothing about heat (see `DISTAL_SITES`)."""
    return site in DISTAL_SITES


class SkinTemperatureStage:
    """Blocks of samples in, displayed skin temperature at 1 Hz out.

    `period_s`: seconds between the readings of a slow skin sensor, else 0.
    """

    def __init__(self, limits: ProbeLimits, period_s: float = 0.0) -> None:
        self._skin = WindowMedian(max(SKIN_WINDOW_S, WINDOW_PERIODS * period_s))
        self._room = WindowMedian(ROOM_WINDOW_S)
        blank_s = max(BLANK_AFTER_S, BLANK_PERIODS * period_s)
        self._hold = Hold(blank_s, blank_s)
        self._probe = Probe(limits)
        self.guard = SampleGuard()
        """Which samples were refused, and why."""
        self._room_guard = SampleGuard()
        self._frozen = Frozen(blank_s)
        self._slope = Slope()

    def step(
        self, skin: tuple[Times, Values], room: tuple[Times, Values], ticks: Ticks
    ) -> SkinTemperature:
        """Take skin and room samples, each as (times, values), and the ticks."""
        screened = self.guard.step(*skin, ticks)
        fresh, _, newest = self._skin.step(screened.t_ns, screened.values, ticks)
        room_degc = self._room_degc(*room, ticks)
        shown = self._hold.step(fresh, newest, ticks)
        settled, placement, suspect, rise = self._probe.run(ticks, fresh, room_degc)
        usable = shown.valid & settled & ~suspect
        still = self._frozen.step(screened.raw_t_ns, screened.raw, ticks)
        return SkinTemperature(
            shown,
            settled,
            placement,
            suspect,
            rise,
            room_degc,
            self._slope.step(ticks, shown.value, usable, placement),
            still.seconds,
            screened.reason,
            screened.rejected,
            still.fine,
        )

    def _room_degc(self, t_ns: Times, values: Values, ticks: Ticks) -> Values:
        screened = self._room_guard.step(t_ns, values, ticks)
        return self._room.step(screened.t_ns, screened.values, ticks)[0]
