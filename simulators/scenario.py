"""Scenarios: what happens to person, links and operator, and which alarms must follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from monitor.model import Verb
from simulators.physiology import Physiology, Plan

MEASURED = {Verb.BLOOD_PRESSURE: ("systolic", "diastolic"), Verb.TEMPERATURE: ("degc",)}
"""What an operator can measure on the simulated body, and the details it fills."""
SENSORS = ("strap", "patch", "probe")
"""What is worn and lies about if a scenario does not say: strap, skin and room thermometer."""


class FaultKind(StrEnum):
    """What goes wrong with a sensor's link or its bytes; all but DROP end after their duration."""

    DROP = "drop"
    """The link breaks once and can be rebuilt at once."""
    STORM = "storm"
    """It breaks again and again, every so many seconds (3 if not said)."""
    AWAY = "away"
    """Out of range, or unplugged."""
    QUIET = "quiet"
    """The link stands and nothing comes."""
    FREEZE = "freeze"
    """The sensor repeats its last payload."""
    LOSE = "lose"
    """A share of the packets never comes."""
    DELAY = "delay"
    """Packets come late by so many seconds."""
    BURST = "burst"
    """Packets are held back and come all at once, every so many seconds."""
    STALL = "stall"
    """Packets are held back until the fault is over."""
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    """Of two packets the later one comes first."""
    CORRUPT = "corrupt"
    """In a share of the packets one byte becomes another."""
    SPLIT = "split"
    """Each packet comes in two parts."""
    OFF_BODY = "off_body"
    """The sensor is off the skin."""
    DRY = "dry"
    """Dry electrodes: in a share of the seconds no contact, or a wrong count."""
    STUCK = "stuck"
    """Its values stand still in packets that do not."""
    NO_VALUE = "no_value"
    """It sends whatever its format has for "no value"."""
    BIAS = "bias"
    """Its values are off by so much."""
    DRIFT = "drift"
    """Its values go off by so much an hour."""
    LATE_BEATS = "late_beats"
    """Intervals between beats come together, every so many seconds."""
    CLOCK = "clock"
    """Its clock is fast by so many ppm."""
    BATTERY = "battery"
    """Its charge falls to so many percent, and stays there."""


@dataclass(frozen=True, slots=True)
class LinkFault:
    """At session second `t_s`, the sensor called `sensor` (its alias), for `duration_s` seconds.

    Attributes:
        by_s: of DELAY, BURST, STORM and LATE_BEATS, seconds; of BIAS and DRIFT, bpm or degrees; of
            CLOCK, ppm; of BATTERY, percent.
        share_pct: of LOSE, CORRUPT and DRY, percent of the packets or seconds.
    """

    t_s: float
    sensor: str
    kind: FaultKind
    duration_s: float = 0.0
    by_s: float = 0.0
    share_pct: float = 100.0

    def covers(self, second: int) -> bool:
        """Whether it lasts at that second."""
        return self.t_s <= second < self.t_s + self.duration_s


class SystemFaultKind(StrEnum):
    """What goes wrong around the engine."""

    ENGINE_KILLED = "engine_killed"
    ENGINE_SUSPENDED = "engine_suspended"
    """The computer sleeps."""
    DISK_FULL = "disk_full"
    DISK_SLOW = "disk_slow"
    """Another program keeps the recording busy."""
    CLOCK_STEP = "clock_step"
    """The wall clock jumps by so many seconds."""
    SOUND_LOST = "sound_lost"
    SCREEN_KILLED = "screen_killed"
    SCREEN_STUCK = "screen_stuck"
    """The terminal takes nothing more."""
    BATTERY_LOW = "battery_low"
    """The charger is out, and so many percent are left."""
    BROKER_LOST = "broker_lost"
    """The room is without its broker, where one is configured."""


@dataclass(frozen=True, slots=True)
class SystemFault:
    """At session second `t_s`, for `duration_s` seconds: real ones, for the computer's clock is.

    Attributes:
        by_s: of CLOCK_STEP, seconds; of BATTERY_LOW, percent left.
    """

    t_s: float
    kind: SystemFaultKind
    duration_s: float = 0.0
    by_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ScriptedAction:
    """What the operator does at session second `t_s`; `details` as in `monitor.model.Verb`.

    Attributes:
        measure: the numbers in `details` are read from the simulated body.
    """

    t_s: float
    verb: Verb
    details: Mapping[str, object] = field(default_factory=dict)
    measure: bool = False

    def of(self, person: Physiology) -> ScriptedAction:
        """The same, done to that person."""
        if not self.measure:
            return self
        if self.verb is Verb.TEMPERATURE:
            read: tuple[float, ...] = (person.thermometer_degc(self.t_s),)
        else:
            read = person.pressure_mmhg(self.t_s)
        numbers = dict(zip(MEASURED[self.verb], read, strict=True))
        return replace(self, details={**self.details, **numbers})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedAlarm:
    """An alarm condition that must begin.

    Attributes:
        alarm: id of the condition.
        at_s: session second of the onset, give or take `within_s`; None: once or more, any time.
        within_s: how far the onset may be off, either way.
        priority: of the onset; None: any.
        clears_s: session second of its end, give or take `within_s`; None: any, or never.
    """

    alarm: str
    at_s: float | None = None
    within_s: float = 15.0
    priority: str | None = None
    clears_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A simulated session.

    Attributes:
        name: what the user types.
        title: one line for a list.
        duration_s: session seconds until the simulation ends.
        plan: the person; its doses are those of `actions`.
        actions: in time order.
        faults: of links and bytes, in time order.
        system: faults around the engine, in time order.
        sensors: words as for `vigil simulate`: a kind, or alias=kind, in order of preference.
        recording: played out in the place of a person; `plan` then says nothing but the seed.
        expect: the alarms that begin with the default limits: these, no others.
    """

    name: str
    title: str
    duration_s: float
    plan: Plan
    actions: tuple[ScriptedAction, ...] = ()
    faults: tuple[LinkFault, ...] = ()
    system: tuple[SystemFault, ...] = ()
    sensors: tuple[str, ...] = SENSORS
    recording: Path | None = None
    expect: tuple[ExpectedAlarm, ...] = ()

    @property
    def expected(self) -> frozenset[str]:
        """Ids of the conditions in `expect`."""
        return frozenset(one.alarm for one in self.expect)

    def with_seed(self, seed: int) -> Scenario:
        """The same events happening to another person."""
        return replace(self, plan=replace(self.plan, seed=seed)).measured()

    def measured(self) -> Scenario:
        """The same, with what its operator measures on this person."""
        if not any(action.measure for action in self.actions):
            return self
        person = Physiology(self.plan)
        return replace(self, actions=tuple(action.of(person) for action in self.actions))
