"""Checks of the computer against real folders, a real bus and real files."""

import json
import subprocess
import sys

import pytest

from devices.model import SensorSpec, Signal
from monitor import doctor
from monitor.cli.doctor_cmd import verdict
from monitor.doctor import Machine, State
from simulators.bluez import FakeBlueZ, PrivateBus, available
from simulators.peripheral import heart_rate_strap


@pytest.fixture
def machine(tmp_path):
    for name in ("sys/class/rfkill", "sys/class/power_supply", "proc", "dev", "recordings"):
        (tmp_path / name).mkdir(parents=True)
    return Machine(
        sys=tmp_path / "sys",
        proc=tmp_path / "proc",
        dev=tmp_path / "dev",
        recordings=tmp_path / "recordings",
    )


def put(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(f"{text}\n")


@pytest.mark.parametrize(
    ("soft", "hard", "state", "mend"),
    [("0", "0", "ok", ""), ("1", "0", "broken", "rfkill unblock"), ("0", "1", "broken", "switch")],
)
async def test_the_radio_switch(machine, soft, hard, state, mend):
    put(machine.sys / "class/rfkill/rfkill0", type="wlan", soft="1", hard="1")
    put(machine.sys / "class/rfkill/rfkill1", type="bluetooth", soft=soft, hard=hard)
    found = await doctor.radio_switch(machine)
    assert found.state == state
    assert mend in found.mend


@pytest.mark.parametrize(
    ("online", "capacity", "state"),
    [("1", "5", "ok"), ("0", "60", "attention"), ("0", "9", "broken")],
)
async def test_power(machine, online, capacity, state):
    supplies = machine.sys / "class/power_supply"
    assert (await doctor.power(machine)).state is State.OK
    put(supplies / "AC", type="Mains", online=online)
    put(supplies / "BAT0", type="Battery", capacity=capacity)
    assert (await doctor.power(machine)).state == state
    assert "systemd-inhibit" in (await doctor.sleep(machine)).mend


async def test_a_disk_is_really_written_to(machine):
    found = await doctor.disk(machine)
    assert found.state in {State.OK, State.ATTENTION}
    assert list(machine.recordings.iterdir()) == []


async def test_a_configured_port_that_is_missing_or_taken(machine, tmp_path):
    port = tmp_path / "dev" / "ttyUSB0"
    spec = SensorSpec(
        alias="p",
        codec="center_30x_8b",
        measures=Signal.SKIN_TEMPERATURE,
        transport="serial",
        address=str(port),
    )
    some = Machine(**{**_fields(machine), "sensors": (spec,)})
    found = await doctor.serial_taken(some)
    assert (found.state, found.mend) == (State.BROKEN, "vigil scan")
    assert verdict([found], some) == 3
    assert verdict([found], machine) == 1
    port.touch()
    assert (await doctor.serial_taken(some)).state is State.OK
    put(some.proc / "77", comm="minicom")
    (some.proc / "77/fd").mkdir()
    (some.proc / "77/fd/3").symlink_to(port)
    found = await doctor.serial_taken(some)
    assert "77 (minicom)" in found.says
    assert found.mend.startswith("kill 77")


async def test_modem_manager_is_pointed_at(machine):
    (machine.dev / "ttyUSB0").touch()
    put(machine.proc / "5", comm="ModemManager")
    assert (await doctor.serial_taken(machine)).state is State.ATTENTION


async def test_bluetooth_as_a_session_meets_it(machine):
    if not available():
        pytest.skip("NOT RUN: needs a dbus-daemon")
    strap = heart_rate_strap("SIM", "C0:00:00:00:00:31")
    async with PrivateBus() as bus:
        some = Machine(**{**_fields(machine), "bus": bus.address})
        found = await doctor.bluetooth(some)
        assert (found.state, found.mend) == (State.BROKEN, "sudo systemctl start bluetooth")
        async with FakeBlueZ(bus.address, [strap]) as bluez:
            assert (await doctor.bluetooth(some)).says == "adapters: hci0"
            bluez.power(on=False)
            assert (await doctor.bluetooth(some)).mend == "bluetoothctl power on"
    nowhere = Machine(**{**_fields(machine), "bus": "unix:path=/nowhere"})
    assert "does not answer" in (await doctor.bluetooth(nowhere)).says


async def test_a_check_that_fails_takes_nothing_down(machine):
    async def explodes(_):
        raise RuntimeError("no such thing")

    (found, fine) = await doctor.examine(machine, [explodes, doctor.software])
    assert (found.state, found.says) == (State.UNKNOWN, "RuntimeError: no such thing")
    assert fine.state is State.OK


def test_the_command_answers_in_json():
    words = [sys.executable, "-m", "monitor", "doctor", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)
    assert [one["check"] for one in found][:2] == ["software", "bluetooth"]
    assert all(one["mend"] for one in found if one["state"] in {"attention", "broken"})
    assert done.returncode in {0, 1}


def _fields(machine):
    return {name: getattr(machine, name) for name in Machine.__dataclass_fields__}
