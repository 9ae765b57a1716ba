"""The plain CSV import."""

import gzip
import lzma
import struct

import pytest

from devices.codecs import waveform
from devices.codecs.sample import encode, parse
from devices.model import Signal
from monitor.core import Core, Setup
from monitor.errors import ImportFormatError
from monitor.exchange import plain_csv
from monitor.exchange.imported import LONGEST_S
from monitor.exchange.options import Options
from monitor.exchange.plain_csv import read

S = 1_000_000_000


UPPER, LOWER = "systolic_pressure[mm[Hg]]", "diastolic_pressure[mm[Hg]]"


@pytest.fixture
def csv(tmp_path):
    def write(content, name="walk.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def samples(imported):
    plain = (frame for frame in imported.frames if parse(frame.payload) is not None)
    return [(frame.t_ns, frame.source, *parse(frame.payload)) for frame in plain]


def refusal(path):
    with pytest.raises(ImportFormatError) as caught:
        read(path)
    assert str(caught.value).startswith(str(path))
    return str(caught.value)


def test_readings_by_hand_become_alarms(csv):
    text = (
        "time_s,heart_rate[/min],clinical_temperature[Cel],"
        "systolic_pressure[mm[Hg]],diastolic_pressure[mm[Hg]]\n"
    )
    rows = [
        f"{t},72,{38.6 if t == 100 else ''},{'171,95' if t == 130 else ','}" for t in range(300)
    ]
    imported = read(csv(text + "\n".join(rows) + "\n"), Options(site="ear"))
    assert [spec.measures for spec in imported.sensors] == [
        Signal.HEART_RATE, Signal.CLINICAL_TEMPERATURE, Signal.BLOOD_PRESSURE,
    ]  # fmt: skip
    output = Core(Setup(sensors=imported.sensors)).step(imported.frames, imported.end_ns)
    onsets = [(edge.condition, edge.t_ns // S) for edge in output.edges]
    assert onsets == [("temp_elevated", 120), ("temp_high", 120), ("bp_high", 130)]


def test_every_column_becomes_samples_in_its_unit(csv):
    imported = read(
        csv(
            "time_s,heart_rate[/min],rr_interval[ms],skin_temperature[Cel],ecg[mV],spo2[%]\n"
            "0,72,833.5,33.25,-0.125,98\n"
            "0.004,,,,0.25,\n"
        ),
        Options(site="chest"),
    )
    assert samples(imported) == [
        (0, "csv_heart", Signal.HEART_RATE, 72.0),
        (0, "csv_heart", Signal.RR_INTERVAL, 833.5),
        (0, "csv_skin", Signal.SKIN_TEMPERATURE, 33.25),
        (0, "csv_spo2", Signal.SPO2, 98.0),
    ]
    (ecg,) = (frame for frame in imported.frames if frame.source == "csv_ecg")
    piece = waveform.parse(ecg.payload)
    assert (ecg.t_ns, piece.rate_hz, piece.values.tolist()) == (4_000_000, 250.0, [-125, 250])
    assert [(s.alias, s.measures, s.codec, s.transport, s.site) for s in imported.sensors] == [
        ("csv_heart", Signal.HEART_RATE, "sample", "file", "chest"),
        ("csv_skin", Signal.SKIN_TEMPERATURE, "sample", "file", "chest"),
        ("csv_ecg", Signal.ECG, "waveform", "file", "chest"),
        ("csv_spo2", Signal.SPO2, "sample", "file", "chest"),
    ]
    assert imported.name == "walk"


def test_the_payload_is_the_codecs(csv):
    imported = read(csv("time_s,spo2[%]\n1.5,97\n"))
    assert imported.frames[0].payload == encode(Signal.SPO2, 97.0)
    assert struct.unpack("<Bd", imported.frames[0].payload)[1] == 97.0


def test_an_empty_cell_is_no_sample_and_a_row_without_any_still_takes_time(csv):
    imported = read(
        csv("time_s,heart_rate[/min],skin_temperature[Cel]\n0,70,\n1,,33\n2.5, ,\n60,,\n")
    )
    assert [(t_ns, value) for t_ns, _, _, value in samples(imported)] == [(0, 70.0), (S, 33.0)]
    assert imported.end_ns == 60 * S


def test_seconds_keep_the_files_own_zero_and_have_no_wall_clock(csv):
    imported = read(csv("time_s,rr_interval[ms]\n100.1,810\n100.1,805\n"))
    assert [frame.t_ns for frame in imported.frames] == [100_100_000_000] * 2
    assert imported.start_utc_ns is None


@pytest.mark.parametrize(
    "column", ["2024-03-01T10:00:00", "2024-03-01T10:00:00Z", "2024-03-01 12:00:00+02:00"]
)
def test_dates_count_from_the_first_row_and_honour_the_zone(csv, column):
    zone = "" if column.endswith("00:00") and "+" not in column else "Z"
    later = "2024-03-01T10:00:01.250" + zone
    imported = read(csv(f"time,spo2[%]\n{column},97\n{later},98\n"))
    assert imported.start_utc_ns == 1_709_287_200 * S
    assert [frame.t_ns for frame in imported.frames] == [0, 1_250_000_000]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbftime_s,spo2[%]\n0,97\n",
        b"time_s,spo2[%]\r\n0,97\r\n\r\n\r\n",
        b"time_s,spo2[%]\n0,97\n\n  \n,\n",
        b'"time_s","spo2[%]"\n"0","97"',
        b" time_s , spo2[%]\n 0 , 97 \n",
        "time_s,spo2[%]\r\n0,97\r\n".encode("utf-16"),
        gzip.compress(b"time_s,spo2[%]\n0,97\n", mtime=0),
        lzma.compress(b"time_s,spo2[%]\n0,97\n"),
    ],
)
def test_what_spreadsheets_do_to_a_file_is_tolerated(csv, content):
    assert samples(read(csv(content))) == [(0, "csv_spo2", Signal.SPO2, 97.0)]


@pytest.mark.parametrize("value", ["NaN", "nan", "inf", "-Infinity", "1e999", "n/a", "1_0", "0x1"])
def test_what_is_not_a_number_is_refused_with_its_line(csv, value):
    message = refusal(csv(f"time_s,spo2[%]\n0,97\n1,{value}\n"))
    assert f"line 3: '{value}' is not a number" in message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", ["is empty"]),
        ("\n\n", ["is empty"]),
        ("time_s,spo2[%]\n", ["no rows below the header"]),
        ("time_s,spo2[%]\n0,\n1,\n", ["no sample"]),
        ("time_s\n0\n", ["line 1", "no signal"]),
        ("spo2[%],time_s\n97,0\n", ["line 1", "first column", "time_s or time"]),
        ("time_s,spo2[%],spo2[%]\n0,1,2\n", ["line 1", "'spo2[%]' is there twice"]),
        ("time_s,heart_rate[bpm]\n0,1\n", ["line 1", "heart_rate[bpm]", "nearest is heart_rate[/"]),
        ("time_s,skin_temperature[degF]\n0,1\n", ["line 1", "nearest is skin_", "[degF]"]),
        ("time_s,ecg[mV],ecg[uV]\n0,1,2\n", ["line 1", "is there twice"]),
        ("time_s,spo2[%]\n0,97\n1,98\n1,98\n", ["line 4", "spo2[%]", "already in line 3"]),
        ("time_s,ecg[mV]\n0,1\n0,2\n", ["line 3", "already in line 2"]),
        ('time_s,spo2[%]\n0,"97,5"\n', ["line 2", "not a number", "with a point"]),
        ("time_s,skin_temp[Cel]\n0,1\n", ["line 1", "nearest is skin_temperature[Cel]"]),
        ("time_s,SpO2 (%)\n0,1\n", ["line 1", "nearest is spo2[%]"]),
        ("time_s,\n0,1\n", ["line 1", "unknown column ''"]),
        ("time_s;spo2[%]\n0;97\n1;1.004\n", ["line 3", "'1.004'", "thousands"]),
        ("time_s;spo2[%]\n0;1.097,5\n", ["line 2", "not a number"]),
        (f"time_s,{UPPER},{LOWER}\n0,120,80\n1,80,120\n", ["line 3", "80/120", "below the sys"]),
        (f"time_s,{UPPER},{LOWER}\n0,120,120\n", ["line 2", "120/120"]),
        ("time_s\tspo2[%]\n0\t97\n", ["line 1", "tabs", "commas"]),
        ("time_s,spo2[%]\n0,97\n0,97,1\n", ["line 3", "3 cells"]),
        ("time_s,spo2[%]\n0\n", ["line 2", "1 cells"]),
        ("time_s,spo2[%]\n1,97\n2,97\n1.9,97\n", ["line 4", "backwards", "1.9"]),
        ("time_s,spo2[%]\n-1,97\n", ["line 2", "negative"]),
        ("time_s,spo2[%]\n,97\n", ["line 2", "not a number"]),
        ("time_s,spo2[%]\n1709287200,97\n", ["line 2", "7 days", "`time`"]),
        ("time,spo2[%]\n10:00,97\n", ["line 2", "'10:00'", "ISO 8601"]),
        ("time,spo2[%]\n2024-03-01T10:00,1\n2024-03-01T09:59,1\n", ["line 3", "backwards"]),
        ("time,spo2[%]\n2024-03-01T00:00Z,1\n2024-03-01T01:00+02:00,1\n", ["line 3", "backwards"]),
        (b"time_s,spo2[%]\n0,97\n1,\xff\n", ["line 3", "UTF-8"]),
        (b"time_s,spo2[%]\n0,97\n1,9\x007\n", ["line 3"]),
        ('time_s,spo2[%]\n0,97\n1,"97\n', ["line 3"]),
    ],
)
def test_mistakes_are_refused_with_file_and_line(csv, content, words):
    message = refusal(csv(content))
    assert [word for word in words if word not in message] == []


