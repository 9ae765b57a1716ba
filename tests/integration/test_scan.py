"""`vigil scan` beside simulated sensors: on a private bus, and on pseudo-terminals."""

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from devices.codecs.center_30x import CODEC
from devices.model import SensorSpec, Signal
from devices.registry import codecs
from devices.serial_port import SerialTransport
from devices.serial_probe import probe
from simulators.bluez import FakeBlueZ, PrivateBus, available
from simulators.kinds import KINDS
from simulators.library import scenario
from simulators.peripheral import Peripheral, heart_rate_strap
from simulators.physiology import Physiology
from simulators.sensed import Sensed
from simulators.tty import center_answer, serial_sensor

PERSON = Physiology(scenario("calm").plan)


@pytest.fixture
async def air():
    if not available():
        pytest.skip("NOT RUN: needs a dbus-daemon")
    strap = heart_rate_strap("SIM \x1b[31mstrap", "C0:00:00:00:00:21")
    payload = codecs()["bthome_v2"].examples[0]
    uuid = codecs()["bthome_v2"].broadcast.service_data_uuid
    tag = Peripheral(
        name="SIM tag",
        address="C0:00:00:00:00:22",
        services=(),
        advertised_uuids=(),
        service_data={uuid: payload},
    )
    phone = Peripheral(
        name="SIM phone", address="C0:00:00:00:00:23", services=(), advertised_uuids=()
    )
    async with PrivateBus() as bus, FakeBlueZ(bus.address, [strap, tag, phone]):
        yield bus.address


async def scan(address, *words):

    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "monitor", "scan", "--no-serial", "--seconds", "1.5", *words),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": address},
    )
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_what_is_near_is_listed_with_what_it_says(air):
    code, out, _ = await scan(air, "--json")
    found = {one["address"]: one for one in json.loads(out)}
    assert code == 0
    assert set(found) == {"C0:00:00:00:00:21", "C0:00:00:00:00:22"}
    assert found["C0:00:00:00:00:21"]["codec"] == "hrs_2a37"
    assert "room temperature 25.06" in found["C0:00:00:00:00:22"]["values"]


async def test_a_person_gets_lines_to_paste_and_no_escape_sequences(air):
    code, out, _ = await scan(air)
    assert code == 0
    assert '[sensors.sim-31mstrap]\ncodec = "hrs_2a37"\nmeasures = "heart_rate"' in out
    assert "\x1b" not in out


async def test_one_is_added_to_the_configuration(air, tmp_path):
    mine = tmp_path / "mine.toml"
    words = ("--add", "tag", "--address", "C0:00:00:00:00:22", "--config", str(mine))
    code, _, err = await scan(air, *words)
    assert (code, err) == (0, f"vigil: {mine}: added [sensors.tag]\n")
    assert 'codec = "bthome_v2"' in mine.read_text()
    code, _, err = await scan(air, "--add", "x", "--config", str(mine))
    assert code == 2
    assert "takes exactly one sensor" in err


async def test_without_bluetooth_it_says_so():
    code, _, err = await scan("unix:path=/nowhere")
    assert code == 3
    assert "vigil doctor" in err


@pytest.mark.parametrize("name", ["center-30x", "lutron", "htronic", "arduino", "fluke"])
async def test_a_port_is_recognised_by_what_it_says(tmp_path, name):
    kind = KINDS[name]
    payload = b"".join(kind.says(Sensed(PERSON, kind.site), 600))

    def answer(received):
        return received.count(kind.ask) * payload if kind.ask else b""

    # The formats that share this one's line are all tried before it or after it.
    near = [c for c in codecs().values() if c.serial and c.serial.baud == _baud(kind)]
    async with serial_sensor(tmp_path, answer) as sensor:
        streaming = _stream(sensor, payload) if not kind.ask else None
        try:
            found = await probe(sensor.url, _without_settling(near), try_s=1.4 if kind.ask else 0.4)
        finally:
            if streaming:
                streaming.cancel()
    assert found.codec == kind.codec
    assert [m.signal for m in found.values][-1:] != [Signal.HEART_RATE]


def _baud(kind):
    return codecs()[kind.codec].serial.baud


def _without_settling(some):

    return [replace(c, serial=replace(c.serial, settle_s=0.0)) for c in some]


def _stream(sensor, payload):

    async def send():
        while True:
            sensor.send(payload)
            await asyncio.sleep(0.05)

    return asyncio.create_task(send())


async def test_a_port_in_use_is_left_alone(tmp_path):

    async with serial_sensor(tmp_path, center_answer(lambda: 22.0)) as sensor:
        spec = SensorSpec(
            alias="x", codec="center_30x_8b", measures=Signal.TEMPERATURE, address=sensor.url
        )
        async with SerialTransport(spec, CODEC).open(*[lambda *_: None] * 3):
            found = await probe(sensor.url, codecs().values(), try_s=0.2)
    assert (found.codec, "in use" in found.trouble) == ("", True)
