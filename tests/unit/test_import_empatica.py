"""The Empatica E4 import, on real exports (tests/data/empatica/SOURCE.md) and garbled ones."""

import shutil
import zipfile
from pathlib import Path

import pytest

from devices.codecs.sample import parse
from devices.model import Signal
from monitor.errors import ImportFormatError
from monitor.exchange.detect import load
from monitor.exchange.empatica import read

S = 1_000_000_000
DATA = Path(__file__).parents[1] / "data" / "empatica"


@pytest.fixture
def export(tmp_path):
    """Make a small export; None leaves a file out."""

    def make(**files):
        contents = {
            "HR": "1000.5\n2.0\n70.00\n71.00\n",
            "TEMP": "1000.0\n4.0\n33.01\n382.21\n",
            "IBI": "1000.0, IBI\n1.25,0.75\n2.0,0.5\n",
            "tags": "1001\r\n",
        } | files
        folder = tmp_path / "S99"
        folder.mkdir()
        for name, content in contents.items():
            if content is not None:
                (folder / f"{name}.csv").write_bytes(content.encode())
        return folder

    return make


def samples(imported, signal):
    parsed = [(frame.t_ns, *parse(frame.payload)) for frame in imported.frames]
    return [(t_ns, value) for t_ns, what, value in parsed if what is signal]


def refusal(path):
    with pytest.raises(ImportFormatError) as caught:
        read(path)
    return str(caught.value)


def test_each_file_becomes_samples_from_the_earliest_start(export):
    imported = read(export())
    assert imported.start_utc_ns == 1000 * S
    assert samples(imported, Signal.HEART_RATE) == [(S // 2, 70.0), (S, 71.0)]
    assert samples(imported, Signal.RR_INTERVAL) == [(1_250_000_000, 750.0), (2 * S, 500.0)]
    assert imported.notes == [(S, "tag")]
    assert imported.end_ns == 2 * S
    assert [(s.alias, s.measures, s.site) for s in imported.sensors] == [
        ("e4_heart", Signal.HEART_RATE, "wrist"),
        ("e4_skin", Signal.SKIN_TEMPERATURE, "wrist"),
    ]


def test_a_sentinel_temperature_stays_for_the_decoder_to_judge(export):
    imported = read(export())
    assert samples(imported, Signal.SKIN_TEMPERATURE) == [(0, 33.01), (S // 4, 382.21)]


@pytest.mark.parametrize("kept", ["HR", "TEMP", "IBI"])
def test_any_one_file_is_enough(export, kept):
    missing = dict.fromkeys({"HR", "TEMP", "IBI", "tags"} - {kept})
    imported = read(export(**missing))
    assert len(imported.frames) == 2
    assert {spec.alias for spec in imported.sensors} == {f.source for f in imported.frames}
    assert imported.start_utc_ns == (1000 * S + S // 2 if kept == "HR" else 1000 * S)


def test_an_export_without_beats_or_tags_is_fine(export):
    imported = read(export(IBI="1000.0, IBI\n", tags=""))
    assert samples(imported, Signal.RR_INTERVAL) == []
    assert imported.notes == []


def test_a_tag_before_the_first_data_says_so(export):
    assert read(export(tags="998\n")).notes == [(0, "tag (2 s before the first data)")]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"HR": ""}, ["HR.csv, line 1", "start time is missing"]),
        ({"HR": "1000\n"}, ["HR.csv, line 2", "rate is missing"]),
        ({"HR": "1000\n0\n70\n"}, ["HR.csv, line 2", "0 Hz"]),
        ({"HR": "1000\nfast\n70\n"}, ["HR.csv, line 2", "'fast' is not a number"]),
        ({"HR": "heart rate\n1.0\n70\n"}, ["HR.csv, line 1", "not a Unix time"]),
        ({"TEMP": "1000\n4.0\n33\nnan\n"}, ["TEMP.csv, line 4", "'nan' is not a number"]),
        ({"TEMP": "1000\n4.0\n33\n\n33,1\n"}, ["TEMP.csv, line 5", "'33,1' is not a number"]),
        ({"IBI": "1000, IBI\n1.0\n"}, ["IBI.csv, line 2", "not a time and an interval"]),
        ({"IBI": "1000, IBI\n1.0,x\n"}, ["IBI.csv, line 2", "'x' is not a number"]),
        ({"IBI": "1000, IBI\n2,0.7\n1,0.7\n"}, ["IBI.csv, line 3", "backwards"]),
        ({"tags": "1001\nlate\n"}, ["tags.csv, line 2", "not a Unix time"]),
        ({"HR": None, "TEMP": None, "IBI": None}, ["none of HR.csv, TEMP.csv, IBI.csv"]),
        ({"HR": "1\n1\n", "TEMP": None, "IBI": None}, ["no sample"]),
    ],
)
def test_mistakes_are_refused_with_file_and_line(export, files, words):
    folder = export(**files)
    message = refusal(folder)
    assert message.startswith(str(folder))
    assert [word for word in words if word not in message] == []


@pytest.mark.parametrize(
    ("subject", "start_s", "rates", "temperatures", "beats"),
    [
        ("S02", 1644227574, 3555, 14264, 360),
        ("S12", 1645434908, 3332, 13368, 1230),
        ("S20", 1646041789, 3386, 13576, 1200),
        ("S28", 1646655386, 3297, 13224, 270),
    ],
)
def test_real_exports_are_read_whole(subject, start_s, rates, temperatures, beats):
    """Counts are those of `wc -l` less the header lines."""
    imported = read(DATA / subject)
    counts = [
        len(samples(imported, signal))
        for signal in (Signal.HEART_RATE, Signal.SKIN_TEMPERATURE, Signal.RR_INTERVAL)
    ]
    assert counts == [rates, temperatures, beats]
    assert imported.start_utc_ns == start_s * S
    assert imported.name == subject
    assert len(imported.notes) >= 6
    assert {text for _, text in imported.notes} == {"tag"}
    assert samples(imported, Signal.HEART_RATE)[0][0] == 10 * S


def test_a_zip_of_the_folder_reads_the_same(tmp_path):
    shutil.make_archive(str(tmp_path / "S28"), "zip", DATA, "S28")
    with zipfile.ZipFile(tmp_path / "S28.zip", "a") as archive:
        archive.writestr("S28/ACC.csv", "left out")
        archive.writestr("__MACOSX/S28/._HR.csv", "what a Mac adds")
    assert load([tmp_path / "S28.zip"]) == read(DATA / "S28")


def test_a_zip_with_two_subjects_is_refused(tmp_path):
    path = tmp_path / "both.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("S1/HR.csv", "1000\n1\n70\n")
        archive.writestr("S2/HR.csv", "1000\n1\n70\n")
    assert "S2/HR.csv more than once" in refusal(path)


def test_a_file_inside_a_zip_is_named(tmp_path):
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("HR.csv", "1000\n1\n?\n")
    assert refusal(path) == f"{path}:HR.csv, line 3: '?' is not a number"


def test_a_damaged_zip_is_refused(tmp_path):
    path = tmp_path / "cut.zip"
    shutil.make_archive(str(path.with_suffix("")), "zip", DATA, "S28")
    raw = bytearray(path.read_bytes())
    raw[200:5000] = bytes(4800)
    path.write_bytes(raw)
    assert "not a readable zip file" in refusal(path)
