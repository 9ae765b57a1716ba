"""Exports read by each format's own library, and imported and analysed again."""

import datetime as dt
import json
from pathlib import Path

import edfio
import numpy as np
import pyarrow.parquet as pq
import pytest

from devices.codecs import waveform
from devices.codecs.sample import parse
from devices.model import Signal
from monitor.errors import ExportError
from monitor.exchange import detect, imported
from monitor.exchange.export import render, save
from monitor.exchange.session import SIGNALS, gather
from monitor.extras import need
from tests.unit import exported

wfdb = need("wfdb", "tests")
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")  # of pandas, about wfdb
CLIPS = np.load(Path(__file__).parents[1] / "data" / "mitdb" / "clips.npz")
START = dt.datetime(2024, 7, 1, 21, 59, 55, 250_000)  # noqa: DTZ001 - the formats have no zone


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    return exported.build(tmp_path_factory.mktemp("export") / "a.db", CLIPS)


@pytest.fixture(scope="module")
def original(recording):
    return gather(recording)


@pytest.fixture
def export(recording, tmp_path):
    def _export(fmt, name, *signals, hidden=False):
        out = tmp_path / name
        save(render(recording, fmt, signals, out, hidden=hidden), fmt, out)
        return out

    return _export


def grid():
    """The ECG on a grid from 0, NaN in the gap."""
    _, uv = exported.ecg(CLIPS)
    half = exported.RATE * exported.ECG_S
    return np.concatenate((uv[:half], np.full(exported.RATE * exported.GAP_S, np.nan), uv[half:]))


def microvolts(found):
    pieces = [waveform.parse(frame.payload) for frame in found.frames]
    return np.concatenate([piece.values for piece in pieces if piece is not None])


def again(path, tmp_path):
    """Import an export, and gather what it comes to."""
    found = detect.load([path])
    imported.write(found, tmp_path / "again.db")
    return found, gather(tmp_path / "again.db")


def check_again(found, session, original):
    assert microvolts(found).tolist() == exported.ecg(CLIPS)[1].tolist()
    assert session.start_utc_ns == original.start_utc_ns
    assert session.beats_ns.tolist() == pytest.approx(original.beats_ns.tolist(), abs=1)
    rates = [(f.t_ns, v[1]) for f in found.frames if (v := parse(f.payload)) and v[0] is _HR]
    at = np.flatnonzero(np.isfinite(original.heart))
    assert [t_ns for t_ns, _ in rates] == (at * exported.S).tolist()
    assert [v for _, v in rates] == pytest.approx(original.heart[at], abs=0.006)


_HR = Signal.HEART_RATE


def test_edf_is_read_by_edfio(export, original):
    edf = edfio.read_edf(export("edf", "a.edf"))
    assert edf.labels == ("ECG", "HeartRate", "SkinTemperature", "SpO2")
    assert edf.startdatetime == START
    ecg = edf.get_signal("ECG")
    assert (ecg.sampling_frequency, ecg.physical_dimension) == (exported.RATE, "uV")
    assert ecg.data[: grid().size].tolist() == np.nan_to_num(grid()).tolist()
    heart = edf.get_signal("HeartRate").data
    assert heart == pytest.approx(np.nan_to_num(original.heart), abs=0.006)
    texts = [a.text for a in edf.annotations]
    assert "temperature 37.9 Cel ear" in texts
    assert "blood pressure 171/95 mm[Hg]" in texts
    assert any(text.startswith("alarm hr_extreme HIGH") for text in texts)
    assert [text for text in texts if "room" in text or "withdrawn" in text] == []
    assert [text for text in texts if "fluids" in text] == ["fluids ml=200 what=water"]
    gap = next(a for a in edf.annotations if a.text == "no data: ECG")
    assert (gap.onset, gap.duration) == (30, 10)


def test_edf_comes_back(export, original, tmp_path):
    found, session = again(export("edf", "a.edf"), tmp_path)
    check_again(found, session, original)
    assert any(text.startswith("alarm hr_extreme") for _, text in found.notes)


def test_wfdb_is_read_by_wfdb(export, original):
    base = str(export("wfdb", "a").with_name("a"))
    record = wfdb.rdrecord(base)
    assert (record.fs, record.units, record.base_datetime) == (exported.RATE, ["mV"], START)
    np.testing.assert_allclose(record.p_signal[:, 0] * 1000, grid(), atol=1e-9)
    vitals = wfdb.rdrecord(base + "n")
    assert vitals.sig_name == ["HR", "SkinTemperature", "SpO2"]
    np.testing.assert_allclose(vitals.p_signal[:, 0], original.heart, atol=0.006)
    beats = wfdb.rdann(base, "qrs")
    expected = np.rint(original.beats_ns * exported.RATE / exported.S)
    assert beats.sample.tolist() == expected.tolist()
    events = wfdb.rdann(base, "alm")
    assert any("alarm hr_extreme HIGH" in text for text in events.aux_note)
    at = events.sample[["blood pressure 145/85" in text for text in events.aux_note].index(True)]
    assert (int(at), events.fs) == (70_000, 1000)