def test_a_week_is_the_longest(csv):
    assert read(csv(f"time_s,spo2[%]\n{LONGEST_S},97\n")).end_ns == LONGEST_S * S


def test_a_missing_file_is_named(tmp_path):
    assert "No such file" in refusal(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("skin_temperature[[degF]]", "98.6", 37.0),
        ("skin_temperature[K]", "308.15", 35.0),
        ("rr_interval[s]", "0.8125", 812.5),
        ("heart_rate[{beats}/min]", "72", 72.0),
        ("heart_rate[Hz]", "1.5", 90.0),
        ("systolic_pressure[kPa]", "16", 16_000 / 133.322387415),
        ("spo2[1]", "0.97", 97.0),
    ],
)
def test_other_ucum_units_are_converted(csv, column, value, expected):
    ((_, _, _, found),) = samples(read(csv(f"time_s,{column}\n0,{value}\n")))
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("unit", "factor"), [("uV", 1000), ("V", 0.001), ("nV", 1e6)])
def test_ecg_units_give_the_same_microvolts(csv, unit, factor):
    values = [-0.125, 0.25, 1.001]
    rows = "".join(f"{i / 250},{value * factor!r}\n" for i, value in enumerate(values))
    (frame,) = read(csv(f"time_s,ecg[{unit}]\n{rows}")).frames
    assert waveform.parse(frame.payload).values.tolist() == [-125, 250, 1001]


