"""Waiting times between connection attempts."""

from hypothesis import given
from hypothesis import strategies as st

from devices.supervisor import backoff_s


def test_starts_at_half_a_second_and_is_capped_at_fifteen():
    assert [backoff_s(n) for n in range(8)] == [0.5, 1, 2, 4, 8, 15, 15, 15]


@given(st.integers(min_value=-10, max_value=10**9))
def test_never_shrinks_and_never_leaves_its_bounds(attempt):
    assert 0.5 <= backoff_s(attempt) <= backoff_s(attempt + 1) <= 15
