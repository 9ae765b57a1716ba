"""A training by real processes: hidden future, answers through the feed, the score at the end."""

import asyncio
import json
import subprocess
import sys
import tempfile
import time

import psutil
import pytest

from monitor import hosting
from monitor.cli.main import main
from monitor.cli.train_cmd import chosen
from monitor.recording.reader import Recording
from simulators.library import names
from tests.replay.make_session import Operator

VIGIL = [sys.executable, "-m", "monitor"]
TOLD = ("tachycardia", "climbs")
"""Of the scenario's name and title."""


@pytest.fixture(autouse=True)
def _runtime(monkeypatch):
    with tempfile.TemporaryDirectory(prefix="v") as folder:
        monkeypatch.setenv("VIGIL_RUNTIME_DIR", folder)
        yield


def begun():
    """The folder of the session that has just begun; its own command starts its engine."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if found := [one for one in hosting.sessions() if one.alive]:
            return found[0].directory
        time.sleep(0.1)
    raise AssertionError("no session began")


def listed(directory):
    """What a list of processes tells of those of the session."""
    every = [" ".join(one.info["cmdline"] or ()) for one in psutil.process_iter(["cmdline"])]
    return "\n".join(line for line in every if str(directory) in line)


async def answer(directory):
    """See the alarm, measure, and pause a sound that is not there."""
    async with Operator(await hosting.endpoint(directory)) as trainee:
        seen = await trainee.alarm("hr_extreme")
        assert trainee.newest.session.training
        await trainee.do("acknowledge", condition="hr_extreme", occurrence=seen.occurrence)
        await trainee.do("blood_pressure", systolic=150, diastolic=85)
        await trainee.do("pause_audio", seconds=10)
        await trainee.past(trainee.newest.t_s + 20)
        log = " ".join(line.text for line in trainee.newest.log)
        await trainee.do("end_session")
    return log


@pytest.mark.slow
def test_a_trainee_is_scored_and_knows_nothing_beforehand(tmp_path):
    path = tmp_path / "training.db"
    words = ["train", "--headless", "--scenario", "tachycardia", "--speed", "15", "--seed", "3"]
    process = subprocess.Popen(
        [*VIGIL, *words, "--json", "-o", str(path)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        try:
            directory = begun()
            processes = listed(directory)
            log = asyncio.run(answer(directory))
            out, err = process.communicate(timeout=60)
        finally:
            process.terminate()
    assert processes
    assert not [word for word in TOLD if word in log + processes]
    score = json.loads(out.splitlines()[-1])
    assert process.returncode == (1 if score["missed"] else 0), err
    extreme = next(a for a in score["answers"] if a["condition"] == "hr_extreme")
    assert extreme["seen"] in {"in time", "late"}
    assert extreme["seen_s"] is not None
    assert len(score["needless_pauses_s"]) == 1
    assert score["scenario"]["scenario"] == "tachycardia"
    assert main(["sessions", "verify", str(path)]) == 0
    assert main(["reanalyse", str(path), "--compare"]) == 0
    page = tmp_path / "page.html"
    assert main(["report", str(path), "-o", str(page)]) == 0
    assert '<section id="training">' in page.read_text(encoding="utf-8")
    with Recording.open(path) as opened:
        assert (opened.mode, opened.subject) == ("SIM", "TRAINING")
        operators = {row.body["operator"] for row in opened.journal(["action"])}
    assert "scenario" not in operators


@pytest.mark.slow
def test_the_seed_chooses_what_a_person_can_answer():
    drawn = {chosen(seed) for seed in range(200)}
    assert {"tachycardia", "fever"} <= drawn < set(names())
    assert not drawn & {"calm", "engine_killed", "disk_full", "screen_stuck"}
    assert chosen(7) == chosen(7)


def test_mistakes_are_told_before_anything_begins(capsys):
    assert main(["train", "--headless", "--scenario", "tachicardia"]) == 2
    assert "'tachycardia'" in capsys.readouterr().err
    assert main(["train", "--headless", "--scenario", "calm", "--random"]) == 2
    assert hosting.sessions() == []
