"""The serial transport against a real pseudo-terminal and a real socket, through pyserial."""

import asyncio
import os
import threading
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from devices.codec import Codec, SerialSettings
from devices.codecs.center_30x import CODEC as CENTER
from devices.model import SensorSpec, Signal
from devices.serial_port import SerialTransport
from devices.transport import Reason, TransportError
from simulators.tty import (
    PtySensor,
    SerialSensor,
    TcpSensor,
    center_answer,
    serial_sensor,
)

FAST = 20.0
"""Polls at 20 Hz instead of 1 Hz."""


class Line:
    """What the transport said."""

    def __init__(self):
        self.payloads: list[bytes] = []
        self.lost: list[str] = []
        self.news = asyncio.Event()

    def on_payload(self, payload):
        self.payloads.append(payload)
        self.news.set()

    def on_lost(self, why):
        self.lost.append(why)
        self.news.set()

    async def until(self, condition):
        async with asyncio.timeout(30):
            while not condition():
                self.news.clear()
                await self.news.wait()

    async def until_received(self, size):
        await self.until(lambda: len(b"".join(self.payloads)) >= size)

    def degc(self):
        values = CENTER.decoder().feed(b"".join(self.payloads))
        return [m.value for m in values if m.signal is Signal.TEMPERATURE]


def spec(url):
    return SensorSpec(
        alias="probe",
        codec=CENTER.name,
        measures=Signal.ROOM_TEMPERATURE,
        transport="serial",
        address=url,
    )


@asynccontextmanager
async def opened(url, codec=CENTER, rate=FAST):
    line = Line()
    transport = SerialTransport(spec(url), codec, rate)
    async with transport.open(line.on_payload, line.on_lost, lambda *_: None):
        yield line


@pytest.fixture(params=["pty", "tcp"])
async def sensor(request, tmp_path):
    if request.param == "tcp":
        made: SerialSensor = TcpSensor(center_answer(lambda: 22.4))
    else:
        made = PtySensor(tmp_path / "ttySIM", center_answer(lambda: 22.4))
    async with made:
        yield made


async def test_polls_and_reads(sensor):
    async with opened(sensor.url) as line:
        await line.until_received(24)
    assert line.degc()[:3] == [22.4, 22.4, 22.4]
    assert line.lost == []


async def test_polls_once_a_period(sensor):
    async with opened(sensor.url) as line:
        await asyncio.sleep(0.5)
    assert 3 <= len(line.degc()) <= 11


async def test_unplug_is_told_once_and_replugging_works(sensor):
    async with opened(sensor.url) as line:
        await line.until_received(8)
        sensor.unplug()
        await line.until(lambda: line.lost)
    assert len(line.lost) == 1
    sensor.plug()
    async with opened(sensor.url) as line:
        await line.until_received(8)
    assert line.degc()[0] == 22.4


async def test_a_silent_sensor_is_not_a_lost_one(sensor):
    sensor.quiet = True
    async with opened(sensor.url) as line:
        await asyncio.sleep(0.2)
        assert (line.payloads, line.lost) == ([], [])
        sensor.quiet = False
        await line.until_received(8)


async def test_closing_ends_thread_and_callbacks(sensor):
    async with opened(sensor.url) as line:
        await line.until_received(8)
    received = len(line.payloads)
    sensor.unplug()
    await asyncio.sleep(0.1)
    assert (len(line.payloads), line.lost) == (received, [])


async def test_absent_port(tmp_path):
    with pytest.raises(TransportError) as caught:
        async with opened(str(tmp_path / "nowhere")):
            pass
    assert caught.value.reason is Reason.ABSENT


@pytest.mark.parametrize("url", ["socket://127.0.0.1:1", "socket://nonsense", "nosuch://x"])
async def test_url_that_cannot_be_opened(url):
    with pytest.raises(TransportError):
        async with opened(url):
            pass


async def test_a_port_is_ours_alone(tmp_path):
    async with PtySensor(tmp_path / "ttySIM", center_answer(lambda: 22.0)) as sensor:
        async with opened(sensor.url):
            with pytest.raises(TransportError) as caught:
                async with opened(sensor.url):
                    pass
        assert caught.value.reason is Reason.BUSY
        async with opened(sensor.url) as line:
            await line.until_received(8)


