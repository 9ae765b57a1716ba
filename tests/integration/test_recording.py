"""The recorder on a real disk: a killed writer, a full disk, a live reader, damaged files."""

import os
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
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
from monitor.recording.schema import FORMAT_VERSION, TABLES, Mode, NewSession, VitalsRow
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
    skin = Displayed(np.array([33.5, np.nan]), np.array([2, 0], np.int8), np.zeros(2))
    heart = Displayed(np.array([72.0, 71.0]), np.array([2, 1], np.int8), np.zeros(2))
    vitals = Vitals(
        ticks=ticks,
        heart=HeartRate(heart, flags),
        skin=SkinTemperature(skin, flags, ~flags, np.zeros(2), np.zeros(2)),
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
        views = {"actions", "alarms", "limits", "gaps", "vitals_utc"}
        assert set(database.view_names()) == views
        (action,) = database["actions"].rows
        (alarm,) = database["alarms"].rows
        first = next(database["vitals_utc"].rows)
    finally:
        database.conn.close()
    assert (action["utc"], action["t_s"]) == ("2023-11-14T22:13:21.000Z", 1.0)
    assert (action["verb"], action["details"]) == ("note", '{"text":"hi"}')
    assert (alarm["what"], alarm["condition"], alarm["limit"]) == ("onset", "hr_high", 120.0)
    assert (first["utc"], first["heart_rate_bpm"]) == ("2023-11-14T22:13:20.000Z", 60.0)


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
            for table in (*TABLES, "actions", "alarms", "limits", "gaps", "vitals_utc")
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


READER = """
import sys
from pathlib import Path
from monitor.recording.reader import Recording

with Recording.open(Path(sys.argv[1])) as recording:
    print(len(recording.frames()), recording.ended, recording.end_ns)
"""


def test_a_running_session_can_be_read_and_is_left_alone(path):
    recorder = start(path)
    try:
        for second in range(90):
            recorder.frames([frame(second)])
        assert recorder.flush()
        assert recorder.lag_s == 0.0
        before = bytes_of(path.parent)
        assert "session.db-wal" in before
        with run(READER, str(path)) as child:
            printed, complaints = child.communicate(timeout=30)
        assert (printed, complaints) == (f"90 False {89 * S}\n", "")
        assert bytes_of(path.parent) == before
    finally:
        recorder.close()


def run_sqlite(path, statement):
    """Somebody looks into the running session with SQLite's own tool."""
    script = "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); "
    script += "print(d.execute(sys.argv[2]).fetchone()); d.close()"
    with run(script, str(path), statement) as child:
        printed, complaints = child.communicate(timeout=30)
    assert complaints == ""
    return printed.strip()


def test_reading_in_the_writers_process_keeps_the_writers_locks(path):
    """POSIX drops all of a process's locks on a file when it closes any handle of it.

    Without them another program, on closing, would think it the last one, fold in the log and
    delete it under the writer: all that is recorded from then on would be lost with the engine.
    """
    recorder = start(path)
    try:
        recorder.frames([frame(1)])
        assert recorder.flush()
        with Recording.open(path) as recording:
            assert recording.frames() == [frame(1)]
        assert run_sqlite(path, "SELECT count(*) FROM staged") == "(1,)"
        recorder.frames([frame(2)])
        assert recorder.flush()
        with Recording.open(path) as recording:
            assert recording.frames() == [frame(1), frame(2)]
        assert run_sqlite(path, "SELECT count(*) FROM staged") == "(2,)"
    finally:
        recorder.close()


def test_what_cannot_be_bound_loses_its_batch_only(path):
    recorder = start(path)
    assert recorder.flush()
    recorder.frames([Frame(t_ns=2**70, source="strap", payload=b"")])
    recorder.flush()
    recorder.frames([frame(1)])
    recorder.close(2 * S)
    assert recorder.error is None
    with Recording.open(path) as recording:
        assert recording.frames() == [frame(1)]
        (gap,) = recording.journal(["gap"])
    assert gap.body == {"source": "", "reason": "not recorded", "entries_lost": 1}


def test_a_removed_file_is_an_error_until_it_is_back(path):
    recorder = start(path)
    assert recorder.flush()
    path.rename(path.with_name("moved.db"))
    recorder.frames([frame(1)])
    assert not recorder.flush(timeout_s=0.2)
    assert "No such file" in recorder.error
    assert recorder.lag_s > 0
    path.with_name("moved.db").rename(path)
    assert recorder.flush()
    assert recorder.error is None
    recorder.close(2 * S)
    with Recording.open(path) as recording:
        assert recording.frames() == [frame(1)]


def test_another_programs_lock_is_waited_out(path):
    recorder = start(path)
    assert recorder.flush()
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        recorder.frames([frame(1)])
        assert not recorder.flush(timeout_s=1.0)
        assert "locked" in recorder.error
        other.execute("ROLLBACK")
    other.close()
    assert recorder.flush()
    assert recorder.error is None
    recorder.close(2 * S)
    with Recording.open(path) as recording:
        assert recording.frames() == [frame(1)]


FULL_DISK = """
import resource, sys
from pathlib import Path
from devices.model import Frame
from monitor.recording.schema import NewSession
from monitor.recording.writer import Recorder

path = Path(sys.argv[1])
recorder = Recorder(path, create=NewSession())
assert recorder.flush()
# The kernel refuses every write beyond this size, as a full disk does.
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
frames = [Frame(t_ns=i, source="strap", payload=bytes(1000)) for i in range(1000)]
recorder.frames(frames)
assert not recorder.flush(timeout_s=1.5)
assert recorder.error and recorder.lag_s > 1, (recorder.error, recorder.lag_s)
recorder.frames([Frame(t_ns=1000, source="strap", payload=b"last")])
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert recorder.flush(), recorder.error
assert recorder.error is None
recorder.close(2000)
assert recorder.error is None
"""


def run(script, *arguments):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="NOT RUN: a size limit needs POSIX rlimits")
def test_a_full_disk_loses_nothing_once_there_is_room_again(path):
    with run(FULL_DISK, str(path)) as child:
        _, complaints = child.communicate(timeout=30)
    assert child.returncode == 0, complaints
    with Recording.open(path) as recording:
        frames = recording.frames()
    assert [f.t_ns for f in frames] == list(range(1001))
    assert verify(path) == []


