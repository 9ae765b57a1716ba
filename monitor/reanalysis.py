"""Re-derive the alarms of a recording, with its own limits or others."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from alerts.model import ConditionEdge, Edge, Priority
from alerts.settings import limits_hash
from devices.model import NS_PER_S
from monitor.alarm_review import Responses, burden_per_hour, responses, review
from monitor.episodes import Episode, OverLimit, episodes, over_limit
from monitor.recording.reader import Recording
from monitor.tape import Alarms, Outcome, Tape
from monitor.version import software


@dataclass(frozen=True, slots=True)
class Analysis:
    """What one recording's alarms are under one set of limits.

    Attributes:
        recording: its path.
        duration_s: its length, seconds.
        software: the version that derived this.
        recorded_software: the version that recorded it.
        limits_hash: of the limits in force at its end.
        alarms: ordered by onset.
        burden_per_hour: onsets per hour, by priority and all.
        unknown_frames: frames of sensors the recording does not describe; they were not judged.
        over_limit_s: by condition, seconds over its limit; conditions never over theirs are left
            out.
        response_times: how the alarms were answered when it was recorded, by priority.
    """

    recording: str
    duration_s: float
    software: str
    recorded_software: str
    limits_hash: str
    alarms: list[Episode]
    burden_per_hour: dict[str, float]
    unknown_frames: int = 0
    over_limit_s: dict[str, OverLimit] = field(default_factory=dict)
    response_times: list[Responses] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The object `vigil reanalyse --json` prints."""
        return asdict(self)


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
        tape = Tape.derive(recording, alarms, age_years)
        return analysis(recording, tape, tape.own)


def analysis(recording: Recording, tape: Tape, judged: Outcome) -> Analysis:
    """What a judgement of a recording's tape comes to."""
    found = episodes(judged.edges)
    duration_s = tape.end_ns / NS_PER_S
    return Analysis(
        recording=str(recording.path),
        duration_s=duration_s,
        software=software(),
        recorded_software=recording.software,
        limits_hash=limits_hash(judged.settings),
        alarms=found,
        burden_per_hour=burden_per_hour(found, duration_s),
        unknown_frames=tape.unknown_frames,
        over_limit_s=reached(judged, found),
        response_times=_answers(recording),
    )


def reached(judged: Outcome, alarms: Sequence[Episode]) -> dict[str, OverLimit]:
    """Time over each limit that was reached, all of it and that without one of these alarms."""
    return {name: one for name, one in over_limit(judged.over, alarms).items() if one.seconds}


def _answers(recording: Recording) -> list[Responses]:
    rows = [(row.t_ns, row.kind, row.body) for row in recording.journal(["alarm", "action"])]
    return responses([alarm for alarm in review(rows) if not alarm.covered])


def recorded(recording: Recording) -> list[Episode]:
    """The alarms as they were raised when the session was recorded."""
    rows = [(row.t_ns, row.body) for row in recording.journal(["alarm"])]
    return episodes(_edge(t_ns, body) for t_ns, body in rows if body["what"] in _EDGES)


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
