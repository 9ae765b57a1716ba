"""The robust slope over ten minutes."""

import math
from collections import deque

import numpy as np
import pytest

from monitor.signal.slope import Slope, theil_sen


def slope(values, usable=None, placement=None):
    values = np.array(values, float)
    ticks = np.arange(1, values.size + 1)
    usable = np.ones(values.shape, bool) if usable is None else usable
    placement = np.zeros(values.shape, int) if placement is None else placement
    return Slope().step(ticks, values, usable, placement)


def rising(degc_per_10min, seconds=1200):
    return 33.0 + degc_per_10min * np.arange(seconds) / 600.0


@pytest.mark.parametrize("rate", [-2.0, -0.3, 0.0, 0.3, 1.0])
def test_a_straight_line_has_its_slope(rate):
    assert slope(rising(rate))[-1] == pytest.approx(rate, abs=1e-9)


def test_it_needs_six_minutes():
    seen = slope(rising(0.5, 800))
    assert np.isnan(seen[:359]).all()
    assert seen[359] == pytest.approx(0.5)


def test_it_forgets_after_ten_minutes():
    seen = slope(np.concatenate([rising(1.0, 1200), np.full(660, 35.0)]))
    assert seen[1199] == pytest.approx(1.0)
    assert seen[-1] == 0.0


def test_two_wrong_minutes_in_ten_hardly_bend_it():
    values = rising(0.5, 1200)
    values[780:900] += 3.0
    seen = slope(values)[-1]
    line = np.polyfit(np.arange(600), values[600:], 1)[0] * 600
    assert abs(seen - 0.5) < 0.2
    assert abs(line - 0.5) > 0.5


def test_a_minute_without_data_has_no_slope():
    usable = np.ones(1200, bool)
    usable[1100:] = False
    seen = slope(rising(0.5), usable)
    assert math.isnan(seen[-1])
    assert not math.isnan(seen[1080])


def test_unusable_seconds_do_not_bend_it():
    values, usable = rising(0.5), np.ones(1200, bool)
    values[900:930], usable[900:930] = 12.0, False
    assert slope(values, usable)[-1] == pytest.approx(0.5, abs=0.02)


def test_another_placement_starts_anew():
    values = np.concatenate([np.full(900, 34.0), np.full(900, 31.0)])
    seen = slope(values, placement=np.repeat([0, 1], 900))
    assert seen[899] == 0.0
    assert np.isnan(seen[900:1259]).all()
    assert seen[-1] == 0.0


def test_theil_sen_is_the_median_of_all_pairs():
    points = deque([(0, 0.0), (1, 1.0), (2, 2.0), (3, 30.0)])
    assert theil_sen(points) == pytest.approx((1.0 + 10.0) / 2)
