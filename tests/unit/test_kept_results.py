"""Answers kept as Parquet: what is in the tables, going on, and what a folder refuses."""

import io
import os
import shutil
import stat
from contextlib import redirect_stderr

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from filelock import FileLock

from monitor import what_if
from monitor.archive import pool, results, tables
from monitor.cli.main import main
from tests.made import FAST_BPM, archive, recording

HIGH = "alarms.hr_high.limit_bpm"
QUESTION = ("--set", f"{HIGH}=129", "--compare", "--sweep", f"{HIGH}=110:130:10")
COUNT = 10


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept")
    archive(folder / "archive", COUNT)
    (folder / "archive" / "bad.db").write_text("not a recording")
    return folder


@pytest.fixture(scope="module")
def first(made):
    code, err = run(made / "archive", made / "first")
    assert code == 1
    return made / "first", err


@pytest.fixture
def copy(first, made, tmp_path):
    """The archive and its answers, to be spoilt."""
    shutil.copytree(made / "archive", tmp_path / "archive")
    shutil.copytree(first[0], tmp_path / "out")
    for part in (tmp_path / "out").rglob("*.parquet"):
        moved(part, str(made / "archive"), str(tmp_path / "archive"))
    return tmp_path / "archive", tmp_path / "out"


def moved(part, old, new):
    """The same rows about files elsewhere (copied with their times)."""
    table = pq.read_table(part)
    for name in {"path", "error"} & set(table.column_names):
        texts = [text and text.replace(old, new) for text in table.column(name).to_pylist()]
        index = table.schema.get_field_index(name)
        table = table.set_column(index, name, pa.array(texts, pa.string()))
    pq.write_table(table, part)


def run(folder, out, *words):
    said = io.StringIO()
    with redirect_stderr(said):
        code = main(["reanalyse", str(folder), "--parquet", str(out), *(words or QUESTION)])
    return code, said.getvalue()


def rows(out, table):
    parts = sorted((out / table).glob("*.parquet"))
    found = [row for part in parts for row in pq.read_table(part).to_pylist()]
    return sorted(found, key=repr)


def parts(out):
    return {path: path.read_bytes() for path in out.rglob("*.parquet")}


def test_each_recording_is_a_row_whatever_became_of_it(first, made):
    out, err = first
    found = {row["path"]: row for row in rows(out, tables.RECORDINGS)}
    assert sorted(found) == sorted(map(str, (made / "archive").iterdir()))
    good = found[str(made / "archive" / "003.db")]
    answer = what_if.answer(
        made / "archive" / "003.db", what_if.Question(overrides=(f"{HIGH}=129",))
    )
    assert good["subject"] == "P-003"
    assert good["start_utc"].year == 2026
    assert (good["duration_s"], good["outcome"], good["error"]) == (240.0, "ok", None)
    assert good["limits_hash"] == answer.analysis.limits_hash
    assert good["alarms"] == len(answer.analysis.alarms)
    bad = found[str(made / "archive" / "bad.db")]
    assert bad["outcome"] == "bad"
    assert "not a recording" in bad["error"]
    assert bad["session_id"] is None
    assert "bad.db" in err
    assert f"{COUNT} recordings, 0 of them from before; 1 could not be read" in err


def test_the_tables_say_what_the_answers_say(first, made):
    out, _ = first
    changed = (f"{HIGH}=129",)
    sweep = what_if.Sweep.parse(QUESTION[-1])
    question = what_if.Question(overrides=changed, compare=True, sweep=sweep)
    for path in sorted((made / "archive").glob("0*.db")):
        answer = what_if.answer(path, question)
        found = {
            name: [row for row in rows(out, name) if row["path"] == str(path)]
            for name in tables.names(question)
        }
        assert len(found["alarms"]) == len(answer.analysis.alarms)
        whats = sorted((row["what"], row["condition"]) for row in found["differences"])
        assert whats == sorted((one.what, one.condition) for one in answer.differences)
        over = {name: one.seconds for name, one in answer.analysis.over_limit_s.items()}
        assert {row["condition"]: row["seconds"] for row in found["over_limit"]} == over
        swept = {row["value"]: row["alarms"] for row in found["sweep"]}
        assert swept == {float(p.value): p.alarms.get("hr_high", 0) for p in answer.points}
    assert {row["value"] for row in rows(out, "sweep")} == {110.0, 120.0, 130.0}
    assert rows(out, "differences")


