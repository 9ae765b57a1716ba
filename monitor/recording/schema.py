"""The tables of a recording and the rows that go into them (docs/recording.md)."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import msgspec

from monitor.errors import DamagedError, RecordingError

APPLICATION_ID = 0x5647494C
""""VGIL" in the file's header: what tells a recording from any other SQLite file."""
FORMAT_VERSION = 2
"""`user_version` of the file. A reader refuses a higher one (see `monitor.recording.layout`)."""
MAGIC = b"SQLite format 3\0"
"""First 16 bytes of every SQLite 3 file (sqlite.org/fileformat.html, section 1.3)."""

TABLES_1 = ("meta", "anchors", "sensors", "blocks", "staged", "vitals", "journal", "chain_head")
"""Tables of every format."""
TABLES = (*TABLES_1, "offsets")
APPEND_ONLY = ("anchors", "offsets", "blocks", "vitals", "journal")

_ALARM_KEYS = (
    *("what", "condition", "occurrence", "priority", "presence"),
    *("value", "limit", "unit", "detail"),
)
_FRAME_COLUMNS = """
    source TEXT NOT NULL, minute INTEGER NOT NULL, n INTEGER NOT NULL,
    t0_ns INTEGER NOT NULL, t1_ns INTEGER NOT NULL, value_min REAL, value_max REAL,
    order0 INTEGER NOT NULL, orders BLOB NOT NULL, times BLOB NOT NULL,
    lengths BLOB NOT NULL, payload BLOB NOT NULL"""

_CLOCK = """
    LEFT JOIN anchors a ON a.segment = (SELECT max(segment) FROM anchors WHERE t_ns <= {t_ns})
    LEFT JOIN offsets o ON o.segment = a.segment AND o.t_ns = (SELECT max(p.t_ns)
        FROM offsets p WHERE p.segment = a.segment AND p.t_ns <= {t_ns})"""
"""Joins what is needed to tell the wall-clock time of session time `t_ns`."""
_WALL = """strftime('%Y-%m-%dT%H:%M:%fZ',
    (a.utc_ns + ({t_ns} - a.t_ns) / a.rate) / 1e9, 'unixepoch') AS utc,
    strftime('%Y-%m-%d %H:%M:%f',
    (a.utc_ns + ({t_ns} - a.t_ns) / a.rate) / 1e9 + o.offset_s, 'unixepoch')
    || CASE WHEN o.offset_s < 0 THEN '-' ELSE '+' END
    || printf('%02d:%02d', abs(o.offset_s) / 3600, abs(o.offset_s) % 3600 / 60) AS local, o.zone"""


def _view(name: str, where: str, *fields: str) -> str:
    keys = "".join(f", json_extract(j.body, '$.{key}') AS \"{key}\"" for key in fields)
    # Names are the literals of this module; nothing of a user's reaches this text.
    return (
        f"CREATE VIEW {name} AS SELECT j.seq, {_WALL.format(t_ns='j.t_ns')}, "  # noqa: S608
        f"j.t_ns / 1e9 AS t_s{keys}, j.body FROM journal j{_CLOCK.format(t_ns='j.t_ns')} "
        f"WHERE {where} ORDER BY j.seq;"
    )


def _append_only(table: str) -> str:
    return "".join(
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;"
        for verb in ("update", "delete")
    )


_OFFSETS = """
CREATE TABLE offsets (segment INTEGER NOT NULL, t_ns INTEGER NOT NULL, offset_s INTEGER NOT NULL,
    zone TEXT NOT NULL, PRIMARY KEY (segment, t_ns)) WITHOUT ROWID;
"""
_VITALS_NS = "(v.t_s * 1000000000)"
VIEWS = f"""
{_view("actions", "j.kind = 'action'", "verb", "operator", "details", "refused")}
{_view("alarms", "j.kind = 'alarm'", *_ALARM_KEYS)}
{_view("limits", "j.kind = 'limits'")}
{_view("gaps", "j.kind = 'gap'", "source", "reason")}
{_view("timeline", "j.kind <> 'seal'").replace("AS t_s,", "AS t_s, j.kind,")}
CREATE VIEW limits_in_force AS SELECT j.seq, {_WALL.format(t_ns="j.t_ns")}, j.t_ns / 1e9 AS t_s,
    c.key AS condition, k.key AS setting, k.value
    FROM journal j{_CLOCK.format(t_ns="j.t_ns")}
    JOIN json_each(j.body, '$.alarms') c JOIN json_each(c.value) k
    WHERE j.kind = 'limits' ORDER BY j.seq;
CREATE VIEW vitals_utc AS SELECT {_WALL.format(t_ns=_VITALS_NS)}, v.*
    FROM vitals v{_CLOCK.format(t_ns=_VITALS_NS)} ORDER BY v.t_s;
"""  # noqa: S608 - built of this module's own literals
VIEW_NAMES = (
    *("actions", "alarms", "limits", "gaps"),
    *("timeline", "limits_in_force", "vitals_utc"),
)
SCHEMA = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE anchors (segment INTEGER PRIMARY KEY, t_ns INTEGER NOT NULL, utc_ns INTEGER NOT NULL,
    zone TEXT NOT NULL, monotonic_ns INTEGER NOT NULL, boot_id TEXT NOT NULL, rate REAL NOT NULL);
CREATE TABLE sensors (alias TEXT PRIMARY KEY, position INTEGER NOT NULL, spec TEXT NOT NULL)
    WITHOUT ROWID;
