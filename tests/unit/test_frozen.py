"""Bit-identical values: how long, and what ends it."""

import numpy as np
import pytest

from devices.model import NS_PER_S
from monitor.signal.frozen import Frozen


def frozen(values, times_s=None, ticks=None):
    times_s = range(len(values)) if times_s is None else times_s
    t_ns = np.array([t * NS_PER_S for t in times_s], np.int64)
    ticks = np.arange(len(values)) if ticks is None else np.array(ticks)
    return Frozen().step(t_ns, np.array(values, float), ticks).seconds.tolist()


def test_it_counts_from_the_first_of_the_equal_values():
    assert frozen([34.0, 34.1, 34.1, 34.1, 34.0]) == [0.0, 0.0, 1.0, 2.0, 0.0]


def test_fifteen_minutes_of_a_wedged_driver_are_seen_to_the_second():
    assert frozen([34.02] * 901)[-1] == 900.0


def test_the_last_bit_counts_as_a_change():
    assert frozen([34.0, np.nextafter(34.0, 35.0)]) == [0.0, 0.0]


def test_silence_is_not_frozen_and_starts_anew():
    values, times = [34.0, 34.0, 34.0, 34.0], [0, 10, 200, 205]
    assert frozen(values, times, [10, 70, 71, 205]) == [10.0, 10.0, 0.0, 5.0]


def test_nothing_at_all_is_not_frozen():
    assert frozen([], [], [0, 5, 1000]) == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("drift_degc_per_h", [0.3, 1.0])
def test_a_thermometer_of_tenths_can_stand_still_for_a_quarter_of_an_hour(drift_degc_per_h):
    """Why an alarm on 15 min must know the resolution: 0.3 degrees an hour is alive."""
    t = np.arange(3600)
    seen = np.round(34.0 + drift_degc_per_h * t / 3600, 1)
    assert (max(frozen(seen)) >= 900) == (drift_degc_per_h < 0.4)
