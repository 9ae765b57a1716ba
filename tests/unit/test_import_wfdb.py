"""WFDB in: records and annotations written by the wfdb library itself, and damaged ones."""

import datetime as dt
import lzma

import numpy as np
import pytest

from devices.codecs import waveform
from devices.codecs.sample import parse
from devices.model import Signal
from monitor.errors import ImportFormatError
from monitor.exchange import detect
from monitor.exchange.options import Options
from monitor.extras import need

wfdb = need("wfdb", "tests")
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")  # of pandas, about wfdb

S = 1_000_000_000
RATE = 360
MV = np.round(np.sin(np.arange(RATE * 10) / 20) * 1.2, 3)


@pytest.fixture
def record(tmp_path):
    def _write(name="100", fmt="16", **changes):
        given = {
            "fs": RATE,
            "units": ["mV", "mV"],
            "sig_name": ["MLII", "V5"],
            "p_signal": np.column_stack((MV, -MV)),
            "fmt": [fmt] * len(changes.get("units", "12")),
            "adc_gain": [1000.0] * 2,
            "baseline": [0] * 2,
        } | changes
        wfdb.wrsamp(name, write_dir=str(tmp_path), **given)
        return tmp_path / f"{name}.hea"

    return _write


def microvolts(imported):
    pieces = [waveform.parse(frame.payload) for frame in imported.frames]
    return np.concatenate([piece.values for piece in pieces if piece is not None])


def refusal(path, **options):
    with pytest.raises(ImportFormatError) as caught:
        detect.load([path], options=Options(**options))
    return str(caught.value)


@pytest.mark.parametrize("fmt", ["16", "212", "80", "24", "32"])
def test_every_sample_comes_through_in_any_format(record, fmt):
    gain = {"212": 1000.0, "80": 100.0}.get(fmt, 1000.0)
    millivolts = np.round(np.column_stack((MV, -MV)), 3 if gain > 100 else 2)
    path = record(fmt=fmt, p_signal=millivolts, adc_gain=[gain] * 2)
    imported = detect.load([path])
    assert microvolts(imported).tolist() == np.rint(millivolts[:, 0] * 1000).tolist()
    assert (imported.end_ns, imported.start_utc_ns) == (round((RATE * 10 - 1) / RATE * S), None)
    assert [s.measures for s in imported.sensors] == [Signal.ECG]
    assert any("left out: V5 (mV, 360 Hz)" in said for said in imported.warnings)


def test_the_lead_can_be_chosen_and_its_unit_counts(record):
    path = record(units=["mV", "uV"], p_signal=np.column_stack((MV, -1000 * MV)),
                  adc_gain=[1000.0, 1.0])  # fmt: skip
    imported = detect.load([path], options=Options(channels=("V5",)))
    assert microvolts(imported).tolist() == np.rint(-MV * 1000).tolist()


def test_samples_that_are_missing_leave_a_gap(record):
    holed = np.column_stack((MV, -MV))
    holed[720:1080, 0] = np.nan
    imported = detect.load([record(p_signal=holed)])
    assert microvolts(imported).size == MV.size - 360
    times = [frame.t_ns for frame in imported.frames]
    assert max(np.diff(times)) == 2 * S


def test_the_name_the_data_file_and_a_compressed_one_stand_for_the_record(record, tmp_path):
    whole = detect.load([record()])
    assert detect.load([tmp_path / "100"]) == whole
    assert detect.load([tmp_path / "100.dat"]) == whole
    data = tmp_path / "100.dat"
    (tmp_path / "100.dat.xz").write_bytes(lzma.compress(data.read_bytes()))
    data.unlink()
    assert detect.load([tmp_path / "100.hea"]) == whole
    assert detect.load([tmp_path / "100.dat.xz"]) == whole


