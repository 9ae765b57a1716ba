"""Pieces of a waveform on their way in: payloads, columns of files, beats out again."""

import json
import stat
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import polar, sample, waveform
from devices.model import Frames, Signal, Validity
from devices.registry import codec
from monitor.cli.main import main
from monitor.errors import ExportError, ImportFormatError
from monitor.exchange import csv_export, detect, imported

CLIPS = np.load(Path(__file__).parents[1] / "data" / "mitdb" / "clips.npz")


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


def _alike(draw):
    """Frames of one length, mostly such as a sensor sends."""
    n, count = draw(st.integers(0, 9)), draw(st.integers(1, 6))
    body = st.binary(min_size=3 * n, max_size=3 * n)
    heads = st.sampled_from([b"\0", b"\0", b"\0", b"\x40", b"\2"])
    stamps = st.integers(0, 2**63 + 9).map(lambda t: t.to_bytes(8, "little"))
    kinds = st.sampled_from([b"\0"] * 5 + [b"\1"])
    parts = st.tuples(heads, stamps, kinds, body).map(b"".join)
    return draw(st.lists(parts, min_size=count, max_size=count))


def _imported(draw):
    n, count, hz = (
        draw(st.integers(0, 5)),
        draw(st.integers(1, 6)),
        draw(st.sampled_from([64, 250])),
    )
    values = st.lists(st.integers(-(2**31), 2**31 - 1), min_size=n, max_size=n)
    rate = st.sampled_from([hz, hz, hz, hz, -1.0])
    made = st.builds(waveform.encode, rate, st.integers(-9, 2**40), values.map(np.int32))
    return draw(st.lists(made, min_size=count, max_size=count))


@pytest.mark.parametrize(
    ("form", "strategy"),
    [(polar.ECG_CODEC, st.composite(_alike)()), (waveform.CODEC, st.composite(_imported)())],
    ids=["polar", "imported"],
)
@given(data=st.data())
def test_many_frames_at_once_are_those_one_by_one(form, strategy, data):
    payloads = data.draw(st.one_of(strategy, st.lists(st.binary(max_size=40), min_size=1)))
    times, ends = np.arange(len(payloads)), np.cumsum([len(p) for p in payloads])
    many = form.waveforms(Frames("ecg", times, b"".join(payloads), ends))
    if many is None:
        return  # one by one, then
    for index, payload in enumerate(payloads):
        one, same = form.waveform(payload), many.piece(index)
        assert one.values.size
        assert (one.values.tolist(), one.sensor_ns) == (same.values.tolist(), same.sensor_ns)
        assert (one.signal, one.rate_hz) == (same.signal, same.rate_hz)


SAMPLE = st.builds(
    sample.encode,
    st.sampled_from([Signal.SKIN_TEMPERATURE] * 9 + [Signal.CONTACT]),
    st.sampled_from([34.0, 34.5, -20.0, 60.0, 33.25] * 3 + [np.nan, np.inf, 99.0]),
)


@given(st.lists(st.one_of(SAMPLE, SAMPLE, SAMPLE, st.binary(max_size=12)), min_size=1, max_size=6))
def test_many_samples_at_once_are_those_one_by_one(payloads):
    times, ends = np.arange(len(payloads)), np.cumsum([len(p) for p in payloads])
    many = sample.read_many(Frames("s", times, b"".join(payloads), ends))
    decoder = sample.CODEC.decoder()
    single = [decoder.feed(payload) for payload in payloads]
    alike = len({found[0].signal for found in single if found}) == 1 and all(single)
    usable = alike and all(found[0].validity is Validity.VALID for found in single)
    assert (many is not None) == usable
    if many is not None:
        assert many[0] is single[0][0].signal
        assert many[1].tolist() == [found[0].value for found in single]


def test_frames_as_sensors_send_them_are_read_at_once():
    """Guards the property above against always reading one by one."""
    head = b"\0" + (5).to_bytes(8, "little") + b"\0"
    data = (head + b"abcdef") * 3
    assert polar.read_waveforms(Frames("e", np.arange(3), data, np.array([16, 32, 48]))) is not None
    data = waveform.encode(250.0, 7, np.arange(2, dtype=np.int32)) * 2
    half = len(data) // 2
    many = waveform.parse_many(Frames("e", np.arange(2), data, np.array([half, 2 * half])))
    assert many is not None


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


def test_the_command_line_exports_beats_and_vitals(tmp_path, capfd):
    def run(*words):
        code = main([*map(str, words)])
        return subprocess.CompletedProcess(words, code, *capfd.readouterr())

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
