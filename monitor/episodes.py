"""Alarm conditions as episodes, from onset to clear, and the time over their limits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from alerts.catalogue import CATALOGUE
from alerts.model import ConditionEdge, Edge
from devices.model import NS_PER_S


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


@dataclass(frozen=True, slots=True)
class OverLimit:
    """Seconds with data that count at or beyond a condition's limit.

    `without_alarm` of them its alarm was not on: the sustain was not over yet, or never was.
    """

    seconds: int
    without_alarm: int


def over_limit(
    over: Mapping[str, NDArray[np.bool_]], alarms: Sequence[Episode]
) -> dict[str, OverLimit]:
    """Time over each limit, all of it and that without its alarm.

    Args:
        over: by condition, for each second from 0 on whether the limit is reached, with data that
            count.
        alarms: the alarms to look for; others' limits than theirs may be asked about.
    """
    return {name: _over(seconds, name, alarms) for name, seconds in over.items()}


def _over(seconds: NDArray[np.bool_], name: str, alarms: Sequence[Episode]) -> OverLimit:
    silent = seconds.copy()
    for alarm in alarms:
        if alarm.condition == name:
            silent[int(alarm.onset_s) : None if alarm.clear_s is None else int(alarm.clear_s)] = 0
    return OverLimit(int(np.count_nonzero(seconds)), int(np.count_nonzero(silent)))
