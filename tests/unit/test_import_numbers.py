"""Files of bare numbers: RR intervals, beats, samples at a rate; text and numpy."""

import lzma

import numpy as np
import pytest

from devices.codecs import waveform
from devices.codecs.sample import parse
from devices.model import Signal
from monitor.errors import ImportFormatError
from monitor.exchange import detect
from monitor.exchange.options import Options

S = 1_000_000_000


@pytest.fixture
def write(tmp_path):
    def _write(text, name="rr.txt"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return _write


def samples(imported):
    return [(f.t_ns / S, *v) for f in imported.frames if (v := parse(f.payload)) is not None]


@pytest.mark.parametrize(
    "text",
    [
        "800\n900\n850\n", "0.8\n0.9\n0.85\n", "# chest strap\n800\r\n\r\n900\r\n850",
        "RR\n800\n900\n850\n", "rr_interval (ms)\n800\n900\n850\n", "RR [s]\n0.8\n0.9\n0.85\n",
    ],
)  # fmt: skip
def test_intervals_are_laid_end_to_end(write, text):
    imported = detect.load([write(text)])
    assert samples(imported) == [
        (0.8, Signal.RR_INTERVAL, 800.0), (1.7, Signal.RR_INTERVAL, 900.0),
        (2.55, Signal.RR_INTERVAL, 850.0),
    ]  # fmt: skip
    assert [s.measures for s in imported.sensors] == [Signal.RR_INTERVAL]


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("800\nx\n", {}, ["line 2", "'x' is not a number"]),
        ("800\nnan\n", {}, ["line 2", "'nan' is not a number"]),
        ("800\n812,5\n", {}, ["line 2", "with a point"]),
        ("800\n-5\n850\n", {"column": "rr_interval[ms]"}, ["line 2", "an interval of -5 ms"]),
        ("\n", {"fmt": "rr"}, ["is empty"]),
        ("200\n450\n700\n", {}, ["only grow", "--column beat[s]"]),
        ("0.1\n-0.2\n0.05\n", {}, ["neither in ms nor in s", "--column NAME[UNIT]"]),
        ("0.1\n-0.2\n0.05\n", {"column": "ecg[mV]"}, ["--rate HZ"]),
        ("1\n2\n", {"column": "beat[{sample}]"}, ["need --rate HZ"]),
        ("1\n3\n2\n", {"column": "beat[s]"}, ["line 3", "not after the one before"]),
        ("1\n2\n", {"column": "eeg[mV]"}, ["must be NAME[UNIT]"]),
        ("1\n2\n", {"column": "ecg[bpm]"}, ["the unit must be one of mV"]),
        ("1\n2\n", {"column": "spo2"}, ["must be NAME[UNIT]"]),
    ],
)
def test_what_is_unclear_is_asked(write, text, options, words):
    fmt = options.pop("fmt", None) if "fmt" in options else None
    with pytest.raises(ImportFormatError) as caught:
        detect.load([write(text)], fmt, Options(**options))
    assert [word for word in words if word not in str(caught.value)] == []


@pytest.mark.parametrize(
    ("text", "column", "rate"),
    [("1\n1.8\n2.7\n", "beat[s]", 0), ("1000\n1800\n2700\n", "beat[ms]", 0),
     ("250\n450\n675\n", "beat[{sample}]", 250)],
)  # fmt: skip
def test_beats_become_the_intervals_between_them(write, text, column, rate):
    imported = detect.load([write(text)], options=Options(column=column, rate_hz=rate))
    assert [(t, v) for t, _, v in samples(imported)] == [(1.8, 800.0), (2.7, 900.0)]


def test_annotated_beats_of_a_csv_leave_out_what_is_no_beat(write):
    imported = detect.load([write("t_s,symbol\n1.0,N\n1.2,+\n1.8,V\n2.7,N\n", "100.csv")])
    assert [(t, v) for t, _, v in samples(imported)] == [(1.8, 800.0), (2.7, 900.0)]
    exported = write("time_s\n1.0\n1.8\n2.7\n", "beats.csv")
    assert detect.load([exported], "beats").frames == imported.frames


def test_a_column_of_millivolts_is_an_ecg(write):
    values = [0.185, 0.169, -0.2] * 240
    imported = detect.load(
        [write("".join(f"{v}\n" for v in values), "aami.csv")],
        options=Options(column="ecg[mV]", rate_hz=720),
    )
    (piece,) = (waveform.parse(frame.payload) for frame in imported.frames)
    assert (piece.rate_hz, piece.values[:3].tolist()) == (720.0, [185, 169, -200])


def test_numpy_arrays_are_read_compressed_or_not(tmp_path, write):
    np.savez(tmp_path / "a.npz", hr=np.array([70.0, np.nan, 72.0]))
    packed = write(lzma.compress((tmp_path / "a.npz").read_bytes()), "a.npz.xz")
    imported = detect.load([packed], options=Options(rate_hz=1))
    assert samples(imported) == [(0, Signal.HEART_RATE, 70.0), (2, Signal.HEART_RATE, 72.0)]
    np.save(tmp_path / "rr.npy", np.array([800, 900]))
    assert len(detect.load([tmp_path / "rr.npy"]).frames) == 2


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((3, 2)), "2-dimensional"),
        (np.array(["a"]), "a series of numbers is needed"),
        (np.array([{}], dtype=object), "not a readable numpy file"),
    ],
)
def test_other_arrays_are_refused(tmp_path, array, words):
    np.save(tmp_path / "x.npy", array)
    with pytest.raises(ImportFormatError, match=words):
        detect.load([tmp_path / "x.npy"])