CREATE TABLE blocks (id INTEGER PRIMARY KEY,{_FRAME_COLUMNS}, hash TEXT NOT NULL);
CREATE INDEX blocks_by_source ON blocks (source, t0_ns);
CREATE TABLE staged (id INTEGER PRIMARY KEY,{_FRAME_COLUMNS});
CREATE TABLE vitals (t_s INTEGER PRIMARY KEY, heart_rate_bpm REAL, heart_rate_validity TEXT,
    skin_degc REAL, skin_validity TEXT, skin_note TEXT);
CREATE TABLE journal (seq INTEGER PRIMARY KEY, t_ns INTEGER NOT NULL, kind TEXT NOT NULL,
    body TEXT NOT NULL, hash TEXT NOT NULL);
CREATE TABLE chain_head (name TEXT PRIMARY KEY, n INTEGER NOT NULL, hash TEXT NOT NULL)
    WITHOUT ROWID;
{_OFFSETS}
{"".join(_append_only(table) for table in APPEND_ONLY)}
{VIEWS}
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {FORMAT_VERSION};
"""
ADDED_IN_2 = f"""
{_OFFSETS}
{_append_only("offsets")}
{VIEWS}
"""
"""What format 1 lacked; its views are replaced."""


class Mode(StrEnum):
    """Where a recording's data came from."""

    LIVE = "LIVE"
    SIM = "SIM"
    IMPORT = "IMPORT"


class Kind(StrEnum):
    """What a journal row is about."""

    ACTION = "action"
    """An operator action."""
    STATUS = "status"
    """A technical state of the system itself began or ended."""
    ALARM = "alarm"
    """An alarm condition or signal changed."""
    LIMITS = "limits"
    """The limits in force from now on."""
    SESSION = "session"
    """The engine started, resumed or ended."""
    GAP = "gap"
    """Data are missing, and why."""
    LINK = "link"
    """A sensor's connection changed its state."""
    SENSOR = "sensor"
    """A sensor said something of itself: maker, model, firmware."""
    SOURCE = "source"
    """Another sensor of a signal is in use."""
    SEAL = "seal"
    """The hashes of the other tables at this moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """What is fixed when a recording is created.

    Attributes:
        subject: the clinic's code for the person, never a name.
        software: version of Vigil that writes.
        mode: where the data come from.
        config: the effective configuration.
        session_id: 32 hex digits; made up when not given.
    """

    subject: str = ""
    software: str = ""
    mode: Mode = Mode.LIVE
    config: Mapping[str, object] = field(default_factory=dict)
    session_id: str = field(default_factory=lambda: uuid.uuid4().hex)


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """Ties session time to the wall clock; one for every start of the engine.

    Attributes:
        segment: 0 for the first start, then counting up.
        t_ns: session time of the anchor.
        utc_ns: nanoseconds since 1970-01-01 UTC at `t_ns`.
        zone: IANA name of the local time zone.
        monotonic_ns: the system's monotonic clock at `t_ns`; comparable within one `boot_id` only.
        boot_id: names the boot of the machine, "" where unknown.
        rate: session seconds per real second (above 1 in a speeded simulation).
    """

    segment: int
    t_ns: int
    utc_ns: int
    zone: str
    monotonic_ns: int = 0
    boot_id: str = ""
    rate: float = 1.0

    def utc_at(self, t_ns: int) -> int:
        """Nanoseconds since 1970-01-01 UTC at session time `t_ns` of this segment."""
        return self.utc_ns + round((t_ns - self.t_ns) / self.rate)


class VitalsRow(NamedTuple):
    """Displayed vitals of one second; validities are words of `devices.model.Validity`."""

    t_s: int
    heart_rate_bpm: float | None
    heart_rate_validity: str
    skin_degc: float | None
    skin_validity: str
    skin_note: str = ""


class JournalRow(NamedTuple):
    """One journal entry."""

    seq: int
    t_ns: int
    kind: str
    body: dict[str, object]
    hash: str


def canonical(body: object) -> str:
    """One JSON text for one content: sorted keys, no spaces; NaN and infinities become null."""
    try:
        return msgspec.json.encode(body, order="sorted", enc_hook=str).decode()
    except UnicodeEncodeError:
        # A lone surrogate, as a badly decoded command line may hold; escaped it is still text.
        plain = msgspec.to_builtins(body, enc_hook=str)
        return json.dumps(plain, sort_keys=True, separators=(",", ":"), default=str)


def check(database: sqlite3.Connection, path: Path, *, pages: bool = True) -> None:
    """Raise RecordingError unless this is an undamaged recording of a version known here.

    Args:
        database: the open file.
        path: its name for the message.
        pages: also have SQLite check every page.
    """
    try:
        _check_identity(database, path)
        problem = database.execute("PRAGMA quick_check(1)").fetchone()[0] if pages else "ok"
    except sqlite3.DatabaseError as fault:
        raise DamagedError(f"{path}: the recording is damaged ({fault})") from fault
    if problem != "ok":
        raise DamagedError(f"{path}: the recording is damaged ({problem})")


def _check_identity(database: sqlite3.Connection, path: Path) -> None:
    if database.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise RecordingError(f"{path}: an SQLite file, but not a Vigil recording")
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if version > FORMAT_VERSION:
        raise RecordingError(
            f"{path}: written by a newer Vigil (recording format {version}; "
            f"this version reads up to {FORMAT_VERSION})"
        )
    names = {row[0] for row in database.execute("SELECT name FROM sqlite_schema")}
    if missing := sorted(set(TABLES if version > 1 else TABLES_1) - names):
        raise DamagedError(f"{path}: the recording is damaged (no table {', '.join(missing)})")
