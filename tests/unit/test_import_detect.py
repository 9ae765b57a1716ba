"""Recognising what is to be imported."""

import os
from pathlib import Path

import pytest

from monitor.errors import ImportFormatError
from monitor.exchange.detect import FORMATS, load
from monitor.exchange.options import Options

DATA = Path(__file__).parents[1] / "data" / "empatica"


@pytest.fixture
def plain(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("time_s,spo2[%]\n0,97\n")
    return path


def test_each_is_recognised_by_its_content(plain):
    assert [s.alias for s in load([plain]).sensors] == ["csv_spo2"]
    assert [s.alias for s in load([DATA / "S12"]).sensors] == ["e4_heart", "e4_skin"]


def test_files_of_one_export_stand_for_their_folder():
    whole = load([DATA / "S12"])
    assert load([DATA / "S12" / "HR.csv", DATA / "S12" / "TEMP.csv"]) == whole
    assert load([DATA / "S12" / "IBI.csv"]) == whole


def test_the_site_is_the_formats_own_unless_given(plain):
    assert {s.site for s in load([plain]).sensors} == {""}
    assert {s.site for s in load([DATA / "S12"]).sensors} == {"wrist"}
    assert {s.site for s in load([DATA / "S12"], options=Options(site="ankle")).sensors} == {
        "ankle"
    }


def test_a_plain_csv_may_be_named_like_an_exports_file(tmp_path):
    path = tmp_path / "HR.csv"
    path.write_text("time_s,heart_rate[/min]\n0,70\n")
    assert [s.alias for s in load([path]).sensors] == ["csv_heart"]


def test_the_format_can_be_forced(plain):
    with pytest.raises(ImportFormatError, match="not a readable zip"):
        load([plain], fmt="empatica")


@pytest.mark.parametrize(
    ("paths", "fmt", "words"),
    [
        (["folder"], None, "not a format that can be imported"),
        (["picture.png"], None, "not a format that can be imported"),
        (["none.csv"], None, "no such file or folder"),
        (["a.csv", "b.zip"], None, "one recording at a time"),
        (["picture.png"], "doc", "unknown format 'doc'"),
    ],
)
def test_what_cannot_be_imported_says_what_can(tmp_path, paths, fmt, words):
    (tmp_path / "folder").mkdir()
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    with pytest.raises(ImportFormatError) as caught:
        load([tmp_path / path for path in paths], fmt)
    assert words in str(caught.value)
    if "no such file" not in words:
        assert all(f"{name} (" in str(caught.value) for name in FORMATS)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(ImportFormatError, match="neither a file nor a folder"):
        load([tmp_path / "pipe.csv"])
