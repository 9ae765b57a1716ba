"""What people measure by hand or by spot sensors, and the standby they asked for.

Readings become part of the first second at or after them, so that any chunking gives the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median

import numpy as np

from devices.model import NS_PER_S
from monitor.signal.hold import Flags
from monitor.signal.window import Ticks, Values

MINUTE_NS = 60 * NS_PER_S
PLAUSIBLE_DEGC = (34.0, 43.0)
"""A clinical thermometer outside is not in anybody, and ends no alarm."""


class What(StrEnum):
    """What was measured."""

    TEMPERATURE = "temperature"
    PRESSURE = "pressure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One reading.

    Attributes:
        t_s: the second from which it counts.
        what: temperature or pressure.
        value: degrees Celsius, or systolic pressure, mmHg; NaN if a cuff did not find it.
        diastolic: mmHg; NaN for a temperature, or if a cuff did not find it.
        rise: above the confirmed baseline of the same site, degrees Celsius; NaN without one.
        site: where a temperature was taken.
        symptoms: of hypertensive crisis, as the operator saw.
    """

    t_s: int
    what: What
    value: float
    diastolic: float = math.nan
    rise: float = math.nan
    site: str = ""
    symptoms: bool = False

    @property
    def complete(self) -> bool:
        """Half a blood pressure may alarm; it ends nothing and is no check."""
        half = self.what is What.PRESSURE and math.isnan(self.value + self.diastolic)
        return not half


@dataclass(frozen=True, slots=True, eq=False)
class Care:
    """At consecutive seconds: readings, how long ago the last ones were, and standby.

    Attributes:
        readings: of these seconds, in order.
        since_dose_s: seconds since the first dose; NaN before it.
        since_pressure_s: since the later of first dose and last blood pressure; NaN before.
        since_temperature_s: the same of the clinical temperature.
        missing: a supplemental dose was given, and one of them was not taken since the first dose.
        standby_until_s: when the person should be back; NaN without standby.
    """

    readings: tuple[Reading, ...] = ()
    since_dose_s: Values = field(default_factory=lambda: np.empty(0))
    since_pressure_s: Values = field(default_factory=lambda: np.empty(0))
    since_temperature_s: Values = field(default_factory=lambda: np.empty(0))
    missing: Flags = field(default_factory=lambda: np.empty(0, np.bool_))
    standby_until_s: float = math.nan

    def cut(self, part: slice, ticks: Ticks) -> Care:
        """Some of the ticks; `ticks` are those."""
        inside = tuple(r for r in self.readings if ticks[0] <= r.t_s <= ticks[-1])
        return Care(
            inside,
            self.since_dose_s[part],
            self.since_pressure_s[part],
            self.since_temperature_s[part],
            self.missing[part],
            self.standby_until_s,
        )


class MinuteMedian:
    """Readings of a thermometer that streams: the median of each minute with any sample."""

    def __init__(self) -> None:
        self._samples: list[tuple[int, float]] = []

    def step(self, samples: Sequence[tuple[int, float]], until_s: int) -> list[tuple[int, float]]:
        """Take samples (time in ns, degC); returns (second, median) of the minutes that ended."""
        self._samples += samples
        found: list[tuple[int, float]] = []
        while self._samples:
            ends_ns = -(-self._samples[0][0] // MINUTE_NS) * MINUTE_NS
            if ends_ns > until_s * NS_PER_S:
                break
            minute = [value for t_ns, value in self._samples if t_ns <= ends_ns]
            del self._samples[: len(minute)]
            found.append((ends_ns // NS_PER_S, median(minute)))
        return found


class CareStage:
    """Collects readings and doses; gives them out second by second."""

    def __init__(self) -> None:
        self._waiting: list[Reading] = []
        self._before: dict[str, list[float]] = {}
        """Pre-dose temperatures by site."""
        self._baselines: dict[str, float] = {}
        self._last_s = {What.TEMPERATURE: math.nan, What.PRESSURE: math.nan}
        self._dose_s = self._half_s = math.nan
        self.standby_until_s = math.nan
        self.newest: dict[What, Reading] = {}
        """The last reading of each kind."""

    def temperature(self, t_s: int, degc: float, site: str) -> bool:
        """Take a clinical temperature; False if it is no body's (see `PLAUSIBLE_DEGC`)."""
        if not PLAUSIBLE_DEGC[0] <= degc <= PLAUSIBLE_DEGC[1]:
            return False
        if math.isnan(self._dose_s):
            self._before.setdefault(site, []).append(degc)
        rise = degc - self._baselines.get(site, math.nan)
        reading = Reading(t_s=t_s, what=What.TEMPERATURE, value=degc, rise=rise, site=site)
        self._waiting.append(reading)
        return True

    def pressure(
        self, t_s: int, systolic: float, diastolic: float, *, symptoms: bool = False
    ) -> None:
        """Take a blood pressure, mmHg; NaN for one of the two that was not found."""
        self._waiting.append(
            Reading(
                t_s=t_s,
                what=What.PRESSURE,
                value=systolic,
                diastolic=diastolic,
                symptoms=symptoms,
            )
        )

    def dose(self, t_ns: int, *, confirmed: bool) -> None:
        """Note a dose; the first one fixes the baseline of each site."""
        if not math.isnan(self._dose_s):
            self._half_s = t_ns // NS_PER_S + 1
            return
        self._dose_s = t_ns // NS_PER_S + 1
        if confirmed:
            self._baselines = {site: median(values) for site, values in self._before.items()}

    def step(self, ticks: Ticks) -> Care:
        """Let these seconds pass."""
        if not ticks.size:
            return Care()
        last = int(ticks[-1])
        self._waiting.sort(key=lambda reading: reading.t_s)
        now = tuple(reading for reading in self._waiting if reading.t_s <= last)
        self._waiting = [reading for reading in self._waiting if reading.t_s > last]
        pressure = self._since(What.PRESSURE, now, ticks)
        temperature = self._since(What.TEMPERATURE, now, ticks)
        since = ticks - self._dose_s
        return Care(
            now,
            np.where(since >= 0, since, np.nan),
            pressure[0],
            temperature[0],
            pressure[1] | temperature[1],
            self.standby_until_s,
        )

    def _since(self, what: What, readings: Sequence[Reading], ticks: Ticks) -> tuple[Values, Flags]:
        """Seconds since the last reading or the dose; whether there was none at the half-dose."""
        mine = [reading for reading in readings if reading.what is what and reading.complete]
        times = np.array([self._last_s[what], *(float(reading.t_s) for reading in mine)])
        last_s = times[np.searchsorted(times[1:], ticks, side="right")]
        if mine:
            self._last_s[what], self.newest[what] = float(mine[-1].t_s), mine[-1]
        since = ticks - np.fmax(last_s, self._dose_s)
        taken = last_s >= self._dose_s
        return np.where(since >= 0, since, np.nan), (ticks >= self._half_s) & ~taken
