"""From samples of all sensors to vitals: one stage a sensor, and which sensor is in use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from alerts.settings import Settings, resolve
from devices.model import NS_PER_S, SensorSpec, Signal
from monitor.intake import Samples, Taken
from monitor.signal import standby
from monitor.signal.baseline import Baseline
from monitor.signal.beats import Beats
from monitor.signal.care import CareStage
from monitor.signal.heart_rate import HeartRate, HeartRateStage
from monitor.signal.hold import Flags
from monitor.signal.probe import ProbeLimits
from monitor.signal.skin_temperature import SkinTemperature, SkinTemperatureStage, is_distal
from monitor.signal.vasoconstriction import (
    Constriction,
    ConstrictionLimits,
    Vasoconstriction,
)
from monitor.signal.vitals import Vitals
from monitor.signal.window import Ticks, Times, Values
from monitor.sources import sources
from monitor.spots import SpotSensors

_NOTHING = Samples()


@dataclass(frozen=True, slots=True)
class Switch:
    """Another sensor is used from this second on."""

    t_ns: int
    signal: Signal
    before: str
    after: str


class Measure:
    """All stages of a session. Blocks of samples in, vitals out, any chunking the same.

    A session without a sensor of a signal has a stage all the same, which yields nothing.
    """

    def __init__(self, sensors: Sequence[SensorSpec], settings: Mapping[str, Settings]) -> None:
        found = sources(sensors)
        self._heart_names = found.heart or ("",)
        self._skin_names = found.skin or ("",)
        self._rr, self._room = found.rr, found.room
        self.ecg = found.ecg
        specs = {sensor.alias: sensor for sensor in sensors}
        periods = {alias: spec.period_s for alias, spec in specs.items()}
        sites = {alias: spec.site for alias, spec in specs.items()}
        self._sites = [sites.get(alias, "") for alias in self._skin_names]
        self._distal = [is_distal(site) for site in self._sites]
        self._hearts = [HeartRateStage(periods.get(alias, 0.0)) for alias in self._heart_names]
        self._skins = [
            SkinTemperatureStage(probe_limits(settings, distal=distal), periods.get(alias, 0.0))
            for alias, distal in zip(self._skin_names, self._distal, strict=True)
        ]
        self._heart_use = standby.Selection(len(self._hearts))
        self._skin_use = standby.Selection(len(self._skins))
        self._last = (0, 0)
        self.heart_baseline = Baseline()
        self._skin_baselines = [Baseline() for _ in self._skins]
        self._vasoconstriction = Vasoconstriction(constriction_limits(settings))
        self.care = CareStage()
        """Readings by hand and by spot sensors."""
        self._spots = SpotSensors(sensors, found)

    @property
    def heart_source(self) -> str:
        """Alias of the heart-rate sensor in use, "" if there is none."""
        return self._heart_names[self._heart_use.active]

    @property
    def skin_source(self) -> str:
        """Alias of the skin sensor in use, "" if there is none."""
        return self._skin_names[self._skin_use.active]

    @property
    def distal_site(self) -> bool:
        """Whether the skin sensor in use sits where trends say nothing about heat."""
        return self._distal[self._skin_use.active]

    @property
    def standing_by(self) -> frozenset[str]:
        """Sensors that would be used if another failed."""
        names = {*self._heart_names, *self._skin_names}
        return frozenset(names - {self.heart_source, self.skin_source, ""})

    @property
    def skin_baseline(self) -> Baseline:
        """The baseline of the skin sensor in use."""
        return self._skin_baselines[self._skin_use.active]

    @property
    def has_ecg(self) -> bool:
        """Whether a sensor sends an electrocardiogram."""
        return bool(self.ecg)

    def ecg_reason(self) -> str:
        """Why the newest piece of the electrocardiogram is of no use; "" if it is, or none came."""
        stages = zip(self._heart_names, self._hearts, strict=True)
        return next((s.ecg.continuity.reason for alias, s in stages if alias in self.ecg), "")

    def found(self) -> list[tuple[str, Beats]]:
        """Beats found in the newest block, with the alias of their sensor."""
        pairs = zip(self._heart_names, self._hearts, strict=True)
        return [(alias, stage.found) for alias, stage in pairs if stage.found.at_ns.size]

    def freeze(self, t_ns: int, *, confirmed: bool) -> None:
        """Fix every baseline at the first dose."""
        self.care.dose(t_ns, confirmed=confirmed)
        for baseline in (self.heart_baseline, *self._skin_baselines):
            baseline.freeze(confirmed=confirmed)

    def relimit(self, settings: Mapping[str, Settings]) -> None:
        """Judge by other limits from now on; what was gathered stays."""
        self._vasoconstriction.limits = constriction_limits(settings)

    def step(
        self, taken: Taken, ticks: Ticks, switches: list[Switch], *, dosed: bool
    ) -> Iterator[Vitals]:
        """Take samples and the seconds that passed; yields vitals, a block a sensor in use."""
        hearts = [self._heart(i, taken, ticks) for i in range(len(self._hearts))]
        skins = [self._skin(i, taken, ticks) for i in range(len(self._skins))]
        self._spots.step(taken, ticks, self.care)
        if not ticks.size:
            return
        care = self.care.step(ticks)
        heart_index = self._heart_use.step([part.shown for part in hearts])
        skin_index = self._skin_use.step([part.shown for part in skins])
        heart = standby.heart_in_use(heart_index, hearts)
        skin = standby.skin_in_use(skin_index, skins)
        self.heart_baseline.step(heart.shown.value, heart.shown.valid)
        for baseline, part in zip(self._skin_baselines, skins, strict=True):
            baseline.step(part.shown.value, _trusted(part), part.placement)
        heart_apart = _heart_apart(heart, hearts, heart_index)
        skin_apart = self._skin_apart(skin, skins, skin_index)
        for stretch in self._stretches(ticks, heart_index, skin_index, switches):
            in_use = int(skin_index[stretch.start])
            yield Vitals(
                ticks[stretch],
                heart.cut(stretch),
                _cut_skin(skin, stretch),
                self.heart_baseline.value,
                self._skin_baselines[in_use].value,
                dosed,
                self._distal[in_use],
                heart_apart[stretch],
                skin_apart[stretch],
                constriction=self._constriction(ticks, heart, skin, stretch, in_use),
                care=care.cut(stretch, ticks[stretch]),
            )

    def _heart(self, i: int, taken: Taken, ticks: Ticks) -> HeartRate:
        alias = self._heart_names[i]
        rr = self._rr if i == 0 else alias
        return self._hearts[i].step(
            _arrays(taken, alias, Signal.HEART_RATE),
            _arrays(taken, rr, Signal.RR_INTERVAL),
            ticks,
            taken.get(alias, {}).get(Signal.ECG, _NOTHING).pieces,
        )

    def _skin(self, i: int, taken: Taken, ticks: Ticks) -> SkinTemperature:
        return self._skins[i].step(
            _arrays(taken, self._skin_names[i], Signal.SKIN_TEMPERATURE),
            _arrays(taken, self._room, Signal.ROOM_TEMPERATURE),
            ticks,
        )

    def _constriction(
        self, ticks: Ticks, heart: HeartRate, skin: SkinTemperature, part: slice, in_use: int
    ) -> Constriction:
        """Cold skin with a fast heart, at a distal site and against the frozen baselines only."""
        skin_base = self._skin_baselines[in_use].value if self._distal[in_use] else None
        cold, fast = _trusted(skin), heart.shown.valid & heart.armed
        fall = (skin_base or np.nan) - np.where(cold, skin.shown.value, np.nan)
        excess = np.where(fast, heart.shown.value, np.nan) - (self.heart_baseline.value or np.nan)
        return self._vasoconstriction.step(ticks[part], fall[part], excess[part])

    def _skin_apart(
        self, skin: SkinTemperature, skins: Sequence[SkinTemperature], index: standby.Index
    ) -> Values:
        """How far the probe in use is from others at the same site; other sites differ anyway."""
        if len(skins) < 2:
            return np.full(skin.shown.value.shape, np.nan)
        site = np.array(self._sites)[index]
        others = [
            (part.shown.value, _trusted(part) & (site == self._sites[i]) & (index != i))
            for i, part in enumerate(skins)
        ]
        return standby.disagreement(skin.shown, _trusted(skin), others)

    def _stretches(
        self,
        ticks: Ticks,
        heart_index: standby.Index,
        skin_index: standby.Index,
        switches: list[Switch],
    ) -> list[slice]:
        """Stretches with the same sensors in use; changes are noted in `switches`."""
        both = np.stack((heart_index, skin_index))
        before = np.column_stack((self._last, both[:, :-1]))
        changed = np.flatnonzero((both != before).any(axis=0)).tolist()
        for at in changed:
            self._note(int(ticks[at]), before[:, at], both[:, at], switches)
        self._last = (int(heart_index[-1]), int(skin_index[-1]))
        edges = sorted({0, *changed, ticks.size})
        return [slice(a, b) for a, b in pairwise(edges)]

    def _note(
        self, t_s: int, before: standby.Index, after: standby.Index, switches: list[Switch]
    ) -> None:
        parts = (
            (Signal.HEART_RATE, self._heart_names),
            (Signal.SKIN_TEMPERATURE, self._skin_names),
        )
        for (signal, names), old, new in zip(parts, before, after, strict=True):
            if old != new:
                switches.append(Switch(t_s * NS_PER_S, signal, names[int(old)], names[int(new)]))


def _arrays(taken: Taken, alias: str, signal: Signal) -> tuple[Times, Values]:
    return taken.get(alias, {}).get(signal, _NOTHING).arrays()


def _trusted(skin: SkinTemperature) -> Flags:
    return skin.shown.valid & skin.settled & ~skin.suspect


def _heart_apart(heart: HeartRate, hearts: Sequence[HeartRate], index: standby.Index) -> Values:
    """How far the heart rate in use is from those of the other sensors."""
    others = [(part.shown.value, part.shown.valid & (index != i)) for i, part in enumerate(hearts)]
    return standby.disagreement(heart.shown, heart.shown.valid, others)


def _cut_skin(skin: SkinTemperature, part: slice) -> SkinTemperature:
    return skin.cut(part)


def probe_limits(settings: Mapping[str, Settings], *, distal: bool) -> ProbeLimits:
    """When a skin probe counts as off; a disabled row still guards the trend with defaults."""
    row = settings.get("probe_off") or resolve()["probe_off"]
    limit = float("nan") if distal else row.number("limit_degc")
    return ProbeLimits(limit, row.number("drop_degc"), row.number("room_degc"))


def constriction_limits(settings: Mapping[str, Settings]) -> ConstrictionLimits:
    """When cold skin and a fast heart make the pattern; defaults where the row is disabled."""
    row = settings.get("skin_cold_hr_high") or resolve()["skin_cold_hr_high"]
    keys = ("limit_degc", "clear_degc", "limit_bpm", "clear_bpm")
    return ConstrictionLimits(*(row.number(key) for key in keys))
