"""What is wrong with an interval, and that a true change never is."""

import numpy as np
import pytest

from monitor.signal import rr_kernel
from monitor.signal.beats import Beats
from monitor.signal.rhythm import RhythmStage
from monitor.signal.rr_kernel import ECTOPIC, EXTRA, GAP, MISSED, NOISE, NORMAL

NS = 1_000_000_000


def judged(rr):
    kinds, clean = [0] * (len(rr) + 1), [0.0] * (len(rr) + 1)
    done = rr_kernel.judge(rr, [0.0] * 6, [0.0] * rr_kernel.NEAREST, kinds, clean)
    return kinds[:done], clean[:done]


STEADY = [800.0, 810.0, 795.0, 805.0] * 5
TABLE = [
    ([1600.0], [MISSED], [800.0]),
    ([2400.0], [MISSED], [800.0]),
    ([300.0, 500.0], [EXTRA, EXTRA], [0.0, 800.0]),
    ([560.0, 1040.0], [ECTOPIC, ECTOPIC], [800.0, 800.0]),
    ([1040.0, 560.0], [ECTOPIC, ECTOPIC], [800.0, 800.0]),
    ([1150.0], [NOISE], [802.5]),
    ([float("nan")], [GAP], [float("nan")]),
    ([850.0], [NORMAL], [850.0]),
]


@pytest.mark.parametrize(("odd", "kinds", "clean"), TABLE)
def test_single_errors_are_named_and_mended(odd, kinds, clean):
    found, mended = judged([*STEADY, *odd, *STEADY])
    at = slice(len(STEADY), len(STEADY) + len(odd))
    assert found[at] == kinds
    np.testing.assert_allclose(mended[at], clean, atol=5)
    assert set(found[: at.start] + found[at.stop :]) == {NORMAL}


@pytest.mark.parametrize("after", [285.0, 333.0, 500.0, 1500.0, 2000.0])
def test_a_true_step_is_the_new_truth_after_four(after):
    kinds, _ = judged([*STEADY, *[after] * 20])
    assert set(kinds[len(STEADY) + 4 :]) == {NORMAL}


def test_breathing_is_no_artefact():
    t = np.arange(300)
    kinds, _ = judged((900 + 120 * np.sin(2 * np.pi * t / 5)).tolist())
    assert np.mean(np.array(kinds) != NORMAL) < 0.03


def rhythm(rr_ms, ticks=None):
    at_ns = (np.cumsum(rr_ms) * 1e6).astype(np.int64)
    beats = Beats(at_ns, at_ns, np.array(rr_ms, float))
    seconds = np.arange(int(at_ns[-1] // NS)) if ticks is None else ticks
    return RhythmStage().step(beats, seconds)


def test_fibrillation_is_irregular_and_its_hrv_is_blank():
    random = np.random.default_rng(4)
    found = rhythm(random.uniform(400, 1200, 600).tolist())
    assert found.irregular_pct[-1] > 20
    assert np.isnan(found.rmssd_ms[-1])


def test_sinus_rhythm_is_not():
    found = rhythm((900 + 80 * np.sin(np.arange(500) / 3)).tolist())
    assert found.irregular_pct[-1] == 0


def test_hrv_is_what_its_definition_says():
    rr = np.tile([800.0, 840.0], 250)
    found = rhythm(rr.tolist())
    assert found.rmssd_ms[-1] == pytest.approx(40.0)
    assert found.sdnn_ms[-1] == pytest.approx(20.0, abs=0.1)
    assert np.isnan(found.rmssd_ms[30])  # too few beats yet


def test_single_errors_do_not_enter_hrv():
    rr = np.tile([800.0, 840.0], 250)
    rr[400] = 1640.0
    assert rhythm(rr.tolist()).rmssd_ms[-1] == pytest.approx(40.0, abs=1)