def test_several_processes_keep_the_same(first, made, tmp_path):
    code, _ = run(made / "archive", tmp_path / "out", *QUESTION, "--jobs", "2")
    assert code == 1
    for table in ("recordings", "alarms", "over_limit", "differences", "sweep"):
        assert rows(tmp_path / "out", table) == rows(first[0], table)


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_only_the_owner_can_read_it(first):
    assert stat.S_IMODE(first[0].stat().st_mode) == 0o700
    modes = {stat.S_IMODE(path.stat().st_mode) for path in first[0].rglob("*") if path.is_file()}
    assert modes == {0o600}


def test_the_second_time_only_what_was_bad_is_asked_again(copy, monkeypatch):
    folder, out = copy
    asked = []
    attempt = pool.attempt
    monkeypatch.setattr(pool, "attempt", lambda p, q: asked.append(p.name) or attempt(p, q))
    shutil.copyfile(folder / "001.db", folder / "bad.db")
    code, err = run(folder, out)
    assert asked == ["bad.db"]
    assert code == 1  # there are findings among those from before
    assert f"{COUNT + 1} recordings, {COUNT} of them from before; 0 could not" in err
    assert sorted(row["outcome"] for row in rows(out, "recordings")) == ["ok"] * (COUNT + 1)


def test_a_bad_file_that_stays_bad_leaves_no_parts_behind(copy):
    folder, out = copy
    before = len(parts(out))
    for _ in range(3):
        assert run(folder, out)[0] == 1
    assert len(parts(out)) == before
    assert len(rows(out, "recordings")) == COUNT + 1


def test_a_changed_recording_is_asked_again_and_its_old_rows_are_gone(copy):
    folder, out = copy
    (folder / "bad.db").unlink()
    (folder / "000.db").unlink()
    recording(folder / "000.db", FAST_BPM.index(149.0))
    run(folder, out)
    of_it = [row for row in rows(out, "alarms") if row["path"] == str(folder / "000.db")]
    assert "hr_extreme" in {row["condition"] for row in of_it}
    paths = [row["path"] for row in rows(out, "recordings")]
    assert len(paths) == len(set(paths)) == COUNT + 1


def test_what_was_not_finished_is_done_again(copy):
    """A run that was killed leaves parts without their recordings, and temporary files."""
    folder, out = copy
    expected = {name: rows(out, name) for name in ("recordings", "alarms", "sweep")}
    lost = sorted((out / "recordings").iterdir())[3]
    lost.unlink()
    (out / "alarms" / ".000004.parquet.abcd").write_text("cut short")
    run(folder, out)
    assert {name: rows(out, name) for name in expected} == expected
    assert not list(out.rglob(".0*"))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--set", f"{HIGH}=128", "--compare"), "overrides"),
        (("--set", f"{HIGH}=129"), "compare"),
        ((*QUESTION[:-1], f"{HIGH}=110:140:10"), "sweep"),
    ],
)
def test_another_question_is_refused(first, made, words, told):
    before = parts(first[0])
    code, err = run(made / "archive", first[0], *words)
    assert code == 2
    assert "another question" in err
    assert told in err
    assert parts(first[0]) == before


def test_another_configuration_of_the_same_name_is_another_question(made, tmp_path):
    limits = tmp_path / "limits.toml"
    words = ("--config", str(limits))
    limits.write_text("[alarms.hr_high]\nlimit_bpm = 126.0\n")
    assert run(made / "archive", tmp_path / "out", *words)[0] == 1
    limits.write_text("[alarms.hr_high]\nlimit_bpm = 127.0\n")
    code, err = run(made / "archive", tmp_path / "out", *words)
    assert code == 2
    assert "limits_hash" in err


