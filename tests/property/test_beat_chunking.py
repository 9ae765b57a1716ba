"""Any chunking of the same beats, intervals and ECG gives the same bits."""

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.model import Signal, Waveform
from monitor.signal.ecg_pieces import Piece
from monitor.signal.heart_rate import HeartRateStage
from tests.examples import examples

NS = 1_000_000_000
CLIP = np.load(Path(__file__).parents[1] / "data" / "mitdb" / "clips.npz")["uv_203"]

intervals = st.lists(
    st.one_of(st.floats(200, 3000), st.just(800.0), st.floats(3000, 9000)), max_size=80
)
cuts = st.lists(st.integers(0, 120), max_size=12).map(sorted)


def columns(parts):
    """Everything a stage says, one array a column."""
    rows = [
        (
            part.shown.value,
            part.shown.quality,
            part.shown.age_s,
            part.armed,
            part.plus_minus_bpm,
            part.ecg_quality,
            *part.rhythm,
        )
        for part in parts
    ]
    return [np.concatenate(column) for column in zip(*rows, strict=True)]


def run(edges, rate, rr, pieces=()):
    """Step a stage at these seconds; samples go with the step whose last second covers them."""
    stage, parts, begin = HeartRateStage(), [], -1
    for edge in edges:
        ticks = np.arange(begin + 1, edge + 1)
        low, high = begin * NS, edge * NS

        def cut(series, low=low, high=high):
            inside = (series[0] > low) & (series[0] <= high)
            return series[0][inside], series[1][inside]

        some = [Piece(p.t_ns, p.wave) for p in pieces if low < p.t_ns <= high]
        parts.append(stage.step(cut(rate), cut(rr), ticks, some))
        begin = max(begin, edge)
    return columns(parts)


def same(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


@given(rr=intervals, cuts=cuts, lag=st.integers(0, 900))
def test_intervals_and_rates(rr, cuts, lag):
    t_s = np.cumsum(rr) / 1000
    series = np.ceil(t_s).astype(np.int64) * NS - lag * 1_000_000, np.array(rr, float)
    rate = np.arange(60) * NS + 5, 70 + 10 * np.sin(np.arange(60) / 9)
    whole = run([120], rate, series)
    same(run([*cuts, 120], rate, series), whole)


@settings(deadline=None, max_examples=examples(15))
@given(
    cuts=cuts, frame=st.sampled_from([20, 73, 130]), lost=st.sets(st.integers(0, 100), max_size=4)
)
def test_electrocardiogram(cuts, frame, lost):
    pieces = []
    for n, at in enumerate(range(0, 3900, frame)):
        values = CLIP[at : at + frame].astype(np.int32)
        t_ns = round((at + values.size - 1) / 130 * NS) + 1
        if n not in lost:
            pieces.append(Piece(t_ns, Waveform(Signal.ECG, 130.0, values, t_ns)))
    nothing = np.empty(0, np.int64), np.empty(0)
    whole = run([40], nothing, nothing, pieces)
    same(run([*(c // 3 for c in cuts), 40], nothing, nothing, pieces), whole)
