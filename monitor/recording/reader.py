"""Reading a recording without ever touching it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from devices.model import Frame, Frames, SensorSpec, Validity
from monitor.errors import DamagedError, RecordingError
from monitor.recording.blocks import COLUMNS, Block, Bounds, Unpacked, bounds, payloads
from monitor.recording.layout import objects
from monitor.recording.links import BOUNDS, DIGESTS, STAGED, VITALS
from monitor.recording.opening import (
    WRITING,
    check_file,
    connect,
    copy_of,
    has_side_file,
    identity,
    snapshot,
)
from monitor.recording.schema import Anchor, JournalRow, Kind

_VALIDITY = {"heart_rate_bpm": "heart_rate_validity", "skin_degc": "skin_validity"}
_OPS = {op: op for op in (">", ">=", "<", "<=")}


@dataclass(frozen=True, slots=True, eq=False)
class VitalsColumns:
    """Displayed vitals as recorded, one element a second; NaN where nothing was displayed."""

    t_s: NDArray[np.int64]
    heart_rate_bpm: NDArray[np.float64]
    heart_rate_validity: NDArray[np.str_]
    skin_degc: NDArray[np.float64]
    skin_validity: NDArray[np.str_]
    skin_note: NDArray[np.str_]


class Recording:
    """An open recording; use it as a context manager. Made by `open`."""

    def __init__(self, path: Path, database: sqlite3.Connection, copy: Path | None) -> None:
        self.path = path
        self._database = database
        self._copy = copy
        self.meta: dict[str, str] = self._meta()

    @classmethod
    def open(cls, path: Path, *, pages: bool = True) -> Self:
        """Open for reading; neither the file nor its folder is changed.

        A recording that is being written, or whose engine was killed, is read from a private
        copy in the temporary folder.

        Args:
            path: the file.
            pages: have SQLite check every page first; without, damage shows where it is read.

        Raises:
            RecordingError: missing, unreadable, not SQLite, not a recording, damaged, or newer.
        """
        copy = None
        try:
            if identity(path) in WRITING:
                copy = snapshot(path)
            else:
                check_file(path)
                copy = copy_of(path) if has_side_file(path) else None
            return cls._of(path, connect(path, copy, pages=pages), copy)
        except BaseException as fault:
            if copy is not None:
                shutil.rmtree(copy.parent, ignore_errors=True)
            if isinstance(fault, OSError):
                raise RecordingError(f"{path}: cannot be read ({fault.strerror})") from fault
            raise

    @classmethod
    def _of(cls, path: Path, database: sqlite3.Connection, copy: Path | None) -> Self:
        try:
            return cls(path, database, copy)
        except BaseException:
            database.close()
            raise

    def _meta(self) -> dict[str, str]:
        rows = self._rows("SELECT key, value FROM meta")
        if not all(isinstance(text, str) for pair in rows for text in pair):
            raise DamagedError(f"{self.path}: the recording is damaged (not all of meta is text)")
        return dict(rows)

    def close(self) -> None:
        """Let go of the file and of the private copy, if there is one."""
        self._database.close()
        if self._copy is not None:
            shutil.rmtree(self._copy.parent, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def version(self) -> int:
        """Its format; an older one is read as it is."""
        return int(self._rows("PRAGMA user_version")[0][0])

    @property
    def session_id(self) -> str:
        """32 hex digits."""
        return self.meta.get("session_id", "")

    @property
    def subject(self) -> str:
        """The clinic's code for the person, "" if none was given."""
        return self.meta.get("subject", "")

    @property
    def mode(self) -> str:
        """LIVE, SIM or IMPORT."""
        return self.meta.get("mode", "")

    @property
    def software(self) -> str:
        """Version of Vigil that wrote it."""
        return self.meta.get("software", "")

    @property
    def config(self) -> dict[str, Any]:
        """The effective configuration it was recorded with; empty for an import."""
        try:
            config: dict[str, Any] = json.loads(self.meta.get("config", "{}"))
        except ValueError as fault:
            raise DamagedError(f"{self.path}: its configuration cannot be read") from fault
        return config

    @property
    def ended(self) -> bool:
        """Whether the session was ended; False if it is running or its engine was killed."""
        return "end_ns" in self.meta

    @property
    def end_ns(self) -> int:
        """Session time of the end; of the newest entry when it was not ended."""
        if self.ended:
            return int(self.meta["end_ns"])
        newest = self._rows(
            "SELECT max(t1_ns) FROM blocks UNION ALL SELECT max(t1_ns) FROM staged "
            "UNION ALL SELECT max(t_ns) FROM journal UNION ALL SELECT max(t_ns) FROM anchors "
            "UNION ALL SELECT max(t_s) * 1000000000 FROM vitals"
        )
        return max((t_ns for (t_ns,) in newest if t_ns is not None), default=0)

    @property
    def anchors(self) -> list[Anchor]:
        """One for each start of the engine; none where an import has no wall-clock time."""
        rows = self._rows(
            "SELECT segment, t_ns, utc_ns, zone, monotonic_ns, boot_id, rate "
            "FROM anchors ORDER BY segment"
        )
        names = ("segment", "t_ns", "utc_ns", "zone", "monotonic_ns", "boot_id", "rate")
        return [Anchor(**dict(zip(names, row, strict=True))) for row in rows]

    @property
    def start_utc_ns(self) -> int | None:
        """Nanoseconds since 1970-01-01 UTC at session time 0; None if unknown."""
        anchors = self.anchors
        return anchors[0].utc_at(0) if anchors else None

    def sensors(self) -> list[SensorSpec]:
        """The allow-listed sensors, in the order they were configured."""
        rows = self._rows("SELECT spec FROM sensors ORDER BY position")
        try:
            return [msgspec.json.decode(spec, type=SensorSpec) for (spec,) in rows]
        except (msgspec.DecodeError, UnicodeDecodeError) as fault:
            raise DamagedError(f"{self.path}: a sensor cannot be read ({fault})") from fault

    def frames(self, t0_ns: int | None = None, t1_ns: int | None = None) -> list[Frame]:
        """Frames of all sources with `t0_ns <= t_ns < t1_ns`, by time, then by arrival."""
        low = -(2**63) if t0_ns is None else t0_ns
        high = 2**63 - 1 if t1_ns is None else t1_ns
        where = "WHERE t1_ns >= ? AND t0_ns < ?" if t1_ns is not None else "WHERE t1_ns >= ?"
        bounds = (low, high)[: where.count("?")]
        blocks = [block for _, block, _ in self.raw_blocks(where, bounds)]
        blocks += self._staged(where, bounds)
        frames = _merge(blocks, [self._unpack(block) for block in blocks])
        return [f for f in frames if f.t_ns >= low and (t1_ns is None or f.t_ns < high)]

    def columns(self) -> list[Frames]:
        """All frames as columns, a source each; each by time, then by arrival."""
        blocks = [block for _, block, _ in self.raw_blocks()] + self._staged("", ())
        sources: dict[str, list[Block]] = {}
        for block in blocks:
            sources.setdefault(block.source, []).append(block)
        return [self._columns(source, parts) for source, parts in sources.items()]

    def _columns(self, source: str, blocks: Sequence[Block]) -> Frames:
        columns = [self._checked(block) for block in blocks]
        times, orders, ends = (np.concatenate(part) for part in zip(*columns, strict=True))
        starts_anew = np.cumsum([0, *(len(block.payload) for block in blocks[:-1])])
        ends += np.repeat(starts_anew, [block.n for block in blocks])
        frames = Frames(source, times, b"".join(block.payload for block in blocks), ends)
        by_time = np.lexsort((orders, times))
        if (np.diff(by_time) == 1).all():
            return frames
        payloads = frames.payloads()
        data = b"".join(payloads[i] for i in by_time.tolist())
        return Frames(source, times[by_time], data, np.cumsum(frames.sizes[by_time]))

    def journal(self, kinds: Sequence[str] | None = None) -> list[JournalRow]:
        """Journal entries of these kinds (by default all but seals), in the order of writing."""
        try:
            return [
                JournalRow(seq, t_ns, kind, json.loads(body), hash_)
                for seq, t_ns, kind, body, hash_ in self.raw_journal()
                if (kind in kinds if kinds is not None else kind != Kind.SEAL)
            ]
        except ValueError as fault:
            raise DamagedError(f"{self.path}: a journal row is not JSON ({fault})") from fault

    def vitals(self) -> VitalsColumns:
        """Displayed vitals as recorded, in columns."""
        rows = self._rows(
            "SELECT t_s, heart_rate_bpm, heart_rate_validity, skin_degc, skin_validity, skin_note "
            "FROM vitals ORDER BY t_s"
        )
        t_s, bpm, bpm_validity, degc, validity, note = zip(*rows, strict=True) if rows else [()] * 6
        return VitalsColumns(
            t_s=np.array(t_s, np.int64),
            heart_rate_bpm=np.array(bpm, np.float64),
            heart_rate_validity=np.array(bpm_validity, np.str_),
            skin_degc=np.array(degc, np.float64),
            skin_validity=np.array(validity, np.str_),
            skin_note=np.array(note, np.str_),
        )

    def seconds_where(self, column: str, op: str, limit: float) -> list[int]:
        """Seconds at which a valid displayed value compares so.

        The journal's seals hold the bounds of the seconds between them: where these rule it out
        no row is looked at.

        Args:
            column: `heart_rate_bpm` or `skin_degc`.
            op: one of > >= < <=.
            limit: what it is compared with.
        """
        where = f"WHERE t_s BETWEEN ? AND ? AND {column} {_OPS[op]} ? AND {_VALIDITY[column]} = ?"
        query = f"SELECT t_s FROM vitals {where} ORDER BY t_s"  # noqa: S608 - ours
        return [
            t_s
            for from_s, to_s in self._reaching(column, op, limit)
            for (t_s,) in self._rows(query, (from_s, to_s, limit, Validity.VALID.value))
        ]

    def _reaching(self, column: str, op: str, limit: float) -> list[tuple[int, int]]:
        """Stretches of seconds whose bounds allow a match, and what no seal covers yet."""
        bound = f"$.vitals.{column}[{int(op.startswith('>'))}]"
        first, last = (f"json_extract(body, '$.vitals.{key}')" for key in ("from_s", "to_s"))
        query = (
            f"SELECT {first}, {last}, json_extract(body, ?) {_OPS[op]} ? FROM journal "  # noqa: S608 - ours
            f"WHERE kind = 'seal' AND {last} IS NOT NULL ORDER BY seq"
        )
        seals = self._rows(query, (bound, limit))
        end_s = max((to_s for _, to_s, _ in seals), default=-1)
        return [(a, b) for a, b, reaches in seals if reaches] + [(end_s + 1, 2**62)]

    def bounds(self, column: str, from_s: int, to_s: int) -> tuple[float, float] | None:
        """Least and greatest valid displayed value in these seconds, ends included."""
        ((low, high),) = self._rows(BOUNDS[column], (from_s, to_s))
        return None if low is None else (low, high)

    def reaches(self, source: str, op: str, limit: float) -> bool:
        """Whether the bounds of any minute of a source allow a value that compares so."""
        bound = "value_max" if op.startswith(">") else "value_min"
        where = f"WHERE source = ? AND {bound} {_OPS[op]} ?"
        query = f"SELECT 1 FROM blocks {where} UNION ALL SELECT 1 FROM staged {where} LIMIT 1"  # noqa: S608 - ours
        return bool(self._rows(query, (source, limit, source, limit)))

    def raw_journal(self) -> list[tuple[int, int, str, str, str]]:
        """Journal rows as stored: seq, t_ns, kind, JSON text, hash."""
        return self._rows("SELECT seq, t_ns, kind, body, hash FROM journal ORDER BY seq")

    def rows_of(self, table: str) -> list[Any]:
        """Rows of a table without hashes of its own, as its chain takes them."""
        if table in DIGESTS:
            return self._rows(DIGESTS[table])
        return self._rows(STAGED) if table == "staged" else self._rows(VITALS, (-(2**63),))

    def objects(self) -> dict[str, str]:
        """Tables, indexes, views and triggers: name and the text that made each."""
        return objects(self._database)

    def damage(self) -> str:
        """What SQLite finds wrong with the file, indexes included; "" if nothing."""
        problem = str(self._rows("PRAGMA integrity_check(1)")[0][0])
        return "" if problem == "ok" else problem

    def raw_blocks(
        self, where: str = "", bounds: Sequence[int] = ()
    ) -> Iterator[tuple[int, Block, str]]:
        """Sealed blocks as stored: id, columns, hash."""
        query = f"SELECT id, hash, {COLUMNS} FROM blocks {where} ORDER BY id"  # noqa: S608 - ours
        for number, hash_, *columns in self._rows(query, bounds):
            yield number, Block(*columns), hash_

    @property
    def last_hash(self) -> str:
        """Hash of the journal's last row: of an ended session it stands for the whole recording."""
        return str(self.chain_heads().get("journal", (0, ""))[1])

    def chain_heads(self) -> dict[str, tuple[int, str]]:
        """Last number and hash of each chain, as the writer left them."""
        rows = self._rows("SELECT name, n, hash FROM chain_head")
        return {str(name): (n, hash_) for name, n, hash_ in rows}

    def _staged(self, where: str, bounds: Sequence[int]) -> list[Block]:
        query = f"SELECT {COLUMNS} FROM staged {where} ORDER BY id"  # noqa: S608 - ours
        return [Block(*row) for row in self._rows(query, bounds)]

    def _unpack(self, block: Block) -> Unpacked:
        times, orders, ends = self._checked(block)
        return Unpacked(orders, times, payloads(block, ends))

    def _checked(self, block: Block) -> Bounds:
        try:
            return bounds(block)
        except (TypeError, ValueError) as fault:
            where = f"a block of {block.source!r}, minute {block.minute}"
            raise DamagedError(f"{self.path}: {where}, is damaged ({fault})") from fault

    def _rows(self, query: str, bounds: Sequence[object] = ()) -> list[Any]:
        try:
            return self._database.execute(query, bounds).fetchall()
        except sqlite3.DatabaseError as fault:
            raise DamagedError(f"{self.path}: the recording is damaged ({fault})") from fault


def _merge(blocks: Sequence[Block], columns: Sequence[Unpacked]) -> list[Frame]:
    """All frames, by time, then by arrival."""
    if not blocks:
        return []
    times = np.concatenate([column.times for column in columns])
    orders = np.concatenate([column.orders for column in columns])
    sources = [block.source for block in blocks for _ in range(block.n)]
    payloads = [payload for column in columns for payload in column.payloads]
    stamps = times.tolist()
    return [
        Frame(t_ns=stamps[i], source=sources[i], payload=payloads[i])
        for i in np.lexsort((orders, times)).tolist()
    ]
