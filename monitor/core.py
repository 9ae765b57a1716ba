"""The pure core: frames, operator actions and time in; vitals and alarms out. Never reads a clock.

One pipeline for live, simulated and replayed data: live feeds it a fraction of a second at a time,
re-analysis hours at once, with the same result to the last bit. Vitals and conditions live on a
grid of whole seconds; a second is closed by the first call whose `until_ns` reaches it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from alerts.change import changed
from alerts.conditions import Conditions, Expected
from alerts.model import ConditionEdge, RefusedError, Transition
from alerts.settings import resolve
from alerts.signals import AlarmSignals
from alerts.spec import Value
from devices.model import NS_PER_S, Frame, Frames, SensorSpec
from monitor.by_hand import ByHand, Scales, number
from monitor.intake import Intake
from monitor.measure import Measure, Switch
from monitor.model import SETUP_STATES, SETUP_STEPS, Action, Status, Verb
from monitor.signal.baseline import Baseline
from monitor.signal.beats import Beats
from monitor.signal.skin_temperature import is_distal
from monitor.signal.vitals import Vitals
from monitor.sources import sources

Event = Frame | Action | Status
Stored = Event | Frames
"""What a recording may give instead of single frames."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a session is about: sensors in order of preference, alarm rows, age (0: not given).

    `scales` are the observer's scores: name -> lowest and highest value.
    """

    sensors: Sequence[SensorSpec]
    alarms: Mapping[str, Mapping[str, float | str | bool]] = field(default_factory=dict)
    age_years: float = 0.0
    scales: Scales = field(default_factory=dict)


@dataclass(slots=True)
class Output:
    """What one step brought, each list in time order.

    `values` has one entry a frame, in the order given: its main valid value or None; none for
    frames in columns.
    `switches` are changes of the sensor in use.
    `beats` are those found, with the alias of their sensor.
    `refused` holds actions that could not be done, with the reason.
    """

    vitals: list[Vitals] = field(default_factory=list)
    edges: list[ConditionEdge] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    switches: list[Switch] = field(default_factory=list)
    values: list[float | None] = field(default_factory=list)
    refused: list[tuple[Action, str]] = field(default_factory=list)
    beats: list[tuple[str, Beats]] = field(default_factory=list)


class Core:
    """Decode, measure, detect, signal. The order of events is the only input besides their content.

    Every event must be later than all `until_ns` given before.

    Args:
        setup: what the session is about.
        measure: what measures, if not stages of the core's own.
    """

    def __init__(self, setup: Setup, measure: Measure | None = None) -> None:
        self.settings = resolve(setup.alarms, setup.age_years)
        self._alarms, self._age_years = setup.alarms, setup.age_years
        self.configured = self.settings
        """The settings the session began with."""
        self.expected = _expected(setup.sensors)
        self.intake = Intake(setup.sensors)
        self.signals = AlarmSignals()
        self.measure = measure or Measure(setup.sensors, self.settings)
        self.by_hand = ByHand(setup.scales, self.measure.care)
        self.doses_ns: list[int] = []
        self.sound_heard: bool | None = None
        """Whether a person heard the test sound."""
        self.self_tested: bool | None = None
        """Whether the newest self-test passed."""
        self.setup_marks: dict[str, str] = {}
        """What the operator said of the steps before the dose."""
        self.details: dict[str, str] = {}
        """Latest words of each reported condition."""
        self._conditions = Conditions(self.settings, self.expected)
        self._closed_s = -1

    @property
    def has_ecg(self) -> bool:
        """Whether a sensor sends an electrocardiogram."""
        return self.measure.has_ecg

    @property
    def heart_baseline(self) -> Baseline:
        """The person's resting heart rate."""
        return self.measure.heart_baseline

    @property
    def skin_baseline(self) -> Baseline:
        """That of the skin sensor in use: another site has another one."""
        return self.measure.skin_baseline

    @property
    def reported(self) -> Mapping[str, bool]:
        """The troubles of the system itself as last reported, by condition."""
        return self._conditions.reported

    def period_s(self, condition: str) -> float:
        """Seconds between the readings behind a condition, of a slow sensor; else 0."""
        if condition.startswith(("hr_", "rr_")):
            return self.expected.heart_period_s
        skin = condition.startswith("skin_") or condition in {"temp_lost", "probe_off"}
        return self.expected.skin_period_s if skin else 0.0

    @property
    def closed_s(self) -> int:
        """The last second whose vitals are known; -1 before the first."""
        return self._closed_s

    def step(self, events: Sequence[Stored], until_ns: int) -> Output:
        """Take events in time order, none after `until_ns`, and close all seconds until then."""
        output = Output()
        frames: list[Frame | Frames] = []
        for event in events:
            if isinstance(event, Frame | Frames):
                frames.append(event)
                continue
            self._advance(frames, event.t_ns, output)
            frames = []
            self._apply(event, output)
        self._advance(frames, until_ns, output)
        return output

    def _advance(self, frames: Sequence[Frame | Frames], until_ns: int, output: Output) -> None:
        taken, values = self.intake.step(frames)
        output.values += values
        ticks = np.arange(self._closed_s + 1, until_ns // NS_PER_S + 1, dtype=np.int64)
        if ticks.size:
            self._closed_s = int(ticks[-1])
        for vitals in self.measure.step(taken, ticks, output.switches, dosed=bool(self.doses_ns)):
            self._judge(vitals, output)
        output.beats += self.measure.found()
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
            self._conditions.report(
                event.condition, active=event.active, urgent=event.urgent, renewed=event.renewed
            )
            return
        try:
            output.transitions += _DO[event.verb](self, event)
        except (RefusedError, KeyError, TypeError, ValueError) as error:
            output.refused.append((event, str(error)))

    def dose(self, action: Action) -> list[Transition]:
        """Record a dose; the first one freezes the baselines. It cannot be corrected."""
        if "corrects" in action.details:
            raise RefusedError("a dose cannot be corrected, it fixed the baselines; write a note")
        confirmed = bool(action.details.get("confirm_baseline", False))
        self.measure.freeze(action.t_ns, confirmed=confirmed)
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
        return self.signals.pause_audio(action.t_ns, number(action, "seconds"))

    def standby(self, action: Action) -> list[Transition]:
        """The person leaves for a while."""
        seconds, reason = number(action, "seconds"), str(action.details.get("reason", ""))
        changes = self.signals.begin_standby(action.t_ns, seconds, reason)
        self.measure.care.standby_until_s = action.t_ns // NS_PER_S + seconds
        return changes

    def end_standby(self, action: Action) -> list[Transition]:
        """The person is back."""
        changes = self.signals.end_standby(action.t_ns)
        self.measure.care.standby_until_s = float("nan")
        return changes

    def enter(self, action: Action) -> list[Transition]:
        """Take an entry by hand, or the correction of one."""
        self.by_hand.take(action)
        return []

    def resolve(self, action: Action) -> list[Transition]:
        """What only the operator can end is over."""
        name = str(action.details["condition"])
        if why := self._conditions.resolve(name):
            raise RefusedError(f"{name}: {why}")
        return []

    def set_limit(self, action: Action) -> list[Transition]:
        """Change a limit for the rest of this session."""
        name, key = str(action.details["condition"]), str(action.details["key"])
        value, reason = number(action, "value"), str(action.details.get("reason", "")).strip()
        if not reason:
            raise RefusedError("a change of limits needs a reason")
        before = self.settings
        rows = changed(self._alarms, before, self._age_years, (name, key, value))
        self._relimit(rows)
        detail = f"{key} {before[name].number(key):g} -> {value:g} ({reason})"
        return [Transition(t_ns=action.t_ns, what="limit_changed", condition=name, detail=detail)]

    def sound_check(self, action: Action) -> list[Transition]:
        """Note whether a person heard the test sound."""
        self.sound_heard = bool(action.details.get("heard", False))
        return []

    def self_test(self, action: Action) -> list[Transition]:
        """Note the result of a self-test, which is done before the dose."""
        if self.doses_ns:
            raise RefusedError("a self-test is done before the dose")
        self.self_tested = bool(action.details.get("passed", False))
        return []

    def setup(self, action: Action) -> list[Transition]:
        """Note that a step before the dose is done, skipped, or open again."""
        step, state = str(action.details["step"]), str(action.details["state"])
        if self.doses_ns:
            raise RefusedError("the setup is over: a dose is recorded")
        if step not in SETUP_STEPS or state not in SETUP_STATES:
            allowed = f"{', '.join(SETUP_STEPS)}; {', '.join(SETUP_STATES)}"
            raise RefusedError(f"no step {step!r} that could be {state!r}; there are: {allowed}")
        self.setup_marks[step] = state
        return []

    def _relimit(self, rows: Mapping[str, Mapping[str, Value]]) -> None:
        before, self._alarms = self.settings, rows
        self.settings = resolve(rows, self._age_years)
        for name, row in self.settings.items():
            if row != before[name]:
                self._conditions.change(name, row)
        self.measure.relimit(self.settings)


def _nothing(_: Core, __: Action) -> list[Transition]:
    return []


_DO: Mapping[Verb, Callable[[Core, Action], list[Transition]]] = {
    Verb.DOSE: Core.dose,
    Verb.ACKNOWLEDGE: Core.acknowledge,
    Verb.PAUSE_AUDIO: Core.pause_audio,
    Verb.RESUME_AUDIO: lambda core, action: core.signals.resume_audio(action.t_ns),
    Verb.STANDBY: Core.standby,
    Verb.END_STANDBY: Core.end_standby,
    Verb.TEMPERATURE: Core.enter,
    Verb.BLOOD_PRESSURE: Core.enter,
    Verb.FLUIDS: Core.enter,
    Verb.SCORE: Core.enter,
    Verb.RESOLVE: Core.resolve,
    Verb.SET_LIMIT: Core.set_limit,
    Verb.NOTE: Core.enter,
    Verb.SOUND_CHECK: Core.sound_check,
    Verb.SELF_TEST: Core.self_test,
    Verb.SETUP: Core.setup,
    Verb.END_SESSION: _nothing,
}


def _expected(sensors: Sequence[SensorSpec]) -> Expected:
    found = sources(sensors)
    by_alias = {sensor.alias: sensor for sensor in sensors}
    return Expected(
        heart_rate=bool(found.heart),
        skin_temperature=bool(found.skin),
        distal_site=bool(found.skin) and is_distal(by_alias[found.skin[0]].site),
        heart_period_s=max((by_alias[alias].period_s for alias in found.heart), default=0.0),
        skin_period_s=max((by_alias[alias].period_s for alias in found.skin), default=0.0),
    )
