"""The file of a recording opened for writing, and a new one filled with its tables."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from monitor import clock
from monitor.recording.layout import UPSERT_HEAD, small_heads
from monitor.recording.links import HEADS, genesis
from monitor.recording.schema import FORMAT_VERSION, SCHEMA, NewSession, canonical

BUSY_S = 0.5
"""How long to wait for another program's lock before the batch is tried again later."""


def connect(path: Path) -> sqlite3.Connection:
    """Open a recording for writing; raises sqlite3.Error or OSError."""
    database = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=rw",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=BUSY_S,
    )
    try:
        # FULL: every commit is on the disk before it returns, power loss included.
        database.execute("PRAGMA journal_mode = WAL").fetchall()
        database.execute("PRAGMA synchronous = FULL")
    except BaseException:
        database.close()
        raise
    return database


def discard(path: Path) -> None:
    """Remove a recording that could not be written, and SQLite's log, which a full disk keeps."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def initialise(database: sqlite3.Connection, session: NewSession) -> None:
    """Make the tables of an empty file and write what does not change."""
    start = genesis(session.session_id)
    meta = {
        "session_id": session.session_id,
        "subject": session.subject,
        "software": session.software,
        "format": str(FORMAT_VERSION),
        "created": clock.utc_text(clock.utc_ns()),
        "mode": session.mode.value,
        "config": canonical(session.config),
    }
    database.executescript(f"BEGIN;{SCHEMA}")
    database.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
    heads = dict.fromkeys(HEADS, start) | small_heads(database, start)
    database.executemany(UPSERT_HEAD, [(name, head.n, head.hash) for name, head in heads.items()])
    database.execute("COMMIT")
