"""Blocks that are taken at once give what their seconds give one by one."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.signal.hold import Scarcity
from monitor.signal.slope import Slope
from tests.examples import examples


@st.composite
def flags(draw):
    """Valid or not over some minutes, in runs."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size, run = draw(st.integers(1, 700)), draw(st.sampled_from([1, 3, 10, 40]))
    share = draw(st.sampled_from([0.2, 0.5, 0.9, 1.0]))
    return np.repeat(rng.random(size // run + 1) < share, run)[:size]


def joined(stage, columns, cuts):
    """What a stage says of a series that is cut into blocks."""
    bounds = sorted({0, *(c for c in cuts if c < columns[0].size), columns[0].size})
    parts = [slice(a, b) for a, b in pairwise(bounds)]
    return np.concatenate([stage.step(*(column[part] for column in columns)) for part in parts])


CUTS = st.lists(st.integers(1, 700), max_size=3)


@settings(deadline=None)
@given(flags(), CUTS)
def test_scarcity(valid, cuts):
    one_by_one = joined(Scarcity(60, 30), [valid], range(valid.size))
    np.testing.assert_array_equal(joined(Scarcity(60, 30), [valid], cuts), one_by_one)


@settings(deadline=None, max_examples=examples(50))
@given(flags(), CUTS, st.integers(0, 130), st.booleans())
def test_slope(usable, cuts, first_s, moved):
    size = usable.size
    values = 34 + np.random.default_rng(size).normal(0, 0.05, size)
    placement = (np.arange(size) > 350).astype(np.int64) * moved
    columns = [first_s + np.arange(size), values, usable, placement]
    one_by_one = joined(Slope(), columns, range(size))
    np.testing.assert_array_equal(joined(Slope(), columns, cuts), one_by_one)
