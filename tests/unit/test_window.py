import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from devices.model import NS_PER_S
from monitor.signal.hold import Hold, Quality, Scarcity
from monitor.signal.window import NEVER_NS, WindowMedian


def times(*seconds):
    return np.array([int(s * NS_PER_S) for s in seconds], np.int64)


def ticks(*seconds):
    return np.array(seconds, np.int64)


def test_median_of_the_samples_in_the_window():
    stage = WindowMedian(5.0)
    median, count, newest = stage.step(
        times(0.5, 1.5, 2.5), np.array([70.0, 200.0, 72.0]), ticks(0, 1, 2, 3, 8)
    )
    assert count.tolist() == [0, 1, 2, 3, 0]
    assert np.isnan(median[[0, 4]]).all()
    assert median[1:4].tolist() == [70.0, 135.0, 72.0]
    assert newest.tolist() == [NEVER_NS, *times(0.5, 1.5, 2.5, 2.5).tolist()]


def test_a_sample_exactly_window_old_is_out_and_one_at_the_tick_is_in():
    stage = WindowMedian(5.0)
    median, count, _ = stage.step(times(0, 5), np.array([1.0, 9.0]), ticks(4, 5))
    assert count.tolist() == [1, 1]
    assert median.tolist() == [1.0, 9.0]


@given(
    st.lists(st.tuples(st.integers(0, 40_000), st.floats(20, 300)), max_size=60),
    st.sets(st.integers(1, 40), max_size=8),
)
def test_any_chunking_gives_the_same_medians(samples, cuts):
    samples = sorted(samples, key=lambda sample: sample[0])
    t_ns = np.array([ms * 1_000_000 for ms, _ in samples], np.int64)
    values = np.array([value for _, value in samples])
    seconds = np.arange(41)
    whole = WindowMedian(5.0).step(t_ns, values, seconds)
    chunked = WindowMedian(5.0)
    parts = []
    start = 0
    for end in [*sorted(cuts), 41]:
        inside = (t_ns > (start - 1) * NS_PER_S) & (t_ns <= (end - 1) * NS_PER_S)
        if start == 0:
            inside = t_ns <= (end - 1) * NS_PER_S
        parts.append(chunked.step(t_ns[inside], values[inside], seconds[start:end]))
        start = end
    for index in range(3):
        joined = np.concatenate([part[index] for part in parts])
        np.testing.assert_array_equal(whole[index], joined)


def test_a_value_is_held_then_given_up():
    hold = Hold(10.0, 30.0)
    fresh = np.array([80.0] + [np.nan] * 12)
    shown = hold.step(fresh, np.zeros(13, np.int64), np.arange(13))
    assert shown.quality[0] == Quality.VALID
    assert set(shown.quality[1:11].tolist()) == {Quality.QUESTIONABLE}
    assert shown.value[10] == 80.0
    assert shown.quality[11:].tolist() == [Quality.NOT_AVAILABLE] * 2
    assert np.isnan(shown.value[11:]).all()
    assert shown.age_s[12] == 12.0


def test_nothing_ever_seen_is_infinitely_old():
    shown = Hold(10.0, 30.0).step(np.array([np.nan]), np.array([NEVER_NS]), np.array([3]))
    assert shown.age_s[0] == np.inf
    assert shown.quality[0] == Quality.NOT_AVAILABLE


def scarce(pattern, seconds=600):
    return Scarcity(60, 30).step(np.resize(np.array(pattern, bool), seconds))


def test_a_signal_that_comes_and_goes_is_scarce():
    assert scarce([1] * 5 + [0] * 20)[60:].all()
    assert not scarce([1] * 20 + [0] * 10).any()
    assert not scarce([1]).any()


def test_a_plain_loss_is_not_scarce_and_counting_starts_anew_after_it():
    seconds = [1] * 100 + [0] * 100 + [1] * 100
    assert not scarce(seconds, 300)[130:].any()


@given(st.lists(st.booleans(), min_size=1, max_size=300), st.integers(1, 50))
def test_scarcity_does_not_depend_on_chunks(flags, size):
    whole = Scarcity(60, 30).step(np.array(flags))
    chunked = Scarcity(60, 30)
    parts = [chunked.step(np.array(flags[i : i + size])) for i in range(0, len(flags), size)]
    np.testing.assert_array_equal(whole, np.concatenate(parts))
