"""The checklist before the dose: what the engine keeps of it, and what the configuration omits."""

import pytest

from monitor import config, feed
from monitor.around import Around
from monitor.clock import ScaledClock
from monitor.engine import Engine
from monitor.errors import ConfigError
from monitor.journal import action_line, read_action
from monitor.model import SETUP_STEPS, Action, Verb
from monitor.replay import NoSound
from monitor.starting import setup_steps
from tests.unit.test_core import NO_SKIN, dose, heart, run
from tests.unit.test_engine import Record


def mark(t_s, step, state):
    details = {"step": step, "state": state}
    return Action(t_ns=t_s * 10**9 + 5, verb=Verb.SETUP, operator="KL", details=details)


def test_the_newest_word_on_a_step_counts():
    actions = [mark(1, "limits", "done"), mark(2, "baseline", "skipped"), mark(3, "limits", "open")]
    core, output = run(actions, until_s=5, sensors=NO_SKIN)
    assert output.refused == []
    assert core.setup_marks == {"limits": "open", "baseline": "skipped"}


@pytest.mark.parametrize(("step", "state"), [("dose", "done"), ("limits", "perhaps"), ("", "")])
def test_what_is_no_step_or_state_is_refused(step, state):
    core, output = run([mark(1, step, state)], until_s=2, sensors=NO_SKIN)
    assert core.setup_marks == {}
    ((_, why),) = output.refused
    assert "sensors, sound, baseline, limits, self_test; done, skipped, open" in why


def test_after_the_dose_the_setup_is_over():
    core, output = run([dose(1)], [mark(2, "sound", "done")], until_s=3, sensors=NO_SKIN)
    assert core.setup_marks == {}
    assert [why for _, why in output.refused] == ["the setup is over: a dose is recorded"]


def test_it_is_recorded_and_read_back_like_any_action():
    action = mark(1, "self_test", "skipped")
    body = {"verb": "setup", "operator": "KL", "details": dict(action.details)}
    assert read_action(action.t_ns, body) == action
    assert action_line(action).text == "setup: self-test skipped (KL)"


def snapshot(*parts, until_s=5, steps=SETUP_STEPS):
    core, output = run(heart([60.0] * until_s), *parts, until_s=until_s, sensors=NO_SKIN)
    session, around = feed.Session(session_id="x", mode="SIM"), Around(setup=steps)
    sound = NoSound("", available=True)
    engine = Engine(core, ScaledClock(rate=0.0), session, Record(), sound, around=around)
    engine.restore([], output, until_s * 10**9)
    return engine.snapshot()


def test_the_snapshot_holds_all_a_new_screen_needs():
    shown = snapshot([mark(1, "sound", "skipped")]).setup
    assert shown.steps == list(SETUP_STEPS)
    assert shown.marks == {"sound": "skipped"}
    assert (shown.heart, shown.skin) == (True, False)


def test_there_is_no_checklist_after_the_dose_or_without_steps():
    assert snapshot([dose(3)]).setup is None
    assert snapshot(steps=()).setup is None


@pytest.mark.parametrize(
    ("overrides", "left"),
    [
        ([], SETUP_STEPS),
        (["sound.check=false"], ("sensors", "baseline", "limits", "self_test")),
        (["sound.enabled=false"], ("sensors", "baseline", "limits", "self_test")),
        (["setup.baseline=false", "setup.limits=false"], ("sensors", "sound", "self_test")),
        (["setup.self_test=false"], ("sensors", "sound", "baseline", "limits")),
        (["setup.checklist=false"], ()),
    ],
)
def test_the_configuration_leaves_steps_out(overrides, left):
    assert setup_steps(config.load(None, overrides)) == list(left)


def test_its_keys_are_checked_like_all_others():
    with pytest.raises(ConfigError, match=r"setup\.wizard .*must be true or false"):
        config.load(None, ["setup.wizard=3"])
    with pytest.raises(ConfigError, match=r"nearest: setup\.self_test"):
        config.load(None, ["setup.selftest=false"])


def test_a_recorded_configuration_without_them_still_loads():
    assert config.from_json('{"sensors": {}}').setup == config.SetupConfig()


def test_nothing_of_it_touches_alarms():
    quiet, plain = run([mark(1, "sound", "done")], until_s=9), run(until_s=9)
    assert quiet[1].edges == plain[1].edges
