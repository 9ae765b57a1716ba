"""Scenarios played by real processes: the alarms they promise, live and derived again."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
import tempfile
import threading
import time

import numpy as np
import pytest

from alerts.catalogue import CATALOGUE
from alerts.spec import Concern
from monitor.errors import VigilError
from monitor.recording.reader import Recording
from simulators.library import scenario

VIGIL = [sys.executable, "-m", "monitor"]
PLAYED = [
    "fever",
    "pressure",
    "faint",
    "frozen",
    "blind",
    "hidden",
    "break",
    "chatter",
    "racing",
    "probe_off",
    "straps_disagree",
    "late_beats",
    "no_value",
    "stuck",
    "probes_disagree",
    "serotonin",
]
SPEED = 60
SHORT_S, SHORT_SPEED = 1500, 20
"""A short scenario is played slower: minutes of it pass while an engine starts."""
BROKEN = {
    "engine_killed": 8,
    "disk_full": 5,
    "disk_slow": 5,
    "clock_step": 5,
    "battery": 5,
    "asleep": 1,
}
"""Scenario that breaks the computer -> speed: its faults last real seconds."""
OWN = {"sound_or_power"}
"""A machine without sound has this all the time."""


@pytest.fixture(autouse=True)
def _runtime(monkeypatch):
    # Short: the engine asks the system who is at the other end of a Unix socket, whose path is.
    with tempfile.TemporaryDirectory(prefix="v") as folder:
        monkeypatch.setenv("VIGIL_RUNTIME_DIR", folder)
        yield


def vigil(*arguments):
    done = subprocess.run(
        [*VIGIL, *map(str, arguments)], capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", PLAYED)
def test_a_played_scenario_raises_what_it_promises(tmp_path, name):
    path = tmp_path / "demo.db"
    speed = SPEED if scenario(name).duration_s > SHORT_S else SHORT_SPEED
    vigil("demo", "--scenario", name, "--speed", speed, "--headless", "-o", path)
    result = json.loads(vigil("reanalyse", path, "--json", "--compare"))
    assert result["differences"] == []
    raised = {alarm["condition"] for alarm in result["alarms"]}
    of_itself = {n for n in raised if CATALOGUE[n].concern is Concern.SYSTEM} - {"standby_overdue"}
    assert raised - of_itself == scenario(name).expected
    with Recording.open(path) as recording:
        refused = [r.body for r in recording.journal(["action"]) if "refused" in r.body]
    assert refused == []


def raised(path):
    """Conditions that began, by the record; the re-analysis finds the very same."""
    result = json.loads(vigil("reanalyse", path, "--json", "--compare"))
    assert result["differences"] == []
    assert vigil("sessions", "verify", path)
    return {alarm["condition"] for alarm in result["alarms"]}


def whole(path):
    """Seconds of session without a heart rate on record."""
    with Recording.open(path) as recording:
        vitals = recording.vitals()
        assert recording.ended
    assert list(vitals.t_s) == list(range(int(vitals.t_s[-1]) + 1))
    return int(np.isnan(vitals.heart_rate_bpm[vitals.t_s > 45]).sum())


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.parametrize("name", BROKEN)
def test_what_breaks_around_the_engine_is_told_and_nothing_is_lost(tmp_path, name):
    path = tmp_path / "demo.db"
    vigil("demo", "--scenario", name, "--speed", BROKEN[name], "--headless", "-o", path)
    assert raised(path) - OWN == scenario(name).expected - OWN
    assert whole(path) <= 12


@pytest.mark.slow
@pytest.mark.alone
def test_a_link_that_breaks_every_150_s_is_mended_before_it_is_missed(tmp_path):
    path = tmp_path / "demo.db"
    # A broken link takes real seconds to mend.
    vigil("demo", "--scenario", "firmware", "--speed", 8, "--headless", "-o", path)
    assert raised(path) - OWN == set()
    lost = [body for body in told(path, "link") if body["state"] == "lost"]
    assert [body["source"] for body in lost] == ["strap"] * 4


@pytest.mark.slow
def test_a_battery_that_runs_down_is_told_by_its_sensor(tmp_path):
    path = tmp_path / "demo.db"
    vigil("demo", "--scenario", "empty_battery", "--speed", SPEED, "--headless", "-o", path)
    assert raised(path) - OWN == {"hr_lost"}
    charge = [body["value"] for body in told(path, "sensor") if body["key"] == "battery"]
    assert charge == sorted(charge, reverse=True)
    assert charge[-1] == 2
    assert len(charge) > 20


def told(path, kind):
    with Recording.open(path) as recording:
        return [record.body for record in recording.journal([kind])]


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.parametrize("name", ["screen_killed", "screen_stuck"])
def test_a_screen_that_is_gone_is_told_by_the_engine(tmp_path, name):
    path = tmp_path / "demo.db"
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", LINES="40", COLUMNS="120")
        words = ["demo", "--scenario", name, "--speed", "3", "-o", str(path)]
        os.execv(sys.executable, [*VIGIL, *words])
    reader = threading.Thread(target=_drain, args=(terminal,), daemon=True)
    reader.start()
    deadline = time.monotonic() + 100
    while not _ended(path) and time.monotonic() < deadline:
        time.sleep(0.5)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    reader.join(5)
    os.close(terminal)
    assert "unattended" in raised(path)


def _drain(terminal):
    with contextlib.suppress(OSError):
        while os.read(terminal, 65536):
            pass


def _ended(path):
    with contextlib.suppress(VigilError), Recording.open(path) as recording:
        return recording.ended
    return False