@pytest.mark.parametrize(
    ("column", "values", "words"),
    [
        ("skin_temperature[Cel]", [91.4, 92.0, 33.0], ["line 2", "91.4 Cel", "Fahrenheit?"]),
        ("rr_interval[ms]", [0.81, 0.79], ["line 2", "seconds instead of ms?"]),
        ("heart_rate[/min]", [1.2, 1.1], ["line 2", "beats a second"]),
        ("spo2[%]", [0.97, 0.98], ["line 2", "a fraction instead of %?"]),
        ("spo2[%]", [970.0, 980.0], ["line 2", "plausible are 0 to 100 %"]),
        ("heart_rate[/min]", [-70, 0, 700], ["line 2", "plausible are 20 to 300 /min"]),
    ],
)
def test_a_column_that_cannot_be_in_its_unit_is_refused(csv, column, values, words):
    rows = "".join(f"{i},{value}\n" for i, value in enumerate(values))
    message = refusal(csv(f"time_s,{column}\n{rows}"))
    assert [word for word in words if word not in message] == []


def test_a_single_implausible_value_is_kept_and_said(csv):
    imported = read(csv("time_s,heart_rate[/min]\n0,70\n1,500\n2,71\n"))
    assert len(imported.frames) == 3
    assert ["line 3" in w and "1 of 3" in w for w in imported.warnings] == [True]


def test_zero_is_no_reading_however_often(csv):
    imported = read(csv("time_s,heart_rate[/min]\n0,70\n1,0\n2,0\n"))
    assert len(imported.frames) == 3
    assert ["2 values of heart_rate[/min] are 0" in w for w in imported.warnings] == [True]


def test_microvolts_under_millivolts_are_refused_and_volts_are_doubted(csv):
    def rows(scale):
        return "".join(f"{i / 250},{scale * (i % 50)}\n" for i in range(500))

    assert "is its unit uV?" in refusal(csv("time_s,ecg[mV]\n" + rows(10.0)))
    (said,) = read(csv("time_s,ecg[mV]\n" + rows(0.0001))).warnings
    assert "is its unit V?" in said


