"""What people wrote down: doses, notes, readings, fluids, scores, and how they were put right."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Details = Mapping[str, Any]
ENTRIES = ("dose", "note", "temperature", "blood_pressure", "fluids", "score")
"""Verbs that put something into the record (docs/feed.md)."""
CORRECTS = "corrects"
"""The detail that names the entry it puts right: its `t_ns`."""
WITHDRAWN = "withdrawn"
"""The detail of a correction that takes the entry back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One operator action as recorded."""

    t_ns: int
    verb: str
    by: str
    details: Details
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """How an entry stood until it was put right: its details, and when and by whom that was."""

    details: Details
    until_ns: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry as it stands.

    Attributes:
        t_ns: session time at which it was first made.
        verb: one of `ENTRIES`.
        by: who made it.
        details: as they stand after all corrections.
        earlier: how it stood before, oldest first.
        remark: what a reader should know, such as a correction of something not on record.
    """

    t_ns: int
    verb: str
    by: str
    details: Details
    earlier: tuple[Version, ...] = ()
    remark: str = ""

    @property
    def withdrawn(self) -> bool:
        """Whether it was taken back."""
        return bool(self.details.get(WITHDRAWN))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A blood pressure (mmHg) or a clinical temperature (degrees Celsius).

    Attributes:
        t_ns: session time.
        value: temperature, or systolic pressure.
        diastolic: NaN for a temperature.
        site: where a temperature was taken.
        source: who or what took it.
    """

    t_ns: int
    value: float
    diastolic: float = math.nan
    site: str = ""
    source: str = ""


def told(rows: Iterable[tuple[int, Mapping[str, Any]]]) -> list[Told]:
    """Actions from journal rows (t_ns, body) of the kind `action`."""
    return [
        Told(
            t_ns=t_ns,
            verb=str(body.get("verb", "")),
            by=str(body.get("operator", "")),
            details=body.get("details") or {},
            refused=str(body.get("refused", "")),
        )
        for t_ns, body in rows
    ]


def entries(actions: Iterable[Told]) -> list[Entry]:
    """Entries by time, corrections applied; what was refused is none."""
    found: dict[int, Entry] = {}
    first: dict[int, int] = {}
    for action in actions:
        if action.verb not in ENTRIES or action.refused:
            continue
        target = _number(action.details.get(CORRECTS))
        at_ns = first.get(target, target) if target is not None else action.t_ns
        first[action.t_ns] = at_ns if at_ns in found else action.t_ns
        if target is None:
            found[action.t_ns] = _new(action)
        elif at_ns in found:
            found[at_ns] = _corrected(found[at_ns], action)
        else:
            found[action.t_ns] = _new(action, "corrects an entry that is not on record")
    return sorted(found.values(), key=lambda entry: entry.t_ns)


def _number(value: object) -> int | None:
    # JSON of other programs may hold 1.0 where an integer is meant.
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _new(action: Told, remark: str = "") -> Entry:
    details = {key: value for key, value in action.details.items() if key != CORRECTS}
    return Entry(t_ns=action.t_ns, verb=action.verb, by=action.by, details=details, remark=remark)


def _corrected(entry: Entry, action: Told) -> Entry:
    before = Version(entry.details, action.t_ns, action.by)
    details = {key: value for key, value in action.details.items() if key != CORRECTS}
    return Entry(
        t_ns=entry.t_ns,
        verb=entry.verb,
        by=entry.by,
        details={**entry.details, **details} if details.get(WITHDRAWN) else details,
        earlier=(*entry.earlier, before),
        remark=entry.remark,
    )


def readings(made: Iterable[Entry], verb: str) -> list[Reading]:
    """Blood pressures or clinical temperatures among the entries, as they stand."""
    keys = ("systolic", "diastolic") if verb == "blood_pressure" else ("degc", "")
    return [
        Reading(
            t_ns=entry.t_ns,
            value=float(entry.details[keys[0]]),
            diastolic=float(entry.details.get(keys[1], math.nan)),
            site=str(entry.details.get("site", "")),
            source=entry.by,
        )
        for entry in made
        if entry.verb == verb and not entry.withdrawn and keys[0] in entry.details
    ]


def text(verb: str, details: Details) -> str:
    """An entry's content in words; details that no word is known for are named as they are."""
    known, words = _KNOWN.get(verb, _NOTHING_KNOWN)
    more = {key: value for key, value in details.items() if key not in (*known, WITHDRAWN)}
    said = ", ".join(part for part in (words(details), _plain(more)) if part)
    return f"{said} (taken back)" if details.get(WITHDRAWN) else said


def _plain(details: Details) -> str:
    shown = ((key.replace("_", " "), value) for key, value in details.items() if value != "")
    return ", ".join(f"{key}: {_value(value)}" for key, value in shown)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _dose(details: Details) -> str:
    label = str(details.get("label", "dose"))
    confirmed = ", baseline confirmed" if details.get("confirm_baseline") else ""
    return (label if label.endswith("dose") else f"{label} dose") + confirmed


def _pressure(details: Details) -> str:
    upper, lower = details.get("systolic", "--"), details.get("diastolic", "--")
    symptoms = ", with symptoms" if details.get("symptoms") else ""
    said = f": {details['text']}" if details.get("text") else ""
    return f"{_value(upper)}/{_value(lower)} mmHg{symptoms}{said}"


def _temperature(details: Details) -> str:
    parts = (f"{_value(details.get('degc', '--'))} °C", details.get("site"), details.get("method"))
    return ", ".join(str(part) for part in parts if part)


def _fluids(details: Details) -> str:
    return f"{_value(details.get('ml', '--'))} ml {details.get('what', '')}".rstrip()


def _score(details: Details) -> str:
    return f"{details.get('name', 'score')}: {_value(details.get('value', '--'))}"


_Words = tuple[tuple[str, ...], Callable[[Details], str]]
_NOTHING_KNOWN: _Words = ((), lambda _: "")
_KNOWN: Mapping[str, _Words] = {
    "dose": (("label", "confirm_baseline"), _dose),
    "note": (("text",), lambda details: str(details.get("text", ""))),
    "temperature": (("degc", "site", "method"), _temperature),
    "blood_pressure": (("systolic", "diastolic", "symptoms", "text"), _pressure),
    "fluids": (("ml", "what"), _fluids),
    "score": (("name", "value"), _score),
}
