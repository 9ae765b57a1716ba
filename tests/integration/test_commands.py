"""Commands as users and service managers run them."""

import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from monitor import hosting, plan
from monitor.cli import watch
from monitor.exchange import detect, imported

VIGIL = [sys.executable, "-m", "monitor"]
E4 = Path(__file__).parents[1] / "data" / "empatica"
CONFIG = """
[sound]
enabled = false
[sensors.probe]
codec = "center_30x_8b"
measures = "skin_temperature"
site = "axilla"
address = "/dev/tty-that-is-not-there"
"""


@pytest.fixture(autouse=True)
def private_runtime(tmp_path_factory, monkeypatch):
    directory = tmp_path_factory.mktemp("run")
    monkeypatch.setenv("VIGIL_RUNTIME_DIR", str(directory))
    return directory


def vigil(*arguments, **options):
    return subprocess.run(
        [*VIGIL, *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        **options,
    )


@pytest.fixture
def configuration(tmp_path):
    path = tmp_path / "my.toml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "S20.db"
    imported.write(detect.load([E4 / "S20"]), path)
    return path


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_headless_session_ends_in_good_order(tmp_path, configuration, number):
    path = tmp_path / "live.db"
    arguments = ["run", "--config", str(configuration), "--headless", "-o", str(path)]
    process = subprocess.Popen(
        [*VIGIL, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while "probe: lost" not in (line := process.stdout.readline()):
        assert line, process.communicate()
    process.send_signal(number)
    out, errors = process.communicate(timeout=20)
    assert f"recorded: {path}" in errors
    assert "engine started" not in out  # what was told is not told again
    assert hosting.sessions() == []
    assert not Path(f"{path}-wal").exists()
    assert vigil("sessions", "verify", path).stdout == f"{path}: ok\n"


def test_a_sensor_that_is_not_there_is_named(tmp_path, configuration):
    path = tmp_path / "live.db"
    done = vigil("run", "--config", configuration, "--headless", "--for", 2, "-o", path)
    assert done.returncode == 0
    assert "probe: lost (not found" in done.stdout


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("/proc/x.db", "cannot be created"),
        ("nowhere/x.db", "there is no folder"),
        ("there.db", "exists already"),
    ],
)
def test_a_recording_that_cannot_be_is_told_before_anything_starts(
    tmp_path, private_runtime, target, words
):
    (tmp_path / "there.db").write_text("mine")
    done = vigil("demo", "--headless", "--for", 1, "-o", tmp_path / target, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list(private_runtime.iterdir()) == []
    assert (tmp_path / "there.db").read_text() == "mine"


@pytest.mark.parametrize("command", [["demo"], ["replay", "x.db"], ["run"]])
def test_a_dashboard_without_a_terminal_is_refused(command):
    done = vigil(*command)
    assert done.returncode == 2
    assert "--headless" in done.stderr


def damage(path, statement):
    database = sqlite3.connect(path)
    for (name,) in database.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
    ).fetchall():
        database.execute(f"DROP TRIGGER {name}")
    database.execute(statement)
    database.commit()
    database.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE blocks SET lengths = x'ffffffff', n = 1 WHERE id = 3",
        "UPDATE meta SET value = '{bad' WHERE key = 'config'",
        "UPDATE sensors SET spec = 'nonsense'",
    ],
)
@pytest.mark.parametrize("command", ["replay", "reanalyse"])
def test_a_recording_with_bad_content_is_told_in_one_line(recording, statement, command):
    damage(recording, statement)
    before = recording.read_bytes()
    extra = ["--headless"] if command == "replay" else []
    done = vigil(command, recording, *extra)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert recording.read_bytes() == before
    assert not Path(f"{recording}-wal").exists()


def test_frames_of_sensors_nobody_described_are_a_finding(recording):
    damage(recording, "DELETE FROM sensors")
    done = vigil("reanalyse", recording, "--json")
    assert done.returncode == 1
    assert "unknown sensors" in done.stderr
    assert json.loads(done.stdout)["unknown_frames"] > 0


