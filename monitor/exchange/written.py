"""What an export comes to: bytes of one or several files, and what they cannot hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from devices.model import NS_PER_S
from monitor.clock import utc_text
from monitor.exchange.session import Session


@dataclass(slots=True)
class Written:
    """An export.

    Attributes:
        files: what is added to the name of the output -> content; "" is the output itself.
        notes: what the format cannot hold, and whatever else the user should know.
        count: lines, samples or entries, for the user.
        what: the word for them.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    count: int = 0
    what: str = "lines"


def utc(session: Session, t_ns: int) -> str | None:
    """ISO 8601 UTC text at a session time, to the millisecond; None if unknown."""
    ns = session.utc_ns(t_ns)
    return None if ns is None else utc_text(ns)


def t_s(t_ns: int) -> float:
    """Seconds, to the microsecond: what a float holds exactly enough over a week."""
    return round(t_ns / NS_PER_S, 6)


def about(session: Session) -> dict[str, object]:
    """What is true of a whole export, whatever its format."""
    keys = ("alias", "site", "method")
    return {
        "subject": session.subject,
        "start_utc": utc(session, 0),
        "zone": session.zone,
        "duration_s": t_s(session.end_ns),
        "software": session.software,
        "mode": session.mode,
        "dates_shifted": session.shifted,
        "sensors": [
            {key: getattr(one, key) for key in keys} | {"measures": one.measures.value}
            for one in session.sensors
        ],
    }


def first_only(session: Session, wanted: Sequence[str], fmt: str) -> list[str]:
    """A note on each signal of which a format holds one sensor's only."""
    several = {
        name: [one.source for one in parts if one.t_ns.size]
        for name, parts in session.series.items()
        if name in wanted
    }
    return [
        f"{fmt}: of the {len(names)} sensors of {name} only {names[0]}"
        for name, names in several.items()
        if len(names) > 1
    ]
