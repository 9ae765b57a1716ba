"""Alarms of one recording held against others: new, gone, moved, longer, shorter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.episodes import Episode

WHAT = ("new", "gone", "moved", "longer", "shorter", "changed")
"""Every `Difference.what`, in the order they are counted in tables."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One alarm that is new, gone or not the same between two sets of limits.

    Attributes:
        what: `new`, `gone`; `longer` or `shorter` if it lasts so; `moved` if it lasts as long at
            another time; `changed` if only its priority, value or limit differs.
        condition: catalogue id.
        before: the alarm as it was, None if new.
        after: the alarm as it would be, None if gone.
        onset_by_s: how much later it begins, negative for earlier; None if new or gone.
        length_by_s: how much longer it lasts; None if new or gone, or if only one of them ends.
    """

    what: str
    condition: str
    before: Episode | None
    after: Episode | None
    onset_by_s: float | None = None
    length_by_s: float | None = None


def compare(before: Sequence[Episode], after: Sequence[Episode]) -> list[Difference]:
    """Match episodes of the same condition that overlap in time; the rest is new or gone."""
    left: dict[str, list[Episode]] = {}
    for new in after:
        left.setdefault(new.condition, []).append(new)
    found: list[Difference] = []
    for old in before:
        others = left.get(old.condition, [])
        match = next((new for new in others if _overlap(old, new)), None)
        if match is None:
            found.append(Difference("gone", old.condition, old, None))
            continue
        others.remove(match)
        if match != old:
            found.append(_changed(old, match))
    rest = (new for news in left.values() for new in news)
    found += [Difference("new", new.condition, None, new) for new in rest]
    return sorted(found, key=_onset_s)


def _onset_s(difference: Difference) -> float:
    return min(e.onset_s for e in (difference.before, difference.after) if e is not None)


def _overlap(one: Episode, other: Episode) -> bool:
    ends = [math.inf if e.clear_s is None else e.clear_s for e in (one, other)]
    return one.onset_s <= ends[1] and other.onset_s <= ends[0]


def _changed(old: Episode, new: Episode) -> Difference:
    moved_s, longer_s = new.onset_s - old.onset_s, _longer_s(old, new)
    what = "longer" if longer_s > 0 else "shorter" if longer_s < 0 else ""
    what = what or ("moved" if moved_s else "changed")
    by_s = longer_s if math.isfinite(longer_s) else None
    return Difference(what, old.condition, old, new, moved_s, by_s)


def _longer_s(old: Episode, new: Episode) -> float:
    """How much longer the new one lasts; infinite if only one of them ends."""
    if old.clear_s is None and new.clear_s is None:
        return old.onset_s - new.onset_s
    if old.clear_s is None or new.clear_s is None:
        return math.inf if new.clear_s is None else -math.inf
    return (new.clear_s - new.onset_s) - (old.clear_s - old.onset_s)
