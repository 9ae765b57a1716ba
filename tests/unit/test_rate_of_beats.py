"""The rate of beats: quick at a true step, steady at single errors, nothing across a gap."""

import numpy as np
import pytest

from monitor.signal.beat_rate import BeatRateStage
from monitor.signal.beats import Beats
from monitor.signal.heart_rate import HeartRateStage
from monitor.signal.rr_beats import RrBeats

NS = 1_000_000_000


def packets(rr_ms, start_s=0.0):
    """Beats as a strap sends them: with the next whole second."""
    t_s = start_s + np.cumsum(rr_ms) / 1000
    return np.ceil(t_s).astype(np.int64) * NS, np.array(rr_ms, float)


def rates(rr_ms):
    t_ns, rr = packets(rr_ms)
    ticks = np.arange(int(t_ns[-1] // NS) + 1)
    return BeatRateStage().step(RrBeats().step(t_ns, rr), ticks)


def first_second(flags, after):
    return next(s for s in np.flatnonzero(flags) if s > after) - after


@pytest.mark.parametrize(
    ("before", "after", "limit", "within_s"),
    [(80, 120, 110, 3), (80, 40, 50, 6), (60, 180, 140, 3), (70, 210, 140, 3), (120, 80, 100, 4)],
)
def test_a_true_step_is_followed(before, after, limit, within_s):
    rr = [60_000 / before] * 40 + [60_000 / after] * 60
    bpm = rates(rr).bpm
    step_s = 40 * 60 / before
    over = bpm > limit if after > before else bpm < limit
    assert first_second(over, step_s) <= within_s
    assert bpm[-1] == pytest.approx(after, abs=0.5)


@pytest.mark.parametrize(
    "odd",
    [[1600.0], [300.0, 500.0], [560.0, 1040.0], [2400.0], [100.0]],
    ids=["missed", "extra", "ectopic", "two missed", "impossible"],
)
def test_a_single_error_moves_the_rate_little(odd):
    rr = [800.0] * 30 + odd + [800.0] * 30
    bpm = rates(rr).bpm
    assert np.nanmax(np.abs(bpm - 75)) <= (11.0 if odd == [2400.0] else 2.0)


def test_a_rate_that_halves_is_no_missed_beat():
    """2:1 block: every interval doubles, and stays so."""
    bpm = rates([800.0] * 30 + [1600.0] * 10).bpm
    assert bpm[-1] == pytest.approx(37.5, abs=0.1)


def test_a_pause_counts_but_hours_do_not():
    assert np.nanmin(rates([1000.0] * 12 + [5000.0] + [1000.0] * 12).bpm) < 50
    assert np.nanmin(rates([1000.0] * 12 + [20_000.0] + [1000.0] * 12).bpm) == pytest.approx(60)


def test_nothing_is_averaged_across_a_gap():
    one, two = packets([800.0] * 20), packets([400.0] * 20, start_s=60.0)
    t_ns = np.concatenate((one[0], two[0]))
    rate = BeatRateStage().step(
        RrBeats().step(t_ns, np.concatenate((one[1], two[1]))), np.arange(70)
    )
    assert np.isnan(rate.bpm[25:60]).all()
    seen = rate.bpm[60:][~np.isnan(rate.bpm[60:])]
    np.testing.assert_allclose(seen, 150.0)


def test_fibrillation_is_not_shown_slower_than_it_is():
    # As in record 203 of MIT-BIH: short intervals in pairs that add up to a usual one.
    random = np.random.default_rng(5)
    rr = np.where(random.random(600) < 0.4, 360.0, 720.0) * random.uniform(0.9, 1.1, 600)
    shown = rates(rr.tolist()).bpm[30:]
    assert np.nanmean(shown) == pytest.approx(60_000 / rr.mean(), rel=0.05)


def test_uncertainty_grows_with_irregularity():
    random = np.random.default_rng(2)
    steady = rates([800.0] * 60).plus_minus_bpm[-1]
    wild = rates((800 + random.uniform(-250, 250, 60)).tolist()).plus_minus_bpm[-1]
    assert steady == 0.5
    assert 3 < wild < 20


def test_beats_are_tied_to_their_packets():
    t_ns, rr = packets([800.0] * 50)
    late = t_ns + np.random.default_rng(5).integers(0, NS // 2, t_ns.size).cumsum() // 40
    beats = RrBeats().step(np.sort(late), rr)
    assert (np.diff(beats.at_ns) > 0).all()
    assert (beats.at_ns <= beats.known_ns).all()
    assert np.isnan(beats.rr_ms[0])
    assert not np.isnan(beats.rr_ms[1:]).any()


def test_fragments_do_not_overrule_the_sensors_number():
    """Optical sensors send runs of three or four wrong intervals between gaps."""
    seconds = np.arange(120)
    rate = seconds * NS, np.full(120, 75.0)
    runs = [packets([450.0] * 4, start_s=float(s)) for s in range(5, 115, 10)]
    rr = tuple(np.concatenate(part) for part in zip(*runs, strict=True))
    shown = HeartRateStage().step(rate, rr, seconds).shown
    assert np.nanmax(np.abs(shown.value - 75)) == 0


def test_an_unbroken_rhythm_leads_the_sensors_lagging_number():
    rr = packets([750.0] * 40 + [500.0] * 60)
    seconds = np.arange(60)
    number = np.where(seconds < 40, 80.0, 120.0)  # ten seconds late
    shown = HeartRateStage().step((seconds * NS, number), rr, seconds).shown
    assert shown.value[34] == pytest.approx(120, abs=1)


def test_no_beats_no_rate():
    rate = BeatRateStage().step(Beats.none(), np.arange(5))
    assert np.isnan(rate.bpm).all()
