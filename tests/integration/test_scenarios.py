"""Scenarios played by real processes: the alarms they promise, live and derived again."""

import json
import subprocess
import sys

import pytest

from alerts.catalogue import CATALOGUE
from alerts.spec import Concern
from monitor.recording.reader import Recording
from simulators.library import scenario

VIGIL = [sys.executable, "-m", "monitor"]
PLAYED = ["fever", "pressure", "faint", "frozen", "blind", "hidden", "break", "chatter"]
SPEED = 60


def vigil(*arguments):
    done = subprocess.run(
        [*VIGIL, *map(str, arguments)], capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", PLAYED)
def test_a_played_scenario_raises_what_it_promises(tmp_path, monkeypatch, name):
    monkeypatch.setenv("VIGIL_RUNTIME_DIR", str(tmp_path / "run"))
    path = tmp_path / "demo.db"
    vigil("demo", "--scenario", name, "--speed", SPEED, "--headless", "-o", path)
    result = json.loads(vigil("reanalyse", path, "--json", "--compare"))
    assert result["differences"] == []
    raised = {alarm["condition"] for alarm in result["alarms"]}
    of_itself = {n for n in raised if CATALOGUE[n].concern is Concern.SYSTEM} - {"standby_overdue"}
    assert raised - of_itself == scenario(name).expected
    with Recording.open(path) as recording:
        refused = [r.body for r in recording.journal(["action"]) if "refused" in r.body]
    assert refused == []
