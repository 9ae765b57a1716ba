"""Everything one report tells, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.alarm_review import Responses, Reviewed
from monitor.report.entries import Entry, Reading, Told
from monitor.report.gaps import Gap
from monitor.report.intervals import Dose, Interval
from monitor.report.limits import Change, InForce, Limit
from monitor.report.sensors import Sensor
from monitor.report.spans import Span
from monitor.report.traces import Trace
from monitor.report.wall import Wall
from monitor.training import Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Integrity:
    """The same check as `vigil sessions verify`.

    Attributes:
        findings: what is not as it was written; none if all is.
        version: format of the recording; the first one covers less.
        last_hash: of the journal's last row, which stands for all that is covered.
    """

    findings: Sequence[str]
    version: int
    last_hash: str


@dataclass(frozen=True, slots=True)
class Check:
    """A self-test, a sound check or a step before the dose: when, its result, by whom, and more."""

    t_ns: int
    what: str
    result: str
    by: str
    saw: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to the recording itself."""

    t_ns: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What somebody said of an alarm or a stretch of the session afterwards; not in the recording.

    Attributes:
        t0_s: begin, session time.
        t1_s: end; None for the end of the record.
        subject: the alarm's condition, "" for a stretch of time.
        verdict: true, false or artefact.
        by: who says so.
        why: the reason.
        withdrawn: whether it was taken back later.
    """

    t0_s: float
    t1_s: float | None
    subject: str
    verdict: str
    by: str
    why: str
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a recording is.

    Attributes:
        file: its name, without the folder.
        session_id: 32 hex digits.
        subject: the clinic's code for the person.
        mode: LIVE, SIM or IMPORT.
        software: version of Vigil that recorded it.
        reported_by: version of Vigil that made the report.
        ended: whether the session was ended.
        derived: vitals and alarms are derived now; nothing was displayed, nobody was alarmed.
        age_years: of the person, 0 if not given.
        rate: session seconds per real second.
    """

    file: str
    session_id: str
    subject: str
    mode: str
    software: str
    reported_by: str
    ended: bool
    derived: bool
    age_years: float
    rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One session."""

    facts: Facts
    wall: Wall
    doses: Sequence[Dose]
    heart: Trace
    skin: Trace
    pressures: Sequence[Reading]
    temperatures: Sequence[Reading]
    every_s: int
    intervals: Sequence[Interval]
    gaps: Sequence[Gap]
    alarms: Sequence[Reviewed]
    responses: Sequence[Responses]
    burden: Mapping[str, float]
    limits: Sequence[Limit]
    in_force: Sequence[InForce]
    changes: Sequence[Change]
    not_in_force: Sequence[str]
    spans: Sequence[Span]
    entries: Sequence[Entry]
    refused: Sequence[Told]
    sensors: Sequence[Sensor]
    checks: Sequence[Check]
    judgements: Sequence[Judgement]
    events: Sequence[Event]
    integrity: Integrity
    training: Score | None = None