def test_a_replay_shows_what_was_recorded_and_cleans_up(recording, private_runtime):
    done = vigil("replay", recording, "--headless", "--speed", 600, "--from", "32:00")
    assert done.returncode == 0
    assert "** Heart rate high: onset" in done.stdout
    deadline = time.monotonic() + 10
    while list(private_runtime.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert list(private_runtime.iterdir()) == []


def test_live_sessions_come_before_simulated_ones(private_runtime):
    for number, (name, mode) in enumerate([("old", "LIVE"), ("new", "SIM"), ("replay", "REPLAY")]):
        directory = hosting.new_directory(name)
        session = plan.Plan(
            session_id=name, mode=mode, recording="x.db", sensors=[], epoch_ns=0,
            epoch_utc_ns=number,
        )  # fmt: skip
        plan.save(directory, session)
    assert [running.plan.session_id for running in hosting.sessions()] == ["old", "new"]


def test_a_limit_that_is_not_in_force_as_written_is_told(tmp_path):
    done = vigil("config", "check", "--config", _limits(tmp_path))
    assert done.returncode == 0
    assert "alarms.hr_high.limit_bpm = 145 is lowered to 120: 10 below hr_extreme" in done.stderr


def _limits(tmp_path):
    path = tmp_path / "limits.toml"
    path.write_text("[alarms.hr_extreme]\nlimit_bpm = 130\n[alarms.hr_high]\nlimit_bpm = 145\n")
    return path


def test_a_folder_of_the_same_name_does_not_shadow_our_modules(tmp_path):
    for name in ("monitor", "alerts", "devices"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('shadowed')")
    script = Path(sys.executable).with_name("vigil")
    if not script.exists():
        pytest.fail("the command `vigil` is not installed beside this Python")
    done = subprocess.run(
        [str(script), "demo", "--headless", "--scenario", "calm", "--for", "2", "-o", "x.db"],
        check=False, capture_output=True, text=True, timeout=60, cwd=tmp_path, env=dict(os.environ),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "engine started" in done.stdout


class Screen(io.TextIOWrapper):
    def isatty(self):
        return True


@pytest.mark.parametrize(("encoding", "fits"), [("utf-8", True), ("UTF8", True), ("ascii", False)])
def test_a_terminal_that_cannot_show_the_digits_is_told_before_a_session(
    monkeypatch, encoding, fits
):
    for name in ("stdin", "stderr"):
        monkeypatch.setattr(sys, name, Screen(io.BytesIO(), encoding=encoding))
    watch.require_terminal(headless=True)
    if fits:
        watch.require_terminal(headless=False)
        return
    with pytest.raises(click.UsageError, match=r"needs a terminal with UTF-8, this one has ascii"):
        watch.require_terminal(headless=False)


def test_the_end_of_a_session_names_the_recording_and_how_to_get_its_page(
    tmp_path, monkeypatch, capsys
):
    directory, recording = hosting.new_directory("ended"), tmp_path / "a b.db"
    recording.touch()
    session = plan.Plan(
        session_id="ended", mode="LIVE", recording=str(recording), sensors=[],
        epoch_ns=0, epoch_utc_ns=0,
    )  # fmt: skip
    plan.save(directory, session)

    def screen(where, *_):
        shutil.rmtree(where)
        return "ended"

    monkeypatch.setattr(watch, "_show", screen)
    watch.watch(directory, "dark", headless=False, for_s=None)
    assert f"vigil report '{recording}' -o report.html" in capsys.readouterr().err


def test_attaching_to_a_session_that_cannot_start_leaves_it_as_it_is(tmp_path):
    directory = hosting.new_directory("kept")
    session = plan.Plan(
        session_id="kept", mode="LIVE", recording=str(tmp_path / "no" / "x.db"), sensors=[],
        epoch_ns=0, epoch_utc_ns=0,
    )  # fmt: skip
    plan.save(directory, session)
    done = vigil("attach", "--headless")
    assert done.returncode == 3
    assert "the engine did not start" in done.stderr
    assert plan.load(directory) == session


def test_an_empty_archive_says_where_it_looked(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    done = vigil("sessions", "list")
    assert done.returncode == 0
    assert "no recordings in" in done.stderr
