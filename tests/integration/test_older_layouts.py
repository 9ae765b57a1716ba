"""Recordings of an older format: read, verified and replayed as they are; gone on with."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from monitor import feed, reanalysis
from monitor.clock import ScaledClock
from monitor.recording import layout
from monitor.recording.chain import examine, verify
from monitor.recording.reader import Recording
from monitor.recording.schema import FORMAT_VERSION, VIEW_NAMES
from monitor.recording.writer import Recorder
from monitor.replay import Replay

DATA = Path(__file__).parents[1] / "data" / "recordings"


@pytest.fixture
def copy_of(tmp_path):
    def make(name):
        return Path(shutil.copyfile(DATA / name, tmp_path / name))

    return make


@pytest.mark.parametrize("name", ["layout-1.db", "layout-1-unended.db"])
def test_the_first_layout_opens_verifies_and_is_derived_again(name, copy_of):
    path = copy_of(name)
    before = path.read_bytes()
    result = examine(path)
    assert (result.findings, result.version) == ([], 1)
    alarms = reanalysis.analyse(path).alarms
    assert {"hr_extreme", "hr_high"} <= {alarm.condition for alarm in alarms}
    with Recording.open(path) as recording:
        assert alarms == reanalysis.recorded(recording)
        assert recording.vitals().t_s.size > 200
        assert recording.sensors()
        assert recording.anchors[0].zone == "Etc/UTC"
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET body = replace(body, 'hr_high', 'hr_low')",
        "DELETE FROM blocks WHERE id = 3",
        "PRAGMA user_version = 2",
        "CREATE TABLE more (text)",
    ],
)
def test_what_the_first_layout_covers_is_still_found(statement, copy_of):
    path = copy_of("layout-1.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        triggers = database.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        rows = triggers.fetchall()
        for name, _ in rows:
            database.execute(f"DROP TRIGGER {name}")
        database.execute(statement)
        for _, sql in rows:
            database.execute(sql)
    assert verify(path) != []


def test_a_session_of_the_first_layout_goes_on_in_the_present_one(copy_of):
    path = copy_of("layout-1-unended.db")
    with Recording.open(path) as old:
        frames, vitals, rows, end_ns = old.frames(), old.vitals(), old.journal(), old.end_ns
    recorder = Recorder(path)
    recorder.journal(end_ns + 1, "action", {"verb": "note", "details": {"text": "updated"}})
    recorder.close(end_ns + 10**9)
    assert recorder.error is None
    assert examine(path).version == FORMAT_VERSION
    assert verify(path) == []
    with Recording.open(path) as new:
        assert new.frames() == frames
        assert new.vitals().t_s.tolist() == vitals.t_s.tolist()
        journal = new.journal()
        assert journal[: len(rows)] == rows
        assert journal[len(rows)].body == {"event": "format", "before": 1, "after": FORMAT_VERSION}
    with closing(sqlite3.connect(path)) as database:
        assert layout.objects(database) == dict(layout.expected(FORMAT_VERSION))
        for name in VIEW_NAMES:
            assert database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] >= 0  # noqa: S608
        assert database.execute("SELECT DISTINCT zone FROM vitals_utc").fetchall() == [("Etc/UTC",)]


def test_bringing_up_that_fails_changes_nothing(copy_of, monkeypatch):
    path = copy_of("layout-1-unended.db")

    def fail(*_):
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(layout, "_fill_2", fail)
    with pytest.raises(Exception, match="disk I/O error"):
        Recorder(path)
    assert examine(path).version == 1
    assert verify(path) == []


def test_the_first_layout_replays(copy_of):
    session = feed.Session(session_id="x", mode="REPLAY", recording="x")
    with Recording.open(copy_of("layout-1.db")) as recording:
        replay = Replay(recording, ScaledClock(rate=0.0), session)
    replay.clock.jump_to(150 * 10**9)
    replay.tick()
    assert {a.condition for a in replay.snapshot().alarms} >= {"hr_extreme", "hr_high"}
