"""The guard before the window median: what is refused, what must come through."""

import math

import numpy as np
import pytest

from devices.model import NS_PER_S
from monitor.signal.skin_samples import Reason, SampleGuard

NAN = math.nan


def screen(values, times_s=None, ticks=None):
    guard = SampleGuard()
    times_s = range(len(values)) if times_s is None else times_s
    t_ns = np.array([round(t * NS_PER_S) for t in times_s], np.int64)
    ticks = np.arange(len(values)) if ticks is None else np.array(ticks)
    return guard, guard.step(t_ns, np.array(values, float), ticks)


def kept(values, times_s=None):
    return screen(values, times_s)[1].values.tolist()


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (NAN, Reason.NOT_A_NUMBER),
        (math.inf, Reason.NOT_A_NUMBER),
        (-math.inf, Reason.NOT_A_NUMBER),
        (85.0, Reason.SENTINEL),
        (0.0, Reason.SENTINEL),
        (-0.6, Reason.SENTINEL),
        (-127.0, Reason.SENTINEL),
        (4.9, Reason.RANGE),
        (50.1, Reason.RANGE),
        (1e300, Reason.RANGE),
        (31.9, Reason.JUMP),
        (36.0, Reason.JUMP),
    ],
)
def test_one_impossible_sample_is_refused_counted_and_named(bad, reason):
    guard, screened = screen([34.0, 34.1, bad, 34.1, 34.0])
    assert screened.values.tolist() == [34.0, 34.1, 34.1, 34.0]
    assert guard.counts[reason] == 1
    assert guard.counts[Reason.NONE] == 4
    assert screened.rejected.tolist() == [0, 0, 1, 1, 1]
    assert screened.reason.tolist() == [0, 0, reason, reason, reason]
    assert Reason(int(screened.reason[-1])).word


@pytest.mark.parametrize("edge", [5.0, 50.0])
def test_the_ends_of_the_range_are_still_temperatures(edge):
    assert kept([edge] * 3) == [edge] * 3


@pytest.mark.parametrize("step", [0.1, 1.0, 1.5])
def test_a_step_a_probe_can_make_is_taken(step):
    assert len(kept([34.0, 34.0 + step, 34.0])) == 3


def test_a_first_sample_that_is_an_error_code_does_not_become_the_level():
    assert kept([85.0, 85.0, 34.0, 34.1]) == [34.0, 34.1]


def test_a_wrong_first_sample_does_not_lock_the_true_ones_out():
    assert kept([25.0, 34.0, 34.1, 34.0, 34.1]) == [25.0, 34.0, 34.1]


def test_a_true_step_comes_through_after_three_samples():
    fallen = [27.0, 26.9, 26.8, 26.7]
    assert kept([34.0, 34.0, *fallen]) == [34.0, 34.0, 26.8, 26.7]


def test_the_same_number_again_and_again_is_refused_for_ten_seconds_then_believed():
    guard, screened = screen([34.0] * 5 + [38.5] * 20)
    assert screened.values.tolist() == [34.0] * 5 + [38.5] * 10
    assert guard.counts[Reason.JUMP] == 10


def test_an_error_code_that_comes_and_goes_never_gets_through():
    values = ([34.0] * 8 + [37.9] * 8) * 20
    assert 37.9 not in kept(values)


def test_a_loose_contact_that_jumps_about_gets_nothing_through_but_the_level():
    values = [34.0, 20.0, 45.0, 34.0, 12.0, 34.1, 48.0, 9.0, 34.0]
    assert kept(values) == [34.0, 34.0, 34.1, 34.0]


def test_a_burst_in_one_packet_is_not_long_enough_to_be_a_level():
    values = [34.0, 30.0, 30.1, 30.2, 30.3, 34.0]
    assert kept(values, [0, 1, 1, 1, 1, 2]) == [34.0, 34.0]


@pytest.mark.parametrize("tau_s", [8.0, 20.0, 90.0])
@pytest.mark.parametrize("rate_hz", [0.25, 1.0, 4.0])
def test_a_probe_that_falls_off_is_followed_without_a_long_hole(tau_s, rate_hz):
    t = np.arange(0.0, 300.0, 1 / rate_hz)
    values = np.where(t < 100.0, 34.0, 22.0 + 12.0 * np.exp(-(t - 100.0) / tau_s))
    guard, screened = screen(values, t)
    holes_s = np.diff(screened.t_ns) / NS_PER_S
    assert holes_s.max() <= 16.0
    assert screened.values[-1] == values[-1]
    assert guard.counts[Reason.JUMP] <= 4


def test_minute_values_may_be_far_apart():
    assert kept([34.0, 24.0, 33.0], [0, 60, 120]) == [34.0, 24.0, 33.0]


def test_samples_out_of_order_are_refused_and_count_with_the_next_one():
    guard, screened = screen([34.0, 34.1, 33.9, 34.2], [0, 2, 1, 3], [0, 1, 2, 3])
    assert screened.values.tolist() == [34.0, 34.1, 34.2]
    assert (np.diff(screened.t_ns) >= 0).all()
    assert guard.counts[Reason.REVERSED] == 1
    assert screened.rejected.tolist() == [0, 0, 0, 1]
    assert screened.reason.tolist() == [0, 0, 0, Reason.REVERSED]


def test_a_whole_block_the_wrong_way_round_leaves_its_first_sample():
    guard, screened = screen([34.0] * 10, range(9, -1, -1), [20])
    assert screened.values.tolist() == [34.0]
    assert guard.counts[Reason.REVERSED] == 9


def test_a_late_sample_is_named_even_if_nothing_else_is_remarkable_after_it():
    guard = SampleGuard()
    for t_s, tick in ((5, 5), (3, 6), (7, 7)):
        block = np.array([t_s * NS_PER_S]), np.array([34.0]), np.array([tick])
        screened = guard.step(*block)
    assert screened.reason.tolist() == [Reason.REVERSED]
    assert screened.rejected.tolist() == [1]


def test_an_empty_block_is_nothing():
    _, screened = screen([], [], [])
    assert screened.values.size == screened.reason.size == 0


def test_a_constant_block_passes():
    assert len(kept([34.0] * 1000)) == 1000


def test_the_reason_is_shown_for_a_minute():
    _, screened = screen([34.0, 85.0, *[34.0] * 100])
    assert screened.reason[61] == Reason.SENTINEL
    assert screened.reason[62] == Reason.NONE
    assert screened.rejected[-1] == 1


def test_every_reason_has_a_short_word_of_its_own():
    words = [reason.word for reason in Reason]
    assert len(set(words)) == len(words)
    assert all(0 < len(word) <= 12 for word in words[1:])
