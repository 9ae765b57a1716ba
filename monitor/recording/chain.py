"""Hash chains: a changed, removed or reordered row of a recording shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from monitor.recording.blocks import fingerprint
from monitor.recording.reader import Recording

CHAINS = ("journal", "blocks")
"""Tables whose rows are chained; the name of each in `chain_head`."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of a chain: how many rows there are, and its hash (64 hex digits)."""

    n: int
    hash: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a recording is not as it was written.

    Attributes:
        table: "journal" or "blocks".
        row: `seq` or `id` of the row concerned.
        problem: what is wrong, for the user.
    """

    table: str
    row: int
    problem: str

    def __str__(self) -> str:
        return f"{self.table}, row {self.row}: {self.problem}"


Row = tuple[int, bytes, str]
"""Number, content to hash, stored hash."""


def genesis(session_id: str) -> Head:
    """What precedes the first row; ties the chain to its session."""
    return Head(0, hashlib.sha256(session_id.encode()).hexdigest())


def link(previous: str, content: bytes) -> str:
    """Hash of a row: SHA-256 over the 32 bytes of the hash before it, then its content."""
    return hashlib.sha256(bytes.fromhex(previous) + content).hexdigest()


def journal_content(seq: int, t_ns: int, kind: str, body: str) -> bytes:
    """What is hashed of a journal row: the JSON array `[seq,t_ns,kind,body]`, UTF-8, no spaces."""
    return f"[{seq},{t_ns},{json.dumps(kind)},{body}]".encode()


def verify(path: Path) -> list[Finding]:
    """Check both chains of a recording; no finding means every row is as it was written.

    Raises RecordingError when the file cannot be read at all.
    """
    with Recording.open(path) as recording:
        start = genesis(recording.session_id)
        heads = recording.chain_heads()
        journal = (
            (seq, journal_content(seq, t_ns, kind, body), hash_)
            for seq, t_ns, kind, body, hash_ in recording.raw_journal()
        )
        blocks = (
            (number, fingerprint(number, block), hash_)
            for number, block, hash_ in recording.raw_blocks()
        )
        return [
            *_walk("journal", journal, start, Head(*heads["journal"])),
            *_walk("blocks", blocks, start, Head(*heads["blocks"])),
        ]


def _walk(table: str, rows: Iterable[Row], start: Head, end: Head) -> list[Finding]:
    """Follow a chain from its start; each row is held against the stored hash before it."""
    findings = []
    before = start
    for number, content, stored in rows:
        if number != before.n + 1:
            missing = f"rows {before.n + 1} to {number - 1} are missing"
            findings.append(Finding(table, number, missing))
        elif link(before.hash, content) != stored:
            findings.append(Finding(table, number, "changed, or not in its place"))
        before = Head(number, stored)
    if before.n < end.n:
        missing = f"rows {before.n + 1} to {end.n} are missing at the end"
        findings.append(Finding(table, before.n + 1, missing))
    elif before != end:
        findings.append(Finding(table, before.n, "not the last row that was written"))
    return findings
