"""Pieces of a waveform on their way in: payloads, columns of files, beats out again."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import polar, waveform
from devices.registry import codec
from monitor.errors import ExportError, ImportFormatError
from monitor.exchange import csv_export, detect, imported

CLIPS = np.load(Path(__file__).parents[1] / "data" / "mitdb" / "clips.npz")
VIGIL = [sys.executable, "-m", "monitor"]


@given(
    values=st.lists(st.integers(-(2**31), 2**31 - 1), max_size=50),
    rate=st.floats(1, 1000),
    t_ns=st.integers(0, 2**62),
)
def test_a_piece_comes_back_as_it_went(values, rate, t_ns):
    piece = waveform.parse(waveform.encode(rate, t_ns, np.array(values, np.int32)))
    assert piece.values.tolist() == values
    assert (piece.rate_hz, piece.sensor_ns) == (rate, t_ns)


@given(st.binary(max_size=60))
def test_garbage_is_counted(payload):
    decoder = codec("waveform").decoder()
    piece = waveform.parse(payload)
    found = decoder.feed(payload)
    assert (piece is None) == bool(decoder.malformed)
    assert piece is None or len(found) == piece.values.size


@given(st.lists(st.integers(-(2**23), 2**23 - 1), max_size=80), st.integers(1, 2**60))
def test_polar_samples_at_once_are_those_one_by_one(values, stamp):
    body = b"".join(v.to_bytes(3, "little", signed=True) for v in values)
    payload = b"\0" + stamp.to_bytes(8, "little") + b"\0" + body
    piece = polar.read_waveform(payload)
    assert piece.values.tolist() == values
    assert piece.sensor_ns == stamp
    single = polar.ECG_CODEC.decoder().feed(payload)
    np.testing.assert_array_equal([one.value for one in single], np.array(values) / 1000)


ECG_FRAME = polar.ECG_CODEC.examples[0]
PAYLOADS = st.one_of(
    st.binary(max_size=40),
    st.integers(0, 73).map(lambda n: ECG_FRAME[:10] + bytes(range(3 * n))),
    st.just(ECG_FRAME),
)


@given(st.one_of(st.lists(PAYLOADS, max_size=8), st.lists(PAYLOADS.filter(polar.is_plain))))
def test_many_polar_frames_at_once_are_those_one_by_one(payloads):
    many = polar.read_waveforms(payloads)
    for found, payload in zip(many, payloads, strict=True):
        one = polar.read_waveform(payload)
        assert (found is None) == (one is None)
        if found is not None:
            assert found.values.tolist() == one.values.tolist()
            assert found.sensor_ns == one.sensor_ns


@pytest.mark.parametrize("payload", [b"", b"\0" * 9, b"\0" * 12, b"\0" * 11])
def test_malformed_polar_frames_are_none(payload):
    assert polar.read_waveform(payload) is None


def test_other_polar_measurements_bring_no_ecg():
    assert polar.read_waveform(b"\x02" + bytes(9)).values.size == 0


def write_csv(path, record="100", hz=130, skip=()):
    uv = CLIPS[f"uv_{record}"]
    rows = (f"{i / hz:.4f},{v / 1000:.3f}\n" for i, v in enumerate(uv) if i not in skip)
    path.write_text("time_s,ecg[mV]\n" + "".join(rows))
    return path


def test_a_file_gives_its_beats(tmp_path):
    recording = tmp_path / "a.db"
    imported.write(detect.load([write_csv(tmp_path / "a.csv")]), recording)
    lines = csv_export.lines(recording, ["beats"])
    assert lines[0] == "time_s"
    found, truth = np.array(lines[1:], float), CLIPS["beats_100"]
    truth = truth[truth < 59.5]
    assert np.max([np.min(np.abs(found - t)) for t in truth]) < 0.02
    assert found.size <= truth.size + 1


def test_missing_samples_are_a_gap_not_a_squeeze(tmp_path):
    recording = tmp_path / "a.db"
    path = write_csv(tmp_path / "a.csv", skip=range(2000, 3000))
    imported.write(detect.load([path]), recording)
    found = np.array(csv_export.lines(recording, ["beats"])[1:], float)
    assert not ((found > 15.5) & (found < 23.0)).any()
    truth = CLIPS["beats_100"]
    after = truth[(truth > 23.5) & (truth < 59)]
    assert np.max([np.min(np.abs(found - t)) for t in after]) < 0.02


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("0,0.1\n1,0.2\n2,0.3\n", "line 2: the samples of ecg"),
        ("0,0.1\n0.01,nan\n", "line 3"),
        ("0,1e12\n0.01,1\n", "line 2: 1e+12 mV is no ECG"),
    ],
)
def test_what_is_no_ecg_is_refused(tmp_path, rows, says):
    path = tmp_path / "bad.csv"
    path.write_text("time_s,ecg[mV]\n" + rows)
    with pytest.raises(ImportFormatError, match=says.replace("[", r"\[").replace("+", r"\+")):
        detect.load([path])


def test_the_command_line_exports_beats_and_vitals(tmp_path):
    def run(*words):
        return subprocess.run(
            [*VIGIL, *map(str, words)], capture_output=True, text=True, check=False
        )

    source, recording = write_csv(tmp_path / "a.csv", "232"), tmp_path / "a.db"
    assert run("import", source, "-o", recording).returncode == 0
    beats = run("export", recording, "--format", "csv", "--signal", "beats")
    assert beats.returncode == 0
    assert beats.stdout.startswith("time_s\n")
    out = tmp_path / "out.csv"
    vitals = run("export", recording, "--format", "csv", "--signal", "heart_rate", "-o", out)
    assert vitals.returncode == 0, vitals.stderr
    assert out.read_text().startswith("time_s,heart_rate[/min]\n0,\n")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    again = run("export", recording, "--format", "csv", "-o", out)
    assert again.returncode == 2
    assert "exists already" in again.stderr
    both = run(
        "export", recording, "--format", "csv", "--signal", "beats", "--signal", "heart_rate"
    )
    assert both.returncode == 2
    assert json.loads(run("reanalyse", recording, "--json").stdout)["duration_s"] > 55


def test_a_recording_without_beats_says_so(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("time_s,skin_temperature[Cel]\n0,33\n1,33\n")
    recording = tmp_path / "a.db"
    imported.write(detect.load([path]), recording)
    with pytest.raises(ExportError, match="no beats"):
        csv_export.lines(recording, ["beats"])
