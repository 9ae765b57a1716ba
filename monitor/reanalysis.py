"""Re-derive the alarms of a recording, with its own limits or others, and compare."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from alerts.catalogue import CATALOGUE
from alerts.model import ConditionEdge, Edge, Priority
from alerts.settings import limits_hash
from devices.model import NS_PER_S
from monitor import stored
from monitor.alarm_review import burden_per_hour
from monitor.core import Core
from monitor.recording.reader import Recording
from monitor.version import software

Alarms = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Episode:
    """One alarm condition from onset to clear; times in seconds from the recording's start.

    `priority` is the highest it reached; `clear_s` is None if it still held at the end; `value`
    and `limit` are those at onset, None if it has none.
    """

    condition: str
    kind: str
    priority: str
    onset_s: float
    clear_s: float | None
    value: float | None
    limit: float | None
    unit: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """What one recording's alarms are under one set of limits."""

    recording: str
    duration_s: float
    software: str
    recorded_software: str
    limits_hash: str
    alarms: list[Episode]
    burden_per_hour: dict[str, float]
    unknown_frames: int = 0
    """Frames of sensors the recording does not describe; they could not be judged."""

    def as_json(self) -> dict[str, Any]:
        """The object `vigil reanalyse --json` prints."""
        return asdict(self)


def episodes(edges: Iterable[ConditionEdge]) -> list[Episode]:
    """Pair onsets with clears; ordered by onset, ties in catalogue order."""
    open_: dict[str, int] = {}
    found: list[Episode] = []
    for edge in edges:
        if edge.edge is Edge.ONSET:
            open_[edge.condition] = len(found)
            found.append(_episode(edge))
            continue
        index = open_[edge.condition]
        if edge.edge is Edge.ESCALATE:
            found[index] = replace(found[index], priority=edge.priority.name)
        else:
            found[index] = replace(found[index], clear_s=edge.t_ns / NS_PER_S)
            del open_[edge.condition]
    return found


def _episode(edge: ConditionEdge) -> Episode:
    return Episode(
        condition=edge.condition,
        kind=CATALOGUE[edge.condition].kind.value,
        priority=edge.priority.name,
        onset_s=edge.t_ns / NS_PER_S,
        clear_s=None,
        value=edge.value if math.isfinite(edge.value) else None,
        limit=edge.limit if math.isfinite(edge.limit) else None,
        unit=edge.unit,
    )


def analyse(path: Path, alarms: Alarms | None = None, age_years: float | None = None) -> Analysis:
    """Re-derive one recording's alarms.

    Args:
        path: the recording.
        alarms: alarm rows to use; None for those in force when it was recorded.
        age_years: the person's age, which lowers limits; None for the recorded one.

    Raises:
        RecordingError: the recording cannot be read; it is not touched.
    """
    with Recording.open(path) as recording:
        core = Core(stored.setup(recording, alarms, age_years))
        events = stored.events(recording)
        if alarms is not None:
            # Other limits than those of the day: what was changed in its course would undo them.
            events = [event for event in events if not stored.changes_limits(event)]
        output = stored.run(core, events, recording.end_ns)
        found = episodes(output.edges)
        duration_s = recording.end_ns / NS_PER_S
        return Analysis(
            recording=str(path),
            duration_s=duration_s,
            software=software(),
            recorded_software=recording.software,
            limits_hash=limits_hash(core.settings),
            alarms=found,
            burden_per_hour=burden_per_hour(found, duration_s),
            unknown_frames=core.intake.unknown,
        )


def recorded(path: Path) -> list[Episode]:
    """The alarms as they were raised when the session was recorded."""
    with Recording.open(path) as recording:
        rows = [(row.t_ns, row.body) for row in recording.journal(["alarm"])]
    edges = [_edge(t_ns, body) for t_ns, body in rows if body["what"] in _EDGES]
    return episodes(edges)


_EDGES = {edge.value: edge for edge in Edge}


def _edge(t_ns: int, body: Mapping[str, Any]) -> ConditionEdge:
    return ConditionEdge(
        t_ns,
        body["condition"],
        _EDGES[body["what"]],
        Priority[body["priority"]],
        math.nan if body["value"] is None else body["value"],
        math.nan if body["limit"] is None else body["limit"],
        body["unit"],
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """One alarm that is new, gone or changed between two sets of limits."""

    what: str
    condition: str
    before: Episode | None
    after: Episode | None


def as_plain(difference: Difference) -> dict[str, Any]:
    """A difference as JSON-ready values."""
    return asdict(difference)


def compare(before: Sequence[Episode], after: Sequence[Episode]) -> list[Difference]:
    """Match episodes of the same condition that overlap in time; the rest is new or gone."""
    left = list(after)
    found: list[Difference] = []
    for old in before:
        match = next((new for new in left if _overlap(old, new)), None)
        if match is None:
            found.append(Difference("gone", old.condition, old, None))
            continue
        left.remove(match)
        if match != old:
            found.append(Difference("changed", old.condition, old, match))
    return found + [Difference("new", new.condition, None, new) for new in left]


def _overlap(one: Episode, other: Episode) -> bool:
    ends = [math.inf if e.clear_s is None else e.clear_s for e in (one, other)]
    same = one.condition == other.condition
    return same and one.onset_s <= ends[1] and other.onset_s <= ends[0]
