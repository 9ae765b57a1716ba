"""Plays a scenario at full speed, without radio or ports: the same drivers, the same wire bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from devices.model import NS_PER_S, Frame
from monitor.clock import ManualClock
from monitor.core import Core, Event, Output, Setup
from monitor.model import Action, Verb
from simulators.peripheral import Peripheral
from simulators.physiology import Physiology
from simulators.scenario import Scenario
from simulators.sensors import PROBE, SensorDriver, peripherals, specs
from simulators.wire import center_30x_reply

SENT_NS = NS_PER_S // 10
"""Frames arrive a little after their second."""
PROBE_PERIOD_S = 10


@dataclass(slots=True)
class _Line:
    """The serial thermometer's end, without a port."""

    quiet: bool = False
    plugged: bool = True

    def plug(self) -> None:
        self.plugged = True

    def unplug(self) -> None:
        self.plugged = False


@dataclass(slots=True)
class _Ear:
    """Hears one peripheral as a transport would, as frames."""

    alias: str
    player: Player

    def on_notify(self, uuid: str, payload: bytes) -> None:  # noqa: ARG002 - a watcher's signature
        self.player.hear(self.alias, payload)

    def on_drop(self) -> None:
        """The link is back with the next packet."""

    def on_away(self) -> None:
        """A peripheral that is away does not notify."""


@dataclass(slots=True)
class Player:
    """Second by second, everything that a scenario's sensors send."""

    scenario: Scenario
    frames: list[Frame] = field(default_factory=list)
    second: int = 0

    def hear(self, alias: str, payload: bytes) -> None:
        """Take a payload that arrives now."""
        t_ns = self.second * NS_PER_S + SENT_NS
        self.frames.append(Frame(t_ns=t_ns, source=alias, payload=bytes(payload)))

    def play(self) -> list[Frame]:
        """All frames of the scenario, in time order."""
        bluetooth, line = peripherals(), _Line()
        person = Physiology(self.scenario.plan)
        driver = SensorDriver(self.scenario, ManualClock(), bluetooth, line)
        self._watch(bluetooth)
        for second in range(int(self.scenario.duration_s)):
            self.second = second
            driver.second(second)
            if second % PROBE_PERIOD_S == 0 and line.plugged and not line.quiet:
                self.hear(PROBE, center_30x_reply(person.room_degc(second)))
        return self.frames

    def _watch(self, bluetooth: Mapping[str, Peripheral]) -> None:
        for alias, peripheral in bluetooth.items():
            peripheral.watch(_Ear(alias, self))


def actions(scenario: Scenario) -> list[Action]:
    """What the scenario's operator does."""
    scripted = scenario.actions
    return [
        Action(t_ns=int(a.t_s * NS_PER_S), verb=a.verb, operator="scenario", details=a.details)
        for a in scripted
        if a.verb is not Verb.END_SESSION
    ]


def in_order(frames: Iterable[Frame], done: Iterable[Action]) -> list[Event]:
    """Frames and actions as an engine hands them on: each a little later than the one before."""
    events: list[Event] = sorted([*frames, *done], key=lambda event: event.t_ns)
    return events


def play(scenario: Scenario) -> Output:
    """What a core with the default limits makes of the scenario."""
    events = in_order(Player(scenario).play(), actions(scenario))
    core = Core(Setup(sensors=specs("unused")))
    return core.step(events, int(scenario.duration_s) * NS_PER_S)
