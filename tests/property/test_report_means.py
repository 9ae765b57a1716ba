"""Whatever is missing from a recording, a mean of the report is never taken across a gap."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from devices.model import Signal
from monitor.report.intervals import BREAK_S, HALF_S, LEAST_S, Mark, mean
from monitor.report.traces import Trace

S = 1_000_000_000
PIECES = st.lists(
    st.tuples(st.booleans(), st.integers(min_value=1, max_value=60)), min_size=1, max_size=12
)


def levels(pieces):
    """Valid and empty stretches; after each gap the value is another one."""
    values, level = [], 0.0
    for valid, seconds in pieces:
        level += not valid and seconds >= BREAK_S
        values += [level if valid else np.nan] * seconds
    return np.array(values)


@given(
    PIECES,
    st.integers(min_value=0, max_value=700),
    st.integers(min_value=0, max_value=700),
    st.integers(min_value=0, max_value=700),
)
def test_never_across_a_gap_a_dose_or_the_window(pieces, at, before, after):
    values = levels(pieces)
    at = min(at, values.size - 1)
    low, high = max(0, at - before), at + after
    none = np.zeros(values.size, np.bool_)
    trace = Trace(Signal.HEART_RATE, "bpm", 0, values, none, none)
    found = mean(trace, Mark("", at * S, low * S, high * S), lambda _, __: "why")
    first, last = max(low, at - HALF_S), min(high, at + HALF_S, values.size - 1)
    window = values[first : last + 1]
    if found.value is None:
        assert found.reason.startswith("why")
        return
    assert LEAST_S <= found.seconds <= np.isfinite(window).sum()
    assert found.value == int(found.value)  # of one level alone
    assert found.value in set(window[np.isfinite(window)])
