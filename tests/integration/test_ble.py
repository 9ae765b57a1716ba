"""BLE sensors through bleak: streaming, loss, silence, crashes. No real radio needed.

Tests with `air` run unmodified bleak against a fake BlueZ on a private D-Bus; those with `radio`
run there and again on the in-process backend.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import sys
from itertools import pairwise
from pathlib import Path

import pytest

import devices.ble_find
from devices.ble import BleTransport, scan
from devices.codecs.health_thermometer import CODEC as THERMOMETER
from devices.codecs.heart_rate import CODEC as HEART_RATE
from devices.model import LinkState, SensorSpec, Signal
from devices.supervisor import Supervisor
from devices.transport import Reason, TransportError
from monitor.clock import ScaledClock
from simulators.peripheral import (
    BATTERY_LEVEL,
    HEART_RATE_MEASUREMENT,
    HEART_RATE_SERVICE,
    TEMPERATURE_MEASUREMENT,
    Peripheral,
    heart_rate_strap,
)

STRAP = SensorSpec(
    alias="strap",
    codec="hrs_2a37",
    measures=Signal.HEART_RATE,
    address="c0:00:00:00:00:01",  # the air says it in capitals
    stale_s=2.0,
)
PATCH = SensorSpec(
    alias="patch",
    codec="hts_2a1c",
    measures=Signal.SKIN_TEMPERATURE,
    address="SIM thermometer",  # by exact name
)


class Watched:
    """A supervised sensor and all it reported."""

    def __init__(self, spec, codec, backend=None):
        self.frames, self.states, self.info = [], [], {}
        self.spec = spec
        transport = BleTransport(spec, codec, backend=backend)
        self.supervisor = Supervisor(
            spec, transport, ScaledClock(), self.frames.append, self._state, self._info
        )

    def _state(self, alias, state, detail):
        assert alias == self.spec.alias
        self.states.append((state, detail))

    def _info(self, alias, key, value):
        assert alias == self.spec.alias
        self.info[key] = value

    @property
    def path(self):
        return [state for state, _ in self.states]

    async def until(self, state, seconds=30.0):
        """Wait until it has gone into `state` once more; why it did."""
        seen = self.path.count(state)
        await until(lambda: self.path.count(state) > seen, seconds, state)
        return next(why for gone, why in reversed(self.states) if gone is state)


async def until(holds, seconds=30.0, what="it"):
    try:
        async with asyncio.timeout(seconds):
            while not holds():
                await asyncio.sleep(0.005)
    except TimeoutError:
        pytest.fail(f"waited {seconds} s in vain for {what}")


@contextlib.asynccontextmanager
async def running(*coroutines):
    tasks = [asyncio.create_task(item) for item in coroutines]
    try:
        yield
        for task in tasks:
            assert not task.done(), task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def pump(peripheral, uuid=HEART_RATE_MEASUREMENT):
    """Send a numbered payload 50 times a second."""
    number = 0
    while True:
        number += 1
        peripheral.notify(uuid, bytes([0, number % 256, number // 256]))
        await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def streaming(radio, spec=STRAP, codec=HEART_RATE):
    watched = Watched(spec, codec, radio.backend)
    async with running(pump(radio.strap), watched.supervisor.run()):
        await watched.until(LinkState.STREAMING)
        yield watched


def open_files():
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.fixture
def short_scans(monkeypatch):
    monkeypatch.setattr(devices.ble_find, "SCAN_S", 0.3)


async def test_a_strap_streams_and_introduces_itself(radio):
    async with streaming(radio) as watched:
        await until(lambda: len(watched.frames) > 5 and "battery" in watched.info)
        assert watched.path == [LinkState.CONNECTING, LinkState.STREAMING]
        assert watched.info == {
            "manufacturer": "Vigil SIM",
            "model": "SIM strap",
            "serial": "SIM-0001",
            "firmware": "1.0",
            "location": "chest",
            "simulated": True,
            "battery": 88,
            "signal": -60,
        }
        radio.strap.notify(BATTERY_LEVEL, b"\x11")
        await until(lambda: watched.info["battery"] == 17)
        stamps = [frame.t_ns for frame in watched.frames]
        assert stamps == sorted(stamps)
        assert {frame.source for frame in watched.frames} == {"strap"}
        assert watched.supervisor.packets == len(watched.frames) - 1
    assert watched.supervisor.state is LinkState.STREAMING  # cancelled, not lost


async def test_a_lost_link_is_rebuilt_without_duplicates(radio):
    async with streaming(radio) as watched:
        radio.strap.drop()
        assert "no data" not in await watched.until(LinkState.LOST)  # told, not timed out
        await watched.until(LinkState.STREAMING)
        at = len(watched.frames)
        await until(lambda: len(watched.frames) > at + 20)
        if radio.bluez:
            assert radio.bluez.subscribers(radio.strap, HEART_RATE_MEASUREMENT) == 1
    payloads = [frame.payload for frame in watched.frames if frame.payload]
    assert len(set(payloads)) == len(payloads)


async def test_out_of_range_and_back(radio):
    async with streaming(radio) as watched:
        radio.strap.away()
        await watched.until(LinkState.LOST)
        radio.strap.back()
        await watched.until(LinkState.STREAMING)


async def test_a_silent_strap_is_noticed_and_its_link_rebuilt(radio):
    async with streaming(radio) as watched:
        radio.strap.quiet = True
        assert await watched.until(LinkState.STALE) == "no data for 2 s"
        await watched.until(LinkState.CONNECTING)
        assert watched.states[-2] == (LinkState.LOST, "no data for 2 s")
        radio.strap.quiet = False
        await watched.until(LinkState.STREAMING)


async def test_a_neighbours_strap_is_never_adopted(radio, short_scans):
    radio.strap.away()
    watched = Watched(STRAP, HEART_RATE, radio.backend)
    async with running(pump(radio.neighbour), watched.supervisor.run()):
        await watched.until(LinkState.LOST)
        assert watched.states[-1][1] == "not found: no c0:00:00:00:00:01 in range"
        await watched.until(LinkState.LOST)
        assert watched.frames == []
        if radio.bluez:
            assert not radio.bluez.connected(radio.neighbour)


async def test_two_sensors_connect_at_once(radio):
    strap = Watched(STRAP, HEART_RATE, radio.backend)
    patch = Watched(PATCH, THERMOMETER, radio.backend)
    async with running(
        pump(radio.strap),
        pump(radio.thermometer, TEMPERATURE_MEASUREMENT),
        strap.supervisor.run(),
        patch.supervisor.run(),
    ):
        await until(lambda: len(strap.frames) > 3 and len(patch.frames) > 3, what="both")
        assert LinkState.LOST not in strap.path + patch.path
        assert {frame.source for frame in patch.frames} == {"patch"}


async def test_our_own_disconnect_is_no_loss(radio):
    lost = []
    transport = BleTransport(STRAP, HEART_RATE, backend=radio.backend)
    async with transport.open(lambda _payload: None, lost.append, lambda _key, _value: None):
        if radio.bluez:
            assert radio.bluez.connected(radio.strap)
    await asyncio.sleep(0.1)
    assert lost == []
    if radio.bluez:
        assert not radio.bluez.connected(radio.strap)


async def test_a_sensor_without_the_measurement_says_so(radio):
    other = dataclasses.replace(HEART_RATE, characteristic_uuid="2a99")
    transport = BleTransport(STRAP, other, backend=radio.backend)
    with pytest.raises(TransportError) as caught:
        async with transport.open(lambda _: None, lambda _: None, lambda _key, _value: None):
            pass
    assert caught.value.reason is Reason.NO_SERVICE


async def test_scan_lists_what_is_on_the_air_with_clean_names(radio):
    radio.neighbour.name = "Neighbour\x1b[2J\u202e"
    found = await scan(0.3, [HEART_RATE, THERMOMETER], backend=radio.backend)
    heard = {item.address: (item.name, item.rssi_dbm, item.codecs) for item in found}
    assert heard == {
        "C0:00:00:00:00:01": ("SIM strap", -60, ("hrs_2a37",)),
        "C0:00:00:00:00:02": ("Neighbour[2J", -60, ("hrs_2a37",)),
        "C0:00:00:00:00:03": ("SIM thermometer", -60, ("hts_2a1c",)),
    }


async def test_no_descriptor_is_left_behind_by_fifteen_losses(air):
    await lose(air, 16)


@pytest.mark.slow
async def test_no_descriptor_is_left_behind_by_a_hundred_losses(air):
    await lose(air, 101)


async def lose(air, times):
    before = None
    for count in range(times):
        lost = asyncio.Event()
        transport = BleTransport(STRAP, HEART_RATE)
        async with transport.open(
            lambda _: None, lambda _, lost=lost: lost.set(), lambda _key, _value: None
        ):
            air.strap.drop()
            async with asyncio.timeout(30):
                await lost.wait()
        if count == 0:  # bleak's own connection, made once, is there now
            before = open_files()
    assert open_files() == before


async def test_a_link_left_behind_by_a_killed_program_is_taken_over(air):
    script = Path(__file__).with_name("careless_client.py")
    await (await python(script, air.bus.address, air.strap.address)).wait()
    assert air.bluez.connected(air.strap)
    async with streaming(air) as watched:  # although it does not advertise
        assert LinkState.LOST not in watched.path


async def test_bluetooth_switched_off_is_named_and_recovered_from(air):
    async with streaming(air) as watched:
        air.bluez.power(on=False)
        await watched.until(LinkState.LOST)
        await watched.until(LinkState.LOST)
        assert watched.states[-1][1].startswith("Bluetooth is switched off")
        air.bluez.power(on=True)
        await watched.until(LinkState.STREAMING)


async def test_without_bluez_or_bus_the_reason_is_named(bus, monkeypatch):
    for address in (bus.address, "unix:path=/nowhere/at/all"):
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        with pytest.raises(TransportError) as caught:
            await scan(0.1, [HEART_RATE])
        assert caught.value.reason is Reason.NO_BLUETOOTH


async def test_the_death_of_the_bus_is_a_loss(air):
    async with streaming(air) as watched:
        air.bus.process.kill()
        await watched.until(LinkState.LOST)
        await watched.until(LinkState.LOST)
        assert watched.states[-1][1].startswith("no Bluetooth")


async def python(script, *arguments):
    root = Path(__file__).parents[2]
    env = {**os.environ, "PYTHONPATH": str(root)}
    return await asyncio.create_subprocess_exec(sys.executable, str(script), *arguments, env=env)


@contextlib.asynccontextmanager
async def bluetoothd(address):
    process = await python(Path(__file__).with_name("fake_bluetoothd.py"), address)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


@pytest.mark.slow
@pytest.mark.alone
async def test_a_crash_of_bluetoothd_is_noticed_by_data_age(bus):
    watched = Watched(STRAP, HEART_RATE)
    async with contextlib.AsyncExitStack() as stack:
        async with bluetoothd(bus.address) as first:
            await stack.enter_async_context(running(watched.supervisor.run()))
            await watched.until(LinkState.STREAMING, 30)
            first.kill()
            # bleak itself says nothing
            assert await watched.until(LinkState.STALE) == "no data for 2 s"
            await watched.until(LinkState.LOST)
        async with bluetoothd(bus.address):
            await watched.until(LinkState.STREAMING, 40)
            count = len(watched.frames)
            await until(lambda: len(watched.frames) > count + 10)
    gaps = [b.t_ns - a.t_ns for a, b in pairwise(watched.frames[-10:])]
    assert min(gaps) > 20_000_000  # 10 a second, each once


def test_a_peripheral_model_is_a_plain_object():
    strap = heart_rate_strap("SIM", "C0:00:00:00:00:09")
    assert strap.advertised_uuids == (HEART_RATE_SERVICE,)
    with pytest.raises(KeyError):
        strap.notify("2a00", b"")
    assert isinstance(strap, Peripheral)
