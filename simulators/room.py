"""A room full of simulated sensors on one simulated person, each on its own radio link or line."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from devices.model import NS_PER_S, SensorSpec
from devices.registry import codec
from monitor.clock import Clock
from simulators.faults import Links, Passage
from simulators.kinds import Kind
from simulators.peripheral import (
    BATTERY_LEVEL,
    Characteristic,
    Peripheral,
    Service,
    common_services,
)
from simulators.physiology import Physiology
from simulators.recorded import person_of, said
from simulators.scenario import Scenario
from simulators.seconds import each_second
from simulators.sensed import Sensed
from simulators.tty import SerialSensor, serial_sensor

ADDRESS = "C{:X}:53:49:4D:01:{:02X}"
"""Static random addresses; 53 49 4D is "SIM"."""


@dataclass(slots=True)
class Simulated:
    """One sensor: its kind, and the radio or line it is on."""

    alias: str
    kind: Kind
    peripheral: Peripheral | None = None
    line: SerialSensor | None = None

    @property
    def spec(self) -> SensorSpec:
        """As it is to be configured."""
        return spec(self.alias, self.kind, self.address)

    @property
    def address(self) -> str:
        """Bluetooth address, or port."""
        if self.peripheral is not None:
            return self.peripheral.address
        return self.line.url if self.line is not None else ""

    def send(self, payload: bytes) -> None:
        """Send one payload, if its link or line stands."""
        found = codec(self.kind.codec)
        if self.line is not None:
            self.line.send(payload)
        elif self.peripheral is not None and found.broadcast is None:
            self.peripheral.notify(found.characteristic_uuid, payload)
        elif self.peripheral is not None and found.broadcast is not None:
            company, uuid = found.broadcast.company_id, found.broadcast.service_data_uuid
            self.peripheral.advertise(
                {company: payload} if company is not None else None,
                {uuid: payload} if uuid else None,
            )

    def drop(self) -> None:
        """Break the link at once; it can be had again."""
        if self.peripheral is not None:
            self.peripheral.drop()
        elif self.line is not None:
            self.line.unplug()
            self.line.plug()

    def away(self) -> None:
        """Leave radio range, or be unplugged."""
        if self.peripheral is not None:
            self.peripheral.away()
        elif self.line is not None:
            self.line.unplug()

    def back(self) -> None:
        """Come back, perhaps under another name of its port."""
        if self.peripheral is not None:
            self.peripheral.back()
        elif self.line is not None:
            self.line.plug()

    def quiet(self, on: bool) -> None:
        """Stay linked and send nothing, or send again."""
        for end in (self.peripheral, self.line):
            if end is not None:
                end.quiet = on

    def battery(self, percent: int) -> None:
        """Tell another charge."""
        if self.peripheral is not None and self.peripheral.services:
            self.peripheral.notify(BATTERY_LEVEL, bytes([percent]))


def spec(alias: str, kind: Kind, address: str) -> SensorSpec:
    """A simulated sensor as it is to be configured."""
    found = codec(kind.codec)
    return SensorSpec(
        alias=alias,
        codec=kind.codec,
        measures=kind.measures,
        site=kind.site,
        transport=found.transport,
        address=address,
        stale_s=found.stale_s,
        period_s=found.period_s,
        simulated=True,
    )


class Room:
    """The sensors of a session, on one person, with the scenario's faults between.

    Attributes:
        sensors: by alias; `furnished` puts them in.
    """

    def __init__(self, scenario: Scenario, clock: Clock, sensors: dict[str, Simulated]) -> None:
        self.sensors = sensors
        self._scenario, self._clock = scenario, clock
        self._person = (
            Physiology(scenario.plan)
            if scenario.recording is None
            else person_of(scenario.recording)
        )
        self._links = Links(scenario.faults, sensors)
        self._felt: dict[str, Sensed] = {}
        self._ways: dict[str, Passage] = {}

    def peripherals(self) -> list[Peripheral]:
        """The Bluetooth ones."""
        return [s.peripheral for s in self.sensors.values() if s.peripheral is not None]

    def answer(self, alias: str, received: bytes) -> bytes:
        """What a polled sensor answers now."""
        kind, second = self.sensors[alias].kind, max(0, self._clock.now_ns() // NS_PER_S)
        for _ in range(received.count(kind.ask) if kind.ask else 0):
            self._say(alias, second)
        return b"".join(self._way(alias).arriving(second))

    async def run(self) -> None:
        """Send, second by second of session time, until the scenario is over."""
        await each_second(self._clock, int(self._scenario.duration_s), self.second)

    def second(self, second: int) -> None:
        """Everything that happens by itself at that second."""
        self._links.apply(second)
        for alias, sensor in self.sensors.items():
            if not sensor.kind.ask and second % sensor.kind.period_s == 0:
                self._say(alias, second)
            for payload in self._way(alias).arriving(second):
                sensor.send(payload)

    def _say(self, alias: str, second: int) -> None:
        for payload in said(self._sensed(alias), self.sensors[alias].kind, second):
            self._way(alias).send(second, payload)

    def _sensed(self, alias: str) -> Sensed:
        if alias not in self._felt:
            faults = tuple(fault for fault in self._scenario.faults if fault.sensor == alias)
            self._felt[alias] = Sensed(self._person, self.sensors[alias].kind.site, faults)
        return self._felt[alias]

    def _way(self, alias: str) -> Passage:
        if alias not in self._ways:
            mine = [fault for fault in self._scenario.faults if fault.sensor == alias]
            self._ways[alias] = Passage(mine, self._scenario.plan.seed)
        return self._ways[alias]

    def garbage(self, alias: str) -> None:
        """Bytes that mean nothing."""
        noise = random.Random(self._clock.now_ns()).randbytes(20)  # noqa: S311 - noise
        self.sensors[alias].send(noise)


@contextlib.asynccontextmanager
async def furnished(
    scenario: Scenario, clock: Clock, kinds: Mapping[str, Kind], directory: Path
) -> AsyncIterator[Room]:
    """The sensors, plugged in and within range while entered; `Room.run` makes them send.

    Args:
        scenario: what the person's body does.
        clock: session time.
        kinds: alias -> kind.
        directory: for the links of serial ports; exists and is ours alone.
    """
    room = Room(scenario, clock, {})
    async with contextlib.AsyncExitStack() as stack:
        for number, (alias, kind) in enumerate(kinds.items(), start=1):
            made = Simulated(alias, kind)
            if codec(kind.codec).serial is not None:
                line = serial_sensor(directory, partial(room.answer, alias), f"ttySIM-{alias}")
                made.line = await stack.enter_async_context(line)
            else:
                made.peripheral = _peripheral(kind, alias, number)
            room.sensors[alias] = made
        yield room


def _peripheral(kind: Kind, alias: str, number: int) -> Peripheral:
    found = codec(kind.codec)
    peripheral = Peripheral(
        name=f"SIM {alias}",
        address=ADDRESS.format(number % 16, number),
        services=() if found.broadcast else (_service(kind), *common_services(f"SIM {kind.name}")),
        advertised_uuids=(found.service_uuid,) if found.service_uuid else (),
    )
    if kind.answer is not None:
        _answering(peripheral, kind, found.control_uuid)
    return peripheral


def _service(kind: Kind) -> Service:
    found = codec(kind.codec)
    how = ("indicate",) if kind.indicates else ("notify",)
    data = Characteristic(uuid=found.characteristic_uuid, properties=how)
    point = Characteristic(uuid=found.control_uuid, properties=("read", "write", "indicate"))
    table = (data, point) if found.control_uuid else (data,)
    return Service(uuid=found.service_uuid, characteristics=table)


def _answering(peripheral: Peripheral, kind: Kind, control_uuid: str) -> None:
    answer = kind.answer
    assert answer is not None  # noqa: S101 - the caller has looked

    def on_write(written: bytes) -> None:
        # A real indication comes after the write has been confirmed.
        loop = asyncio.get_running_loop()
        loop.call_soon(peripheral.notify, control_uuid, answer(written))

    peripheral.characteristic(control_uuid).on_write = on_write
