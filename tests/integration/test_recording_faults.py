"""A killed writer, a full disk, other programs, damaged files: nothing is lost, nothing touched."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devices.model import Frame
from monitor.errors import RecordingError
from monitor.recording import writer
from monitor.recording.chain import verify
from monitor.recording.reader import Recording
from monitor.recording.schema import FORMAT_VERSION, NewSession, VitalsRow
from monitor.recording.writer import Recorder

S = 1_000_000_000
ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "session.db"


def frame(second, source="strap"):
    return Frame(t_ns=second * S, source=source, payload=bytes([0, second % 256]))


def start(path, **session):
    recorder = Recorder(path, create=NewSession(**session))
    recorder.anchor(t_ns=0, utc_ns=1_700_000_000 * S, zone="Europe/Oslo", monotonic_ns=5)
    return recorder


def record(path):
    """A finished session of some pages."""
    recorder = start(path)
    recorder.frames([frame(second) for second in range(150)])
    recorder.vitals_rows([VitalsRow(t_s, 60.0, "VALID", None, "VALID") for t_s in range(150)])
    recorder.close(150 * S)
    assert recorder.error is None


def bytes_of(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def run(script, *arguments):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


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


def test_what_no_longer_fits_in_memory_is_a_gap_on_record(path, monkeypatch):
    monkeypatch.setattr(writer, "MAX_QUEUED", 5)
    recorder = start(path)
    assert recorder.flush()
    path.rename(path.with_name("moved.db"))
    for second in range(8):
        recorder.frames([frame(second)])
    recorder.journal(9 * S, "action", {"verb": "dose"})
    path.with_name("moved.db").rename(path)
    recorder.close(10 * S)
    assert recorder.error is None
    with Recording.open(path) as recording:
        assert recording.frames() == [frame(second) for second in range(5)]
        action, gap = recording.journal()
    assert (action.kind, gap.kind, gap.t_ns) == ("action", "gap", 5 * S)
    assert gap.body == {"source": "", "reason": "not recorded", "entries_lost": 3}


def test_another_programs_lock_is_waited_out(path, monkeypatch):
    monkeypatch.setattr("monitor.recording.writer.PATIENCE_S", 2.0)
    recorder = start(path)
    assert recorder.flush()
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        recorder.frames([frame(1)])
        assert not recorder.flush(timeout_s=1.0)
        assert recorder.error is None  # a moment of it is no trouble yet
        assert not recorder.flush(timeout_s=2.5)
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


DAMAGED = {"no table", "header only", "half", "one page less", "overwritten"}
"""A recording, but not whole: a finding of verification, while what is none is bad input."""


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
        if attempt is verify and how in DAMAGED:
            assert words in str(verify(path)[0])
            continue
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
