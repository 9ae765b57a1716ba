"""What the drug and the dangerous courses do to the simulated body."""

import numpy as np
import pytest

from monitor.signal.sites import DISTAL_SITES
from simulators import courses
from simulators.courses import Phases
from simulators.drug import Dose, response
from simulators.physiology import Physiology, Plan, Rhythm, SkinRise
from simulators.scenario_file import load
from simulators.warmth import SITES

HOUR = 3600
PLATEAU_S = 1500.0 + 1.75 * HOUR
CALM = {"wander_bpm": 0.0, "artefacts_per_h": 0.0, "probe_on_s": -HOUR}
DOSED = {"doses": (Dose(1500.0),), **CALM}
PHASES = Phases(300.0, 600.0, 1200.0)


def bpm(plan, t_s):
    return float(Physiology(plan).expected_bpm(np.array([t_s]))[0])


@pytest.mark.parametrize(
    ("word", "rise_bpm", "rise_mmhg"),
    [
        ("typical", (28, 28), (20, 36)),
        ("beta_blocked", (7, 10), (20, 36)),  # a normal heart rate proves nothing
        ("non_responder", (3, 6), (-4, 12)),
        (0.5, (14, 14), (6, 22)),
    ],
)
def test_people_respond_differently(word, rise_bpm, rise_mmhg):
    plan = Plan(response=word, **DOSED)
    person = Physiology(plan)
    assert rise_bpm[0] - 0.1 <= bpm(plan, PLATEAU_S) - 70 <= rise_bpm[1] + 0.1
    systolic, diastolic = np.mean([person.pressure_mmhg(PLATEAU_S + s) for s in range(300)], axis=0)
    assert rise_mmhg[0] <= systolic - 118 <= rise_mmhg[1]
    assert diastolic < systolic - 20


def test_drawn_responses_are_spread_as_reported():
    drawn = [response("drawn", seed) for seed in range(600)]
    heart = np.array([70 + 28 * one.heart for one in drawn])
    systolic = np.array([118 + 28 * one.pressure for one in drawn])
    core = np.array([36.9 + 0.4 * one.core for one in drawn])
    assert 0.15 < (systolic > 160).mean() < 0.4  # 33 % (Vizeli & Liechti 2017)
    assert 0.1 < (core > 38.0).mean() < 0.3  # 19 %
    assert 0.1 < (heart > 110).mean() < 0.25
    assert heart.min() >= 70
    assert response("drawn", 5) == response("drawn", 5)


def test_skin_of_the_hand_cools_under_the_drug_while_the_core_does_not():
    person = Physiology(Plan(**DOSED))
    before, on = 600, int(PLATEAU_S)
    assert person.core_degc(on) > person.core_degc(before) + 0.2
    assert person.skin_degc(on, "finger") < person.skin_degc(before, "finger") - 4
    assert person.skin_degc(on, "wrist") == pytest.approx(
        person.skin_degc(before, "wrist") - 3, abs=0.4
    )
    assert person.skin_degc(on, "trunk") == pytest.approx(person.skin_degc(before), abs=0.4)


def test_the_body_has_every_distal_site():
    assert SITES.keys() == DISTAL_SITES


def test_distal_skin_follows_the_room_and_is_never_colder():
    warm, cold = (Physiology(Plan(room_degc=room, **CALM)) for room in (28.0, 16.0))
    assert warm.skin_degc(0, "finger") - cold.skin_degc(0, "finger") > 5
    assert warm.skin_degc(0) - cold.skin_degc(0) < 1.5
    course = courses.cold_hands(0.0, PHASES, 15.0)
    frozen = Physiology(Plan(courses=course, **CALM))
    assert frozen.skin_degc(600, "toe") == pytest.approx(22.0, abs=0.3)


