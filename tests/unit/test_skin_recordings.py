"""The skin stages on real wrist recordings (tests/data/empatica/SOURCE.md: 4 Hz, 0.02 degrees)."""

from pathlib import Path

import numpy as np
import pytest

from devices.model import NS_PER_S
from monitor.signal.probe import ProbeLimits
from monitor.signal.skin_samples import Reason
from monitor.signal.skin_temperature import SkinTemperatureStage

DATA = Path(__file__).parents[1] / "data" / "empatica"
NOTHING = (np.empty(0, np.int64), np.empty(0))
SUBJECTS = ["S02", "S12", "S20", "S28"]


def recording(subject):
    lines = np.loadtxt(DATA / subject / "TEMP.csv")
    values = lines[2:]
    return (np.arange(values.size) * NS_PER_S / lines[1]).astype(np.int64), values


def run(t_ns, values):
    stage = SkinTemperatureStage(ProbeLimits(limit_degc=float("nan")))
    ticks = np.arange(int(t_ns[-1]) // NS_PER_S + 1)
    return stage, stage.step((t_ns, values), NOTHING, ticks)


@pytest.mark.parametrize(("subject", "refused"), [("S02", 8), ("S12", 0), ("S20", 0), ("S28", 16)])
def test_hardly_a_true_sample_is_refused(subject, refused):
    """S02 and S28 hold true steps of the sensor, each bridged within 2 s; the others hold none."""
    stage, _ = run(*recording(subject))
    assert stage.guard.counts[Reason.JUMP] == refused
    assert sum(stage.guard.counts[r] for r in Reason if r not in {Reason.NONE, Reason.JUMP}) == 0


def test_a_sensor_taken_off_at_the_end_is_followed_and_suspect():
    t_ns, values = recording("S28")
    _, skin = run(t_ns, values)
    assert skin.shown.value[-1] == pytest.approx(np.median(values[-120:]), abs=0.3)
    assert skin.suspect[-1]
    assert np.isnan(skin.slope_degc_per_10min[-1])


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_living_wrist_is_never_frozen_for_long(subject):
    assert run(*recording(subject))[1].frozen_s.max() < 30.0


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("code", [85.0, 0.0, 20.0])
def test_error_codes_among_true_samples_change_nothing_that_is_shown(subject, code):
    t_ns, values = recording(subject)
    rng = np.random.default_rng(7)
    wrong = np.zeros(values.size, bool)
    wrong[50:-600] = rng.random(values.size - 650) < 0.05
    _, clean = run(t_ns, values)
    stage, skin = run(t_ns, np.where(wrong, code, values))
    assert skin.rejected[-1] >= wrong.sum()
    assert stage.guard.counts[Reason.NONE] >= 0.98 * (~wrong).sum()
    assert np.abs(skin.shown.value - clean.shown.value)[:-150].max() <= 0.1


@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_slope_agrees_with_a_line_through_the_same_ten_minutes(subject):
    _, skin = run(*recording(subject))
    slope, shown = skin.slope_degc_per_10min, skin.shown.value
    known = [
        t for t in range(1200, slope.size, 60) if skin.settled[t - 600] and slope[t] == slope[t]
    ]
    lines = [np.polyfit(np.arange(600), shown[t - 599 : t + 1], 1)[0] * 600 for t in known]
    assert len(known) > 3
    assert np.median(np.abs(slope[known] - lines)) < 0.15
