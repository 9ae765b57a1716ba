"""Is what a recording holds what this software makes of it? To the last bit, second by second."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from alerts.model import Transition
from devices.model import NS_PER_S
from monitor.journal import transition_body
from monitor.recording.reader import Recording
from monitor.recording.schema import Mode, VitalsRow, canonical
from monitor.recording.writer import vitals_rows
from monitor.signal.vitals import Vitals

SHOWN = 20
"""Differences that are listed; the rest is counted."""


@dataclass(frozen=True, slots=True)
class SecondDiffers:
    """Displayed vitals of one second, as recorded and as derived; None where there is no row."""

    t_s: int
    recorded: VitalsRow | None
    derived: VitalsRow | None


@dataclass(frozen=True, slots=True)
class ChangeDiffers:
    """An alarm transition (canonical JSON of its journal body) of one side only."""

    t_ns: int
    side: str
    """"recorded" or "derived"."""
    body: str


@dataclass(frozen=True, slots=True)
class Exactness:
    """How the recorded vitals and alarm transitions compare with the derived ones.

    Attributes:
        seconds: of vitals on record.
        seconds_differ: how many of them are not derived bit for bit.
        first_seconds: the first of these.
        transitions: on record.
        transitions_differ: those of one side only.
        first_transitions: the first of these.
    """

    seconds: int
    seconds_differ: int
    first_seconds: list[SecondDiffers]
    transitions: int
    transitions_differ: int
    first_transitions: list[ChangeDiffers]

    @property
    def exact(self) -> bool:
        """Whether nothing differs."""
        return not (self.seconds_differ or self.transitions_differ)

    def as_json(self) -> dict[str, Any]:
        """As `vigil reanalyse --compare --json` prints it."""
        return {"exact": self.exact} | asdict(self)


def exactness(
    recording: Recording, vitals: Sequence[Vitals], transitions: Sequence[Transition]
) -> Exactness | None:
    """Hold what was derived, with the limits of the day, against what was recorded.

    What is derived beyond the last recorded second is left out: nobody saw it. None for an import:
    nothing was displayed then.
    """
    if recording.mode == Mode.IMPORT:
        return None
    recorded = {row[0]: VitalsRow(*row) for row in recording.rows_of("vitals")}
    last_s = max(recorded, default=-1)
    derived = {row.t_s: row for part in vitals for row in vitals_rows(part) if row.t_s <= last_s}
    seconds = [
        SecondDiffers(t_s, recorded.get(t_s), derived.get(t_s))
        for t_s in sorted(recorded.keys() | derived.keys())
        if recorded.get(t_s) != derived.get(t_s)
    ]
    stored = [(row.t_ns, canonical(row.body)) for row in recording.journal(["alarm"])]
    changes = _one_sided(stored, _texts(transitions), (last_s + 1) * NS_PER_S)
    return Exactness(
        len(recorded), len(seconds), seconds[:SHOWN], len(stored), len(changes), changes[:SHOWN]
    )


def _texts(transitions: Sequence[Transition]) -> list[tuple[int, str]]:
    return [(change.t_ns, canonical(transition_body(change))) for change in transitions]


def _one_sided(
    recorded: Sequence[tuple[int, str]], derived: Sequence[tuple[int, str]], until_ns: int
) -> list[ChangeDiffers]:
    left, right = Counter(recorded), Counter(derived)
    gone = [ChangeDiffers(t, "recorded", body) for t, body in (left - right).elements()]
    new = [ChangeDiffers(t, "derived", body) for t, body in (right - left).elements()]
    return sorted([*gone, *(c for c in new if c.t_ns < until_ns)], key=lambda c: (c.t_ns, c.side))


def vitals_hash(rows: Iterable[VitalsRow]) -> str:
    """SHA-256 over displayed vitals, every bit of every second; 64 hex digits."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(repr([_exact(value) for value in row]).encode())
    return digest.hexdigest()


def _exact(value: object) -> object:
    return value.hex() if isinstance(value, float) and math.isfinite(value) else value
