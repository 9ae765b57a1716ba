"""`vigil selftest`: through real processes, into the record of the session that runs."""

import json
import subprocess
import sys

import pytest

from monitor.recording.reader import Recording

VIGIL = [sys.executable, "-m", "monitor"]


@pytest.fixture
def quiet(tmp_path, monkeypatch):
    monkeypatch.setenv("VIGIL_RUNTIME_DIR", str(tmp_path / "run"))
    path = tmp_path / "quiet.toml"
    path.write_text("[sound]\nenabled = false\n")
    return path


def selftest(config):
    return subprocess.run(
        [*VIGIL, "selftest", "--config", str(config), "--json"],
        capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_the_drill_passes_and_is_stored_in_the_running_session(quiet, tmp_path):
    path = tmp_path / "live.db"
    words = ["run", "--simulate", "strap,core", "--headless", "--config", str(quiet)]
    session = subprocess.Popen(
        [*VIGIL, *words, "-o", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        while "strap: streaming" not in (line := session.stdout.readline()):
            assert line, session.communicate()
        done = selftest(quiet)
        told = json.loads(done.stdout)
        assert (done.returncode, told["passed"]) == (0, True), told
        assert told["stored_in"] == str(path)
        names = ["alarm", "screen", "sound", "acknowledge", "clear", "record"]
        assert [step["step"] for step in told["steps"]] == names
    finally:
        session.terminate()
        session.communicate(timeout=20)
    with Recording.open(path) as recording:
        (action,) = [r.body for r in recording.journal(["action"]) if r.body["verb"] == "self_test"]
    assert action["details"]["passed"] is True
    assert "HIGH" in action["details"]["screen"]


@pytest.mark.slow
def test_a_drill_without_sound_says_which_step_failed(quiet, tmp_path, monkeypatch):
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/none")
    monkeypatch.setenv("ALSA_CONFIG_PATH", f"{tmp_path}/none")
    monkeypatch.setenv("PATH", str(tmp_path))
    loud = tmp_path / "loud.toml"
    loud.write_text("")
    done = selftest(loud)
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert [step["step"] for step in told["steps"] if not step["passed"]] == ["sound"]
