"""Opening a recording without touching it: what lies beside it, and a private copy where needed."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from pathlib import Path

from monitor.errors import DamagedError, RecordingError
from monitor.recording.schema import MAGIC, check

LOGS = ("-wal", "-journal")
"""Beside a file that is being written, or whose writer was killed: belongs to its content."""
SIDE_FILES = (*LOGS, "-shm")
"""Any of these: somebody may be writing at this moment."""
WRITING: set[tuple[int, int]] = set()
"""(device, inode) of the recordings this process is writing. POSIX drops all locks a process has on
a file when it closes any handle of it, so these are never opened but through SQLite: without its
locks another program would delete the writer's log on closing (sqlite.org/howtocorrupt.html, 2.2).
"""
COPY_ATTEMPTS = 20
HEADER_BYTES = 100
"""Header of every SQLite file (sqlite.org/fileformat.html, section 1.3)."""
WAL_HEADER_BYTES = 32
"""Header of a write-ahead log; its salts change whenever the log starts anew
(sqlite.org/fileformat.html, section 4.1)."""


def identity(path: Path) -> tuple[int, int]:
    """Device and inode of a file: its name whatever path leads to it."""
    status = path.stat()
    return status.st_dev, status.st_ino


def check_file(path: Path) -> None:
    """Raise RecordingError for what is no SQLite file at all, OSError if it cannot be read."""
    with path.open("rb") as file:
        start = file.read(len(MAGIC))
    if not start:
        raise RecordingError(f"{path}: the file is empty")
    if start != MAGIC:
        raise RecordingError(f"{path}: not a recording (not an SQLite file)")
    if path.stat().st_size < HEADER_BYTES:
        raise DamagedError(f"{path}: the recording is damaged (cut short in its header)")


def connect(path: Path, copy: Path | None, *, pages: bool) -> sqlite3.Connection:
    """Open the file itself, or the copy that was made of it; RecordingError if it is not sound."""
    # immutable: SQLite takes no locks and makes no files beside it.
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1" if copy is None else copy.as_uri()
    try:
        database = sqlite3.connect(uri, uri=True, isolation_level=None)
    except sqlite3.Error as fault:
        raise RecordingError(f"{path}: cannot be read ({fault})") from fault
    try:
        check(database, path, pages=pages)
    except BaseException:
        database.close()
        raise
    return database


def _side(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def has_side_file(path: Path) -> bool:
    """Whether somebody may be writing it, or was killed while writing."""
    return any(_side(path, suffix).exists() for suffix in SIDE_FILES)


def snapshot(path: Path) -> Path:
    """Have SQLite copy what is being written in this process, as of one moment."""
    copy = Path(tempfile.mkdtemp(prefix="vigil-")) / "recording"
    uri = f"{path.resolve().as_uri()}?mode=ro"
    try:
        with (
            contextlib.closing(sqlite3.connect(uri, uri=True)) as live,
            contextlib.closing(sqlite3.connect(copy)) as target,
        ):
            live.backup(target)
    except BaseException as fault:
        shutil.rmtree(copy.parent, ignore_errors=True)
        if isinstance(fault, sqlite3.Error):
            raise RecordingError(f"{path}: cannot be read ({fault})") from fault
        raise
    return copy


def copy_of(path: Path) -> Path:
    """Copy the file and what lies beside it, as of one moment, to a folder of our own."""
    folder = Path(tempfile.mkdtemp(prefix="vigil-"))
    copy = folder / "recording"
    try:
        for _ in range(COPY_ATTEMPTS):
            before = _state(path)
            _copy_once(path, copy)
            # A checkpoint in between would leave a page neither in the file nor in its log.
            if _state(path) == before:
                return copy
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)
    raise RecordingError(f"{path}: is being written too fast to be read; try again")


def _copy_once(path: Path, copy: Path) -> None:
    shutil.copyfile(path, copy)
    for suffix in LOGS:
        _side(copy, suffix).unlink(missing_ok=True)
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(_side(path, suffix), _side(copy, suffix))


def _state(path: Path) -> tuple[int, int, bytes]:
    status = path.stat()
    header = b""
    with contextlib.suppress(FileNotFoundError), _side(path, "-wal").open("rb") as log:
        header = log.read(WAL_HEADER_BYTES)
    return status.st_mtime_ns, status.st_size, header
