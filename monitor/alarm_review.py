"""Alarms looked back at: how long each lasted, who answered it and how soon, how many an hour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any, Protocol

from alerts.catalogue import CATALOGUE
from alerts.model import Edge, Presence, Priority
from devices.model import NS_PER_S

S_PER_H = 3600.0
Row = tuple[int, str, Mapping[str, Any]]
"""Of the journal: session time in nanoseconds, kind, body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """One alarm from its onset to its end, and the answer to it.

    Attributes:
        condition: catalogue id.
        kind: PHYSIOLOGICAL or TECHNICAL.
        priority: the highest it reached, its becoming HIGH for want of an answer included.
        onset_ns: session time.
        clear_ns: when its condition ended; None if it still held at the end of the record.
        value: at onset, in `unit`; None if it has none.
        limit: in force at onset.
        unit: of value and limit.
        acknowledged_ns: its first acknowledgement, before or after its condition ended.
        by: who acknowledged.
        along_with: the more severe condition whose acknowledgement covered it, "" if its own did.
        covered: raised under an earlier acknowledgement (an alarm that comes and goes): no answer
            was asked for.
        unanswered: nobody acknowledged it for so long that it became HIGH.
        reminders: how often it sounded again although acknowledged.
    """

    condition: str
    kind: str
    priority: str
    onset_ns: int
    clear_ns: int | None = None
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    acknowledged_ns: int | None = None
    by: str = ""
    along_with: str = ""
    covered: bool = False
    unanswered: bool = False
    reminders: int = 0

    @property
    def response_s(self) -> float | None:
        """Seconds from onset to acknowledgement; None without one."""
        if self.acknowledged_ns is None:
            return None
        return (self.acknowledged_ns - self.onset_ns) / NS_PER_S


def review(rows: Sequence[Row]) -> list[Reviewed]:
    """Every alarm among journal rows of the kinds `alarm` and `action`, ordered by onset."""
    operators = {t_ns: str(body["operator"]) for t_ns, kind, body in rows if kind == "action"}
    found: list[Reviewed] = []
    newest: dict[str, int] = {}
    seen: dict[tuple[str, int], int] = {}
    for t_ns, kind, body in rows:
        if kind != "alarm" or not body["condition"]:
            continue
        name, what = str(body["condition"]), str(body["what"])
        if what == Edge.ONSET.value:
            newest[name] = len(found)
            found.append(_begun(t_ns, body))
        index = seen.setdefault((name, int(body["occurrence"])), newest.get(name, -1))
        if index >= 0:
            found[index] = _changed(found[index], t_ns, body, operators.get(t_ns, ""))
    return found


def _begun(t_ns: int, body: Mapping[str, Any]) -> Reviewed:
    spec = CATALOGUE.get(body["condition"])  # another version may know others
    return Reviewed(
        condition=body["condition"],
        kind="" if spec is None else spec.kind.value,
        priority=body["priority"],
        onset_ns=t_ns,
        value=body["value"],
        limit=body["limit"],
        unit=body["unit"],
        covered=body["presence"] == Presence.ACKNOWLEDGED.value,
    )


def _changed(alarm: Reviewed, t_ns: int, body: Mapping[str, Any], operator: str) -> Reviewed:
    match body["what"]:
        case "escalate":
            return replace(alarm, priority=body["priority"])
        case "unanswered":
            return replace(alarm, priority=body["priority"], unanswered=True)
        case "clear":
            return replace(alarm, clear_ns=t_ns)
        case "reminder":
            return replace(alarm, reminders=alarm.reminders + 1)
        case "acknowledge" if alarm.acknowledged_ns is None:
            along = str(body["detail"]).removeprefix("with ")
            return replace(alarm, acknowledged_ns=t_ns, by=operator, along_with=along)
    return alarm


@dataclass(frozen=True, slots=True)
class Responses:
    """How the alarms of one priority were answered; seconds, None where none was acknowledged."""

    priority: str
    alarms: int
    acknowledged: int
    median_s: float | None
    longest_s: float | None


def responses(alarms: Sequence[Reviewed]) -> list[Responses]:
    """How soon alarms were acknowledged, most urgent priority first."""
    return [
        _responses(p.name, [a for a in alarms if a.priority == p.name]) for p in reversed(Priority)
    ]


def _responses(priority: str, alarms: Sequence[Reviewed]) -> Responses:
    times = [a.response_s for a in alarms if a.response_s is not None]
    if not times:
        return Responses(priority, len(alarms), 0, None, None)
    return Responses(priority, len(alarms), len(times), median(times), max(times))


class Prioritised(Protocol):
    """Anything with the name of a priority."""

    @property
    def priority(self) -> str:
        """HIGH, MEDIUM or LOW."""
        ...


def burden_per_hour(alarms: Iterable[Prioritised], duration_s: float) -> dict[str, float]:
    """Onsets per hour by priority, and all together (`ALL`)."""
    hours = duration_s / S_PER_H
    names = [alarm.priority for alarm in alarms]
    counts = {p.name: names.count(p.name) for p in reversed(Priority)} | {"ALL": len(names)}
    return {name: round(n / hours, 4) if hours else 0.0 for name, n in counts.items()}
