"""Alarms, entries and readings as short texts at a time, for formats that hold annotations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from devices.model import NS_PER_S
from monitor.exchange import session as s
from monitor.exchange.acts import Entry
from monitor.exchange.session import Session

LONGEST = 200
"""Characters of one annotation; WFDB's auxiliary text ends at 255 bytes."""
_OWN = {"temperature", "blood_pressure"}
"""Entries that are readings: they are told as such, as they stand."""


class Mark(NamedTuple):
    """A text at a session time, lasting `duration_s` (None: a moment)."""

    t_ns: int
    duration_s: float | None
    text: str


def marks(session: Session, wanted: Sequence[str]) -> list[Mark]:
    """Everything asked for that is a text at a time, in time order."""
    found: list[Mark] = []
    if s.ALARMS in wanted:
        found += _alarms(session)
    if s.ENTRIES in wanted:
        found += [Mark(e.t_ns, None, _entry(e)) for e in session.entries if _is_told(e)]
    if s.GAPS in wanted:
        found += _gaps(session)
    if s.TEMPERATURE in wanted:
        for one in session.temperatures:
            place = f" {one.site}" if one.site else ""
            found.append(Mark(one.t_ns, None, f"temperature {one.value:g} Cel{place}"))
    if s.PRESSURE in wanted:
        for one in session.pressures:
            values = f"{one.value:g}/{one.diastolic:g}"
            found.append(Mark(one.t_ns, None, f"blood pressure {values} mm[Hg]"))
    return sorted(found, key=lambda mark: mark.t_ns)


def _is_told(entry: Entry) -> bool:
    """What an annotation can say: what stands, and what was refused, with the word for it."""
    return entry.verb not in _OWN and (entry.stands or bool(entry.refused))


def _alarms(session: Session) -> Iterator[Mark]:
    for alarm in session.alarms:
        end_s = session.end_ns / NS_PER_S if alarm.clear_s is None else alarm.clear_s
        value = "" if alarm.value is None else f" {alarm.value:g} {alarm.unit}"
        text = f"alarm {alarm.condition} {alarm.priority}{value}"
        yield Mark(round(alarm.onset_s * NS_PER_S), max(0.0, end_s - alarm.onset_s), text)


def _entry(entry: Entry) -> str:
    details = {key: value for key, value in entry.details.items() if key != "corrects"}
    told = " ".join(f"{key}={value}" for key, value in details.items())
    refused = f" refused: {entry.refused}" if entry.refused else ""
    text = f"{entry.verb} {told}{refused}".strip()
    return "".join(char if char.isprintable() else " " for char in text)[:LONGEST]


def _gaps(session: Session) -> Iterator[Mark]:
    for gap in session.gaps:
        end_s = session.end_ns / NS_PER_S if gap.end_s is None else gap.end_s
        text = f"no {gap.signal}: {gap.reason or 'reason not exported'}"
        yield Mark(round(gap.start_s * NS_PER_S), max(0.0, end_s - gap.start_s), text)
