"""Limit, sustain, hysteresis, gap: tables of seconds in, edges out."""

import numpy as np
import pytest

from alerts.model import Edge, Priority
from alerts.settings import Settings, resolve
from alerts.sustain import Check, SustainMachine

ROW = resolve({"hr_high": {"sustain_s": 3.0, "clear_s": 2.0}})["hr_high"]


def run(values, *, machine=None, start=0, may_begin=None, row=ROW):
    machine = machine or SustainMachine(row)
    array = np.array([np.nan if v is None else float(v) for v in values])
    check = Check(
        over=array >= 125,
        clear=array < 120,
        counts=~np.isnan(array),
        value=array,
        limit=125.0,
        unit="bpm",
        may_begin=may_begin,
    )
    edges = machine.step(np.arange(start, start + len(values)), check)
    return [(edge.t_ns // 10**9, edge.edge) for edge in edges]


H, M, L = 130, 122, 110  # over the limit, between limit and clear, below clear

CASES = {
    "sustained": ([H] * 4, [(3, Edge.ONSET)]),
    "exactly at the limit counts": ([125] * 4, [(3, Edge.ONSET)]),
    "one second short": ([H] * 3 + [L], []),
    "a dip below the clear limit restarts the count": ([H, H, H, L, H, H, H, H], [(7, Edge.ONSET)]),
    "a dip between the limits holds it up": ([H, H, M, H, M, H], [(5, Edge.ONSET)]),
    "more of them restart it": ([H, H, M, M, M, M, H, H, H, H], [(9, Edge.ONSET)]),
    "clears below the hysteresis": ([H] * 4 + [L] * 3, [(3, Edge.ONSET), (6, Edge.CLEAR)]),
    "between limit and clear never clears": ([H] * 4 + [M] * 30, [(3, Edge.ONSET)]),
    "a bounce restarts clearing": ([H] * 4 + [L, L, M, L, L], [(3, Edge.ONSET)]),
    "a gap freezes sustain": ([H, H] + [None] * 30 + [H, H], [(33, Edge.ONSET)]),
    "a longer gap hands over": ([H, H] + [None] * 31 + [H, H], []),
    "many short gaps do not hide it": (
        [H] + [None] * 29 + [H] + [None] * 29 + [H] + [None] * 5 + [H],
        [(66, Edge.ONSET)],
    ),
    "a gap never clears": ([H] * 4 + [None] * 600, [(3, Edge.ONSET)]),
    "comes again": (
        [H] * 4 + [L] * 3 + [H] * 4,
        [(3, Edge.ONSET), (6, Edge.CLEAR), (10, Edge.ONSET)],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_table(name):
    values, expected = CASES[name]
    assert run(values) == expected


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_any_chunking_gives_the_same_edges(name, size):
    values, expected = CASES[name]
    machine = SustainMachine(ROW)
    edges = []
    for start in range(0, len(values), size):
        edges += run(values[start : start + size], machine=machine, start=start)
    assert edges == expected


def test_the_gate_holds_new_onsets_but_never_ends_one():
    open_then_shut = np.array([True] * 5 + [False] * 10)
    assert run([H] * 15, may_begin=open_then_shut) == [(3, Edge.ONSET)]
    assert run([H] * 15, may_begin=~open_then_shut) == [(8, Edge.ONSET)]


def test_escalates_once_after_its_time_if_allowed():
    row = resolve({"hr_lost": {"sustain_s": 30.0, "escalate_s": 40.0}})["hr_lost"]
    machine = SustainMachine(row, 0.0)
    seconds = np.arange(60)
    over = np.ones(60, bool)
    check = Check(over, ~over, over, seconds * 1.0, 30.0, "s", may_escalate=seconds >= 20)
    edges = machine.step(seconds, check)
    assert [(e.t_ns // 10**9, e.edge, e.priority) for e in edges] == [
        (0, Edge.ONSET, Priority.MEDIUM),
        (20, Edge.ESCALATE, Priority.HIGH),
    ]


@pytest.mark.parametrize(
    ("age", "extreme", "high"),
    [(0, 140, 125), (30, 140, 125), (60, 136, 125), (75, 123.25, 113.25), (90, 120, 110)],
)
def test_limits_are_lowered_by_age_never_below_120(age, extreme, high):
    rows: dict[str, Settings] = resolve({}, age)
    assert rows["hr_extreme"].number("limit_bpm") == extreme
    assert rows["hr_extreme"].number("clear_bpm") == extreme - 5
    assert rows["hr_high"].number("limit_bpm") == high
    assert rows["hr_high"].number("clear_bpm") == high - 5


def test_a_disabled_row_is_not_judged():
    assert "hr_high" not in resolve({"hr_high": {"enabled": False}})
