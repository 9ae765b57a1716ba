"""P5 to P7 through the core: slow and irregular hearts."""

import json

import numpy as np
import pytest

from devices.codecs.sample import encode
from devices.model import Frame, SensorSpec, Signal
from monitor.core import Core, Setup
from monitor.model import Action, Verb

NS = 1_000_000_000
SPEC = SensorSpec(
    alias="strap", codec="sample", measures=Signal.RR_INTERVAL, transport="file", address="x"
)


def onsets(rr_ms, dose_s=None):
    at_ns = np.ceil(np.cumsum(rr_ms) / 1000).astype(np.int64) * NS
    events = [
        Frame(t_ns=int(t) + i, source="strap", payload=encode(Signal.RR_INTERVAL, rr))
        for i, (t, rr) in enumerate(zip(at_ns, rr_ms, strict=True))
    ]
    if dose_s is not None:
        details = {"confirm_baseline": True}
        events.append(Action(t_ns=dose_s * NS, verb=Verb.DOSE, operator="x", details=details))
    events.sort(key=lambda event: event.t_ns)
    output = Core(Setup(sensors=[SPEC])).step(events, int(at_ns[-1]))
    return {edge.condition for edge in output.edges if edge.edge.name == "ONSET"}


def steady(bpm, seconds):
    return [60_000 / bpm] * int(seconds * bpm / 60)


@pytest.mark.parametrize(
    ("bpm", "expected"),
    [(70, set()), (46, set()), (45, {"hr_low"}), (40, {"hr_low"}), (38, {"hr_low", "hr_very_low"})],
)
def test_a_slow_heart(bpm, expected):
    assert onsets(steady(70, 60) + steady(bpm, 60)) == expected


def test_a_slow_rhythm_from_the_start():
    assert "hr_very_low" in onsets(steady(36, 120))


def test_an_athletes_heart_has_a_lower_limit():
    assert onsets(steady(50, 700) + steady(44, 60)) == {"hr_low"}
    assert onsets(steady(50, 700) + steady(44, 60), dose_s=690) == set()
    assert onsets(steady(50, 700) + steady(41, 60), dose_s=690) == {"hr_low"}


def test_short_dips_raise_nothing():
    assert onsets(steady(70, 60) + steady(40, 8) + steady(70, 60)) == set()


def test_fibrillation_is_irregular():
    rr = np.random.default_rng(8).uniform(450, 1100, 300).tolist()
    assert "rr_irregular" in onsets(rr)


def test_breathing_and_single_ectopics_are_not():
    rr = (900 + 90 * np.sin(np.arange(400) / 2)).tolist()
    for at in range(50, 380, 15):
        rr[at], rr[at + 1] = 600.0, 1200.0
    assert "rr_irregular" not in onsets(rr)


def test_no_limit_is_invented_by_rounding():
    assert json.dumps(sorted(onsets(steady(60, 120)))) == "[]"
