"""Limits changed within a session: on record, in force again after a restart, and nowhere else."""

import json

import pytest
from click.testing import CliRunner

from devices.model import NS_PER_S, Frame, SensorSpec, Signal
from monitor import config, starting, stored
from monitor.cli.reanalyse_cmd import reanalyse
from monitor.core import Core
from monitor.journal import action_body
from monitor.model import Action, Verb
from monitor.reanalysis import analyse
from monitor.recording.reader import Recording
from monitor.recording.schema import Mode, NewSession
from monitor.recording.writer import Recorder
from simulators.wire import heart_rate_measurement

STRAP = SensorSpec(alias="strap", codec="hrs_2a37", measures=Signal.HEART_RATE)
LOWER = {"condition": "hr_high", "key": "limit_bpm", "value": 115.0, "reason": "slow at rest"}


@pytest.fixture
def session(tmp_path):
    """Ten minutes, the last five at 118 bpm; the limit was lowered to 115 in the first."""
    path = tmp_path / "s.db"
    recorder = Recorder(path, create=NewSession(subject="P", software="t", mode=Mode.SIM))
    recorder.sensors([STRAP])
    frames = []
    for t in range(600):
        bpm = (70 if t < 300 else 118) + t % 2
        payload = heart_rate_measurement(bpm, [], contact=True)
        frames.append(Frame(t_ns=t * NS_PER_S + 9, source="strap", payload=payload))
    recorder.frames(frames)
    action = Action(t_ns=30 * NS_PER_S, verb=Verb.SET_LIMIT, operator="SM", details=LOWER)
    recorder.journal(action.t_ns, "action", action_body(action))
    recorder.close(600 * NS_PER_S)
    return path


def test_they_are_in_force_again_for_whoever_derives_the_session_again(session):
    assert [alarm.condition for alarm in analyse(session).alarms] == ["hr_high", "hr_elevated"]
    with Recording.open(session) as recording:
        core = Core(stored.setup(recording))
        stored.run(core, stored.events(recording), recording.end_ns)
    assert core.settings["hr_high"].number("limit_bpm") == 115.0


def test_other_limits_are_asked_about_without_them(session):
    usual = config.load(None).alarms
    assert [alarm.condition for alarm in analyse(session, usual).alarms] == ["hr_elevated"]


def test_the_next_session_begins_with_the_configurations(session, tmp_path):
    analyse(session)
    plan = starting.new_plan(
        config.load(None), mode="SIM", recording=tmp_path / "next.db", sensors=[STRAP]
    )
    assert Core(plan.setup()).settings["hr_high"].number("limit_bpm") == 125.0


@pytest.mark.parametrize(("age", "rows"), [(0, ["hr_elevated"]), (100, ["hr_high", "hr_elevated"])])
def test_another_age_lowers_limits(session, age, rows):
    asked = [str(session), "--set", f"session.age_years={age}", "--json"]
    answer = json.loads(CliRunner().invoke(reanalyse, asked).stdout)
    assert [alarm["condition"] for alarm in answer["alarms"]] == rows