@pytest.mark.parametrize("packed", [gzip.compress, lzma.compress])
def test_a_compressed_file_that_is_cut_short_is_refused(csv, packed):
    path = csv(packed(b"time_s,spo2[%]\n" + b"0,97\n" * 1000)[:-10])
    assert "damaged or cut short" in refusal(path)


@pytest.mark.parametrize(
    "end", ["", "\r\n", "20,nan\n", "20,1e9\n", "19.9,1\n", "20,\n", "20,1_0\n"]
)
@pytest.mark.parametrize("unit", ["mV", "V"])
def test_reading_at_once_is_reading_line_by_line(csv, monkeypatch, unit, end):
    rows = "".join(f"{i / 250:.4f},{(i * 37) % 101 / 1000}\n" for i in range(5000))
    path = csv(f"time_s,ecg[{unit}]\n{rows}{end}")

    def outcome():
        try:
            return read(path)
        except ImportFormatError as refused:
            return str(refused)

    quick = outcome()
    monkeypatch.setattr(plain_csv, "quick_table", lambda *_: None)
    assert outcome() == quick


@pytest.mark.parametrize("rate", [130, 250, 256, 360, 500, 720, 800, 999])
@pytest.mark.parametrize("decimals", [3, 4, 6])
def test_rounded_times_of_an_ecg_give_its_rate_and_no_gaps(csv, rate, decimals):
    rows = "".join(f"{i / rate:.{decimals}f},{(i * 37) % 101 / 1000}\n" for i in range(rate * 20))
    found = [waveform.parse(frame.payload) for frame in read(csv(f"time_s,ecg[mV]\n{rows}")).frames]
    assert len(found) in {20, 21}
    assert found[0].rate_hz == pytest.approx(rate, rel=2e-4)


def test_a_gap_in_an_ecg_is_one_and_a_change_of_rate_is_refused(csv):
    def rows(*parts):
        times = [start + i / rate for start, rate, n in parts for i in range(n)]
        return "time_s,ecg[mV]\n" + "".join(f"{t:.3f},{i % 50 / 50}\n" for i, t in enumerate(times))

    imported = read(csv(rows((0, 250, 2500), (12, 250, 2500))))
    pieces = [waveform.parse(frame.payload) for frame in imported.frames]
    assert {piece.rate_hz for piece in pieces} == {250.0}
    assert sum(piece.values.size for piece in pieces) == 5000
    message = refusal(csv(rows((0, 250, 5000), (20, 500, 2500))))
    assert "not evenly spaced" in message
    assert "line 49" in message


def test_semicolons_and_decimal_commas_are_read_as_spreadsheets_write_them(csv):
    rows = "\r\n0;72,5;\r\n1,5;;33,25\r\n"
    european = read(csv("time_s;heart_rate[/min];skin_temperature[Cel]" + rows))
    plain = "time_s,heart_rate[/min],skin_temperature[Cel]\n0,72.5,\n1.5,,33.25\n"
    assert european.frames == read(csv(plain)).frames


def test_a_mistake_in_a_long_ecg_costs_one_stretch_of_slow_reading(csv, monkeypatch):
    lines = [f"{i / 250:.3f},{i % 7 / 10}" for i in range(1000)]
    whole = read(csv("time_s,ecg[mV]\n" + "\n".join(lines))).frames
    looked_at = []
    slowly = plain_csv.number
    monkeypatch.setattr(plain_csv, "AT_ONCE", 100)
    monkeypatch.setattr(
        plain_csv,
        "number",
        lambda text, name, line: looked_at.append(line) or slowly(text, name, line),
    )
    quoted = [*lines]
    quoted[250] = f'"{lines[250].replace(",", chr(34) + "," + chr(34))}"'
    assert read(csv("time_s,ecg[mV]\n" + "\n".join(quoted))).frames == whole
    assert (looked_at[0], looked_at[-1], len(looked_at)) == (202, 301, 200)
    lines[990] = "3.96,x"
    assert "line 992: 'x' is not a number" in refusal(csv("time_s,ecg[mV]\n" + "\n".join(lines)))
    lines[990] = lines[899]
    assert "line 992: time goes back" in refusal(csv("time_s,ecg[mV]\n" + "\n".join(lines)))
    lines[900] = lines[899]
    message = refusal(csv("time_s,ecg[mV]\n" + "\n".join(lines)))
    assert "line 902: ecg[mV] has a value of this time already in line 901" in message