async def test_streaming_sensor_in_pieces(tmp_path):
    """Without a poll nothing is written, and bytes are handed on as they come."""
    silent = Codec(
        name="x",
        title="x",
        decoder=CENTER.decoder,
        explain=CENTER.explain,
        signals=CENTER.signals,
        serial=SerialSettings(baud=2400, parity="E", byte_size=7),
    )
    master, slave = os.openpty()
    try:
        async with opened(os.ttyname(slave), silent) as line:
            for piece in (b"\x02\x31", b"\x32", b"\x33\x03"):
                os.write(master, piece)
                await asyncio.sleep(0.03)
            await line.until_received(5)
        assert b"".join(line.payloads) == b"\x02\x31\x32\x33\x03"
        assert len(line.payloads) >= 2
        os.set_blocking(master, False)
        with pytest.raises(BlockingIOError):
            os.read(master, 1)
    finally:
        os.close(master)
        os.close(slave)


async def test_cancelling_while_opening_leaves_no_lock(tmp_path):
    async with PtySensor(tmp_path / "ttySIM", center_answer(lambda: 22.0)) as sensor:

        async def hold():
            async with opened(sensor.url):
                await asyncio.sleep(60)

        task = asyncio.create_task(hold())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        await asyncio.sleep(0.1)
        async with opened(sensor.url) as line:
            await line.until_received(8)


def test_a_loop_that_ended_does_not_break_the_reader():
    """The program may end with the line open: the thread must not die with a traceback."""
    master, slave = os.openpty()
    line = Line()
    transport = SerialTransport(spec(os.ttyname(slave)), CENTER, FAST)
    link = transport.open(line.on_payload, line.on_lost, lambda *_: None)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(link.__aenter__())
    readers = [t for t in threading.enumerate() if t.name.startswith("serial ")]
    loop.close()
    os.write(master, b"\x02")
    os.close(slave)
    os.close(master)
    for reader in readers:
        reader.join(5)
    assert [reader.is_alive() for reader in readers] == [False]
    assert line.lost == []


async def test_the_link_is_removed(tmp_path):
    link = tmp_path / "ttySIM"
    async with PtySensor(link, center_answer(lambda: 22.0)) as sensor:
        assert link.is_symlink()
        sensor.unplug()
        assert not link.is_symlink()
        sensor.unplug()
        sensor.plug()
        sensor.plug()
        assert link.exists()
    assert list(tmp_path.iterdir()) == []


async def test_a_sensor_nobody_reads_does_not_block(tmp_path):
    async with PtySensor(tmp_path / "ttySIM", center_answer(lambda: 22.0)) as sensor:
        port = os.open(sensor.url, os.O_RDWR | os.O_NOCTTY)
        try:
            for _ in range(50):
                os.write(port, b"A" * 100)
                await asyncio.sleep(0)
        finally:
            os.close(port)


async def test_this_system_gets_a_sensor(tmp_path):
    async with (
        serial_sensor(tmp_path, center_answer(lambda: 21.0)) as sensor,
        opened(sensor.url) as line,
    ):
        await line.until_received(8)
    assert line.degc()[0] == 21.0


async def test_a_terminal_that_took_the_name_of_a_dead_simulator_is_never_opened(tmp_path):
    """The simulator was killed: its link stands, and the system gave the name to another window."""
    master, slave = os.openpty()
    os.set_blocking(master, False)
    link = tmp_path / "ttySIM"
    link.symlink_to(os.ttyname(slave))
    line = Line()
    transport = SerialTransport(replace(spec(str(link)), simulated=True), CENTER, FAST)
    try:
        with pytest.raises(TransportError) as caught:
            async with transport.open(line.on_payload, line.on_lost, lambda _key, _value: None):
                pytest.fail("it was opened")
        assert caught.value.reason is Reason.ABSENT
        with pytest.raises(BlockingIOError):
            os.read(master, 1)
    finally:
        os.close(slave)
        os.close(master)


async def test_a_living_simulated_line_is_opened(tmp_path):
    line = Line()
    async with PtySensor(tmp_path / "ttySIM", center_answer(lambda: 21.5)) as sensor:
        transport = SerialTransport(replace(spec(sensor.url), simulated=True), CENTER, FAST)
        async with transport.open(line.on_payload, line.on_lost, lambda _key, _value: None):
            await line.until_received(8)


class PulledWhileSpeaking:
    """The plug is pulled between deciding to speak and speaking."""

    def __init__(self, sensor):
        self.sensor = sensor

    def say(self, _heard):
        self.sensor.pull()
        return b"A"


async def test_a_plug_pulled_while_the_input_is_flushed_is_a_loss_not_a_crash():
    """There pyserial lets termios.error through, which is no OSError."""
    master, slave = os.openpty()
    name = os.ttyname(slave)

    class Cable:
        @staticmethod
        def pull():
            os.close(slave)
            os.close(master)

    settings = SerialSettings(dialogue=lambda: PulledWhileSpeaking(Cable))
    codec = replace(CENTER, serial=settings)
    async with opened(name, codec) as line:
        await line.until(lambda: line.lost)
    assert len(line.lost) == 1
