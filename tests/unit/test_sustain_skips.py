"""The machine leaps over seconds that can change nothing; one that looks at each must agree."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alerts.settings import resolve
from alerts.sustain import Check, SustainMachine


class Plodding(SustainMachine):
    """Looks at every second."""

    def _next(self, index, *_):
        return index


@st.composite
def cases(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = draw(st.integers(1, 300))

    def flags(share, run):
        return np.repeat(rng.random(size // run + 1) < share, run)[:size]

    over = flags(draw(st.sampled_from([0.05, 0.3, 0.8])), draw(st.integers(1, 20)))
    clear = ~over & flags(0.8, 3)
    may = [flags(0.7, 9) if draw(st.booleans()) else None for _ in range(2)]
    check = Check(over, clear, flags(0.9, 5), rng.random(size), 0.5, "s", *may)
    sustain, stay, escalate = (draw(st.integers(0, 20)) for _ in range(3))
    row = {"sustain_s": sustain, "clear_s": stay, "escalate_s": sustain + escalate}
    return check, row, draw(st.sampled_from(["hr_high", "hr_lost"]))


def cut(check, part):
    arrays = (check.over, check.clear, check.counts, check.value)
    may = (None if m is None else m[part] for m in (check.may_begin, check.may_escalate))
    over, clear, counts, value = (array[part] for array in arrays)
    return Check(over, clear, counts, value, check.limit, check.unit, *may)


@given(cases(), st.lists(st.integers(0, 300), max_size=5).map(sorted))
def test_leaping_changes_nothing(case, cuts):
    check, values, name = case
    row = resolve({name: values})[name]
    size = check.over.size
    ticks = np.arange(7, 7 + size)
    plodding, leaping = Plodding(row, freeze_s=8.0), SustainMachine(row, freeze_s=8.0)
    expected = plodding.step(ticks, check)
    bounds = [0, *(c for c in cuts if c < size), size]
    parts = [slice(a, b) for a, b in pairwise(bounds) if a < b]
    found = [edge for part in parts for edge in leaping.step(ticks[part], cut(check, part))]
    assert found == expected


def test_the_cases_do_reach_every_edge():
    row = resolve({"hr_lost": {"sustain_s": 2, "clear_s": 2, "escalate_s": 5}})["hr_lost"]
    over = np.arange(30) < 15
    check = Check(over, ~over, np.ones(30, np.bool_), np.zeros(30), 0.5, "s")
    edges = SustainMachine(row).step(np.arange(30), check)
    assert [edge.edge.value for edge in edges] == ["onset", "escalate", "clear"]
