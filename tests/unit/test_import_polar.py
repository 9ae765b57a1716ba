"""Polar Sensor Logger and Polar HRM text."""

import numpy as np
import pytest

from devices.codecs import waveform
from devices.codecs.sample import parse
from devices.model import Signal
from monitor.errors import ImportFormatError
from monitor.exchange import detect
from monitor.exchange.options import Options

S = 1_000_000_000
HRM = """[Params]
Version=106
Monitor=13
SMode=000000000
Date=20080208
StartTime=23:59:58.5
Length=00:00:04.1
Interval=238

[HRData]
1114
1113
1066
812
"""
ECG_HEADER = "Phone timestamp;sensor timestamp [ns];timestamp [ms];ecg [uV]\n"
UV = [int(900 * np.sin(i / 9)) for i in range(260)]


def ecg_text(values, step_ns=7_692_308):
    first = 599_631_723_456_789_012
    rows = (
        f"2024-03-01T10:00:{i // 130:02d}.250;{first + i * step_ns};{i * step_ns / 1e6:.3f};{v}\n"
        for i, v in enumerate(values)
    )
    return ECG_HEADER + "".join(rows)


@pytest.fixture
def write(tmp_path):
    def _write(text, name="a.hrm"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return _write


def refusal(path, **options):
    with pytest.raises(ImportFormatError) as caught:
        detect.load([path], options=Options(**options))
    return str(caught.value)


def samples(imported):
    return [(f.t_ns, *v) for f in imported.frames if (v := parse(f.payload)) is not None]


def test_hrm_intervals_go_over_midnight(write):
    imported = detect.load([write(HRM.replace("\n", "\r\n"))])
    assert [(t // 1_000_000, v) for t, _, v in samples(imported)] == [
        (1114, 1114.0), (2227, 1113.0), (3293, 1066.0), (4105, 812.0),
    ]  # fmt: skip
    assert imported.start_utc_ns == 1_202_515_198_500_000_000
    assert not any("cut short" in said for said in imported.warnings)


def test_hrm_heart_rates_have_the_interval_of_the_header(write):
    text = HRM.replace("Interval=238", "Interval=5").split("[HRData]")[0]
    imported = detect.load([write(text + "[HRData]\n70\t12\n0\t12\n72\t12\n")])
    assert samples(imported) == [(0, Signal.HEART_RATE, 70.0), (10 * S, Signal.HEART_RATE, 72.0)]
    assert imported.end_ns == 10 * S


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("1113\n", "11x3\n"), ["line 12", "'11x3' is not a number"]),
        (("1113\n", "0\n"), ["line 12", "an interval of 0 ms"]),
        (("Date=20080208", "Date=20080230"), ["line 5", "no day 20080230"]),
        (("StartTime=23:59:58.5", "StartTime=24:00:00"), ["line 6", "no time 24:00:00"]),
        (("StartTime=23:59:58.5\n", ""), ["no StartTime"]),
        (("Interval=238", "Interval=7"), ["line 8", "Interval=7 is not known"]),
        (("Interval=238", "Interval=204"), ["line 8", "averages only"]),
        (("Monitor=13", "Monitor"), ["line 3", "not KEY=VALUE"]),
        ((HRM[HRM.index("1114") :], ""), ["nothing below [HRData]"]),
    ],
)
def test_hrm_mistakes_are_refused_with_their_line(write, change, words):
    message = refusal(write(HRM.replace(*change)))
    assert [word for word in words if word not in message] == []


def test_an_hrm_file_that_was_cut_says_so(write):
    said = detect.load([write(HRM.replace("00:00:04.1", "01:00:04.1"))]).warnings
    assert any("cut short" in one and "line 7" in one for one in said)


def test_logger_ecg_has_the_sensors_time(write):
    imported = detect.load([write(ecg_text(UV), "p_ECG.txt")])
    pieces = [waveform.parse(f.payload) for f in imported.frames]
    assert np.concatenate([p.values for p in pieces]).tolist() == UV
    assert {p.rate_hz for p in pieces} == {130.0}
    assert imported.start_utc_ns == 1_709_287_200_250_000_000
    assert imported.end_ns == 259 * 7_692_308


def test_logger_files_of_a_folder_are_one_session(write, tmp_path):
    write(ecg_text(UV), "s/p_ECG.txt")
    write("Phone timestamp;RR-interval [ms]\n2024-03-01T10:00:01.000;812\n", "s/p_RR.txt")
    write(
        "Phone timestamp;HR [bpm];HRV [ms];Breathing interval [rpm];\n"
        "2024-03-01T10:00:00.500;0;;;\n2024-03-01T10:00:01.500;74;12.1;;\n",
        "s/p_HR.txt",
    )
    write("Phone timestamp;sensor timestamp [ns];X [mg];Y [mg];Z [mg]\n", "s/p_ACC.txt")
    imported = detect.load([tmp_path / "s"], options=Options(zone="Europe/Berlin"))
    assert samples(imported) == [
        (S * 3 // 4, Signal.RR_INTERVAL, 812.0), (S * 5 // 4, Signal.HEART_RATE, 74.0),
    ]  # fmt: skip
    kinds = {s.alias: s.measures for s in imported.sensors}
    assert kinds == {"logger_heart": Signal.HEART_RATE, "logger_ecg": Signal.ECG}
    assert imported.zone == "Europe/Berlin"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ecg_text(UV, step_ns=0), ["line 3", "stands still"]),
        (ecg_text([1, "x"]), ["line 3", "'x' is not a number"]),
        (ECG_HEADER + "2024-03-01T10:00;1;2\n", ["line 2", "3 cells"]),
        (ECG_HEADER + "10:00;1;2;3\n", ["line 2", "not a time stamp"]),
        (ECG_HEADER.replace("uV", "lsb") + "x;1;2;3\n", ["line 1", "unknown unit"]),
        (ECG_HEADER, ["no heart rate, RR interval or ECG"]),
        ("Phone timestamp;X [mg]\n2024-03-01T10:00;1\n", ["no heart rate, RR interval or ECG"]),
    ],
)
def test_logger_mistakes_are_refused_with_their_line(write, text, words):
    message = refusal(write(text, "p_ECG.txt"))
    assert [word for word in words if word not in message] == []