def test_other_software_is_another_question(copy, monkeypatch):
    folder, out = copy
    there = results.identity() | {"source": "0123456789abcdef"}
    monkeypatch.setattr(results, "identity", lambda: there)
    code, err = run(folder, out)
    assert code == 2
    assert "source" in err


def test_a_folder_of_something_else_is_refused(made, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    code, err = run(made / "archive", tmp_path)
    assert code == 2
    assert "thesis.txt" in err
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")] == [
        "thesis.txt"
    ]


def test_two_runs_do_not_write_at_once(copy):
    folder, out = copy
    with FileLock(out / results.LOCK):
        code, err = run(folder, out)
    assert code == 3
    assert "another run" in err


def test_a_part_that_cannot_be_read_is_named(copy):
    folder, out = copy
    part = min((out / "recordings").iterdir())
    part.write_bytes(b"PAR1 spoilt PAR1")
    code, err = run(folder, out)
    assert code == 2
    assert f"recordings/{part.name}" in err


@pytest.mark.parametrize("table", ["alarms", "over_limit", "sweep"])
@pytest.mark.parametrize("spoil", [lambda part: part.unlink(), lambda part: part.write_bytes(b"x")])
def test_a_lost_or_spoilt_part_is_asked_again(copy, table, spoil):
    folder, out = copy
    expected = {name: rows(out, name) for name in ("recordings", "alarms", "over_limit", "sweep")}
    spoil(max((out / table).iterdir()))
    (folder / "000.db").touch()  # and one that changed meanwhile
    code, err = run(folder, out)
    assert code == 1
    assert "bad.db" in err
    found = {name: rows(out, name) for name in expected}
    for one in (*found["recordings"], *expected["recordings"]):
        one.pop("file_state")
    assert {name: sorted(some, key=repr) for name, some in found.items()} == {
        name: sorted(some, key=repr) for name, some in expected.items()
    }


def test_files_of_others_are_left_alone(copy):
    folder, out = copy
    (out / "alarms" / "notes.csv").write_text("mine")
    (out / "recordings" / "tmp").mkdir()
    assert run(folder, out)[0] == 1
    assert (out / "alarms" / "notes.csv").read_text() == "mine"
    assert (out / "recordings" / "tmp").is_dir()


def test_a_copy_that_would_be_counted_twice_is_refused(copy):
    folder, out = copy
    part = min((out / "recordings").iterdir())
    twin = part.with_name(f"{part.stem} (copy).parquet")
    shutil.copyfile(part, twin)
    code, err = run(folder, out)
    assert code == 2
    assert twin.name in err
    assert twin.exists()


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX only")
def test_a_name_that_is_no_text_is_kept_escaped(made, tmp_path):
    good, bad = (tmp_path / os.fsdecode(name) for name in (b"\xff.db", b"\xfe.db"))
    shutil.copyfile(made / "archive" / "000.db", good)
    bad.write_text("not a recording")
    assert run(tmp_path, tmp_path / "out")[0] == 1
    again, err = run(tmp_path, tmp_path / "out")
    assert again == 1
    assert "1 of them from before" in err
    outcomes = {row["path"][-7:]: row["outcome"] for row in rows(tmp_path / "out", "recordings")}
    assert outcomes == {"\\xff.db": "ok", "\\xfe.db": "bad"}


@pytest.mark.skipif(os.name != "posix", reason="a disk that refuses, as POSIX has it")
def test_what_cannot_be_removed_is_told(copy, monkeypatch):
    folder, out = copy
    (out / "alarms" / ".000004.parquet.ab").mkdir()
    code, err = run(folder, out)
    assert code == 2
    assert ".000004.parquet.ab: cannot be written" in err
