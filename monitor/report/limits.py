"""The limits in force, and every change of them: old, new, who, why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from alerts.catalogue import CATALOGUE
from alerts.units import unit_of
from monitor.report.entries import Told

Rows = Mapping[str, Mapping[str, Any]]
_TIMES = ("sustain_s", "clear_s")
_OTHER = ("enabled", "priority", *_TIMES, "escalate_s", "escalate_priority")
_UNIT_ENDS = ("_degc_per_30min", "_degc", "_bpm", "_mmhg", "_pct", "_s")


@dataclass(frozen=True, slots=True)
class InForce:
    """Alarm rows in force from `t_ns` on, by condition; disabled ones are not among them."""

    t_ns: int
    rows: Rows


@dataclass(frozen=True, slots=True)
class Limit:
    """One condition's row as it was at the start.

    Attributes:
        condition: catalogue id.
        title: in words.
        priority: name of its priority.
        limits: its limits in words.
        sustain_s: how long they must be passed, seconds.
        clear_s: for how long it must be over to end, seconds.
    """

    condition: str
    title: str
    priority: str
    limits: str
    sustain_s: float
    clear_s: float


@dataclass(frozen=True, slots=True)
class Change:
    """One number of one condition that became another; None where the row came or went."""

    t_ns: int
    condition: str
    key: str
    old: object
    new: object
    by: str
    why: str


def title(condition: str) -> str:
    """A condition in words; its id where this version does not know it."""
    spec = CATALOGUE.get(condition)
    return condition if spec is None else spec.title


def limits(rows: Rows) -> list[Limit]:
    """The table of limits."""
    return [
        Limit(
            condition=name,
            title=title(name),
            priority=str(values.get("priority", "")),
            limits=_words(values),
            sustain_s=float(values.get("sustain_s", 0.0)),
            clear_s=float(values.get("clear_s", 0.0)),
        )
        for name, values in sorted(rows.items(), key=lambda row: _place(row[0]))
    ]


def _place(condition: str) -> tuple[int, str]:
    order = list(CATALOGUE)
    return (order.index(condition) if condition in order else len(order), condition)


def _words(values: Mapping[str, Any]) -> str:
    numbers = sorted((key for key in values if key not in _OTHER), key=_limit_first)
    said = [f"{name(key)} {quantity(key, values[key])}" for key in numbers]
    if "escalate_s" in values:
        said.append(f"{values.get('escalate_priority', '')} after {values['escalate_s']:g} s")
    return "; ".join(said)


def _limit_first(key: str) -> tuple[bool, str]:
    return not key.startswith("limit"), key


def name(key: str) -> str:
    """A key of an alarm row in words, without its unit."""
    ends = (end for end in _UNIT_ENDS if key.endswith(end))
    return key.removesuffix(next(ends, "")).replace("_", " ")


def quantity(key: str, value: object) -> str:
    """A value of an alarm row with its unit."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return "--" if value is None else str(value)
    return f"{value:g} {unit_of(key).replace('degC', '°C')}".rstrip()


def missing(rows: Rows) -> list[str]:
    """Titles of the conditions of this version that were not in force."""
    return [spec.title for name, spec in CATALOGUE.items() if name not in rows]


def changes(states: Sequence[InForce], actions: Sequence[Told]) -> list[Change]:
    """What changed from one set of limits in force to the next, with the operator's reason."""
    found: list[Change] = []
    for before, after in pairwise(states):
        done = [a for a in actions if before.t_ns < a.t_ns <= after.t_ns and _sets(a)]
        for condition, key, old, new in _differences(before.rows, after.rows):
            action = next((a for a in done if a.details.get("condition") == condition), None)
            t_ns = after.t_ns if action is None else action.t_ns
            by = "" if action is None else action.by
            found.append(Change(t_ns, condition, key, old, new, by, _why(action, key)))
    return found


def _sets(action: Told) -> bool:
    return action.verb == "set_limit" and not action.refused


def _why(action: Told | None, key: str) -> str:
    if action is None:
        return "not by an operator in the session"
    reason = str(action.details.get("reason", ""))
    return reason if action.details.get("key") == key else f"moves with it: {reason}"


def _differences(before: Rows, after: Rows) -> list[tuple[str, str, object, object]]:
    found: list[tuple[str, str, object, object]] = []
    for condition in sorted({*before, *after}, key=_place):
        old, new = before.get(condition, {}), after.get(condition, {})
        keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
        found += [(condition, key, old.get(key), new.get(key)) for key in keys]
    return found