def test_hyperthermia_with_cold_hands():
    plan = Plan(courses=courses.hyperthermia(600.0, PHASES, 2.0, 8.0), **CALM)
    person = Physiology(plan)
    assert person.core_degc(1200) == pytest.approx(38.9, abs=0.2)
    assert person.thermometer_degc(1200) == pytest.approx(38.9, abs=0.5)
    assert person.skin_degc(1200, "wrist") < person.skin_degc(500, "wrist") - 4
    assert person.skin_degc(1200) == pytest.approx(35.5, abs=0.3)
    assert bpm(plan, 1200) == pytest.approx(136, abs=0.1)
    assert person.core_degc(4000) == pytest.approx(36.9, abs=0.2)


def test_serotonin_toxicity_raises_all_of_them():
    plan = Plan(courses=courses.serotonin_toxicity(600.0, PHASES, 1.0), **CALM)
    person = Physiology(plan)
    systolic, diastolic = person.pressure_mmhg(1200)
    assert bpm(plan, 1200) > 140
    assert person.core_degc(1200) > 39.5
    assert systolic > 170
    assert diastolic > 105


def test_a_faint_lowers_rate_and_pressure():
    plan = Plan(courses=courses.vasovagal(600.0, Phases(15, 60, 60), 35.0, 45.0), **CALM)
    assert bpm(plan, 630) == pytest.approx(35.0)
    assert Physiology(plan).pressure_mmhg(630)[0] < 85
    assert bpm(plan, 800) == pytest.approx(70.0)


def test_fibrillation_and_ectopics_keep_the_mean_rate():
    for rhythm in (Rhythm(0.0, HOUR), Rhythm(0.0, HOUR, 2)):
        person = Physiology(Plan(rhythms=(rhythm,), **CALM))
        rr = np.array([rr for s in range(10, 310) for rr in person.heart_at(s).rr_ms])
        assert 60_000 / rr.mean() == pytest.approx(70, abs=0.5)
        assert rr.min() > 350
        assert np.abs(np.diff(rr)).mean() > 0.2 * rr.mean()


def test_bigeminy_is_short_long():
    person = Physiology(Plan(rhythms=(Rhythm(0.0, HOUR, 2),), **CALM))
    rr = np.array([rr for s in range(10, 60) for rr in person.heart_at(s).rr_ms])
    assert (np.sign(np.diff(rr))[:-1] == -np.sign(np.diff(rr))[1:]).all()


def test_skin_without_its_blanket_cools_and_warms_again():
    person = Physiology(Plan(courses=courses.uncovered(600.0, 1800.0, 1.2), **CALM))
    covered, bare, again = (person.skin_degc(t_s) for t_s in (500, 1800, 3600))
    assert bare == pytest.approx(covered - 1.2, abs=0.2)
    assert again == pytest.approx(covered, abs=0.2)


def test_readings_do_not_depend_on_what_was_asked_before():
    plan = Plan(skin_rises=(SkinRise(0.0, 100.0, 1.0),), **DOSED)
    one, two = Physiology(plan), Physiology(plan)

    def read(person, t_s):
        return person.thermometer_degc(t_s), person.pressure_mmhg(t_s), person.skin_degc(t_s, "toe")

    times = [0.0, 77.0, 4000.0, 9000.0]
    assert [read(one, t) for t in times] == [read(two, t) for t in reversed(times)][::-1]


def test_a_shaken_strap_miscounts_and_does_not_speak_with_one_voice():
    person = Physiology(Plan(wander_bpm=0.0, artefacts_per_h=60.0))
    shaken = [person.heart_at(s) for s in range(HOUR)]
    rr = np.array([rr for one in shaken if one.artefact for rr in one.rr_ms])
    assert rr.std() > 0.25 * rr.mean()


def test_somebody_who_moves_has_a_faster_heart_and_a_shaken_strap(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text(
        'title = "x"\nlasts = 900\nperson = { wander_bpm = 0, artefacts_per_h = 0 }\n'
        'body = [{ what = "activity", at = 300, lasts = 240, bpm = 30 }]\n'
    )
    person = Physiology(load(path).plan)
    shaken = [s for s in range(900) if person.heart_at(s).artefact]
    assert 20 < len(shaken) < 120
    assert 300 <= min(shaken) <= max(shaken) < 540
    assert person.expected_bpm(np.array([299.0, 400.0, 620.0])) == pytest.approx([70, 100, 70])
