"""Verification: a changed, removed or reordered row of a recording shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.errors import DamagedError
from monitor.recording.blocks import fingerprint
from monitor.recording.layout import expected
from monitor.recording.links import (
    CHAINS,
    DIGESTS,
    HEADS,
    Head,
    contents,
    follow,
    genesis,
    journal_content,
    link,
    staged_contents,
)
from monitor.recording.reader import Recording
from monitor.recording.schema import Kind

Row = tuple[int, bytes, str]
"""Number, content to hash, stored hash."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a recording is not as it was written.

    Attributes:
        table: the table or other object; "file" if it cannot be read at all.
        row: number of the row concerned; 0 for the table as a whole.
        problem: what is wrong, for the user.
    """

    table: str
    row: int
    problem: str

    def __str__(self) -> str:
        where = f"{self.table}, row {self.row}" if self.row else self.table
        return f"{where}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Verification:
    """What the check of one recording came to.

    Attributes:
        findings: none means every row is as it was written.
        version: format of the recording.
        ended: whether its session has ended; if not, rows may yet come.
        last_hash: of the journal's last row, which stands for all that is covered.
    """

    findings: list[Finding]
    version: int
    ended: bool
    last_hash: str


def verify(path: Path) -> list[Finding]:
    """Check a recording; no finding means every row is as it was written.

    Raises RecordingError when it is missing, not a recording, or of a newer format.
    """
    return examine(path).findings


def examine(path: Path) -> Verification:
    """Check a recording and say what was checked; raises as `verify`."""
    try:
        with Recording.open(path) as recording:
            heads = {name: _head(*head) for name, head in recording.chain_heads().items()}
            findings = list(_findings(recording, heads))
            return Verification(findings, recording.version, recording.ended, recording.last_hash)
    except DamagedError as fault:
        problem = str(fault).removeprefix(f"{path}: ")
        return Verification([Finding("file", 0, problem)], 0, ended=False, last_hash="")


def _findings(recording: Recording, heads: dict[str, Head]) -> Iterator[Finding]:
    start = genesis(recording.session_id)
    wanted = HEADS if recording.version > 1 else CHAINS
    yield from (
        Finding("chain_head", 0, f"{name} is {'missing' if name in wanted else 'not known'}")
        for name in sorted(set(wanted) ^ set(heads))
    )
    heads = {name: heads.get(name, start) for name in HEADS}
    yield from _walk("journal", _journal(recording), start, heads["journal"])
    yield from _walk("blocks", _blocks(recording), start, heads["blocks"])
    if recording.version > 1:
        seals = _seals(recording)
        yield from _sealed(recording, heads, start, seals)
        yield from _ending(recording, heads["journal"], seals)
    yield from _objects(recording)
    if problem := recording.damage():
        yield Finding("file", 0, problem)


def _objects(recording: Recording) -> Iterator[Finding]:
    """A trigger that is gone no longer guards; a view may have been made to hide something."""
    wanted, found = expected(recording.version), recording.objects()
    for name in sorted(set(wanted) | set(found)):
        if wanted.get(name) == found.get(name):
            continue
        gone = "was removed" if name not in found else "was changed"
        yield Finding(name, 0, gone if name in wanted else "does not belong to a recording")


def _safe(content: Callable[..., bytes], *row: Any) -> bytes:
    """Content of a row; a column of another type than was ever written has none."""
    try:
        return content(*row)
    except (TypeError, UnicodeEncodeError):
        return b""


def _journal(recording: Recording) -> Iterator[Row]:
    for seq, t_ns, kind, body, hash_ in recording.raw_journal():
        yield seq, _safe(journal_content, seq, t_ns, kind, body), hash_


def _blocks(recording: Recording) -> Iterator[Row]:
    for number, block, hash_ in recording.raw_blocks():
        yield number, _safe(fingerprint, number, block), hash_


def _walk(table: str, rows: Iterable[Row], start: Head, end: Head) -> list[Finding]:
    """Follow a chain from its start; each row is held against the stored hash before it."""
    findings = []
    before = start
    for number, content, stored in rows:
        if number != before.n + 1:
            missing = f"rows {before.n + 1} to {number - 1} are missing"
            findings.append(Finding(table, number, missing))
        elif not _follows(before, content, stored):
            findings.append(Finding(table, number, "changed, or not in its place"))
        before = Head(number, stored)
    if before.n < end.n:
        missing = f"rows {before.n + 1} to {end.n} are missing at the end"
        findings.append(Finding(table, before.n + 1, missing))
    elif before != end:
        findings.append(Finding(table, before.n, "not the last row that was written"))
    return findings


def _follows(before: Head, content: bytes, stored: str) -> bool:
    try:
        return link(before.hash, content) == stored
    except (TypeError, ValueError):  # what stands there is no hash
        return False


Seals = dict[int, dict[str, Head]]
"""The journal's seals: heads by `seq`."""


