"""What a row of the alarm catalogue is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from alerts.model import Kind, Priority

Value = float | str | bool
Bounds = dict[str, tuple[float, float]]

SUSTAIN = (0.0, 600.0)
CLEAR = (0.0, 1800.0)


class Concern(StrEnum):
    """What a condition is about; the silences treat these differently (`alerts.policy`)."""

    PERSON = "person"
    ROUTINE = "routine"
    """A check by hand that is due."""
    SENSOR = "sensor"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionSpec:
    """One row: what holds, how urgent it is, what the operator is told and asked to do.

    Attributes:
        id: stable name used in configuration, recordings and reports.
        kind: physiological or technical.
        concern: what it is about.
        title: a few words for a list.
        message: the banner's text, at most 40 characters.
        advice: what a human is asked to do.
        source: where the row comes from.
        rationale: why its default is what it is.
        gate: which data count, in words.
        estimator_s: how far the judged number may lag behind the body, seconds, at its worst.
        defaults: configuration keys with their default values.
        bounds: hard (low, high) range of each numeric key; outside is refused.
        latching: always HIGH, so signalled after it ends until acknowledged. Not configurable.
        hides: milder conditions of the same signal that are not shown while this one is.
        masks: conditions that nobody can judge while this one holds: hidden, not acknowledged,
            their timers stopped.
        manual_clear: it ends when the operator says so, not by a reading.
    """

    id: str
    kind: Kind
    concern: Concern = Concern.PERSON
    title: str
    message: str
    advice: str
    source: str
    rationale: str
    gate: str
    estimator_s: float
    defaults: Mapping[str, Value]
    bounds: Bounds
    latching: bool = False
    hides: frozenset[str] = frozenset()
    masks: frozenset[str] = frozenset()
    manual_clear: bool = False


def keys(priority: Priority, sustain_s: float, clear_s: float, **more: Value) -> dict[str, Value]:
    """Default values of a row, in the order of the configuration."""
    common: dict[str, Value] = {"enabled": True, "priority": priority.name}
    return common | more | {"sustain_s": sustain_s, "clear_s": clear_s}


def bounds(**more: tuple[float, float]) -> Bounds:
    """Hard ranges of a row, with the usual ones of its times."""
    return {"sustain_s": SUSTAIN, "clear_s": CLEAR} | more
