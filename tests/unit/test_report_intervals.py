"""The interval table: which marks there are, what a mean is made of, which reading belongs."""

import math

import numpy as np
import pytest

from devices.model import Signal
from monitor.report.entries import Reading
from monitor.report.intervals import Dose, Mark, marks, mean, nearest
from monitor.report.traces import Trace

S = 1_000_000_000
MIN = 60 * S
HALF = Dose(90 * MIN, "supplemental dose")


def trace(values, settling=()):
    values = np.array(values, np.float64)
    flags = np.zeros(values.size, np.bool_)
    flags[list(settling)] = True
    return Trace(Signal.HEART_RATE, "bpm", 0, values, flags, np.zeros(values.size, np.bool_))


def at(second, low=0, high=10_000):
    return Mark("mark", second * S, low * S, high * S)


def why(_, second):
    return f"reason at {second}"


def named(doses, end_min, every_min=30, *, ended=True):
    found = marks(doses, int(end_min * MIN), every_min * 60, ended=ended)
    return [(mark.label, mark.t_ns / MIN) for mark in found]


MARKS = {
    "one dose": (
        ([Dose(20 * MIN, "dose")], 82),
        [("before the dose", 19.5), ("dose + 30 min", 50), ("dose + 1 h 00 min", 80),
         ("discharge", 81.5)],
    ),
    "supplemental dose between two steps": (
        ([Dose(20 * MIN, "dose"), HALF], 100, 60),
        [("before the dose", 19.5), ("dose + 1 h 00 min", 80),
         ("before the supplemental dose", 89.5), ("discharge", 99.5)],
    ),
    "no dose": (
        ([], 65),
        [("start", 0.5), ("start + 30 min", 30), ("start + 1 h 00 min", 60), ("end", 64.5)],
    ),
    "thirty seconds": (([], 0.5), [("end", 0), ("start", 0.5)]),
    "less": (([], 0.4), [("end", 0), ("start", 0.4)]),
    "a dose at once": (([Dose(0, "dose")], 10), [("before the dose", 0), ("discharge", 9.5)]),
    "a step at the very end is the discharge": (
        ([Dose(10 * MIN, "dose")], 40),
        [("before the dose", 9.5), ("discharge", 39.5)],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), MARKS.values(), ids=MARKS)
def test_marks(case, expected):
    assert named(*case) == expected


def test_the_last_row_of_a_killed_session_is_no_discharge():
    assert named([], 10, ended=False)[-1] == ("last on record", 9.5)


def test_nothing_of_a_mark_lies_beyond_a_dose():
    found = marks([Dose(20 * MIN, "dose"), HALF], 100 * MIN, 1800)
    bounds = {mark.label: (mark.low_ns / MIN, mark.high_ns / MIN) for mark in found}
    assert bounds["before the dose"] == (0, 20)
    assert bounds["dose + 30 min"] == (20, 90)
    assert bounds["before the supplemental dose"] == (20, 90)
    assert bounds["discharge"] == (90, 100)


def held(values, *spans):
    """Values with holes at these spans of seconds."""
    values = np.array(values, np.float64)
    for low, high in spans:
        values[low:high] = math.nan
    return values


RAMP = np.arange(400, dtype=np.float64)
MEANS = {
    "the whole window": (trace(RAMP), at(100), (100.0, 61)),
    "single seconds are missing": (trace(held(RAMP, (95, 97))), at(100), None),
    "at the start half a window": (trace(RAMP), at(0), (15.0, 31)),
    "up to the dose before": (trace(RAMP), at(100, low=90), (110.0, 41)),
    "up to the dose after": (trace(RAMP), at(100, high=110), (90.0, 41)),
    "never across a gap": (trace(held(RAMP, (80, 95))), at(100), (112.5, 36)),
    "nor across one after the mark": (trace(held(RAMP, (105, 120))), at(100), (87.0, 35)),
    "beyond the recording": (trace(RAMP), at(399), (384.0, 31)),
}


@pytest.mark.parametrize(("values", "mark", "expected"), MEANS.values(), ids=MEANS)
def test_means(values, mark, expected):
    found = mean(values, mark, why)
    if expected is None:
        kept = [v for v in range(70, 131) if v not in (95, 96)]
        expected = (np.mean(kept), len(kept))
    assert (found.value, found.seconds) == pytest.approx(expected)
    assert found.reason == ""


NO_MEANS = {
    "nothing at all": (trace(held(RAMP, (0, 400))), "reason at 100"),
    "the mark lies in a gap": (trace(held(RAMP, (85, 116))), "reason at 100"),
    "too few seconds": (trace(held(RAMP, (60, 95), (106, 140))), "reason at 70; only 11 valid s"),
    "settling": (trace(RAMP, settling=range(60, 140)), "reason at 100"),
}


@pytest.mark.parametrize(("values", "reason"), NO_MEANS.values(), ids=NO_MEANS)
def test_without_a_mean_the_reason_is_told(values, reason):
    found = mean(values, at(100), why)
    assert found.value is None
    assert found.reason == reason


def test_a_recording_of_one_second():
    assert mean(trace([70.0]), at(0, high=1), why).value is None


def reading(minute, value=120.0):
    return Reading(t_ns=minute * MIN, value=value)


def test_the_nearest_reading_is_on_the_same_side_of_every_dose():
    mark = Mark("mark", 50 * MIN, 20 * MIN, 60 * MIN)
    readings = [reading(m) for m in (19, 40, 57, 61)]
    assert nearest(readings, mark) == reading(57)
    assert nearest([reading(19), reading(61)], mark) is None
    assert nearest([reading(34)], mark) is None  # 16 min away
    assert nearest([], mark) is None
