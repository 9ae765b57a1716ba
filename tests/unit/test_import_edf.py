"""EDF and EDF+ in: files written by edfio, and damaged ones."""

import datetime as dt

import edfio
import numpy as np
import pytest

from devices.codecs import waveform
from devices.codecs.sample import parse
from devices.model import Signal
from monitor.errors import ImportFormatError
from monitor.exchange import detect
from monitor.exchange.options import Options

S = 1_000_000_000
UV = np.round(np.sin(np.arange(2560) / 30) * 1200)


@pytest.fixture
def edf(tmp_path):
    def _write(*extra, date=dt.date(2024, 7, 1), unit="uV", scale=1.0, **options):
        ecg = edfio.EdfSignal(
            UV * scale, 256, label="ECG II", physical_dimension=unit,
            physical_range=(-32768 * scale, 32767 * scale),
        )  # fmt: skip
        path = tmp_path / "night.edf"
        edfio.Edf(
            [ecg, *extra],
            recording=edfio.Recording(startdate=date),
            starttime=dt.time(23, 59, 55),
            **options,
        ).write(path)
        return path

    return _write


def signal(label, unit, values):
    return edfio.EdfSignal(
        np.array(values, float), 1, label=label, physical_dimension=unit, physical_range=(0, 300)
    )


def refusal(path, **options):
    with pytest.raises(ImportFormatError) as caught:
        detect.load([path], options=Options(**options))
    return str(caught.value)


@pytest.mark.parametrize(("unit", "scale"), [("uV", 1.0), ("mV", 0.001), ("V", 1e-6)])
def test_every_sample_comes_through(edf, unit, scale):
    imported = detect.load([edf(unit=unit, scale=scale)])
    pieces = [waveform.parse(frame.payload) for frame in imported.frames]
    assert np.concatenate([piece.values for piece in pieces]).tolist() == UV.tolist()
    assert {piece.rate_hz for piece in pieces} == {256.0}
    assert imported.end_ns == 10 * S


def test_time_zone_notes_and_values(edf):
    path = edf(
        signal("HeartRate", "bpm", [70, 71, 0, 73, 74, 75, 76, 77, 78, 79]),
        signal("SpO2", "%", [97] * 10),
        signal("Temp rectal", "degC", [37] * 10),
        annotations=[edfio.EdfAnnotation(2.5, None, "lights off")],
    )
    imported = detect.load([path], options=Options(zone="Europe/Berlin"))
    found = [(f.t_ns // S, *v) for f in imported.frames if (v := parse(f.payload)) is not None]
    rates = [row for row in found if row[1] is Signal.HEART_RATE]
    assert [row[0] for row in rates] == [0, 1, 3, 4, 5, 6, 7, 8, 9]
    assert rates[2][2] == pytest.approx(73, abs=0.005)
    assert imported.start_utc_ns == 1_719_871_195 * S
    assert imported.notes == [(5 * S // 2, "lights off")]
    assert any("left out: Temp rectal (degC, 1 Hz)" in said for said in imported.warnings)


def test_a_date_nobody_knows_is_none(edf):
    imported = detect.load([edf(date=None)])
    assert imported.start_utc_ns is None
    assert any("no date" in said for said in imported.warnings)


def test_damage_is_refused(edf):
    path = edf()
    raw = path.read_bytes()
    path.write_bytes(raw[:-600])
    assert "cut short in data record" in refusal(path)
    path.write_bytes(raw[:300])
    assert "cut short" in refusal(path)
    path.write_bytes(raw[:256])
    assert "header is cut short" in refusal(path)
    path.write_bytes(raw[:252] + b"abcd" + raw[256:])
    assert "not an EDF file" in refusal(path)


def test_wrong_units_and_unknown_channels_are_refused(edf):
    assert "may be in mV, uV, nV, V" in refusal(edf(unit="Ohm"), channels=("ECG II=ecg",))
    assert "no channel 'EEG'" in refusal(edf(), channels=("EEG",))
