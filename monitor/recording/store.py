"""The file of a recording as its writer sees it: one batch, one transaction."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, field, replace
from pathlib import Path
from typing import Self

import msgspec

from devices.model import Frame, SensorSpec
from monitor import clock
from monitor.errors import RecordingError
from monitor.recording.blocks import COLUMNS, MINUTE_NS, Block, Entry, fingerprint, pack, unpack
from monitor.recording.chain import CHAINS, Head, genesis, journal_content, link
from monitor.recording.reader import WRITING, Recording, identity
from monitor.recording.schema import (
    FORMAT_VERSION,
    SCHEMA,
    Anchor,
    NewSession,
    VitalsRow,
    canonical,
)

BUSY_S = 0.5
"""How long to wait for another program's lock before the batch is tried again later."""
_PLACES = ", ".join("?" * len(Block._fields))
INSERT_BLOCK = f"INSERT INTO blocks VALUES (?, {_PLACES}, ?)"  # noqa: S608 - placeholders only
INSERT_STAGED = f"INSERT INTO staged VALUES (NULL, {_PLACES})"  # noqa: S608 - placeholders only


@dataclass(slots=True)
class Batch:
    """What goes into one transaction, each list in order of arrival.

    `journal` holds (t_ns, kind, canonical JSON); `values` has one entry a frame.
    """

    frames: list[Frame] = field(default_factory=list)
    values: list[float | None] = field(default_factory=list)
    vitals: list[VitalsRow] = field(default_factory=list)
    journal: list[tuple[int, str, str]] = field(default_factory=list)
    anchors: list[Anchor] = field(default_factory=list)
    sensors: list[SensorSpec] = field(default_factory=list)

    def __len__(self) -> int:
        return sum(
            len(part)
            for part in (self.frames, self.vitals, self.journal, self.anchors, self.sensors)
        )

    def extend(self, other: Batch) -> None:
        """Append everything of a later batch."""
        self.frames += other.frames
        self.values += other.values
        self.vitals += other.vitals
        self.journal += other.journal
        self.anchors += other.anchors
        self.sensors += other.sensors

    @property
    def newest_minute(self) -> int:
        """Latest session minute of anything in here, -1 if empty."""
        times = [frame.t_ns for frame in self.frames] + [t_ns for t_ns, _, _ in self.journal]
        times += [row.t_s * 1_000_000_000 for row in self.vitals]
        return max(times, default=-1) // MINUTE_NS


@dataclass(frozen=True, slots=True)
class _State:
    """What the next transaction builds on; replaced only when one has been committed."""

    journal: Head
    blocks: Head
    next_order: int
    minute: int
    staged: tuple[Entry, ...]
    """Frames of the current minute, already on disk as staged rows."""


