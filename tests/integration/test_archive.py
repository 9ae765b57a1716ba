"""The archive: listed, searched, annotated; recordings are never touched."""

import json
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from monitor.archive import search, sidecar
from monitor.archive.expression import parse
from monitor.cli.main import main
from monitor.exchange import csv_export, detect, imported
from monitor.recording.reader import Recording

DATA = Path(__file__).parents[1] / "data"
SESSION = DATA / "recordings" / "session.db"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A clinic's folder: a session, an import, one with an oximeter, and a file that is none."""
    folder = tmp_path_factory.mktemp("clinic")
    (folder / "2026").mkdir()
    shutil.copyfile(SESSION, folder / "2026" / "session.db")
    imported.write(detect.load([DATA / "empatica" / "S20"]), folder / "S20.db")
    chart = folder / "spo2.csv"
    rows = [f"{t},{70 + t % 2},{97 if t < 200 or t >= 230 else 88}\n" for t in range(0, 400, 2)]
    chart.write_text("time_s,heart_rate[/min],spo2[%]\n" + "".join(rows))
    imported.write(detect.load([chart]), folder / "spo2.db")
    (folder / "notes.db").write_text("not a recording")
    return folder


@pytest.fixture
def vigil(capsys):
    def run(*words):
        code = main(["sessions", *map(str, words)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


@pytest.fixture
def copy(tmp_path):
    return Path(shutil.copyfile(SESSION, tmp_path / "s.db"))


def runs(seconds, least=1):
    """Stretches of consecutive seconds, found one by one."""
    found = []
    for t_s in sorted(seconds):
        if found and found[-1][1] == t_s:
            found[-1][1] = t_s + 1
        else:
            found.append([t_s, t_s + 1])
    return [tuple(span) for span in found if span[1] - span[0] >= least]


def spans(path, text):
    return [(match.from_s, match.to_s) for match in search.find(path, parse(text)).matches]


@pytest.mark.parametrize("limit", [60.5, 110, 140, 155, 300])
@pytest.mark.parametrize("least", [1, 30, 65, 200])
def test_a_session_is_searched_by_what_was_displayed(limit, least):
    with closing(sqlite3.connect(SESSION)) as database:
        rows = database.execute(
            "SELECT t_s FROM vitals WHERE heart_rate_bpm >= ? AND heart_rate_validity = 'VALID'",
            (limit,),
        ).fetchall()
    wanted = runs((t_s for (t_s,) in rows), least)
    assert spans(SESSION, f"heart_rate >= {limit} for {least} s") == wanted


def test_and_or_and_brackets_are_about_the_same_seconds():
    def held(text):
        return {t for a, b in spans(SESSION, text) for t in range(a, b)}

    fast, slow = held("heart_rate > 150"), held("heart_rate < 80")
    skin = held("skin_temperature < 34.46")
    assert all((fast, slow, skin))
    assert held("heart_rate > 150 or heart_rate < 80") == fast | slow
    assert held("heart_rate > 150 and heart_rate < 80") == set()
    text = "(heart_rate > 150 or heart_rate < 80) and skin_temperature < 34.46"
    assert held(text) == (fast | slow) & skin


def test_an_import_is_searched_by_what_it_derives(made):
    path = made / "S20.db"
    lines = csv_export.lines(path, ["skin_temperature", "heart_rate"])[1:]
    rows = [line.split(",") for line in lines]
    warm = runs(int(t) for t, skin, _ in rows if skin and float(skin) > 32.005)
    fast = runs((int(t) for t, _, heart in rows if heart and float(heart) > 130.005), 60)
    assert all((warm, fast))
    assert spans(path, "skin_temperature > 32.005") == warm
    assert spans(path, "heart_rate > 130.005 for 60 s") == fast


def test_what_sensors_and_people_read_in_between(made):
    path = made / "spo2.db"
    assert spans(path, "spo2 < 90") == [(200, 230)]
    assert spans(path, "spo2[%] < 88") == []
    assert spans(SESSION, "spo2 < 101") == []
    assert spans(SESSION, "systolic_pressure >= 128 and clinical_temperature > 36") == []
    assert spans(SESSION, "systolic_pressure > 150") == []  # a slip, corrected soon after
    with Recording.open(SESSION) as recording:
        rows = [r.t_ns for r in recording.journal(["action"]) if r.body["verb"] == "blood_pressure"]
    first_s = rows[0] // 10**9
    assert spans(SESSION, "systolic_pressure >= 128") == [(first_s, first_s + 1)]


def test_a_file_that_cannot_be_read_among_others_is_a_finding(made, vigil):
    code, out, told = vigil("verify", made)
    assert code == 1
    assert "session.db: ok" in out
    assert "notes.db: not a recording" in told
    assert vigil("verify", made / "notes.db")[0] == 2


def test_what_a_cuff_reads_is_found(tmp_path):
    chart = tmp_path / "cuff.csv"
    upper, lower = "systolic_pressure[mm[Hg]]", "diastolic_pressure[mm[Hg]]"
    chart.write_text(f"time_s,{upper},{lower}\n0,120,80\n60,185,110\n")
    imported.write(detect.load([chart]), tmp_path / "cuff.db")
    assert spans(tmp_path / "cuff.db", "systolic_pressure > 160") == [(60, 61)]
    assert spans(tmp_path / "cuff.db", "diastolic_pressure < 90") == [(0, 1)]


def test_a_folder_is_searched_and_what_cannot_be_read_is_told(made, vigil):
    code, out, told = vigil("find", "heart_rate > 135 for 40 s", made, "--json")
    assert code == 1
    assert "notes.db: not a recording" in told
    assert "in 2 of 4 recordings" in told
    found = {Path(row["recording"]).name: row for row in map(json.loads, out.splitlines())}
    assert set(found) == {"session.db", "S20.db"}
    (match,) = found["S20.db"]["matches"]
    assert (match["from_s"], match["to_s"]) == (1921, 1984)
    low, high = match["values"]["heart_rate"]
    assert 135 < low < high < 160


@pytest.mark.parametrize(
    ("expression", "code", "says"),
    [
        ("heart_rate > 300", 0, "0 matches in 0 of 1 recordings"),
        ("heart_rate > 140 for 60 s", 0, "2 matches in 1 of 1 recordings"),
        ("heart_rat > 140", 2, "did you mean heart_rate?\nvigil:   heart_rat > 140\nvigil:   ^^^"),
    ],
)
def test_exit_codes_of_a_search(vigil, expression, code, says):
    found, out, told = vigil("find", expression, SESSION)
    assert found == code
    assert says in told
    assert ("0:02:48 - 0:04:18" in out) == (says.startswith("2 matches"))


def test_the_list_of_a_folder(made, vigil):
    code, out, told = vigil("list", made, "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert "notes.db" in told
    assert [Path(row["recording"]).name for row in rows] == ["session.db", "S20.db", "spo2.db"]
    assert rows[0]["start_local"].endswith("+01:00")
    assert (rows[2]["start_utc"], rows[2]["mode"]) == (None, "IMPORT")
    code, out, _ = vigil("list", made / "S20.db", made / "none.db")
    assert code == 1
    assert "S20" in out


def test_a_verdict_on_an_alarm_is_kept_beside_the_recording(copy, vigil):
    before = copy.read_bytes()
    said = ["--by", "SM", "--why", "strap moved\x1b[31m"]
    code, out, _ = vigil("annotate", copy, "artefact", "--alarm", "hr_extreme#1", *said)
    assert code == 0
    assert "0:01:36 - 0:04:51" in out
    assert "strap moved\\x1b" in out
    vigil("annotate", copy, "false", "--from", "1:00", "--to", "100", "--by", "SM", "--why", "b")
    vigil("annotate", copy, "--withdraw", "2", "--by", "SM", "--why", "mistaken")
    notes = sidecar.read(copy)
    assert [(n.verdict, n.subject, n.withdrawn) for n in notes] == [
        ("artefact", "hr_extreme#1", False),
        ("false", "", True),
    ]
    assert (notes[1].t0_s, notes[1].t1_s) == (60.0, 100.0)
    assert vigil("list", copy)[1].rstrip().endswith("1 artefact")
    assert "hr_extreme#1" in vigil("show", copy)[1]
    assert copy.read_bytes() == before
    beside = sidecar.beside(copy)
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    with closing(sqlite3.connect(beside)) as database:
        for statement in ("DELETE FROM annotations", "UPDATE annotations SET why = ''"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                database.execute(statement)


def test_an_alarm_of_an_import_is_the_derived_one(made, vigil):
    words = ["--alarm", "hr_high", "--by", "SM", "--why", "stress test"]
    code, out, _ = vigil("annotate", made / "S20.db", "true", *words)
    assert (code, "0:32:16 - 0:33:58" in out) == (0, True)
    sidecar.beside(made / "S20.db").unlink()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["true", "--alarm", "hr_high#9", "--by", "a", "--why", "b"], "hr_high#1 at 0:01:51"),
        (["true", "--alarm", "hr_lo", "--by", "a", "--why", "b"], "no such alarm"),
        (["true", "--alarm", "hr_high"], "say who"),
        (["true", "--by", "a", "--why", " "], "say who"),
        (["true", "--by", "a", "--why", "b"], "say of what"),
        (
            ["true", "--from", "9:00:00", "--to", "9:00:01", "--by", "a", "--why", "b"],
            "0:05:17 long",
        ),
        (["true", "--from", "9", "--to", "8", "--by", "a", "--why", "b"], "in this order"),
        (["--withdraw", "1", "--by", "a", "--why", "b"], "annotation 1 does not exist"),
        (["wrong", "--by", "a", "--why", "b"], "is not one of"),
    ],
)
def test_what_cannot_be_annotated_leaves_nothing_behind(copy, vigil, words, says):
    code, out, told = vigil("annotate", copy, *words)
    assert (code, out) == (2, "")
    assert says in told
    assert [file.name for file in copy.parent.iterdir()] == ["s.db"]


def test_a_file_beside_that_is_not_ours_is_left_alone(copy, vigil):
    beside = sidecar.beside(copy)
    beside.write_text("my notes")
    words = ["annotate", copy, "true", "--alarm", "hr_high", "--by", "a", "--why", "b"]
    assert vigil(*words)[0] == 2
    assert beside.read_text() == "my notes"
    beside.unlink()
    assert vigil(*words)[0] == 0
    other = copy.with_name("S20.db")
    imported.write(detect.load([DATA / "empatica" / "S20"]), other)
    shutil.copyfile(beside, sidecar.beside(other))
    code, _, told = vigil(
        "annotate", other, "true", "--alarm", "hr_high", "--by", "a", "--why", "b"
    )
    assert (code, "belongs to another session" in told) == (2, True)


def cut(path):
    path.write_bytes(path.read_bytes()[:-8192])


def zero_middle(path):
    raw = path.read_bytes()
    path.write_bytes(raw[:40960] + bytes(8192) + raw[49152:])


def newer(path):
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize(
    ("spoil", "code", "says"),
    [
        (cut, 1, "damaged"),
        (zero_middle, 1, "damaged"),
        (lambda path: path.write_bytes(b""), 2, "the file is empty"),
        (newer, 2, "written by a newer Vigil (recording format 99; this version reads up to 2)"),
        (lambda path: path.unlink(), 2, "No such file"),
    ],
)
def test_verify_goes_on_after_a_bad_file(copy, vigil, spoil, code, says):
    spoil(copy)
    before = copy.read_bytes() if copy.exists() else b""
    found, out, told = vigil("verify", copy, SESSION)
    assert found == 1
    assert says in out + told
    assert f"{SESSION}: ok\n" in out
    assert (copy.read_bytes() if copy.exists() else b"") == before
    assert len(list(copy.parent.iterdir())) == copy.exists()
    assert vigil("verify", copy)[0] == code


def test_another_programs_lock_hinders_nobody(copy, vigil):
    with closing(sqlite3.connect(copy, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert vigil("verify", copy)[:2] == (0, f"{copy}: ok\n")
        assert "2 matches" in vigil("find", "heart_rate > 140 for 60 s", copy)[2]
        other.execute("ROLLBACK")


def test_annotations_that_cannot_be_written_say_so(copy, vigil):
    sidecar.beside(copy).mkdir()  # no file can be made there, whoever tries
    words = ["annotate", copy, "true", "--alarm", "hr_high", "--by", "a", "--why", "b"]
    code, _, told = vigil(*words)
    assert code == 2
    assert "s.db.annotations" in told
