"""What people measure by hand or by spot sensors, and the standby they asked for.

Readings become part of the first second at or after them, so that any chunking gives the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
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
        t_s: the second from which it counts; of one put right, that of the correction.
        what: temperature or pressure.
        value: degrees Celsius, or systolic pressure, mmHg; NaN if a cuff did not find it.
        diastolic: mmHg; NaN for a temperature, or if a cuff did not find it.
        rise: above the confirmed baseline of the same site, degrees Celsius; NaN without one.
        site: where a temperature was taken.
        symptoms: of hypertensive crisis, as the operator saw.
        method: how a temperature was taken; empty if not said.
        key: names the reading; one put right keeps it.
        taken_s: when it was taken, if it puts right an earlier one; None for a new reading.
        withdrawn: there was no such reading.
    """

    t_s: int
    what: What
    value: float
    diastolic: float = math.nan
    rise: float = math.nan
    site: str = ""
    symptoms: bool = False
    method: str = ""
    key: int = 0
    taken_s: int | None = None
    withdrawn: bool = False

    @property
    def at_s(self) -> int:
        """The second of the measurement itself."""
        return self.t_s if self.taken_s is None else self.taken_s

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
        self._all: dict[tuple[What, int], Reading] = {}
        """Every reading as it stands, also those still waiting for their second."""
        self._before: dict[int, Reading] = {}
        """Pre-dose temperatures as they stand."""
        self._baselines: dict[str, float] = {}
        self._confirmed = False
        self._passed: dict[What, dict[int, Reading]] = {what: {} for what in What}
        """Readings whose second has come."""
        self._last_s = dict.fromkeys(What, math.nan)
        self._dose_s = self._half_s = math.nan
        self.standby_until_s = math.nan
        self.newest: dict[What, Reading] = {}
        """The last reading of each kind."""

    def temperature(
        self, t_s: int, degc: float, site: str, *, method: str = "", key: int | None = None
    ) -> bool:
        """Take a clinical temperature; False if it is no body's (see `PLAUSIBLE_DEGC`).

        Args:
            t_s: the second from which it counts.
            degc: degrees Celsius.
            site: where it was taken.
            method: how.
            key: of an entry; if it has one already, this puts it right. None for a sensor's.
        """
        if not PLAUSIBLE_DEGC[0] <= degc <= PLAUSIBLE_DEGC[1]:
            return False
        new = Reading(
            t_s=t_s,
            what=What.TEMPERATURE,
            value=degc,
            site=site,
            method=method,
            key=self._key(key),
        )
        self._take(new)
        return True

    def pressure(
        self,
        t_s: int,
        systolic: float,
        diastolic: float,
        *,
        symptoms: bool = False,
        key: int | None = None,
    ) -> None:
        """Take a blood pressure, mmHg; NaN for one of the two that was not found.

        `key` as for `temperature`.
        """
        new = Reading(
            t_s=t_s,
            what=What.PRESSURE,
            value=systolic,
            diastolic=diastolic,
            symptoms=symptoms,
            key=self._key(key),
        )
        self._take(new)

    def withdraw(self, t_s: int, what: What, key: int) -> None:
        """From this second on there was no such reading."""
        self._take(replace(self._all[what, key], t_s=t_s, taken_s=None, withdrawn=True))

    def _key(self, key: int | None) -> int:
        """That of an entry, or the next free one of sensors, which are negative."""
        return -1 - len(self._all) if key is None else key

    def _take(self, new: Reading) -> None:
        """Take a reading, or what stands in its place from now on."""
        old = self._all.get((new.what, new.key))
        if old is not None:
            new = replace(new, taken_s=old.at_s)
        if new.what is What.TEMPERATURE:
            new = self._measure_rise(old, new)
        self._all[new.what, new.key] = new
        self._waiting.append(new)

    def _measure_rise(self, old: Reading | None, new: Reading) -> Reading:
        early = math.isnan(self._dose_s) or (old is not None and new.key in self._before)
        if early:
            self._before[new.key] = new
            if self._confirmed:
                self._fix_baselines()
                self._rises_anew(new.t_s)
            return new
        return replace(new, rise=new.value - self._baselines.get(new.site, math.nan))

    def _fix_baselines(self) -> None:
        by_site: dict[str, list[float]] = {}
        for reading in self._before.values():
            if not reading.withdrawn:
                by_site.setdefault(reading.site, []).append(reading.value)
        self._baselines = {site: median(values) for site, values in by_site.items()}

    def _rises_anew(self, t_s: int) -> None:
        """A baseline was put right: readings above it are judged again by the new one."""
        for (what, key), reading in list(self._all.items()):
            rise = reading.value - self._baselines.get(reading.site, math.nan)
            same = rise == reading.rise or (math.isnan(rise) and math.isnan(reading.rise))
            if what is What.TEMPERATURE and key not in self._before and not same:
                again = replace(reading, t_s=t_s, taken_s=reading.at_s, rise=rise)
                self._all[what, key] = again
                self._waiting.append(again)

    def dose(self, t_ns: int, *, confirmed: bool) -> None:
        """Note a dose; the first one fixes the baseline of each site."""
        if not math.isnan(self._dose_s):
            self._half_s = t_ns // NS_PER_S + 1
            return
        self._dose_s = t_ns // NS_PER_S + 1
        self._confirmed = confirmed
        if confirmed:
            self._fix_baselines()

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
        changes_s, lasts_s = [], [self._last_s[what]]
        for reading in readings:
            if reading.what is what and reading.complete:
                changes_s.append(reading.t_s)
                lasts_s.append(self._pass(reading))
        last_s = np.array(lasts_s)[np.searchsorted(np.array(changes_s), ticks, side="right")]
        since = ticks - np.fmax(last_s, self._dose_s)
        taken = last_s >= self._dose_s
        return np.where(since >= 0, since, np.nan), (ticks >= self._half_s) & ~taken

    def _pass(self, reading: Reading) -> float:
        """Let a reading count; returns when the last one of its kind was taken, NaN for none."""
        what = reading.what
        standing = self._passed[what]
        if reading.withdrawn:
            standing.pop(reading.key, None)
        else:
            standing[reading.key] = reading
        newest = max(reversed(standing.values()), key=lambda r: r.at_s, default=None)
        self._last_s[what] = math.nan if newest is None else float(newest.at_s)
        self.newest.pop(what, None)
        if newest is not None:
            self.newest[what] = newest
        return self._last_s[what]
