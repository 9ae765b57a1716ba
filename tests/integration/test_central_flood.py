"""One room floods: neither the station's screen nor the other rooms stand still."""

import contextlib
import subprocess
import sys
from pathlib import Path

import pytest

from alerts.annunciator.client import Annunciator
from monitor.central.room import Standing
from monitor.central.station import Station
from monitor.rooms import broker, messages
from simulators.broker import Mosquitto
from tests.integration.rooms import LEFT_BY_PAHO, NEEDS_MOSQUITTO, alarm
from tests.integration.test_central import chosen, room, standing, until
from tests.snapshot import rooms as canned_rooms
from tui.central.app import CentralApp

pytestmark = [NEEDS_MOSQUITTO, LEFT_BY_PAHO, pytest.mark.slow]


@contextlib.contextmanager
def flooding(port, folder):
    """Another program that sends as room-2."""
    evil = canned_rooms.alarming(1, "HIGH", message="\x1b[2J[bold]evil[/]")
    examples = evil, canned_rooms.trend(1), canned_rooms.presence("x")
    files = [folder / f"example{i}" for i in range(len(examples))]
    for file, message in zip(files, examples, strict=True):
        file.write_bytes(messages.encode(message))
    program = Path(__file__).with_name("flooder.py")
    command = [sys.executable, program, str(port), "vigil/example/room-2/v1", *files]
    with subprocess.Popen(command) as process:
        try:
            yield
        finally:
            process.kill()


async def test_a_flood_stalls_neither_the_screen_nor_the_other_rooms(tmp_path):
    with Mosquitto(tmp_path) as real:
        made = chosen(real.port)
        station = Station(made, broker.arguments(made, "central"))
        app = CentralApp(station, Annunciator(muted=True), muted=True, flashing=False)
        async with (
            room(real.port, "room-1", alarms=[alarm(1)]),
            app.run_test(size=(120, 40)) as pilot,
        ):
            await until(lambda: standing(station) is Standing.LIVE)
            with flooding(real.port, tmp_path):
                await until(lambda: sum(station.wall.dropped.values()) > 500)
                for _ in range(3):
                    seen = station.wall.rooms["room-1"].snapshot.seq
                    await until(lambda seen=seen: station.wall.rooms["room-1"].snapshot.seq > seen)
                order = app.order
                await pilot.press("o")
                assert app.order != order
            await until(lambda: not len(station.inbox))
            await until(lambda: standing(station) is Standing.LIVE)
            strips = app.screen._compositor.render_strips()
            assert "\x1b" not in "".join(s.text for strip in strips for s in strip)
            assert set(station.wall.rooms) <= {"room-1", "room-2"}
