"""The simulated person: reproducible, addressable anywhere, and on the expected course."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from simulators.noise import Noise, Wander
from simulators.physiology import ContactLoss, Dose, Physiology, Plan, SkinRise, Surge, drug_effect

HOUR = 3600
DOSED = Plan(seed=3, doses=(Dose(1500.0), Dose(1500.0 + 1.75 * HOUR, 0.5)))


def seconds_of(plan, seconds):
    person = Physiology(plan)
    return {second: person.heart_at(second) for second in seconds}


def test_any_order_gives_the_same_beats():
    wanted = [*range(60), 4095, 4096, 4097, 9000, 9001, 20_000]
    forward = seconds_of(DOSED, wanted)
    shuffled = [wanted[i] for i in np.random.default_rng(1).permutation(len(wanted))]
    assert seconds_of(DOSED, shuffled) == forward
    assert seconds_of(DOSED, [20_000]) == {20_000: forward[20_000]}


def test_temperatures_do_not_depend_on_what_was_asked_before():
    person, other = Physiology(DOSED), Physiology(DOSED)
    forward = [(person.skin_degc(t), person.room_degc(t)) for t in range(0, 600, 7)]
    backward = [(other.skin_degc(t), other.room_degc(t)) for t in reversed(range(0, 600, 7))]
    assert backward[::-1] == forward


def test_another_seed_is_another_person():
    other = replace(DOSED, seed=4)
    assert seconds_of(DOSED, range(30)) != seconds_of(other, range(30))
    assert Physiology(DOSED).skin_degc(9.0) != Physiology(other).skin_degc(9.0)


def test_expected_course_of_heart_rate():
    bpm = Physiology(DOSED).expected_bpm(np.arange(0.0, 8.0 * HOUR))

    def mean(from_h, to_h):
        return float(bpm[int(1500 + from_h * HOUR) : int(1500 + to_h * HOUR)].mean())

    assert 66 < float(bpm[:1500].mean()) < 74
    assert 93 < mean(1.25, 3.5) < 103  # +28 on the plateau
    assert mean(0.0, 0.5) < 76  # nothing in the first half hour
    assert mean(4.5, 5.5) > 80  # the half-dose stretches the plateau
    assert 66 < mean(7.3, 7.5) < 79  # slow return


def test_one_dose_acts_mostly_between_three_quarters_and_four_hours():
    effect = drug_effect(np.arange(0.0, 8.0, 0.01))
    assert effect.max() == pytest.approx(1.0)
    assert effect[50] == 0.0
    assert effect[75:400].sum() > 0.7 * effect.sum()
    assert effect[-1] == 0.0


def test_wander_has_the_asked_size_and_stays_bounded():
    course = Wander(5, "x", 4.0, (90.0, 1500.0)).at(np.arange(0.0, 8.0 * HOUR))
    assert course.std() == pytest.approx(4.0, rel=0.15)
    assert abs(course).max() < 4.0 * np.sqrt(2.0 * Wander.SINES)


def test_intervals_join_to_the_whole_time():
    person = Physiology(replace(DOSED, artefacts_per_h=0.0))
    seconds = [person.heart_at(second) for second in range(5000, 5600)]
    intervals = [rr for second in seconds for rr in second.rr_ms]
    assert sum(intervals) / 1000.0 == pytest.approx(600.0, abs=1.5)
    expected = np.mean([second.bpm for second in seconds])
    assert 60_000.0 / np.mean(intervals) == pytest.approx(expected, abs=1.0)


def test_intervals_vary_with_breath_at_rest():
    person = Physiology(replace(DOSED, artefacts_per_h=0.0, wander_bpm=0.0))
    rr = np.array([rr for s in range(300) for rr in person.heart_at(s).rr_ms])
    assert 10.0 < np.sqrt(np.mean(np.diff(rr) ** 2)) < 60.0  # RMSSD of resting adults, ms
    assert rr.min() > 500.0
    assert rr.max() < 1300.0


def test_movement_comes_in_short_bursts():
    person = Physiology(DOSED)
    seconds = [person.heart_at(s) for s in range(HOUR)]
    shaken = [s for s, second in enumerate(seconds) if second.artefact]
    bursts = 1 + sum(b - a > 1 for a, b in pairwise(shaken))
    assert bursts == 4
    assert 4 * 2 <= len(shaken) <= 4 * 9
    calm = Physiology(replace(DOSED, artefacts_per_h=0.0))
    assert not any(calm.heart_at(s).artefact for s in range(0, HOUR, 7))
    assert all(abs(seconds[s].bpm - calm.heart_at(s).bpm) > 10 for s in shaken)


def test_contact_loss_has_no_reading():
    person = Physiology(replace(DOSED, contact_losses=(ContactLoss(100.0, 45.0),)))
    assert person.heart_at(99).contact
    assert person.heart_at(145).contact
    for second in (100, 120, 144):
        heart = person.heart_at(second)
        assert (heart.bpm, heart.rr_ms, heart.contact) == (0, [], False)


def test_surge_rises_holds_and_falls():
    plan = Plan(surges=(Surge(40.0, 20.0, 180.0, 60.0, 85.0),), wander_bpm=0.0)
    bpm = Physiology(plan).expected_bpm(np.array([39.0, 60.0, 239.0, 300.0, 400.0]))
    assert bpm == pytest.approx([70.0, 155.0, 155.0, 70.0, 70.0])


def test_probe_warms_up_with_its_time_constant():
    person = Physiology(Plan())
    assert person.skin_degc(0.0) == pytest.approx(27.0, abs=0.3)
    assert person.skin_degc(240.0) == pytest.approx(34.5 - 7.5 / np.e, abs=0.3)
    assert person.skin_degc(1800.0) == pytest.approx(34.5, abs=0.3)


def test_skin_rises_as_planned_and_is_noisy():
    plan = Plan(probe_on_s=-3600.0, skin_rises=(SkinRise(600.0, 3600.0, 3.9),))
    person = Physiology(plan)
    late = np.array([person.skin_degc(t) for t in range(6000, 6300)])
    assert late.mean() == pytest.approx(38.4, abs=0.2)
    assert 0.02 < late.std() < 0.05


def test_room_stays_a_room():
    person = Physiology(Plan())
    room = [person.room_degc(t) for t in range(0, 8 * HOUR, 60)]
    assert min(room) > 20.5
    assert max(room) < 23.5


def test_noise_is_white_and_streams_are_independent():
    one, two = Noise(1, "one"), Noise(1, "two")
    values = one.normal(-5000, 10_000)
    assert values.mean() == pytest.approx(0.0, abs=0.05)
    assert values.std() == pytest.approx(1.0, abs=0.05)
    assert abs(np.corrcoef(values, two.normal(-5000, 10_000))[0, 1]) < 0.05
    assert one.normal(-3, 10)[5] == one.normal(2, 1)[0]
    assert ((one.uniform(0, 1000) >= 0.0) & (one.uniform(0, 1000) < 1.0)).all()
