"""The simulated sensors' process, and the same sensors inside our own loop."""

import asyncio
import json
import os
import shutil
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from bleak import BleakClient, BleakScanner

from devices.model import Frame, LinkState, SensorSpec
from devices.registry import codec
from devices.serial_port import SerialTransport
from devices.supervisor import Supervisor
from monitor.clock import ScaledClock, monotonic_ns
from simulators.bleak_backend import backend
from simulators.host import main
from simulators.kinds import named
from simulators.library import scenario
from simulators.peripheral import HEART_RATE_MEASUREMENT, TEMPERATURE_MEASUREMENT
from simulators.room import furnished

RATE = 20.0


def needs(tool):
    if shutil.which(tool) is None:
        pytest.skip(f"NOT RUN: this test needs {tool}")


def serial_ports(folder):
    return [str(path) for path in folder.glob("tty*") if path.suffix != ".lock"]


LISTENER = """
import asyncio, sys
from bleak import BleakClient, BleakScanner

async def main(address, characteristic, count):
    device = await BleakScanner.find_device_by_address(address, timeout=30)
    heard = asyncio.Queue()
    async with BleakClient(device) as client:
        await client.start_notify(characteristic, lambda _, data: heard.put_nowait(data.hex()))
        for _ in range(count):
            print(device.name, await heard.get(), flush=True)

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


async def listen(bus, address, characteristic, count):
    """What unmodified bleak hears in a process of its own: lines of (name, bytes)."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LISTENER, address, characteristic, str(count),
        env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": bus},
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(30):
        output, _ = await process.communicate()
    assert process.returncode == 0
    lines = [line.rsplit(" ", 1) for line in output.decode().splitlines()]
    return [(name, bytes.fromhex(payload)) for name, payload in lines]


class Host:
    """A running host process and what it announced."""

    def __init__(self, process, ready, owner_file):
        self.process, self.ready, self.owner_file = process, ready, owner_file
        self.sensors = msgspec.convert(ready["sensors"], list[SensorSpec])

    async def ended(self, limit_s=30):
        async with asyncio.timeout(limit_s):
            rest = await self.process.stdout.read()
            code = await self.process.wait()
        assert rest == b""
        return code


@asynccontextmanager
async def hosted(folder: Path, name="tachycardia", at_s=0.0, more=()):
    """A host whose session is `at_s` seconds old."""
    needs("dbus-daemon")
    owner_file = folder / "owner"
    owner_file.touch()
    epoch_ns = monotonic_ns() - int(at_s / RATE * 1e9)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulators.host", "--scenario", name, "--epoch-ns", str(epoch_ns),
        "--rate", str(RATE), "--seed", "4", "--directory", str(folder),
        "--owner-file", str(owner_file), *more,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    try:
        async with asyncio.timeout(30):
            ready = json.loads(await process.stdout.readline())
        yield Host(process, ready, owner_file)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def test_bleak_hears_the_strap_and_pyserial_the_probe(tmp_path):
    async with hosted(tmp_path, at_s=90) as host:
        assert host.ready["ready"] is True
        strap, _, probe = host.sensors
        heart = await listen(host.ready["dbus"], strap.address, HEART_RATE_MEASUREMENT, 10)
        room = asyncio.Queue()
        transport = SerialTransport(probe, codec(probe.codec), RATE)
        async with transport.open(room.put_nowait, room.put_nowait, print), asyncio.timeout(30):
            assert len(await room.get()) > 0
        os.kill(host.process.pid, signal.SIGHUP)
        os.kill(host.process.pid, signal.SIGTERM)
        assert await host.ended() == 0
    assert {name for name, _ in heart} == {"SIM strap"}
    assert all(140 < payload[1] < 165 for _, payload in heart)  # the surge: 60 s to 240 s
    assert not serial_ports(tmp_path)


async def test_bleak_hears_the_skin_thermometer(tmp_path):
    async with hosted(tmp_path) as host:
        patch = host.sensors[1]
        skin = await listen(host.ready["dbus"], patch.address, TEMPERATURE_MEASUREMENT, 3)
    values = [codec("hts_2a1c").decoder().feed(payload)[0].value for _, payload in skin]
    assert all(34 < value < 35 for value in values)


