"""The file of a recording as its writer sees it: one batch, one transaction."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import msgspec

from devices.model import Frame, SensorSpec
from monitor import clock
from monitor.errors import DiskError, RecordingError
from monitor.recording.blocks import COLUMNS, MINUTE_NS, Block, Entry, fingerprint, pack, unpack
from monitor.recording.creating import connect, discard, initialise
from monitor.recording.layout import INSERT_OFFSET, UPSERT_HEAD, bring_up, small_heads
from monitor.recording.links import (
    BOUNDS,
    HEADS,
    SEALED,
    SEALED_S,
    VITALS,
    Head,
    contents,
    follow,
    genesis,
    journal_content,
    link,
    staged_contents,
)
from monitor.recording.local_time import offsets
from monitor.recording.opening import WRITING, identity
from monitor.recording.reader import Recording
from monitor.recording.schema import (
    FORMAT_VERSION,
    Anchor,
    Kind,
    NewSession,
    VitalsRow,
    canonical,
)

SEAL_MINUTES = 10
"""Session minutes between seals: what a changed row of the vitals is narrowed down to."""
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
    def newest_ns(self) -> int:
        """Latest session time of anything in here, -1 if empty."""
        times = [frame.t_ns for frame in self.frames] + [t_ns for t_ns, _, _ in self.journal]
        times += [row.t_s * 1_000_000_000 for row in self.vitals]
        return max(times, default=-1)


@dataclass(frozen=True, slots=True)
class _State:
    """What the next transaction builds on; replaced only when one has been committed."""

    heads: Mapping[str, Head]
    """The newest hash of every chain, by its name in `chain_head`."""
    next_order: int
    minute: int
    staged: tuple[Entry, ...]
    """Frames of the current minute, already on disk as staged rows."""
    last_s: int
    """Newest second of the vitals."""
    sealed_s: int
    """The newest one when the last seal was made."""

    def at(self, **heads: Head) -> Self:
        """With other heads of these chains."""
        return replace(self, heads={**self.heads, **heads})


class Store:
    """The open file. Not thread-safe: one thread at a time."""

    def __init__(self, path: Path, database: sqlite3.Connection) -> None:
        self.path = path
        self._database = database
        self._identity = identity(path)
        (session_id,) = database.execute(
            "SELECT value FROM meta WHERE key = 'session_id'"
        ).fetchone()
        self._start = genesis(session_id)
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
            database = connect(path)
            initialise(database, session)
            return cls(path, database)
        except BaseException as fault:
            if database is not None:
                database.close()
            discard(path)
            if isinstance(fault, sqlite3.Error):
                raise DiskError(f"{path}: cannot be created ({fault})") from fault
            raise

    @classmethod
    def open(cls, path: Path) -> Self:
        """Go on with a recording that was not ended; RecordingError if that cannot be done.

        One of an older format is brought up to the present one, and its journal says so.
        """
        with Recording.open(path) as recording:
            if recording.ended:
                raise RecordingError(f"{path}: its session has ended; nothing is added to it")
        try:
            database = connect(path)
        except (sqlite3.Error, OSError) as fault:
            raise RecordingError(f"{path}: cannot be written ({fault})") from fault
        try:
            before = bring_up(database, genesis(recording.session_id))
            store = cls(path, database)
            if before < FORMAT_VERSION:
                store.note_format(before)
        except BaseException as fault:
            database.close()
            if isinstance(fault, sqlite3.Error | ValueError | KeyError):
                raise RecordingError(f"{path}: the recording is damaged ({fault})") from fault
            raise
        return store

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
            state = self._pack(self._state, self._state.staged, ())
            self._database.executemany(
                "INSERT INTO meta VALUES (?, ?)",
                [("end_ns", str(end_ns)), ("ended", clock.utc_text(clock.utc_ns()))],
            )
            state = self._seal(state, end_ns)
            self._save_heads(state)
        self._state = state

    def note_format(self, before: int) -> None:
        """Say in the journal that the recording was begun in an older format."""
        t_ns = self._one("SELECT coalesce(max(t_ns), 0) FROM journal")
        body = {"event": "format", "before": before, "after": FORMAT_VERSION}
        with self._transaction():
            state = self._write_journal([(t_ns, Kind.SESSION, canonical(body))], self._state)
            state = self._seal(state, t_ns)
            self._save_heads(state)
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
        self._write_small(batch)
        state = self._write_vitals(batch.vitals, self._state)
        state = self._write_journal(batch.journal, state)
        minutes = state.minute // SEAL_MINUTES
        state = self._write_frames(batch, state)
        if batch.anchors or batch.sensors or state.minute // SEAL_MINUTES > minutes:
            state = self._seal(state, batch.newest_ns)
        self._save_heads(state)
        return state

    def _write_small(self, batch: Batch) -> None:
        many = self._database.executemany
        anchors = [
            (a.segment, a.t_ns, a.utc_ns, a.zone, a.monotonic_ns, a.boot_id, a.rate)
            for a in batch.anchors
        ]
        many("INSERT INTO anchors VALUES (?, ?, ?, ?, ?, ?, ?)", anchors)
        for anchor in batch.anchors:
            many(INSERT_OFFSET, offsets(anchor))
        many(
            "INSERT INTO sensors VALUES (?, (SELECT count(*) FROM sensors), ?) "
            "ON CONFLICT (alias) DO UPDATE SET spec = excluded.spec",
            [(spec.alias, msgspec.json.encode(spec).decode()) for spec in batch.sensors],
        )

    def _write_vitals(self, rows: Sequence[VitalsRow], state: _State) -> _State:
        # A resumed engine derives its first seconds again; what was displayed then stands.
        new = [row for row in rows if row.t_s > state.last_s]
        if not new:
            return state
        self._database.executemany("INSERT OR IGNORE INTO vitals VALUES (?, ?, ?, ?, ?, ?)", new)
        # Hashed as SQLite gives them back, which is how they will be verified.
        stored = self._database.execute(VITALS, (state.last_s,)).fetchall()
        vitals = follow(state.heads["vitals"], contents(stored))
        return replace(state.at(vitals=vitals), last_s=stored[-1][0])

    def _write_journal(self, rows: Sequence[tuple[int, str, str]], state: _State) -> _State:
        head = state.heads["journal"]
        linked = []
        for t_ns, kind, body in rows:
            n = head.n + 1
            head = Head(n, link(head.hash, journal_content(n, t_ns, kind, body)))
            linked.append((n, t_ns, kind, body, head.hash))
        self._database.executemany("INSERT INTO journal VALUES (?, ?, ?, ?, ?)", linked)
        return state.at(journal=head)

    def _write_frames(self, batch: Batch, state: _State) -> _State:
        first = state.next_order
        new = [
            Entry(first + i, frame, value)
            for i, (frame, value) in enumerate(zip(batch.frames, batch.values, strict=True))
        ]
        state = replace(state, next_order=first + len(new))
        minute = max(state.minute, batch.newest_ns // MINUTE_NS)
        if minute == state.minute:
            state = self._stage(state, state.heads["staged"], new)
            return replace(state, staged=(*state.staged, *new))
        return self._pack(
            replace(state, minute=minute),
            [entry for entry in (*state.staged, *new) if entry.minute < minute],
            [entry for entry in (*state.staged, *new) if entry.minute >= minute],
        )

    def _stage(self, state: _State, head: Head, entries: Sequence[Entry]) -> _State:
        blocks = pack(entries)
        self._database.executemany(INSERT_STAGED, blocks)
        rows = [(head.n + i, *block) for i, block in enumerate(blocks, 1)]
        return state.at(staged=follow(head, staged_contents(rows)))

    def _pack(self, state: _State, done: Sequence[Entry], rest: Sequence[Entry]) -> _State:
        """Turn frames of past minutes into blocks; only those of the present one stay staged."""
        self._database.execute("DELETE FROM staged")
        state = self._stage(state, self._start, rest)
        head = state.heads["blocks"]
        rows = []
        for block in pack(done):
            n = head.n + 1
            head = Head(n, link(head.hash, fingerprint(n, block)))
            rows.append((n, *block, head.hash))
        self._database.executemany(INSERT_BLOCK, rows)
        return replace(state.at(blocks=head), staged=tuple(rest))

    def _seal(self, state: _State, t_ns: int) -> _State:
        """Put the hashes of all other tables into the journal, whose chain then holds them too."""
        state = state.at(**small_heads(self._database, self._start))
        heads = {name: [state.heads[name].n, state.heads[name].hash] for name in SEALED}
        bounds = {
            column: self._database.execute(BOUNDS[column], (state.sealed_s + 1, state.last_s))
            for column in BOUNDS
        }
        span = {"from_s": state.sealed_s + 1, "to_s": state.last_s}
        vitals = span | {column: found.fetchone() for column, found in bounds.items()}
        body = canonical({"format": FORMAT_VERSION, "heads": heads, "vitals": vitals})
        state = replace(state, sealed_s=state.last_s)
        return self._write_journal([(max(t_ns, 0), Kind.SEAL, body)], state)

    def _save_heads(self, state: _State) -> None:
        before = self._state.heads
        rows = [(k, head.n, head.hash) for k, head in state.heads.items() if head != before[k]]
        self._database.executemany(UPSERT_HEAD, rows)

    def _load(self) -> _State:
        stored = self._database.execute("SELECT name, n, hash FROM chain_head").fetchall()
        heads = {name: Head(n, hash_) for name, n, hash_ in stored}
        staged = self._load_staged()
        return _State(
            heads={name: heads[name] for name in HEADS},
            next_order=self._one("SELECT coalesce(sum(n), 0) FROM blocks") + len(staged),
            minute=max((entry.minute for entry in staged), default=-1),
            staged=staged,
            last_s=self._one("SELECT coalesce(max(t_s), -1) FROM vitals"),
            sealed_s=self._one(SEALED_S),
        )

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
