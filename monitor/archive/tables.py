"""Answers as tables: which columns there are, and the rows one recording gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from monitor.archive.asking import Result
from monitor.errors import VigilError
from monitor.what_if import Answer, Point, Question

Row = dict[str, Any]
NS_PER_US = 1000
RECORDINGS, ALARMS, OVER_LIMIT = "recordings", "alarms", "over_limit"
DIFFERENCES, SWEEP = "differences", "sweep"

TEXT, WHOLE, NUMBER, YES, TIME = "string", "int64", "float64", "bool", "timestamp"
_ALARM = {
    "condition": TEXT,
    "kind": TEXT,
    "priority": TEXT,
    "onset_s": NUMBER,
    "clear_s": NUMBER,
    "value": NUMBER,
    "limit": NUMBER,
    "unit": TEXT,
}
_SIDES = ("before", "after")
COLUMNS: Mapping[str, Mapping[str, str]] = {
    RECORDINGS: {
        "path": TEXT,
        "session_id": TEXT,
        "subject": TEXT,
        "mode": TEXT,
        "start_utc": TIME,
        "duration_s": NUMBER,
        "recorded_software": TEXT,
        "software": TEXT,
        "limits_hash": TEXT,
        "alarms": WHOLE,
        "unknown_frames": WHOLE,
        "exact": YES,
        "finding": YES,
        "outcome": TEXT,
        "error": TEXT,
        "file_state": TEXT,
    },
    ALARMS: {"path": TEXT, **_ALARM},
    OVER_LIMIT: {"path": TEXT, "condition": TEXT, "seconds": WHOLE, "without_alarm": WHOLE},
    DIFFERENCES: {
        "path": TEXT,
        "what": TEXT,
        "condition": TEXT,
        "onset_by_s": NUMBER,
        "length_by_s": NUMBER,
        **{
            f"{side}_{name}": kind
            for side in _SIDES
            for name, kind in _ALARM.items()
            if name not in {"condition", "kind"}
        },
    },
    SWEEP: {
        "path": TEXT,
        "condition": TEXT,
        "value": NUMBER,
        "in_force": NUMBER,
        "limits_hash": TEXT,
        "alarms": WHOLE,
        "all_alarms": WHOLE,
        "seconds": WHOLE,
        "without_alarm": WHOLE,
    },
}
"""Table -> column -> what it holds."""
OK, BAD = "ok", "bad"


def names(question: Question) -> list[str]:
    """The tables a question fills; that of recordings is last, as it tells which are done."""
    more = [DIFFERENCES] * question.compare + [SWEEP] * (question.sweep is not None)
    return [ALARMS, OVER_LIMIT, *more, RECORDINGS]


def rows(
    results: Sequence[Result], question: Question, states: Mapping[str, str]
) -> dict[str, list[Row]]:
    """The rows of a chunk, by table.

    Args:
        results: recordings by their absolute paths.
        question: what was asked.
        states: by absolute path, the file as it was before it was read.
    """
    found: dict[str, list[Row]] = {name: [] for name in names(question)}
    for path, result in results:
        key = {"path": str(path)}
        state = {"file_state": states[str(path)]}
        if isinstance(result, VigilError):
            text = str(result).encode(errors="backslashreplace").decode()  # names may be no text
            error = {"outcome": BAD, "error": text}
            found[RECORDINGS].append(key | error | state)
            continue
        found[RECORDINGS].append(key | _recording(result) | state)
        for name, some in _parts(result, question):
            found[name] += [key | row for row in some]
    return found


def _recording(answer: Answer) -> Row:
    now, about = answer.analysis, answer.about
    start = about.start_utc_ns
    return {
        "session_id": about.session_id,
        "subject": about.subject,
        "mode": about.mode,
        "start_utc": None if start is None else start // NS_PER_US,
        "duration_s": now.duration_s,
        "recorded_software": now.recorded_software,
        "software": now.software,
        "limits_hash": now.limits_hash,
        "alarms": len(now.alarms),
        "unknown_frames": now.unknown_frames,
        "exact": answer.exactness.exact if answer.exactness else None,
        "finding": answer.finding,
        "outcome": OK,
    }


def _parts(answer: Answer, question: Question) -> Iterator[tuple[str, list[Row]]]:
    yield ALARMS, [asdict(alarm) for alarm in answer.analysis.alarms]
    over = answer.analysis.over_limit_s.items()
    yield OVER_LIMIT, [{"condition": name} | asdict(one) for name, one in over]
    if question.compare:
        yield DIFFERENCES, [_difference(asdict(one)) for one in answer.differences]
    if question.sweep:
        condition = question.sweep.condition
        yield SWEEP, [_point(point, condition) for point in answer.points]


def _difference(found: Row) -> Row:
    sides = {
        f"{side}_{name}": value
        for side in _SIDES
        for name, value in (found.pop(side) or {}).items()
        if name not in {"condition", "kind"}
    }
    return found | sides


def _point(point: Point, condition: str) -> Row:
    over = point.over_limit_s.get(condition)
    return {
        "condition": condition,
        "value": float(point.value),
        "in_force": point.in_force,
        "limits_hash": point.limits_hash,
        "alarms": Counter(point.alarms)[condition],
        "all_alarms": sum(point.alarms.values()),
        "seconds": over.seconds if over else 0,
        "without_alarm": over.without_alarm if over else 0,
    }