async def test_a_closed_terminal_does_not_end_it_a_gone_owner_does(tmp_path):
    async with hosted(tmp_path, more=("--owner-gone-s", "0.5")) as host:
        os.kill(host.process.pid, signal.SIGHUP)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(host.process.wait(), 1.0)
        host.owner_file.unlink()
        assert await host.ended() == 0


async def test_it_ends_with_its_scenario(tmp_path):
    async with hosted(tmp_path, at_s=590) as host:
        assert await host.ended() == 0


def test_an_unknown_scenario_is_a_usage_error(tmp_path, capsys):
    folder = ["--directory", str(tmp_path), "--owner-file", str(tmp_path / "x")]
    assert main(["--scenario", "calmm", "--epoch-ns", "0", *folder]) == 2
    assert "'calm'" in capsys.readouterr().err


@asynccontextmanager
async def playing(clock, folder):
    """The sensors of a calm session, in our own loop."""
    made = scenario("calm")
    async with furnished(made, clock, named(made.sensors), folder) as room:
        sending = asyncio.create_task(room.run())
        try:
            yield room
        finally:
            sending.cancel()
            await asyncio.wait([sending])


async def test_the_same_sensors_in_our_own_loop(tmp_path):
    clock = ScaledClock(rate=RATE)
    async with playing(clock, tmp_path) as room:
        radio = backend(room.peripherals())
        device = await BleakScanner.find_device_by_address(
            room.sensors["strap"].address, timeout=30, backend=radio.scanner
        )
        assert device is not None
        heard = asyncio.Queue()
        async with BleakClient(device, backend=radio.client) as client:
            await client.start_notify(
                HEART_RATE_MEASUREMENT, lambda _, data: heard.put_nowait(bytes(data))
            )
            async with asyncio.timeout(30):
                payloads = [await heard.get() for _ in range(5)]
        assert serial_ports(tmp_path) == [room.sensors["probe"].address]
    assert all(50 < payload[1] < 85 for payload in payloads)
    assert not serial_ports(tmp_path)


class Log(list):
    """A list one can wait on."""

    def __init__(self):
        super().__init__()
        self._grown = asyncio.Event()

    def append(self, item):
        super().append(item)
        self._grown.set()

    async def until(self, item):
        async with asyncio.timeout(30):
            while item not in self:
                self._grown.clear()
                await self._grown.wait()


async def test_a_supervised_serial_sensor_survives_unplugging(tmp_path):
    """Supervisor, transport and virtual port together."""
    clock = ScaledClock(rate=RATE)
    frames: list[Frame] = []
    states = Log()
    async with playing(clock, tmp_path) as room:
        sensor, probe = room.sensors["probe"], room.sensors["probe"].spec
        transport = SerialTransport(probe, codec(probe.codec), RATE)
        supervisor = Supervisor(
            probe, transport, clock, frames.append, lambda _, state, __: states.append(state)
        )
        running = asyncio.create_task(supervisor.run())
        await states.until(LinkState.STREAMING)
        sensor.away()
        await states.until(LinkState.LOST)
        assert states == [LinkState.CONNECTING, LinkState.STREAMING, LinkState.LOST]
        states.clear()
        sensor.back()
        await states.until(LinkState.STREAMING)
        running.cancel()
        await asyncio.wait([running])
    assert frames[0].payload == b""
    values = [frame for frame in frames if frame.payload]
    assert len(values) >= 2
    assert len(frames) == len(values) + 2
    for frame in values:
        measured = codec(probe.codec).decoder().feed(frame.payload)
        assert measured[0].value == pytest.approx(22, abs=2)


async def test_a_failure_of_the_listener_stays_itself(tmp_path):
    with pytest.raises(LookupError):
        async with playing(ScaledClock(rate=RATE), tmp_path):
            raise LookupError
    assert not serial_ports(tmp_path)
