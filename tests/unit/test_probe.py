"""The skin probe: warm-up, falling off, coming back, rising."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.signal.probe import Probe, ProbeLimits
from tests.examples import examples

NAN = math.nan
LIMITS = ProbeLimits()


def run(values, room=NAN, limits=LIMITS):
    probe = Probe(limits)
    return [probe.step(t, float(value), room) for t, value in enumerate(values)]


def warm_up(start, end, seconds, tau_s=240.0):
    t = np.arange(seconds)
    return end + (start - end) * np.exp(-t / tau_s)


def test_a_settled_probe_needs_ten_minutes():
    seconds = run(np.full(1300, 34.0))
    assert not seconds[598].settled
    assert seconds[601].settled


def test_warm_up_is_settling_not_a_rise_and_not_a_fault():
    seconds = run(warm_up(24.0, 34.5, 2400))
    assert not any(second.suspect for second in seconds)
    settled = next(t for t, second in enumerate(seconds) if second.settled)
    assert 600 <= settled <= 1500
    rises = [s.rise_30min_degc for s in seconds if not math.isnan(s.rise_30min_degc)]
    assert max(rises) < 0.5


def test_after_forty_minutes_a_real_rise_counts_even_if_it_never_stood_still():
    rising = 31.0 + np.arange(3600) * (6.0 / 3600)
    seconds = run(rising)
    assert not seconds[2300].settled
    assert seconds[2401].settled
    assert seconds[3599].rise_30min_degc == pytest.approx(1.9, abs=0.1)


@pytest.mark.parametrize("tau_min", [5, 10, 20])
def test_slow_warm_up_raises_no_trend(tau_min):
    seconds = run(warm_up(25.0, 35.0, 7200, 60.0 * tau_min))
    rises = [s.rise_30min_degc for s in seconds if not math.isnan(s.rise_30min_degc)]
    assert max(rises) < 1.0


@pytest.mark.parametrize("table_s", [300, 600, 900])
def test_a_probe_on_the_table_does_not_settle_there(table_s):
    values = np.concatenate([np.full(table_s, 22.0), warm_up(22.0, 34.0, 2400, 180.0)])
    seconds = run(values)
    assert not any(second.suspect for second in seconds)
    rises = [s.rise_30min_degc for s in seconds if not math.isnan(s.rise_30min_degc)]
    assert max(rises) < 0.5


def test_a_short_slip_is_over_when_the_level_is_back():
    values = np.concatenate([np.full(1500, 34.5), np.full(20, 32.0), np.full(900, 34.5)])
    seconds = run(values)
    assert seconds[1510].suspect
    assert not seconds[1525].suspect
    assert seconds[1400].placement + 1 == seconds[-1].placement


def test_a_drop_that_stands_still_is_another_placement_not_a_fault_for_ever():
    values = np.concatenate([np.full(1500, 35.5), np.full(900, 33.0)])
    seconds = run(values)
    assert seconds[1530].suspect
    assert not seconds[1700].suspect


def test_exactly_one_degree_in_thirty_minutes_is_seen():
    values = np.concatenate([np.full(1200, 34.0), 34.0 + np.arange(2400) / 1800.0])
    assert run(values)[1200 + 1860].rise_30min_degc == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("room", [NAN, 22.0])
def test_falling_off_is_suspect_and_unsettles(room):
    values = np.concatenate([np.full(900, 34.0), warm_up(34.0, 23.0, 600, 90.0)])
    seconds = run(values, room)
    assert seconds[899].settled
    first = next(t for t, second in enumerate(seconds) if second.suspect)
    assert first < 960
    assert all(s.suspect and not s.settled for s in seconds[first:])
    assert math.isnan(seconds[-1].rise_30min_degc)


def test_within_two_degrees_of_a_warm_room_is_suspect():
    values = np.concatenate([np.full(900, 34.0), np.full(60, 33.0)])
    assert not run(values, 30.0)[959].suspect
    assert run(values, 31.5)[959].suspect


def test_back_on_the_skin_it_settles_anew_before_it_counts():
    values = np.concatenate(
        [np.full(900, 34.0), np.full(300, 25.0), warm_up(25.0, 34.0, 1800, 120.0)]
    )
    seconds = run(values)
    assert seconds[1199].suspect
    assert not seconds[1600].suspect
    assert not seconds[1700].settled
    assert seconds[-1].settled
    assert seconds[-1].rise_30min_degc < 0.5


def test_a_probe_never_warm_becomes_suspect_after_twenty_minutes():
    seconds = run(np.full(1300, 22.0))
    assert not seconds[1100].suspect
    assert seconds[1250].suspect


def test_a_distal_site_has_no_absolute_limit_but_a_drop_still_counts():
    limits = ProbeLimits(limit_degc=NAN)
    assert not any(s.suspect for s in run(np.full(2000, 27.0), limits=limits))
    fallen = np.concatenate([np.full(900, 28.0), np.linspace(28.0, 22.0, 100)])
    assert run(fallen, limits=limits)[-1].suspect


def test_gaps_freeze_everything():
    values = np.concatenate([np.full(900, 34.0), np.full(600, NAN), np.full(10, 34.0)])
    seconds = run(values)
    assert seconds[1200].settled
    assert not any(s.suspect for s in seconds)


@st.composite
def skins(draw):
    """Skin and room over an hour or so: mostly calm, with falls, gaps, warm rooms."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = draw(st.integers(1, 5000))
    skin = 34.0 + np.cumsum(rng.normal(0, 0.003, size))
    room = np.full(size, 22.0)
    for _ in range(draw(st.integers(0, 4))):
        start, length = int(rng.integers(size)), int(rng.integers(5, 400))
        part = slice(start, start + length)
        what = rng.integers(4)
        if what == 0:
            skin[part] = NAN
        elif what == 1:
            skin[part] -= rng.choice([1.5, 2.5, 8.0])
        elif what == 2:
            skin[start:] -= rng.choice([1.0, 2.1])
        else:
            room[part] = rng.choice([33.0, NAN])
    return skin, room


@settings(deadline=None, max_examples=examples(60))
@given(skins(), st.lists(st.integers(1, 4999), max_size=4).map(sorted), st.integers(0, 130))
def test_stretches_at_once_are_their_seconds(case, cuts, first_s):
    skin, room = case
    ticks = first_s + np.arange(skin.size)
    plain, quick = Probe(LIMITS), Probe(LIMITS)
    rows = zip(ticks.tolist(), skin.tolist(), room.tolist(), strict=True)
    expected = [plain.step(*row) for row in rows]
    bounds = [0, *(c for c in cuts if c < skin.size), skin.size]
    parts = [slice(a, b) for a, b in pairwise(bounds)]
    found = [quick.run(ticks[part], skin[part], room[part]) for part in parts]
    for name in ("settled", "placement", "suspect", "rise_30min_degc"):
        columns = np.concatenate([getattr(part, name) for part in found])
        np.testing.assert_array_equal(columns, [getattr(one, name) for one in expected])


def test_calm_stretches_are_not_looked_at_second_by_second(monkeypatch):
    """Guards the property above against always looking at each second."""
    probe = Probe(LIMITS)
    probe.run(np.arange(1200), np.full(1200, 34.0), np.full(1200, NAN))
    monkeypatch.setattr(Probe, "step", None)
    probe.run(np.arange(1200, 2400), np.full(1200, 34.0), np.full(1200, NAN))
