"""The ECG strip: where its samples go, and what is drawn of them."""

import numpy as np

from devices.model import Signal, Waveform
from monitor.ecg_strip import PARTS, extremes
from monitor.signal.ecg_pieces import Piece
from tui.views import EcgView
from tui.widgets.ecg_strip import render

NS = 1_000_000_000


def piece(t_s, values, sensor_s=None, hz=100.0):
    own = None if sensor_s is None else int(sensor_s * NS)
    return Piece(int(t_s * NS), Waveform(Signal.ECG, hz, np.array(values, np.int32), own))


def test_samples_are_where_they_belong():
    low, high = extremes([piece(10.0, [0] * 99 + [900])], 10 * NS)
    assert high[-1] == 900
    assert low[-1] == 0
    assert all(value is None for value in high[: PARTS - 42])
    assert high[PARTS - 40 : PARTS - 1] == [0] * 39


def test_frames_that_arrive_together_lie_side_by_side():
    burst = [piece(10.0, [1] * 50, 7.5), piece(10.0, [2] * 50, 8.0)]
    _, high = extremes(burst, 10 * NS)
    assert high[-20:] == [2] * 20
    assert high[-39:-21] == [1] * 18


def test_silence_moves_out_of_the_strip():
    _, high = extremes([piece(10.0, [5] * 100)], 20 * NS)
    assert set(high) == {None}
    assert set(extremes([], NS)[0]) == {None}


def test_drawing_fills_its_size_and_keeps_gaps():
    view = EcgView(low_uv=(0, None, 0, -500), high_uv=(0, None, 1000, 0))
    lines = render(view, 10, 4).plain.split("\n")
    assert [len(line) for line in lines] == [2] * 4
    assert any(ord(line[1]) & 0x47 for line in lines)


def test_a_quiet_line_stays_a_line():
    lines = render(EcgView(low_uv=(0,) * 8, high_uv=(3,) * 8), 4, 4).plain
    assert sum(char not in "⠀\n" for char in lines) <= 8
