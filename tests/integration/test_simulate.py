"""`vigil simulate` in one process, `vigil run` in another, as two terminals of a developer."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from monitor.cli.main import main
from monitor.recording.reader import Recording
from simulators.bluez import available

VIGIL = [sys.executable, "-m", "monitor"]
SENSORS = ["strap", "core", "ecg", "ruuvi", "center-30x", "lutron"]

pytestmark = pytest.mark.skipif(not available(), reason="NOT RUN: needs a dbus-daemon")


@contextlib.contextmanager
def simulator(tmp_path, *words):
    config = tmp_path / "sim.toml"
    process = subprocess.Popen(
        [*VIGIL, "simulate", *words, "--json", "--config", str(config)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process, json.loads(process.stdout.readline()), config
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def run(tmp_path, config, seconds, **more):
    recording = tmp_path / "run.db"
    words = ["run", "--headless", "--for", str(seconds), "-o", str(recording)]
    words += ["--config", str(config)] if config else []
    return recording, subprocess.Popen(
        [*VIGIL, *words, *more.pop("words", [])],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **more},
    )


def heard(recording):
    with Recording.open(recording) as opened:
        return {f.source for f in opened.frames() if f.payload}, opened.sensors(), opened.mode


def test_an_ordinary_session_finds_the_simulated_sensors(tmp_path):
    with simulator(tmp_path, *SENSORS) as (process, said, config):
        assert config.stat().st_mode & 0o777 == 0o600
        assert [one["alias"] for one in said["sensors"]] == SENSORS
        recording, session = run(tmp_path, config, 8, DBUS_SYSTEM_BUS_ADDRESS=said["dbus"])
        output, _ = session.communicate(timeout=60)
        assert session.returncode == 0, output
        sources, specs, mode = heard(recording)
        assert mode == "SIM"
        assert sources == set(SENSORS)
        assert all(spec.simulated for spec in specs)
        with Recording.open(recording) as opened:
            told = {(row.body["source"], row.body["key"]) for row in opened.journal(["sensor"])}
        assert {("strap", "firmware"), ("strap", "model"), ("strap", "serial")} <= told
        process.stdin.write("end\n")
        process.stdin.flush()
        assert process.wait(20) == 0
    assert not os.path.exists(said["sensors"][-1]["address"])  # noqa: PTH110


@pytest.mark.slow
def test_a_killed_simulator_is_a_loss_and_leaves_nobody_behind(tmp_path):
    with simulator(tmp_path, "strap") as (process, said, config):
        recording, session = run(tmp_path, config, 14, DBUS_SYSTEM_BUS_ADDRESS=said["dbus"])
        deadline = time.monotonic() + 12
        while "strap" not in _heard_now(recording) and time.monotonic() < deadline:
            time.sleep(0.2)
        process.send_signal(signal.SIGKILL)
        output, _ = session.communicate(timeout=60)
    assert session.returncode == 0, output
    with Recording.open(recording) as opened:
        states = [row.body["state"] for row in opened.journal(["link"])]
    assert "lost" in states[states.index("streaming") :]


def _heard_now(recording):
    with contextlib.suppress(Exception):
        return heard(recording)[0]
    return set()


@pytest.mark.slow
def test_sensors_inside_the_engine_for_systems_without_a_bus(tmp_path):
    words = ["--simulate", "strap,core,arduino"]
    recording, session = run(tmp_path, None, 8, words=words, DBUS_SYSTEM_BUS_ADDRESS="")
    output, _ = session.communicate(timeout=60)
    assert session.returncode == 0, output
    sources, _, mode = heard(recording)
    assert mode == "SIM"
    assert sources == {"strap", "core", "arduino"}
    with Recording.open(recording) as opened:
        assert {spec.alias for spec in opened.sensors()} == sources
        assert np.isfinite(opened.vitals().heart_rate_bpm).any()


def test_it_runs_quietly_without_anybody_to_talk_to():
    process = subprocess.Popen(
        [*VIGIL, "simulate", "strap", "center-30x"], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    said = ""
    while "sim.toml" not in said:
        said += process.stdout.readline()
    time.sleep(0.2)
    process.terminate()
    _, complaints = process.communicate(timeout=20)
    assert complaints == ""
    assert "export DBUS_SYSTEM_BUS_ADDRESS=" in said
    assert "export VIGIL_SERIAL_PORTS='/" in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nothing"], "no simulated sensor 'nothing'; there are: strap,"),
        ([], "name at least one sensor"),
        (["strap", "--scenario", "nowhere"], "nowhere"),
    ],
)
def test_mistakes_are_named(words, says, capsys):
    assert main(["simulate", *words]) == 2
    assert says in capsys.readouterr().err


def test_a_configuration_is_never_overwritten(tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text("# mine\n")
    assert main(["simulate", "strap", "--config", str(mine)]) == 2
    assert mine.read_text() == "# mine\n"


def test_the_kinds_are_listed(capsys):
    assert main(["simulate", "--list"]) == 0
    assert "center-309" in capsys.readouterr().out
