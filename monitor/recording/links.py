"""How rows are tied together by hashes (docs/recording.md, "The chains")."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from monitor.recording.blocks import COLUMNS, Block, fingerprint

CHAINS = ("journal", "blocks")
"""Tables whose rows carry a hash of their own."""
DIGESTS = {
    "meta": "SELECT key, value FROM meta ORDER BY key",
    "anchors": "SELECT segment, t_ns, utc_ns, zone, monotonic_ns, boot_id, rate "
    "FROM anchors ORDER BY segment",
    "offsets": "SELECT segment, t_ns, offset_s, zone FROM offsets ORDER BY segment, t_ns",
    "sensors": "SELECT alias, position, spec FROM sensors ORDER BY alias",
}
"""Small tables, hashed whole, and the rows as they are hashed."""
VITALS = (
    "SELECT t_s, heart_rate_bpm, heart_rate_validity, skin_degc, skin_validity, skin_note "
    "FROM vitals WHERE t_s > ? ORDER BY t_s"
)
"""Vitals are a chain too, of which only the last hash is kept: a hash a row would double them."""
STAGED = f"SELECT id, {COLUMNS} FROM staged ORDER BY id"  # noqa: S608 - our own names
"""Frames of the minute that is not over; their chain begins anew with every minute."""
HEADS = (*CHAINS, "vitals", "staged", *DIGESTS)
"""Names in `chain_head`."""
SEALED = ("blocks", "vitals", *DIGESTS)
"""What a seal in the journal holds the hashes of."""
BOUNDS = {
    column: f"SELECT min({column}), max({column}) FROM vitals "  # noqa: S608 - our own names
    f"WHERE t_s BETWEEN ? AND ? AND {validity} = 'VALID'"
    for column, validity in (
        ("heart_rate_bpm", "heart_rate_validity"),
        ("skin_degc", "skin_validity"),
    )
}
"""Bounds of the valid displayed values in a stretch of seconds, ends included."""
SEALED_S = (
    "SELECT coalesce(max(json_extract(body, '$.vitals.to_s')), -1) FROM journal WHERE kind = 'seal'"
)


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of a chain: how many rows there are, and its hash (64 hex digits)."""

    n: int
    hash: str


def genesis(session_id: str) -> Head:
    """What precedes the first row; ties the chain to its session."""
    return Head(0, hashlib.sha256(session_id.encode()).hexdigest())


def link(previous: str, content: bytes) -> str:
    """Hash of a row: SHA-256 over the 32 bytes of the hash before it, then its content."""
    return hashlib.sha256(bytes.fromhex(previous) + content).hexdigest()


def journal_content(seq: int, t_ns: int, kind: str, body: str) -> bytes:
    """What is hashed of a journal row: the JSON array `[seq,t_ns,kind,body]`, UTF-8, no spaces."""
    return f"[{seq},{t_ns},{json.dumps(kind)},{body}]".encode()


def row_content(row: Sequence[object]) -> bytes:
    """What is hashed of any other row: its columns as a JSON array without spaces, in ASCII."""
    return json.dumps(list(row), separators=(",", ":"), default=repr).encode()


def contents(rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """What is hashed of each of these rows of a small table or of vitals."""
    return map(row_content, rows)


def staged_contents(rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """What is hashed of rows of `STAGED`: the same as of blocks."""
    return (fingerprint(number, Block(*columns)) for number, *columns in rows)  # type: ignore[arg-type]


def follow(head: Head, rows: Iterable[bytes]) -> Head:
    """The head after rows of this content, none of which carries a hash of its own."""
    for content in rows:
        head = Head(head.n + 1, link(head.hash, content))
    return head
