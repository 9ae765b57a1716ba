"""Plays a scenario at full speed, without radio or ports: the same room, the same wire bytes."""

from __future__ import annotations

from dataclasses import dataclass, field

from devices.model import NS_PER_S, Frame, SensorSpec
from devices.registry import codec
from monitor.clock import ManualClock
from monitor.core import Core, Event, Output, Setup
from monitor.model import Action, Verb
from simulators.kinds import named
from simulators.room import Room, Simulated, spec
from simulators.scenario import Scenario
from simulators.system_faults import reports

SENT_NS = NS_PER_S // 10
"""Frames arrive a little after their second."""


@dataclass(slots=True)
class Heard(Simulated):
    """A sensor whose every payload is heard, while it can be."""

    frames: list[Frame] = field(default_factory=list)
    now_ns: int = 0
    within_range: bool = True
    silent: bool = False

    def send(self, payload: bytes) -> None:
        """Be heard."""
        if payload and self.within_range and not self.silent:
            t_ns = self.now_ns + SENT_NS
            self.frames.append(Frame(t_ns=t_ns, source=self.alias, payload=bytes(payload)))

    def drop(self) -> None:
        """The link is back with the next packet, and half a message is forgotten."""
        self.frames.append(Frame(t_ns=self.now_ns, source=self.alias, payload=b""))

    def away(self) -> None:
        """Leave."""
        self.within_range = False

    def back(self) -> None:
        """Come back."""
        self.within_range = True

    def quiet(self, on: bool) -> None:
        """Fall silent, or send again."""
        self.silent = on

    def battery(self, percent: int) -> None:
        """No alarm looks at it."""


def specs(scenario: Scenario) -> list[SensorSpec]:
    """The scenario's sensors as an allow-list, without addresses."""
    return [spec(alias, kind, "") for alias, kind in named(scenario.sensors).items()]


def frames(scenario: Scenario) -> list[Frame]:
    """Everything that the scenario's sensors send, in time order."""
    sensors = {alias: Heard(alias, kind) for alias, kind in named(scenario.sensors).items()}
    clock = ManualClock()
    room = Room(scenario, clock, dict(sensors))
    for second in range(int(scenario.duration_s)):
        for heard in sensors.values():
            heard.now_ns = clock.now_ns()
        room.second(second)
        for alias, heard in sensors.items():
            if heard.kind.ask and _asked(heard, second):
                heard.send(room.answer(alias, heard.kind.ask))
        clock.advance(1)
    every = [frame for heard in sensors.values() for frame in heard.frames]
    return sorted(every, key=lambda frame: frame.t_ns)


def _asked(heard: Heard, second: int) -> bool:
    line = codec(heard.kind.codec).serial
    return line is not None and second % max(1, round(line.poll_s)) == 0


def actions(scenario: Scenario) -> list[Action]:
    """What the scenario's operator does."""
    return [
        Action(t_ns=int(a.t_s * NS_PER_S), verb=a.verb, operator="scenario", details=a.details)
        for a in scenario.actions
        if a.verb is not Verb.END_SESSION
    ]


def play(scenario: Scenario) -> Output:
    """What a core with the default limits makes of the scenario."""
    told = [status for f in scenario.system for status in reports(f, scenario.duration_s)]
    mixed: list[Event] = [*frames(scenario), *actions(scenario), *told]
    events = sorted(mixed, key=lambda event: event.t_ns)
    return Core(Setup(sensors=specs(scenario))).step(events, int(scenario.duration_s) * NS_PER_S)