def _seals(recording: Recording) -> Seals:
    rows = recording.raw_journal()
    return {seq: _heads(body) for seq, _, kind, body, _ in rows if kind == Kind.SEAL}


def _heads(body: str) -> dict[str, Head]:
    """The heads in a seal; none if it cannot be read: its own row is a finding then."""
    try:
        return {name: _head(*head) for name, head in json.loads(body)["heads"].items()}
    except (AttributeError, KeyError, TypeError, ValueError):
        return {}


def _head(n: object, hash_: object) -> Head:
    """A stored head; one that was never written so fits nothing."""
    return Head(n if isinstance(n, int) and n >= 0 else -1, str(hash_))


def _sealed(
    recording: Recording, heads: Mapping[str, Head], start: Head, seals: Seals
) -> Iterator[Finding]:
    """Tables without a hash a row: their chains against `chain_head` and the journal's seals."""
    marks = {name: [seal[name] for seal in seals.values() if name in seal] for name in HEADS}
    for name in DIGESTS:
        rows = list(contents(recording.rows_of(name)))
        yield from _chained(name, rows, start, heads[name], marks[name][-1:])
    vitals = list(contents(recording.rows_of("vitals")))
    yield from _chained("vitals", vitals, start, heads["vitals"], marks["vitals"])
    staged = [_safe(_staged_content, *row) for row in recording.rows_of("staged")]
    yield from _chained("staged", staged, start, heads["staged"], [])
    blocks = {0: start.hash} | {number: hash_ for number, _, hash_ in recording.raw_blocks()}
    if any(blocks.get(mark.n) != mark.hash for mark in marks["blocks"]):
        yield Finding("blocks", 0, "not the rows that the journal's seals were made of")


def _staged_content(*row: object) -> bytes:
    return next(staged_contents([row]))


def _ending(recording: Recording, journal: Head, seals: Seals) -> Iterator[Finding]:
    """An ended session's journal ends with a seal, and no frame waits to be packed."""
    if not recording.ended:
        return
    if recording.rows_of("staged"):
        yield Finding("staged", 0, "holds rows although the session has ended")
    if journal.n not in seals:
        yield Finding("journal", journal.n, "not the seal with which an ended session closes")


def _chained(
    table: str, rows: Sequence[bytes], start: Head, end: Head, marks: Sequence[Head]
) -> Iterator[Finding]:
    """Follow rows without hashes; a seal that no longer fits tells between which rows to look."""
    at, good_n = start, 0
    for mark in [*sorted(marks, key=lambda mark: mark.n), end]:
        at = follow(at, rows[at.n : mark.n])
        if at != mark:
            span = f"row {good_n + 1} to {mark.n}" if mark.n > good_n else "its rows"
            yield Finding(table, 0, f"changed, added or removed: {span}")
            return
        good_n = mark.n
    if len(rows) != end.n:
        yield Finding(table, 0, f"{len(rows)} rows where {end.n} were written")