class Store:
    """The open file. Not thread-safe: one thread at a time."""

    def __init__(self, path: Path, database: sqlite3.Connection) -> None:
        self.path = path
        self._database = database
        self._identity = identity(path)
        self._state = self._load()
        self.segments: int = self._one("SELECT count(*) FROM anchors")
        WRITING.add(self._identity)

    @classmethod
    def create(cls, path: Path, session: NewSession) -> Self:
        """Make a new recording, readable by its user only; RecordingError if the path is taken."""
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except FileExistsError as fault:
            raise RecordingError(
                f"{path}: exists already; a recording is not overwritten"
            ) from fault
        except OSError as fault:
            raise RecordingError(f"{path}: cannot be created ({fault.strerror})") from fault
        database = None
        try:
            database = _connect(path)
            _initialise(database, session)
            return cls(path, database)
        except BaseException as fault:
            if database is not None:
                database.close()
            path.unlink(missing_ok=True)
            if isinstance(fault, sqlite3.Error):
                raise RecordingError(f"{path}: cannot be created ({fault})") from fault
            raise

    @classmethod
    def open(cls, path: Path) -> Self:
        """Go on with a recording that was not ended; RecordingError if that cannot be done."""
        with Recording.open(path) as recording:
            if recording.ended:
                raise RecordingError(f"{path}: its session has ended; nothing is added to it")
        try:
            database = _connect(path)
        except (sqlite3.Error, OSError) as fault:
            raise RecordingError(f"{path}: cannot be written ({fault})") from fault
        try:
            return cls(path, database)
        except BaseException as fault:
            database.close()
            if isinstance(fault, sqlite3.Error | ValueError | KeyError):
                raise RecordingError(f"{path}: the recording is damaged ({fault})") from fault
            raise

    def commit(self, batch: Batch) -> None:
        """Write a batch; when this returns it is on disk, when it raises nothing is.

        Raises sqlite3.Error or OSError; the same batch may then be tried again.
        """
        self._check_present()
        with self._transaction():
            state = self._write(batch)
        self._state = state

    def finish(self, end_ns: int) -> None:
        """Seal everything and mark the session as ended at session time `end_ns`."""
        self._check_present()
        with self._transaction():
            state = self._seal(self._state, self._state.staged, ())
            self._save_heads(state)
            self._database.executemany(
                "INSERT INTO meta VALUES (?, ?)",
                [("end_ns", str(end_ns)), ("ended", clock.utc_text(clock.utc_ns()))],
            )
        self._state = state

    def close(self) -> None:
        """Fold the write-ahead log into the file and let go of it."""
        with contextlib.suppress(sqlite3.OperationalError):
            # Another program may be reading; then the log stays beside the file, complete.
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            self._database.execute("PRAGMA journal_mode = DELETE").fetchall()
        self._database.close()
        WRITING.discard(self._identity)

    def _check_present(self) -> None:
        """A deleted file would go on swallowing data without a word."""
        if identity(self.path) != self._identity:
            raise FileNotFoundError(2, "the recording has been replaced", str(self.path))

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._database.execute("COMMIT")
        except BaseException:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise

    def _write(self, batch: Batch) -> _State:
        self._write_rows(batch)
        state = self._write_journal(batch.journal, self._state)
        state = self._write_frames(batch, state)
        self._save_heads(state)
        return state

    def _write_rows(self, batch: Batch) -> None:
        many = self._database.executemany
        anchors = [
            (a.segment, a.t_ns, a.utc_ns, a.zone, a.monotonic_ns, a.boot_id, a.rate)
            for a in batch.anchors
        ]
        many("INSERT INTO anchors VALUES (?, ?, ?, ?, ?, ?, ?)", anchors)
        many(
            "INSERT INTO sensors VALUES (?, (SELECT count(*) FROM sensors), ?) "
            "ON CONFLICT (alias) DO UPDATE SET spec = excluded.spec",
            [(spec.alias, msgspec.json.encode(spec).decode()) for spec in batch.sensors],
        )
        # A resumed engine derives its first seconds again; what was displayed then stands.
        many("INSERT OR IGNORE INTO vitals VALUES (?, ?, ?, ?, ?, ?)", batch.vitals)

    def _write_journal(self, rows: Sequence[tuple[int, str, str]], state: _State) -> _State:
        head = state.journal
        linked = []
        for t_ns, kind, body in rows:
            n = head.n + 1
            head = Head(n, link(head.hash, journal_content(n, t_ns, kind, body)))
            linked.append((n, t_ns, kind, body, head.hash))
        self._database.executemany("INSERT INTO journal VALUES (?, ?, ?, ?, ?)", linked)
        return replace(state, journal=head)

    def _write_frames(self, batch: Batch, state: _State) -> _State:
        first = state.next_order
        new = [
            Entry(first + i, frame, value)
            for i, (frame, value) in enumerate(zip(batch.frames, batch.values, strict=True))
        ]
        state = replace(state, next_order=first + len(new))
        minute = max(state.minute, batch.newest_minute)
        if minute == state.minute:
            self._database.executemany(INSERT_STAGED, pack(new))
            return replace(state, staged=(*state.staged, *new))
        return self._seal(
            replace(state, minute=minute),
            [entry for entry in (*state.staged, *new) if entry.minute < minute],
            [entry for entry in (*state.staged, *new) if entry.minute >= minute],
        )

    def _seal(self, state: _State, done: Sequence[Entry], rest: Sequence[Entry]) -> _State:
        """Turn frames of past minutes into blocks; only those of the present one stay staged."""
        self._database.execute("DELETE FROM staged")
        self._database.executemany(INSERT_STAGED, pack(rest))
        head = state.blocks
        rows = []
        for block in pack(done):
            n = head.n + 1
            head = Head(n, link(head.hash, fingerprint(n, block)))
            rows.append((n, *block, head.hash))
        self._database.executemany(INSERT_BLOCK, rows)
        return replace(state, blocks=head, staged=tuple(rest))

    def _save_heads(self, state: _State) -> None:
        self._database.executemany(
            "INSERT INTO chain_head VALUES (?, ?, ?) "
            "ON CONFLICT (name) DO UPDATE SET n = excluded.n, hash = excluded.hash",
            [
                (name, h.n, h.hash)
                for name, h in (("journal", state.journal), ("blocks", state.blocks))
            ],
        )

    def _load(self) -> _State:
        heads = {
            name: Head(n, hash_)
            for name, n, hash_ in self._database.execute("SELECT name, n, hash FROM chain_head")
        }
        staged = self._load_staged()
        sealed = self._one("SELECT coalesce(sum(n), 0) FROM blocks")
        minute = max((entry.minute for entry in staged), default=-1)
        return _State(heads["journal"], heads["blocks"], sealed + len(staged), minute, staged)

    def _load_staged(self) -> tuple[Entry, ...]:
        entries = []
        for row in self._database.execute(f"SELECT {COLUMNS} FROM staged"):  # noqa: S608 - ours
            block = Block(*row)
            columns = unpack(block)
            # Bounds of a staged row stand for its values: the minute's bounds come out the same.
            values = [block.value_min, block.value_max, *[None] * block.n]
            entries += [
                Entry(order, Frame(t_ns=t_ns, source=block.source, payload=payload), value)
                for order, t_ns, payload, value in zip(
                    columns.orders.tolist(),
                    columns.times.tolist(),
                    columns.payloads,
                    values,
                    strict=False,
                )
            ]
        return tuple(sorted(entries))

    def _one(self, query: str) -> int:
        number: int = self._database.execute(query).fetchone()[0]
        return number


def _connect(path: Path) -> sqlite3.Connection:
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


def _initialise(database: sqlite3.Connection, session: NewSession) -> None:
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
    database.executemany(
        "INSERT INTO chain_head VALUES (?, ?, ?)", [(name, *astuple(start)) for name in CHAINS]
    )
    database.execute("COMMIT")
