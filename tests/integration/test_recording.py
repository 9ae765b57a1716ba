"""A session on a real disk: what the recorder writes is what is read."""

import json
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sqlite_utils

from devices.model import Frame, SensorSpec, Signal
from monitor.errors import RecordingError
from monitor.exchange.detect import load
from monitor.exchange.imported import write
from monitor.recording.chain import verify
from monitor.recording.reader import Recording
from monitor.recording.schema import TABLES, VIEW_NAMES, Mode, NewSession, VitalsRow
from monitor.recording.writer import Recorder
from monitor.signal.heart_rate import HeartRate
from monitor.signal.hold import Displayed
from monitor.signal.skin_temperature import SkinTemperature
from monitor.signal.vitals import Vitals

S = 1_000_000_000
ROOT = Path(__file__).parents[2]


STRAP = SensorSpec(alias="strap", codec="hrs_2a37", measures=Signal.HEART_RATE, site="chest")


PATCH = SensorSpec(
    alias="patch", codec="hts_2a1c", measures=Signal.SKIN_TEMPERATURE, identity={"model": "T1"}
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "session.db"


def frame(second, source="strap"):
    return Frame(t_ns=second * S, source=source, payload=bytes([0, second % 256]))


def start(path, **session):
    recorder = Recorder(path, create=NewSession(**session))
    recorder.anchor(t_ns=0, utc_ns=1_700_000_000 * S, zone="Europe/Oslo", monotonic_ns=5)
    return recorder


def record(path, seconds=150, *, end=True):
    """A small finished session."""
    recorder = start(path, subject="P-017", software="0.1.0", mode=Mode.SIM, config={"a": 1})
    recorder.sensors([STRAP, PATCH])
    for second in range(seconds):
        recorder.frames([frame(second)], [60.0 + second])
        recorder.vitals_rows([VitalsRow(second, 60.0, "VALID", None, "NOT_AVAILABLE", "")])
    recorder.journal(S, "action", {"verb": "note", "operator": "N", "details": {"text": "hi"}})
    recorder.journal(2 * S, "alarm", {"what": "onset", "condition": "hr_high", "limit": 120.0})
    recorder.journal(3 * S, "limits", {"hr_high": 120})
    recorder.journal(4 * S, "gap", {"source": "strap", "reason": "link lost"})
    recorder.close(seconds * S if end else None)
    assert recorder.error is None
    return path


def bytes_of(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_a_closed_recording_is_one_private_file(path):
    record(path)
    assert [file.name for file in path.parent.iterdir()] == ["session.db"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_everything_comes_back(path):
    record(path)
    with Recording.open(path) as recording:
        assert len(recording.session_id) == 32
        assert (recording.subject, recording.mode, recording.software) == ("P-017", "SIM", "0.1.0")
        assert recording.config == {"a": 1}
        assert recording.sensors() == [STRAP, PATCH]
        assert recording.frames() == [frame(second) for second in range(150)]
        assert recording.start_utc_ns == 1_700_000_000 * S
        assert (recording.ended, recording.end_ns) == (True, 150 * S)
        assert [row.kind for row in recording.journal()] == ["action", "alarm", "limits", "gap"]
        assert recording.journal(["limits"])[0].body == {"hr_high": 120}
        vitals = recording.vitals()
    assert vitals.t_s.tolist() == list(range(150))
    assert set(vitals.heart_rate_bpm) == {60.0}
    assert np.isnan(vitals.skin_degc).all()
    assert set(vitals.skin_validity) == {"NOT_AVAILABLE"}


def test_past_minutes_are_sealed_with_their_bounds(path):
    record(path)
    with sqlite3.connect(path) as database:
        rows = database.execute("SELECT minute, n, value_min, value_max FROM blocks").fetchall()
        assert database.execute("SELECT count(*) FROM staged").fetchone() == (0,)
    database.close()
    assert rows == [(0, 60, 60.0, 119.0), (1, 60, 120.0, 179.0), (2, 30, 180.0, 209.0)]


def test_displayed_vitals_become_rows(path):
    ticks = np.array([3, 4], np.int64)
    flags = np.array([True, False])
    skin = Displayed(np.array([33.5, np.nan]), np.array([2, 0], np.int8), np.zeros(2), ~flags)
    heart = Displayed(np.array([72.0, 71.0]), np.array([2, 1], np.int8), np.zeros(2), ~flags)
    vitals = Vitals(
        ticks=ticks,
        heart=HeartRate(heart, flags),
        skin=SkinTemperature(skin, flags, np.zeros(2, int), ~flags, np.zeros(2), np.zeros(2)),
        heart_baseline_bpm=None,
        skin_baseline_degc=None,
        dosed=False,
    )
    recorder = start(path)
    recorder.vitals(vitals)
    recorder.close(5 * S)
    with sqlite3.connect(path) as database:
        rows = database.execute("SELECT * FROM vitals").fetchall()
    database.close()
    assert rows == [
        (3, 72.0, "VALID", 33.5, "VALID", ""),
        (4, 71.0, "QUESTIONABLE", None, "NOT_AVAILABLE", "probe off?"),
    ]


def test_sqlite_utils_reads_tables_and_views(path):
    record(path)
    database = sqlite_utils.Database(path)
    try:
        assert set(TABLES) <= set(database.table_names())
        assert set(database.view_names()) == set(VIEW_NAMES)
        (action,) = database["actions"].rows
        (alarm,) = database["alarms"].rows
        first = next(database["vitals_utc"].rows)
    finally:
        database.conn.close()
    assert (action["utc"], action["t_s"]) == ("2023-11-14T22:13:21.000Z", 1.0)
    assert (action["verb"], action["details"]) == ("note", '{"text":"hi"}')
    assert (alarm["what"], alarm["condition"], alarm["limit"]) == ("onset", "hr_high", 120.0)
    assert (first["utc"], first["heart_rate_bpm"]) == ("2023-11-14T22:13:20.000Z", 60.0)


def cli(*words):
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="NOT RUN: there is no sqlite3 here")
@pytest.mark.parametrize("name", ["session.db", "layout-1.db"])
def test_the_sqlite3_shell_reads_a_recording(name):
    copy = str(ROOT / "tests" / "data" / "recordings" / name)
    query = "SELECT what, condition, \"limit\" FROM alarms WHERE condition = 'hr_extreme'"
    assert cli("sqlite3", "-readonly", copy, query).startswith("onset|hr_extreme|140.0\n")
    assert int(cli("sqlite3", "-readonly", copy, "SELECT count(*) FROM vitals_utc")) > 200
    assert cli("sqlite3", "-readonly", copy, "PRAGMA integrity_check") == "ok\n"


def test_the_sqlite_utils_command_reads_a_recording():
    copy = str(ROOT / "tests" / "data" / "recordings" / "session.db")
    tool = [sys.executable, "-m", "sqlite_utils"]
    rows = json.loads(cli(*tool, "rows", copy, "timeline"))
    assert {"utc", "local", "zone", "t_s", "kind", "body"} <= set(rows[0])
    assert {row["kind"] for row in rows} >= {"session", "limits", "action", "alarm", "gap", "link"}
    limits = json.loads(cli(*tool, "query", copy, "SELECT * FROM limits_in_force"))
    values = {(row["condition"], row["setting"], row["value"]) for row in limits}
    assert ("hr_high", "limit_bpm", 120.0) in values


def test_the_documented_recipe_reads_every_frame(path):
    recorder = start(path)
    for second in range(70):
        recorder.frames([frame(second), frame(second, "patch")])
    recorder.close()
    text = (ROOT / "docs" / "recording.md").read_text()
    (recipe,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    with run(recipe, str(path)) as child:
        printed, complaints = child.communicate(timeout=30)
    with Recording.open(path) as recording:
        expected = [f"{f.t_ns / 1e9} {f.source} {f.payload.hex()}" for f in recording.frames()]
    assert (printed.splitlines(), complaints) == (expected, "")


def test_every_table_column_and_view_is_documented(path):
    record(path)
    text = (ROOT / "docs" / "recording.md").read_text()
    with sqlite3.connect(path) as database:
        names = {
            name
            for table in (*TABLES, *VIEW_NAMES)
            for name in (
                table,
                *(row[1] for row in database.execute(f"PRAGMA table_info({table})")),
            )
        }
        keys = {key for (key,) in database.execute("SELECT key FROM meta")}
    database.close()
    assert [name for name in names | keys if not re.search(rf"\b{name}\b", text)] == []


def test_wall_time_follows_the_segment_and_its_rate(path):
    recorder = Recorder(path, create=NewSession())
    recorder.anchor(t_ns=0, utc_ns=0, zone="UTC", monotonic_ns=0, rate=60.0)
    recorder.anchor(t_ns=600 * S, utc_ns=3600 * S, zone="UTC", monotonic_ns=0)
    for t_s in (300, 599, 600, 660):
        recorder.journal(t_s * S, "action", {"verb": "note"})
    recorder.close(700 * S)
    with sqlite3.connect(path) as database:
        walls = [utc for (utc,) in database.execute("SELECT substr(utc, 12, 8) FROM actions")]
    database.close()
    assert walls == ["00:00:05", "00:00:09", "01:00:00", "01:01:00"]


def test_a_resumed_session_goes_on_where_it_was(path):
    record(path, seconds=90, end=False)
    recorder = Recorder(path)
    assert recorder.anchor(t_ns=100 * S, utc_ns=1, zone="UTC", monotonic_ns=1) == 1
    recorder.frames([frame(100), frame(130)])
    recorder.vitals_rows([VitalsRow(89, 99.0, "VALID", 1.0, "VALID"), VitalsRow(90, *[None] * 4)])
    recorder.sensors([STRAP])
    recorder.close(200 * S)
    assert recorder.error is None
    with Recording.open(path) as recording:
        assert [f.t_ns // S for f in recording.frames()] == [*range(90), 100, 130]
        assert [anchor.segment for anchor in recording.anchors] == [0, 1]
        assert recording.vitals().heart_rate_bpm[89] == 60.0
        assert recording.sensors() == [STRAP, PATCH]
    assert verify(path) == []


def test_an_ended_or_foreign_recording_is_not_gone_on_with(path):
    record(path)
    before = bytes_of(path.parent)
    with pytest.raises(RecordingError, match="has ended"):
        Recorder(path)
    with pytest.raises(RecordingError, match="exists already"):
        Recorder(path, create=NewSession())
    with pytest.raises(RecordingError, match="cannot be read"):
        Recorder(path.with_name("none.db"))
    with pytest.raises(RecordingError, match="cannot be created"):
        Recorder(path.parent / "no folder" / "x.db", create=NewSession())
    assert bytes_of(path.parent) == before


def run(script, *arguments):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_real_import_is_a_closed_recording(path):
    imported = load([ROOT / "tests" / "data" / "empatica" / "S02"])
    write(imported, path)
    assert [file.name for file in path.parent.iterdir()] == ["session.db"]
    with Recording.open(path) as recording:
        assert recording.frames() == imported.frames
        assert recording.sensors() == imported.sensors
        assert (recording.mode, recording.subject, recording.ended) == ("IMPORT", "S02", True)
        assert recording.end_ns == imported.end_ns
        assert recording.start_utc_ns == 1_644_227_574 * S
        notes = recording.journal(["action"])
        rates = [b for _, b, _ in recording.raw_blocks() if b.source == "e4_heart" and b.value_max]
    assert [row.body["details"] for row in notes] == [{"text": text} for _, text in imported.notes]
    assert max(block.value_max for block in rates) < 150
    assert verify(path) == []
    with pytest.raises(RecordingError, match="exists already"):
        write(imported, path)
