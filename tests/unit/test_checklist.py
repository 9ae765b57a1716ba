"""The checklist's pure state: every step from the snapshot alone."""

import msgspec
import pytest

from monitor import feed
from tests.snapshot import canned, setup_scenes
from tui.checklist import bar, checklist, trouble
from tui.sensor_words import contact, facts, line
from tui.view_state import build


def steps(snapshot):
    return {step.name: (step.state, step.line) for step in checklist(snapshot).steps}


def test_at_the_beginning():
    assert steps(setup_scenes.before()) == {
        "sensors": ("done", "3 deliver"),
        "sound": ("open", "not checked yet"),
        "baseline": ("open", "heart 6:42 of 10:00, skin 1:30 of 10:00"),
        "limits": ("open", "offered when the baseline is there"),
        "self_test": ("open", "not done yet"),
    }


def test_when_all_is_done():
    view = checklist(setup_scenes.ready())
    assert view.ready
    assert view.line == "Setup: ready for the dose (g)"
    assert steps(setup_scenes.ready())["baseline"] == ("done", "heart 55 bpm, skin 34.0 °C")
    assert steps(setup_scenes.ready())["limits"] == ("done", "1 changed for this session")


def test_the_session_screen_keeps_a_word_of_it_beside_an_alarm_too():
    said = checklist(setup_scenes.before()).line
    calm = build(setup_scenes.before(), 0.0)
    assert said in calm.banner.heading
    assert said not in calm.care.facts
    busy = build(setup_scenes.before(alarms=canned.alarms()), 0.0)
    assert said not in busy.banner.heading
    assert said in busy.care.facts
    assert "Setup" not in build(canned.snapshot(alarms=canned.alarms()), 0.0).care.facts


@pytest.mark.parametrize("snapshot", [None, canned.snapshot()])
def test_without_one(snapshot):
    assert checklist(snapshot) is None


def audio(**values):
    return setup_scenes.before(audio=feed.Audio(**values))


@pytest.mark.parametrize(
    ("snapshot", "step", "expected"),
    [
        (audio(available=True, confirmed=True), "sound", ("done", "heard")),
        (
            audio(available=True, confirmed=False), "sound",
            ("open", "NOT heard: louder, then try again"),
        ),
        (audio(available=False, confirmed=True), "sound", ("open", "NO SOUND")),
        (audio(available=False, detail="x\x1b[2J"), "sound", ("open", "NO SOUND x")),
        (setup_scenes.before(self_tested=False), "self_test", ("open", "FAILED")),
        (setup_scenes.before(self_tested=True), "self_test", ("done", "passed")),
        (setup_scenes.before(sensors=[]), "sensors", ("open", "none listed")),
        (setup_scenes.baselines(), "limits", ("open", "2 offers from the baseline")),
    ],
)  # fmt: skip
def test_a_step(snapshot, step, expected):
    assert steps(snapshot)[step] == expected


def test_what_is_wrong_with_sensors_is_named_and_a_waiting_cuff_is_not():
    assert steps(setup_scenes.loose())["sensors"] == ("open", "strap has NO CONTACT")
    lost = [msgspec.structs.replace(s, state="lost") for s in canned.sensors()[:1]]
    assert trouble(lost[0]) == "lost"
    begun = feed.Sensor(alias="a", title="t", state="initial")
    assert trouble(begun) == "not linked yet"


def test_a_vital_sign_without_a_sensor_is_named():
    there = feed.Setup(steps=["sensors", "baseline", "limits"], heart=False, skin=True)
    found = steps(setup_scenes.before(setup=there, sensors=canned.sensors()[1:2]))
    assert found["sensors"] == ("done", "1 delivers; no heart-rate sensor")
    assert found["baseline"] == ("open", "skin 1:30 of 10:00")
    assert found["limits"] == ("skipped", "no heart-rate sensor: as configured")
    none = feed.Setup(steps=["baseline"], heart=False, skin=False)
    assert steps(setup_scenes.before(setup=none))["baseline"][0] == "skipped"


@pytest.mark.parametrize(
    ("marks", "step", "state"),
    [
        ({"sound": "skipped"}, "sound", "skipped"),
        ({"sound": "open"}, "sound", "open"),
        ({"limits": "done"}, "limits", "done"),
        ({"sensors": "skipped"}, "sensors", "done"),  # what is done needs no mark
        ({"baseline": "skipped"}, "limits", "skipped"),
    ],
)
def test_the_operators_word(marks, step, state):
    snapshot = setup_scenes.before(setup=setup_scenes.setup(**marks))
    assert steps(snapshot)[step][0] == state


def test_left_out_steps_are_not_shown_and_limits_do_not_wait_for_them():
    view = feed.Setup(steps=["sensors", "limits"], heart=True)
    assert steps(setup_scenes.before(setup=view)) == {
        "sensors": ("done", "3 deliver; no skin-temperature sensor"),
        "limits": ("skipped", "without a baseline: as configured"),
    }


def test_a_step_of_a_newer_engine_is_left_out():
    view = feed.Setup(steps=["sensors", "hydration"], heart=True)
    assert list(steps(setup_scenes.before(setup=view))) == ["sensors"]


def test_the_cursor_begins_where_somebody_can_do_something():
    view = checklist(setup_scenes.before())
    assert view.steps[view.next].name == "sound"
    marks = setup_scenes.setup(sound="skipped", self_test="skipped")
    view = checklist(setup_scenes.before(setup=marks))
    assert view.steps[view.next].name == "baseline"  # only waiting is left
    assert view.line == "Setup 3 of 5, open: baseline, limits (g)"


@pytest.mark.parametrize(
    ("progress_s", "state", "share"),
    [(0.0, "none", 0.0), (300.0, "collecting", 0.5), (600.0, "collecting", 0.99)],
)
def test_a_bar_is_full_only_when_the_baseline_is_there(progress_s, state, share):
    vital = feed.Vital(baseline_state=state, baseline_progress_s=progress_s)
    assert bar("heart", vital).share == share


@pytest.mark.parametrize(
    ("said", "packets", "words"),
    [
        (True, 3, "yes"),
        (False, 3, "NO"),
        (None, 3, "this sensor cannot tell"),
        (None, 0, "not known yet"),
    ],
)
def test_contact_has_four_answers(said, packets, words):
    sensor = feed.Sensor(alias="a", title="t", state="streaming", contact=said, packets=packets)
    assert contact(sensor) == words


def test_what_a_sensor_does_not_say_is_unknown_and_its_words_are_harmless():
    silent = feed.Sensor(alias="a", title="t", state="connecting")
    assert line(silent) == (
        "connecting, nothing received yet; contact not known yet; battery unknown"
    )
    hostile = feed.Sensor(alias="a", title="t", state="lost", packets=1, detail=canned.HOSTILE)
    assert "\x1b" not in dict(facts(hostile))["note"]
