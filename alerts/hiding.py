"""Which alarm signals stand behind others: milder ones, and those nobody can judge."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from alerts.catalogue import CATALOGUE
from alerts.model import Presence, Priority


class Shown(Protocol):
    """What hiding looks at."""

    @property
    def priority(self) -> Priority: ...  # noqa: D102
    @property
    def presence(self) -> Presence: ...  # noqa: D102
    @property
    def clear_ns(self) -> int | None: ...  # noqa: D102


def behind(severe: str, signals: Mapping[str, Shown]) -> set[str]:
    """The milder signals that this one hides: never one that is more urgent by now."""
    top = signals[severe].priority
    mild = CATALOGUE[severe].hides & signals.keys()
    return {name for name in mild if signals[name].priority <= top}


def milder(signals: Mapping[str, Shown]) -> set[str]:
    """Severe hides mild of the same signal, but only while the severe one holds."""
    holding = [name for name, signal in signals.items() if signal.clear_ns is None]
    return {mild for name in holding for mild in behind(name, signals)}


def in_front_of(mild: str, signals: Mapping[str, Shown]) -> list[str]:
    """The severe ones that hold and hide this one, those acknowledged first."""
    found = [n for n, s in signals.items() if s.clear_ns is None and mild in behind(n, signals)]
    return sorted(found, key=lambda name: signals[name].presence is not Presence.ACKNOWLEDGED)


def masked(signals: Mapping[str, Shown], silent: Collection[str] = ()) -> dict[str, str]:
    """Conditions that hold as far as is known, but whose signal is lost: name -> by which.

    A lost link is acknowledged for itself only: a HIGH one behind it that nobody has acknowledged
    comes out again then, and so it does when the lost link is `silent`.
    """
    found: dict[str, str] = {}
    for name, signal in signals.items():
        if signal.clear_ns is not None:
            continue
        for other in CATALOGUE[name].masks & signals.keys():
            behind = signals[other]
            open_high = (
                behind.priority is Priority.HIGH and behind.presence is not Presence.ACKNOWLEDGED
            )
            quiet = signal.presence is Presence.ACKNOWLEDGED or name in silent
            comes_out = open_high and quiet
            if behind.clear_ns is None and not comes_out:
                found[other] = name
    return found


def raised(name: str, signals: Mapping[str, Shown], lost: Mapping[str, str]) -> Priority:
    """A lost link is at least as urgent as what it hides (`lost`, as `masked` says)."""
    behind = [signals[other].priority for other, by in lost.items() if by == name]
    return max([signals[name].priority, *behind])
