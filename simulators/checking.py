"""Holds a scenario against its promises: which alarms were expected, which were seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from alerts.model import ConditionEdge, Edge
from devices.model import NS_PER_S
from simulators.playing import play
from simulators.scenario import ExpectedAlarm, Scenario


@dataclass(frozen=True, slots=True)
class Seen:
    """The beginning of an alarm, or its becoming more urgent; times in session seconds."""

    alarm: str
    priority: str
    onset_s: float
    clear_s: float | None
    escalation: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a scenario.

    Attributes:
        seen: every alarm that began, in time order.
        missing: what was expected and did not come.
        unexpected: what came and was not expected.
        refused: operator actions that could not be done, in words.
    """

    scenario: str
    seen: tuple[Seen, ...]
    missing: tuple[ExpectedAlarm, ...]
    unexpected: tuple[Seen, ...]
    refused: tuple[str, ...]

    @property
    def as_promised(self) -> bool:
        """Whether exactly what was expected came."""
        return not (self.missing or self.unexpected or self.refused)


def check(scenario: Scenario) -> Result:
    """Play a scenario at full speed and compare."""
    output = play(scenario)
    seen = tuple(alarms(output.edges))
    missing, unexpected = compare(scenario.expect, seen)
    refused = tuple(
        f"{action.t_ns / NS_PER_S:g} s: {action.verb.value}: {why}"
        for action, why in output.refused
    )
    return Result(scenario.name, seen, missing, unexpected, refused)


def alarms(edges: Iterable[ConditionEdge]) -> list[Seen]:
    """Onsets and escalations, each with the end of its condition."""
    found: list[Seen] = []
    for edge in edges:
        t_s = edge.t_ns / NS_PER_S
        if edge.edge is Edge.CLEAR:
            found = [
                Seen(s.alarm, s.priority, s.onset_s, t_s, s.escalation)
                if s.alarm == edge.condition and s.clear_s is None
                else s
                for s in found
            ]
        else:
            escalation = edge.edge is Edge.ESCALATE
            found.append(Seen(edge.condition, edge.priority.name, t_s, None, escalation))
    return found


def compare(
    expect: Sequence[ExpectedAlarm], seen: Sequence[Seen]
) -> tuple[tuple[ExpectedAlarm, ...], tuple[Seen, ...]]:
    """What is missing, and what is unexpected.

    An expectation with a time stands for one alarm; one without for any number of them. An
    escalation may be expected, and is never unexpected.
    """
    left, missing = list(seen), []
    for one in sorted(expect, key=lambda e: e.at_s is None):
        hits = [s for s in left if _meets(one, s)]
        if not hits:
            missing.append(one)
        elif one.at_s is not None:
            left.remove(min(hits, key=lambda s: abs(s.onset_s - (one.at_s or 0.0))))
        else:
            left = [s for s in left if s not in hits]
    return tuple(missing), tuple(s for s in left if not s.escalation)


def _meets(one: ExpectedAlarm, seen: Seen) -> bool:
    def near(wanted_s: float | None, t_s: float | None) -> bool:
        return wanted_s is None or (t_s is not None and abs(t_s - wanted_s) <= one.within_s)

    right = seen.alarm == one.alarm and one.priority in {None, seen.priority}
    return right and near(one.at_s, seen.onset_s) and near(one.clears_s, seen.clear_s)


def lines(result: Result) -> list[str]:
    """The result in words: what was seen, what was not expected, what is missing."""
    word = "as expected" if result.as_promised else "DIFFERENT"
    text = [f"{result.scenario}: {word}"]
    marks = {id(one): "unexpected" for one in result.unexpected}
    text += [f"  {_seen(one):60} {marks.get(id(one), '')}".rstrip() for one in result.seen]
    text += [f"  {_wanted(one):60} missing" for one in result.missing]
    return text + [f"  refused: {why}" for why in result.refused]


def _clock(t_s: float) -> str:
    minutes, seconds = divmod(round(t_s), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def _seen(one: Seen) -> str:
    until = "" if one.clear_s is None else f" until {_clock(one.clear_s)}"
    more = " (more urgent)" if one.escalation else ""
    return f"{_clock(one.onset_s)} {one.alarm} {one.priority}{more}{until}"


def _wanted(one: ExpectedAlarm) -> str:
    at = "-:--:--" if one.at_s is None else f"{_clock(one.at_s)} +-{one.within_s:g} s"
    end = "" if one.clears_s is None else f" until {_clock(one.clears_s)}"
    return f"{at} {one.alarm} {one.priority or ''}{end}"
