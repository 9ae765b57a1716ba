"""Simulated radio: virtual peripherals behind a fake BlueZ, or behind an in-process backend."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from devices.ble import Backend
from simulators.bleak_backend import backend
from simulators.peripheral import Peripheral, health_thermometer, heart_rate_strap
from simulators.private_bus import PrivateBus, available


@dataclass
class Radio:
    """Our strap, a neighbour's strap of the same kind, and our thermometer."""

    strap: Peripheral
    neighbour: Peripheral
    thermometer: Peripheral
    backend: Backend | None = None
    bluez: object = None
    bus: PrivateBus | None = None

    @property
    def peripherals(self):
        return self.strap, self.neighbour, self.thermometer


def _radio():
    return Radio(
        strap=heart_rate_strap("SIM strap", "C0:00:00:00:00:01"),
        neighbour=heart_rate_strap("SIM strap 2", "C0:00:00:00:00:02"),
        thermometer=health_thermometer("SIM thermometer", "C0:00:00:00:00:03"),
    )


@pytest.fixture
async def bus(monkeypatch):
    """A private D-Bus daemon that bleak takes for the system's."""
    if not available():
        pytest.skip("NOT RUN: needs dbus-daemon on the PATH (Debian, Ubuntu: apt install dbus)")
    async with PrivateBus() as private:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", private.address)
        yield private
    await asyncio.sleep(0.05)  # let bleak see the bus go, and close its sockets


@pytest.fixture
async def air(bus):
    """A radio seen by unmodified bleak through a fake BlueZ on a private bus."""
    from simulators.bluez import FakeBlueZ  # noqa: PLC0415 - dbus-fast is there on Linux only

    radio = _radio()
    async with FakeBlueZ(bus.address, radio.peripherals) as fake:
        radio.bluez, radio.bus = fake, bus
        yield radio


@pytest.fixture(params=["bluez", "in_process"])
def radio(request):
    """The same peripherals on either simulated radio."""
    if request.param == "bluez":
        return request.getfixturevalue("air")
    made = _radio()
    made.backend = backend(made.peripherals)
    return made
