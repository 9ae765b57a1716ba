"""The demo's sensors: a strap, a skin thermometer and a serial room thermometer, on the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from devices.model import SensorSpec, Signal
from monitor.clock import Clock
from simulators.peripheral import (
    HEART_RATE_MEASUREMENT,
    TEMPERATURE_MEASUREMENT,
    Peripheral,
    health_thermometer,
    heart_rate_strap,
)
from simulators.physiology import Physiology
from simulators.scenario import FaultKind, LinkFault, Scenario
from simulators.seconds import each_second
from simulators.wire import health_temperature, heart_rate_measurement

STRAP, PATCH, PROBE = "strap", "patch", "probe"
STRAP_ADDRESS, PATCH_ADDRESS = "C1:53:49:4D:00:01", "C2:53:49:4D:00:02"
"""Static random addresses; 53 49 4D is "SIM"."""
PATCH_PERIOD_S = 4
PATCH_STALE_S = 30.0
ARMPIT = 1
"""Temperature type of the Health Thermometer service; there is none for skin."""


def specs(serial_url: str) -> list[SensorSpec]:
    """The sensors as an allow-list; `serial_url` is the serial thermometer's."""
    return [
        SensorSpec(
            alias=STRAP,
            codec="hrs_2a37",
            measures=Signal.HEART_RATE,
            site="chest",
            address=STRAP_ADDRESS,
            simulated=True,
        ),
        SensorSpec(
            alias=PATCH,
            codec="hts_2a1c",
            measures=Signal.SKIN_TEMPERATURE,
            site="axilla",
            address=PATCH_ADDRESS,
            stale_s=PATCH_STALE_S,
            simulated=True,
        ),
        SensorSpec(
            alias=PROBE,
            codec="center_30x_8b",
            measures=Signal.ROOM_TEMPERATURE,
            site="room",
            transport="serial",
            address=serial_url,
            simulated=True,
        ),
    ]


def peripherals() -> dict[str, Peripheral]:
    """The Bluetooth ones, by alias."""
    return {
        STRAP: heart_rate_strap("SIM strap", STRAP_ADDRESS),
        PATCH: health_thermometer("SIM patch", PATCH_ADDRESS),
    }


class Line(Protocol):
    """A serial sensor's plug; see `simulators.tty.SerialSensor`."""

    quiet: bool

    def plug(self) -> None:
        """Make the port appear."""

    def unplug(self) -> None:
        """Pull the plug."""


class SensorDriver:
    """Makes the sensors send what the person's body says, and the links fail on schedule."""

    def __init__(
        self,
        scenario: Scenario,
        clock: Clock,
        bluetooth: Mapping[str, Peripheral],
        serial: Line,
    ) -> None:
        """Drive `bluetooth` (by alias) and `serial`; its temperature is its own business."""
        self._person = Physiology(scenario.plan)
        self._end_s = int(scenario.duration_s)
        self._clock = clock
        self._strap, self._patch = bluetooth[STRAP], bluetooth[PATCH]
        self._links = _Links(scenario.faults, bluetooth, serial)
        self._last: dict[str, bytes] = {}

    async def run(self) -> None:
        """Send, second by second of session time, until the scenario is over."""
        await each_second(self._clock, self._end_s, self.second)

    def second(self, second: int) -> None:
        """Everything that happens at one second of session time."""
        self._links.apply(second)
        heart = self._person.heart_at(second)
        payload = heart_rate_measurement(heart.bpm, heart.rr_ms, contact=heart.contact)
        self._strap.notify(HEART_RATE_MEASUREMENT, self._said(STRAP, payload))
        if second % PATCH_PERIOD_S == 0:
            payload = health_temperature(self._person.skin_degc(second), ARMPIT)
            self._patch.notify(TEMPERATURE_MEASUREMENT, self._said(PATCH, payload))

    def _said(self, alias: str, payload: bytes) -> bytes:
        """What the sensor sends: this, or its last payload again."""
        if alias not in self._links.frozen:
            self._last[alias] = payload
        return self._last.get(alias, payload)


class _Links:
    """Applies link faults; a driver that starts in the middle finds the faults of that moment."""

    def __init__(
        self,
        faults: Sequence[LinkFault],
        bluetooth: Mapping[str, Peripheral],
        serial: Line,
    ) -> None:
        self._faults = faults
        self._bluetooth = bluetooth
        self._serial = serial
        self._gone: set[str] = set()
        self.frozen: set[str] = set()
        """Sensors that repeat themselves."""

    def apply(self, second: int) -> None:
        """Bring all links into the state of that second."""
        active = [f for f in self._faults if f.t_s <= second < f.t_s + f.duration_s]
        gone = {fault.sensor for fault in active if fault.kind is FaultKind.AWAY}
        quiet = {fault.sensor for fault in active if fault.kind is FaultKind.QUIET}
        self.frozen = {fault.sensor for fault in active if fault.kind is FaultKind.FREEZE}
        for alias in gone - self._gone:
            self._leave(alias)
        for alias in self._gone - gone:
            self._return(alias)
        self._gone = gone
        for alias, peripheral in self._bluetooth.items():
            peripheral.quiet = alias in quiet
        self._serial.quiet = PROBE in quiet
        for fault in self._faults:
            if fault.kind is FaultKind.DROP and int(fault.t_s) == second:
                self._drop(fault.sensor)

    def _leave(self, alias: str) -> None:
        if alias in self._bluetooth:
            self._bluetooth[alias].away()
        else:
            self._serial.unplug()

    def _return(self, alias: str) -> None:
        if alias in self._bluetooth:
            self._bluetooth[alias].back()
        else:
            self._serial.plug()

    def _drop(self, alias: str) -> None:
        if alias in self._bluetooth:
            self._bluetooth[alias].drop()
        else:
            self._serial.unplug()
            self._serial.plug()