def test_wfdb_comes_back(export, original, tmp_path):
    base = export("wfdb", "a")
    ecg = detect.load([base.with_name("a.hea")])
    numerics = detect.load([base.with_name("an.hea")])
    assert microvolts(ecg).tolist() == exported.ecg(CLIPS)[1].tolist()
    ecg.frames.extend(numerics.frames)
    ecg.frames.sort(key=lambda frame: frame.t_ns)
    ecg.sensors.extend(numerics.sensors)
    imported.write(ecg, tmp_path / "again.db")
    check_again(ecg, gather(tmp_path / "again.db"), original)
    beats = detect.load([base.with_name("a.qrs")])
    assert len(beats.frames) == original.beats_ns.size - 1


def test_parquet_is_read_by_pyarrow(export, original):
    table = pq.read_table(export("parquet", "a.parquet"))
    assert set(table["signal"].unique().to_pylist()) == (
        set(SIGNALS) - {"rr_interval", "blood_pressure"}
    ) | {"systolic_pressure", "diastolic_pressure"}
    frame = table.to_pandas()
    ecg = frame[frame["signal"] == "ecg"]
    times, uv = exported.ecg(CLIPS)
    assert np.rint(ecg["value"] * 1000).tolist() == uv.tolist()
    assert ecg["t_ns"].tolist() == pytest.approx(times.tolist(), abs=1)
    heart = frame[frame["signal"] == "heart_rate"]
    assert heart["value"].tolist() == original.heart[np.isfinite(original.heart)].tolist()
    assert heart["unit"].unique().tolist() == ["/min"]
    assert frame["time"].iloc[0].tz is not None
    header = json.loads(table.schema.metadata[b"vigil"])
    assert header["subject"] == "P-017"
    assert table.schema.field("unit").metadata[b"meaning"] == b"UCUM"


@pytest.mark.parametrize(
    ("fmt", "names"),
    [("edf", ["a.edf"]), ("parquet", ["a.parquet"]),
     ("wfdb", ["a.hea", "a.dat", "an.hea", "an.dat", "a.qrs", "a.alm"])],
)  # fmt: skip
def test_nothing_says_who_it_was(export, tmp_path, fmt, names):
    export(fmt, names[0], hidden=True)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert sorted(written) == sorted(names)
    for name, content in written.items():
        assert [s for s in exported.SECRETS if s.encode() in content] == [], name
    assert [oct(path.stat().st_mode)[-3:] for path in tmp_path.iterdir()] == ["600"] * len(names)


def test_files_are_whole_or_not_there(recording, tmp_path):
    (tmp_path / "a.dat").write_text("mine")
    out = tmp_path / "a.hea"
    written = render(recording, "wfdb", [], out, hidden=False)
    with pytest.raises(ExportError, match=r"a\.dat: exists already"):
        save(written, "wfdb", out)
    assert [path.name for path in tmp_path.iterdir()] == ["a.dat"]
    save(written, "wfdb", out, overwrite=True)
    assert (tmp_path / "a.dat").read_bytes() == written.files[".dat"]


def test_formats_that_are_no_text_need_a_place(recording):
    with pytest.raises(ExportError, match="with -o"):
        render(recording, "edf", [], None, hidden=False)


def test_a_wfdb_record_has_a_plain_name(recording, tmp_path):
    with pytest.raises(ExportError, match="letters, digits"):
        render(recording, "wfdb", [], tmp_path / "a b.hea", hidden=False)


def test_a_subject_that_edf_cannot_spell_is_told_differently(tmp_path):
    path = tmp_path / ("Zoë Müller " * 8 + ".csv")
    rows = "".join(f"2024-07-01T10:00:{i:02}Z,70\n" for i in range(30))
    path.write_text(f"time,heart_rate[/min]\n{rows}")
    imported.write(detect.load([path]), tmp_path / "a.db")
    for fmt in ("edf", "wfdb", "parquet"):
        out = tmp_path / fmt
        save(render(tmp_path / "a.db", fmt, [], out, hidden=False), fmt, out)
    assert edfio.read_edf(tmp_path / "edf").patient.code.startswith("Zo__M_ller_")
    assert wfdb.rdheader(str(tmp_path / "wfdbn")).comments[0].count("Zo? M?ller") == 8
