"""What people say of a recording afterwards, in a file of its own beside it: the recording stays.

`session.db.annotations` is an SQLite file (mode 0600) that is only ever added to.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from devices.model import NS_PER_S
from monitor import clock
from monitor.errors import AnnotationError
from monitor.recording.reader import Recording
from monitor.recording.schema import MAGIC, Mode
from monitor.tape import Tape

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

SUFFIX = ".annotations"


class Verdict(StrEnum):
    """What an alarm, or a stretch of the session, was."""

    TRUE = "true"
    """It was so."""
    FALSE = "false"
    """It was not so, though the data look good."""
    ARTEFACT = "artefact"
    """The data were disturbed: motion, contact, a sensor that was handled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One judgement.

    Attributes:
        id: number in its file, from 1.
        added_utc: when it was written, ISO 8601 UTC.
        session_id: the recording's.
        verdict: one of `Verdict`.
        condition: of the alarm; "" for a stretch of time.
        occurrence: of the alarm, from 1; 0 for a stretch of time.
        t0_s: begin, seconds from the recording's start.
        t1_s: end; None if the alarm still held at the end.
        who: code of the person who says so.
        why: the reason.
        withdrawn: whether a later entry took it back.
    """

    id: int = 0
    added_utc: str = ""
    session_id: str
    verdict: str
    condition: str = ""
    occurrence: int = 0
    t0_s: float
    t1_s: float | None
    who: str
    why: str
    withdrawn: bool = False

    @property
    def subject(self) -> str:
        """The alarm as `hr_high#1`, or "" for a stretch of time."""
        return f"{self.condition}#{self.occurrence}" if self.condition else ""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One onset of an alarm; times in seconds from the recording's start, None: never cleared."""

    condition: str
    number: int
    onset_s: float
    clear_s: float | None


def occurrences(recording: Recording) -> list[Occurrence]:
    """The alarms of a recording; of an import, which raised none, those its limits derive."""
    if recording.mode == Mode.IMPORT:
        transitions = Tape.derive(recording).own.transitions
        rows = [(c.t_ns, c.what, c.condition, c.occurrence) for c in transitions]
    else:
        rows = [
            (r.t_ns, str(r.body["what"]), str(r.body["condition"]), int(str(r.body["occurrence"])))
            for r in recording.journal(["alarm"])
            if r.body.get("condition")
        ]
    found: dict[tuple[str, int], Occurrence] = {}
    for t_ns, what, condition, number in rows:
        begun = found.get((condition, number))
        if what in {"onset", "escalate"} and begun is None:
            found[condition, number] = Occurrence(condition, number, t_ns / NS_PER_S, None)
        elif what == "clear" and begun is not None:
            found[condition, number] = Occurrence(condition, number, begun.onset_s, t_ns / NS_PER_S)
    return list(found.values())


@cache
def _migrations() -> Migrations:
    """How the file came to its present form, step by step; a new step is added at the end."""
    from sqlite_utils import Migrations  # noqa: PLC0415 - slow to import, and seldom needed

    steps = Migrations("vigil_annotations")

    @steps(name="1_annotations")
    def _annotations(database: Database) -> None:
        database.execute(
            "CREATE TABLE annotations (id INTEGER PRIMARY KEY, added_utc TEXT NOT NULL, "
            "session_id TEXT NOT NULL, verdict TEXT NOT NULL, condition TEXT NOT NULL, "
            "occurrence INTEGER NOT NULL, t0_s REAL NOT NULL, t1_s REAL, who TEXT NOT NULL, "
            "why TEXT NOT NULL)"
        )
        database.execute(
            "CREATE TABLE withdrawals (annotation INTEGER PRIMARY KEY REFERENCES annotations, "
            "added_utc TEXT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL)"
        )
        for table in ("annotations", "withdrawals"):
            for verb in ("update", "delete"):
                database.execute(
                    f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )

    return steps


def beside(recording: Path) -> Path:
    """Where the annotations of a recording are."""
    return recording.with_name(recording.name + SUFFIX)


def read(recording: Path) -> list[Annotation]:
    """All annotations of a recording, in the order they were made; none if there is no file.

    Raises:
        AnnotationError: the file beside it is damaged or belongs to another session.
    """
    path = beside(recording)
    if not path.exists():
        return []
    query = (
        "SELECT a.*, w.annotation IS NOT NULL AS withdrawn FROM annotations a "
        "LEFT JOIN withdrawals w ON w.annotation = a.id ORDER BY a.id"
    )
    try:
        _check(path)
        uri = f"{path.resolve().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as database:
            database.row_factory = sqlite3.Row
            rows = [dict(row) for row in database.execute(query)]
    except (sqlite3.Error, OSError) as fault:
        raise AnnotationError(f"{path}: the annotations cannot be read ({fault})") from fault
    return [Annotation(**{**row, "withdrawn": bool(row["withdrawn"])}) for row in rows]


def add(recording: Path, annotation: Annotation) -> Annotation:
    """Keep an annotation; returns it with its number and time.

    Raises:
        AnnotationError: the file cannot be written, or belongs to another session.
    """
    others = {a.session_id for a in read(recording)} - {annotation.session_id}
    if others:
        raise AnnotationError(f"{beside(recording)}: belongs to another session's recording")
    row = asdict(annotation) | {"added_utc": clock.utc_text(clock.utc_ns())}
    del row["id"], row["withdrawn"]
    with _writing(beside(recording)) as database:
        database.execute(
            f"INSERT INTO annotations ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",  # noqa: S608 - our own names
            list(row.values()),
        )
    return read(recording)[-1]


def withdraw(recording: Path, number: int, who: str, why: str) -> None:
    """Take an annotation back; both stay on file.

    Raises:
        AnnotationError: there is no such annotation, it is withdrawn already, or the file cannot
            be written.
    """
    known = {a.id: a.withdrawn for a in read(recording)}
    if known.get(number) is not False:
        state = "is withdrawn already" if number in known else "does not exist"
        raise AnnotationError(f"{recording}: annotation {number} {state}")
    added_utc = clock.utc_text(clock.utc_ns())
    with _writing(beside(recording)) as database:
        database.execute(
            "INSERT INTO withdrawals VALUES (?, ?, ?, ?)", (number, added_utc, who, why)
        )


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[sqlite3.Connection]:
    """The file, made if need be and brought up to its present form."""
    from sqlite_utils import Database  # noqa: PLC0415 - slow to import, and seldom needed

    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        if path.stat().st_size:
            _check(path)
        with contextlib.closing(sqlite3.connect(path)) as connection:
            _migrations().apply(Database(connection))
            yield connection
            connection.commit()
    except (sqlite3.Error, OSError) as fault:
        raise AnnotationError(f"{path}: cannot be written ({fault})") from fault


def _check(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise AnnotationError(f"{path}: holds no annotations (not an SQLite file)")