WRITER = """
import sys, time
from pathlib import Path
from devices.model import Frame
from monitor.clock import monotonic_ns
from monitor.recording.schema import NewSession
from monitor.recording.writer import Recorder

recorder = Recorder(Path(sys.argv[1]), create=NewSession())
first = monotonic_ns()
number = 0
while True:
    # 60 session seconds a real one, so that minutes are sealed while it runs.
    t_ns = (monotonic_ns() - first) * 60
    recorder.frames([Frame(t_ns=t_ns, source="strap", payload=number.to_bytes(4, "little"))])
    recorder.journal(t_ns, "action", {"number": number})
    print(number, monotonic_ns(), flush=True)
    number += 1
    time.sleep(0.01)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="NOT RUN: there is no SIGKILL")
@pytest.mark.parametrize("alive_s", [1.3, 2.55])
def test_sigkill_loses_at_most_the_last_second(path, alive_s):
    with run(WRITER, str(path)) as child:
        assert child.stdout.readline()
        time.sleep(alive_s)
        child.send_signal(signal.SIGKILL)
        killed_ns = time.monotonic_ns()
        printed = [line.split() for line in child.stdout if line.endswith("\n")]
    handed_over = {int(number): int(ns) for number, ns in printed}
    before = bytes_of(path.parent)
    with Recording.open(path) as recording:
        kept = [int.from_bytes(f.payload, "little") for f in recording.frames()]
        journalled = [row.body["number"] for row in recording.journal()]
        assert not recording.ended
    assert bytes_of(path.parent) == before
    assert kept == list(range(len(kept)))
    assert journalled in (kept, kept[:-1])  # a commit may fall between the two calls
    lost = [ns for number, ns in handed_over.items() if number >= len(kept)]
    assert len(kept) > 20
    assert all(killed_ns - ns < 1.25 * S for ns in lost)  # 1 s, and a busy machine's commit
    recorder = Recorder(path)
    recorder.close(10**15)
    with Recording.open(path) as recording:
        assert len(recording.frames()) == len(kept)
    assert verify(path) == []


def spoil(path, how):
    raw = path.read_bytes()
    if how == "newer":
        with sqlite3.connect(path) as database:
            database.execute(f"PRAGMA user_version = {FORMAT_VERSION + 1}")
        database.close()
    elif how == "foreign":
        path.unlink()
        with sqlite3.connect(path) as database:
            database.execute("CREATE TABLE notes (text)")
        database.close()
    elif how == "no table":
        with sqlite3.connect(path) as database:
            database.execute("DROP TABLE vitals")
        database.close()
    else:
        path.write_bytes(
            {
                "empty": b"",
                "text": b"time_s,heart_rate[/min]\n0,70\n",
                "header only": raw[:50],
                "half": raw[: len(raw) // 2],
                "one page less": raw[:-4096],
                "overwritten": raw[:8192] + bytes(8192) + raw[16384:],
            }[how]
        )


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("newer", "written by a newer Vigil"),
        ("foreign", "not a Vigil recording"),
        ("no table", "no table vitals"),
        ("empty", "is empty"),
        ("text", "not an SQLite file"),
        ("header only", "damaged"),
        ("half", "damaged"),
        ("one page less", "damaged"),
        ("overwritten", "damaged"),
    ],
)
def test_what_is_not_a_sound_recording_says_so_and_is_not_touched(path, how, words):
    record(path)
    spoil(path, how)
    before = bytes_of(path.parent)
    for attempt in (Recording.open, verify, Recorder):
        with pytest.raises(RecordingError, match=words) as caught:
            attempt(path)
        assert str(path) in str(caught.value)
    assert bytes_of(path.parent) == before


def test_a_newer_running_recording_is_not_touched_either(path):
    recorder = start(path)
    assert recorder.flush()
    copy = path.parent / "copy"
    copy.mkdir()
    for file in ("session.db", "session.db-wal"):
        shutil.copyfile(path.parent / file, copy / file)
    recorder.close()
    with sqlite3.connect(copy / "session.db", isolation_level=None) as database:
        database.execute("PRAGMA wal_autocheckpoint = 0")
        database.execute("PRAGMA user_version = 99")
        wal = (copy / "session.db-wal").read_bytes()
        main = (copy / "session.db").read_bytes()
    database.close()
    (copy / "session.db").write_bytes(main)
    (copy / "session.db-wal").write_bytes(wal)
    before = bytes_of(copy)
    with pytest.raises(RecordingError, match="newer"):
        Recorder(copy / "session.db")
    assert bytes_of(copy) == before


def test_a_real_import_is_a_closed_recording(path):
    imported = load([ROOT / "tests" / "data" / "empatica" / "S02"])
    began = time.perf_counter()
    write(imported, path)
    assert time.perf_counter() - began < 2
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