def test_numerics_become_samples_and_zero_is_no_value(record):
    values = np.array([[72.0, 97.0, 120, 80], [0, 96, np.nan, np.nan], [75, 0, 130, 85]])
    path = record(
        fs=1 / 60, units=["bpm", "%", "mmHg", "mmHg"],
        sig_name=["HR", "SpO2", "NBPSys", "NBPDias"], p_signal=values,
        adc_gain=[10.0] * 4, baseline=[0] * 4,
        base_datetime=dt.datetime(2024, 7, 1, 14, 0),  # noqa: DTZ001 - WFDB has no zone
    )  # fmt: skip
    imported = detect.load([path], options=Options(zone="Europe/Berlin"))
    found = [(round(f.t_ns / S), *parse(f.payload)) for f in imported.frames]
    assert [row for row in found if row[1] is Signal.HEART_RATE] == [
        (0, Signal.HEART_RATE, 72.0), (120, Signal.HEART_RATE, 75.0),
    ]  # fmt: skip
    assert [row[2] for row in found if row[1] is Signal.SPO2] == [97.0, 96.0]
    assert [row[2] for row in found if row[1] is Signal.DIASTOLIC_PRESSURE] == [80.0, 85.0]
    assert {s.measures for s in imported.sensors} >= {Signal.BLOOD_PRESSURE}
    assert imported.start_utc_ns == 1_719_835_200 * S


def test_pressures_the_wrong_way_round_are_refused_and_single_ones_told(record):
    values = np.array([[120.0, 80], [0, 0], [80, 130], [np.nan, 90], [125, 82]])
    numerics = {
        "fs": 1 / 60, "units": ["mmHg"] * 2, "adc_gain": [10.0] * 2, "baseline": [0] * 2,
    }  # fmt: skip
    names = ["NBPSys", "NBPDias"]
    path = record(sig_name=names, p_signal=values, **numerics)
    (told,) = [text for text in detect.load([path]).warnings if "not below" in text]
    assert "1 of 3 blood pressures" in told
    assert "the first 120.000 s from the start (80/130)" in told
    path = record(sig_name=names, p_signal=values[:, ::-1], **numerics)
    with pytest.raises(ImportFormatError, match=r"2 of 3 .*channels swapped"):
        detect.load([path])


def test_annotated_beats_become_intervals_and_rhythms_notes(record, tmp_path):
    record()
    samples, symbols = np.array([18, 180, 540, 700, 900]), ["+", "N", "V", "~", "N"]
    notes = ["(AFIB", "", "", "", ""]
    wfdb.wrann("100", "atr", samples, symbols, aux_note=notes, write_dir=str(tmp_path))
    imported = detect.load([tmp_path / "100.atr"])
    assert [(f.t_ns, *parse(f.payload)) for f in imported.frames] == [
        (round(1.5 * S), Signal.RR_INTERVAL, 1000.0), (round(2.5 * S), Signal.RR_INTERVAL, 1000.0),
    ]  # fmt: skip
    assert imported.notes == [(50_000_000, "+ (AFIB")]


def test_annotations_without_a_header_need_the_rate(tmp_path):
    wfdb.wrann("x", "atr", np.array([0, 250]), ["N", "N"], write_dir=str(tmp_path))
    path = tmp_path / "x.atr"
    with pytest.raises(ImportFormatError, match="--rate HZ"):
        detect.load([path], "wfdb")
    assert detect.load([path], "wfdb", Options(rate_hz=250)).frames[0].t_ns == S


def test_a_header_that_claims_more_than_a_week_is_refused(record):
    path = record()
    first, _, rest = path.read_text().partition("\n")
    path.write_text(first.replace(str(MV.size), "999999999999") + "\n" + rest)
    with pytest.raises(ImportFormatError, match="line 1: 999999999999 samples"):
        detect.load([path])


def test_damage_is_refused(record, tmp_path):
    path = record()
    data = tmp_path / "100.dat"
    raw = data.read_bytes()
    data.write_bytes(raw[:4000] + bytes(2) + raw[4002:])
    assert "checksum" in refusal(path)
    data.write_bytes(raw[: len(raw) // 2])
    assert refusal(path)
    data.unlink()
    assert "100.dat is missing" in refusal(path)
    path.write_text("100 two 360\n")
    assert "not a readable WFDB" in refusal(path)


def test_what_a_channel_is_must_be_known(record):
    named = record("t", units=["degC", "NU"], sig_name=["Temp", "PLETH"])
    assert "--channel NAME=SIGNAL" in refusal(named)
    assert "no channel 'II'" in refusal(named, channels=("II",))
    assert "nearest is skin_temperature" in refusal(named, channels=("Temp=skin",))
    assert "may be in mV" in refusal(named, channels=("PLETH=ecg",))
    imported = detect.load([named], options=Options(channels=("Temp=skin_temperature",)))
    assert imported.sensors[0].measures is Signal.SKIN_TEMPERATURE


def test_an_ecg_of_an_impossible_rate_is_refused(record):
    assert "100 to 1000" in refusal(record(fs=50))
