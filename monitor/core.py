"""The pure core: frames, operator actions and time in; vitals and alarms out. Never reads a clock.

One pipeline for live, simulated and replayed data: live feeds it a fraction of a second at a time,
re-analysis hours at once, with the same result to the last bit. Vitals and conditions live on a
grid of whole seconds; a second is closed by the first call whose `until_ns` reaches it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from alerts.conditions import Conditions, Expected
from alerts.model import ConditionEdge
from alerts.settings import Settings, resolve
from alerts.signals import AlarmSignals, RefusedError, Transition
from devices.model import NS_PER_S, Frame, SensorSpec, Signal
from monitor.intake import Intake, primary_sources
from monitor.model import Action, Status, Verb
from monitor.signal.baseline import Baseline
from monitor.signal.heart_rate import HeartRateStage
from monitor.signal.probe import ProbeLimits
from monitor.signal.skin_temperature import SkinTemperatureStage, is_distal
from monitor.signal.vitals import Vitals

Event = Frame | Action | Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a session is about: sensors in order of preference, alarm rows, age (0: not given)."""

    sensors: Sequence[SensorSpec]
    alarms: Mapping[str, Mapping[str, float | str | bool]] = field(default_factory=dict)
    age_years: float = 0.0


@dataclass(slots=True)
class Output:
    """What one step brought, each list in time order.

    `values` has one entry a frame, in the order given: its main valid value or None.
    `refused` holds actions that could not be done, with the reason.
    """

    vitals: list[Vitals] = field(default_factory=list)
    edges: list[ConditionEdge] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    values: list[float | None] = field(default_factory=list)
    refused: list[tuple[Action, str]] = field(default_factory=list)


class Core:
    """Decode, measure, detect, signal. The order of events is the only input besides their content.

    Every event must be later than all `until_ns` given before.
    """

    def __init__(self, setup: Setup) -> None:
        self.settings = resolve(setup.alarms, setup.age_years)
        self.expected = _expected(setup.sensors)
        self.intake = Intake(setup.sensors)
        self.signals = AlarmSignals()
        self.heart_baseline, self.skin_baseline = Baseline(), Baseline()
        self.doses_ns: list[int] = []
        self.details: dict[str, str] = {}
        """Latest words of each reported condition."""
        self._conditions = Conditions(self.settings, self.expected)
        self._heart = HeartRateStage(self.expected.heart_period_s)
        self._skin = SkinTemperatureStage(
            probe_limits(self.settings, self.expected), self.expected.skin_period_s
        )
        self._closed_s = -1

    @property
    def reported(self) -> Mapping[str, bool]:
        """The troubles of the system itself as last reported, by condition."""
        return self._conditions.reported

    @property
    def closed_s(self) -> int:
        """The last second whose vitals are known; -1 before the first."""
        return self._closed_s

    def step(self, events: Sequence[Event], until_ns: int) -> Output:
        """Take events in time order, none after `until_ns`, and close all seconds until then."""
        output = Output()
        frames: list[Frame] = []
        for event in events:
            if isinstance(event, Frame):
                frames.append(event)
                continue
            self._advance(frames, event.t_ns, output)
            frames = []
            self._apply(event, output)
        self._advance(frames, until_ns, output)
        return output

    def _advance(self, frames: Sequence[Frame], until_ns: int, output: Output) -> None:
        samples, values = self.intake.step(frames)
        output.values += values
        ticks = np.arange(self._closed_s + 1, until_ns // NS_PER_S + 1, dtype=np.int64)
        arrays = {signal: samples[signal].arrays() for signal in samples}
        heart = self._heart.step(arrays[Signal.HEART_RATE], arrays[Signal.RR_INTERVAL], ticks)
        skin = self._skin.step(
            arrays[Signal.SKIN_TEMPERATURE], arrays[Signal.ROOM_TEMPERATURE], ticks
        )
        if ticks.size:
            self._closed_s = int(ticks[-1])
            self.heart_baseline.step(heart.shown.value, heart.shown.valid)
            usable = skin.shown.valid & skin.settled & ~skin.suspect
            self.skin_baseline.step(skin.shown.value, usable, skin.placement)
            vitals = Vitals(
                ticks,
                heart,
                skin,
                self.heart_baseline.value,
                self.skin_baseline.value,
                bool(self.doses_ns),
            )
            self._judge(vitals, output)
        output.transitions += self.signals.advance(until_ns)

    def _judge(self, vitals: Vitals, output: Output) -> None:
        output.vitals.append(vitals)
        for edge in self._conditions.step(vitals):
            output.edges.append(edge)
            output.transitions += self.signals.advance(edge.t_ns)
            output.transitions += self.signals.edge(edge)

    def _apply(self, event: Action | Status, output: Output) -> None:
        if isinstance(event, Status):
            self.details[event.condition] = event.detail
            self._conditions.report(event.condition, active=event.active)
            return
        try:
            output.transitions += _DO[event.verb](self, event)
        except (RefusedError, KeyError, TypeError, ValueError) as error:
            output.refused.append((event, str(error)))

    def dose(self, action: Action) -> list[Transition]:
        """Record a dose; the first one freezes the baselines."""
        confirmed = bool(action.details.get("confirm_baseline", False))
        self.heart_baseline.freeze(confirmed=confirmed)
        self.skin_baseline.freeze(confirmed=confirmed)
        self.doses_ns.append(action.t_ns)
        return []

    def acknowledge(self, action: Action) -> list[Transition]:
        """Acknowledge the named occurrence."""
        condition, occurrence = action.details["condition"], action.details["occurrence"]
        return self.signals.acknowledge(
            action.t_ns, str(condition), int(str(occurrence)), action.operator
        )

    def pause_audio(self, action: Action) -> list[Transition]:
        """Pause all alarm sound."""
        return self.signals.pause_audio(action.t_ns, float(str(action.details["seconds"])))


def _nothing(_: Core, __: Action) -> list[Transition]:
    return []


_DO: Mapping[Verb, Callable[[Core, Action], list[Transition]]] = {
    Verb.DOSE: Core.dose,
    Verb.ACKNOWLEDGE: Core.acknowledge,
    Verb.PAUSE_AUDIO: Core.pause_audio,
    Verb.RESUME_AUDIO: lambda core, action: core.signals.resume_audio(action.t_ns),
    Verb.NOTE: _nothing,
    Verb.END_SESSION: _nothing,
}


def _expected(sensors: Sequence[SensorSpec]) -> Expected:
    primary = primary_sources(sensors)
    by_alias = {sensor.alias: sensor for sensor in sensors}
    heart = by_alias.get(primary[Signal.HEART_RATE])
    skin = by_alias.get(primary[Signal.SKIN_TEMPERATURE])
    return Expected(
        heart_rate=bool(heart or primary[Signal.RR_INTERVAL]),
        skin_temperature=skin is not None,
        distal_site=skin is not None and is_distal(skin.site),
        heart_period_s=heart.period_s if heart else 0.0,
        skin_period_s=skin.period_s if skin else 0.0,
    )


def probe_limits(settings: Mapping[str, Settings], expected: Expected) -> ProbeLimits:
    """When the skin probe counts as off; a disabled row still guards the trend with defaults."""
    row = settings.get("probe_off") or resolve()["probe_off"]
    limit = float("nan") if expected.distal_site else row.number("limit_degc")
    return ProbeLimits(limit, row.number("drop_degc"), row.number("room_degc"))
