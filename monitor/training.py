"""How a trainee answered the alarms of a training: seen, answered with the right entry, or missed.

Pure. Times are session seconds: at speed 4 a trainee has a quarter of them. Goals are our own
proposal, to be confirmed by whoever trains.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from alerts.catalogue import CATALOGUE
from alerts.spec import Concern
from devices.model import NS_PER_S
from monitor.alarm_review import Reviewed, Row, review

TRAINING = "training"
"""The event of the journal's `session` row that says a recording is a training."""
GOAL_S: Mapping[str, float] = {"HIGH": 30.0, "MEDIUM": 60.0, "LOW": 120.0}
"""From onset to acknowledgement, by the highest priority: an unanswered MEDIUM alarm becomes HIGH
after 180 s, which is too late."""
ENTRY_GOAL_S = 300.0
"""From onset to the entry the alarm asks for: a cuff takes a minute, a thermometer less."""
_PRESSURE, _TEMPERATURE = ("blood_pressure",), ("temperature",)
ASKED: Mapping[str, Sequence[str]] = {
    "hr_elevated": _PRESSURE,
    "hr_high": _PRESSURE,
    "hr_above_baseline": _PRESSURE,
    "temp_elevated": _TEMPERATURE,
    "temp_high": _TEMPERATURE,
    "temp_critical": _TEMPERATURE,
    "skin_rise": _TEMPERATURE,
    "skin_rise_fast": _TEMPERATURE,
    "skin_high": _TEMPERATURE,
    "skin_cold_hr_high": _TEMPERATURE,
    "bp_high": _PRESSURE,
    "bp_crisis": _PRESSURE,
    "check_overdue": (*_PRESSURE, *_TEMPERATURE),
    "standby_overdue": ("end_standby",),
}
"""What the alarm's own words ask to be entered (docs/alarms.md); one of them is enough."""
IN_TIME, LATE, MISSED, PASSED = "in time", "late", "missed", "over by itself"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One alarm and what was done about it; seconds from its onset, None: not at all.

    Attributes:
        condition: catalogue id.
        priority: the highest it reached.
        onset_s: session time.
        seen: IN_TIME, LATE, MISSED, or PASSED: over before the goal, without an answer.
        seen_s: until it was acknowledged.
        goal_s: until when it should have been.
        asked: the entries it asks for; none for some.
        entered: which of them came first, "" if none.
        entered_s: until it was entered.
        answered: IN_TIME, LATE, MISSED; PASSED where the session ended before the goal; "" where
            nothing is asked.
    """

    condition: str
    priority: str
    onset_s: float
    seen: str
    seen_s: float | None
    goal_s: float
    asked: Sequence[str] = ()
    entered: str = ""
    entered_s: float | None = None
    answered: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A training, scored.

    Attributes:
        scenario: what was played: title, name or file, seed.
        answers: by onset.
        needless_pauses_s: session seconds at which sound was paused that did not sound.
    """

    scenario: Mapping[str, Any]
    answers: Sequence[Answer]
    needless_pauses_s: Sequence[float] = field(default_factory=tuple)

    @property
    def missed(self) -> int:
        """Alarms nobody acknowledged, and entries that were asked for and never came."""
        return sum((a.seen == MISSED) + (a.answered == MISSED) for a in self.answers)

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        goals = {"acknowledge_s": dict(GOAL_S), "entry_s": ENTRY_GOAL_S}
        return {**asdict(self), "missed": self.missed, "goals": goals}


def begun(rows: Iterable[Row]) -> Mapping[str, Any] | None:
    """What was played, if the journal rows of a recording say that it is a training."""
    said = (b for _, kind, b in rows if kind == "session" and b.get("event") == TRAINING)
    return next(said, None)


def score(rows: Sequence[Row], end_ns: int) -> Score | None:
    """Score a training by its journal rows of the kinds `session`, `action` and `alarm`.

    Args:
        rows: in the order of the journal.
        end_ns: session time of the end.

    Returns:
        None if it is no training.
    """
    played = begun(rows)
    if played is None:
        return None
    told = [row for row in rows if row[1] in {"action", "alarm"}]
    mine = [row for row in told if row[1] == "action" and "refused" not in row[2]]
    alarms = [a for a in review(told) if _scored(a)]
    about = {key: value for key, value in played.items() if key not in {"event", "operator"}}
    return Score(
        scenario=about,
        answers=[_answer(alarm, mine, end_ns) for alarm in alarms],
        needless_pauses_s=[
            t_ns / NS_PER_S
            for t_ns, _, body in mine
            if body["verb"] == "pause_audio" and not any(_sounds(a, t_ns) for a in alarms)
        ],
    )


def _scored(alarm: Reviewed) -> bool:
    """What asks for somebody: not the computer's own troubles, nor what was seen with another."""
    spec = CATALOGUE.get(alarm.condition)
    return_time = alarm.condition == "standby_overdue"
    own = spec is not None and spec.concern is Concern.SYSTEM and not return_time
    return not (own or alarm.covered)


def _answer(alarm: Reviewed, actions: Sequence[Row], end_ns: int) -> Answer:
    goal_s, asked = GOAL_S[alarm.priority], ASKED.get(alarm.condition, ())
    later = [(t_ns, str(body["verb"])) for t_ns, _, body in actions if t_ns > alarm.onset_ns]
    first = next(((t_ns, verb) for t_ns, verb in later if verb in asked), None)
    entered_s = None if first is None else (first[0] - alarm.onset_ns) / NS_PER_S
    left_s = (end_ns - alarm.onset_ns) / NS_PER_S
    over_s = left_s if alarm.clear_ns is None else (alarm.clear_ns - alarm.onset_ns) / NS_PER_S
    lasted_s = left_s if alarm.priority == "HIGH" else over_s  # a HIGH one stays until it is seen
    return Answer(
        condition=alarm.condition,
        priority=alarm.priority,
        onset_s=alarm.onset_ns / NS_PER_S,
        seen=_verdict(alarm.response_s, goal_s, lasted_s),
        seen_s=alarm.response_s,
        goal_s=goal_s,
        asked=asked,
        entered="" if first is None else first[1],
        entered_s=entered_s,
        answered=_verdict(entered_s, ENTRY_GOAL_S, left_s) if asked else "",
    )


def _verdict(after_s: float | None, goal_s: float, there_s: float) -> str:
    if after_s is not None:
        return IN_TIME if after_s <= goal_s else LATE
    return MISSED if there_s >= goal_s else PASSED


def _sounds(alarm: Reviewed, t_ns: int) -> bool:
    """Whether it asks to be heard: on and not acknowledged, or HIGH and over."""
    seen = alarm.acknowledged_ns is not None and alarm.acknowledged_ns <= t_ns
    over = alarm.clear_ns is not None and alarm.clear_ns <= t_ns and alarm.priority != "HIGH"
    return alarm.onset_ns <= t_ns and not seen and not over


def lines(found: Score) -> list[str]:
    """The score in words, an alarm a line."""
    about = found.scenario
    said = [f"TRAINING (SIM): {about.get('title', '')} ({about.get('scenario', '')})"]
    said += [_line(answer) for answer in found.answers] or ["  no alarm"]
    pauses = len(found.needless_pauses_s)
    late = sum((a.seen == LATE) + (a.answered == LATE) for a in found.answers)
    return [*said, f"  missed {found.missed}, late {late}, needless audio pauses {pauses}"]


def _line(answer: Answer) -> str:
    seen = f"acknowledgement {_after(answer.seen, answer.seen_s)} (goal {answer.goal_s:g} s)"
    entry = (answer.entered or " or ".join(answer.asked)).replace("_", " ")
    what = f"; {entry} {_after(answer.answered, answer.entered_s)}" if answer.asked else ""
    goal = f" (goal {ENTRY_GOAL_S:g} s)" if answer.asked else ""
    minutes, seconds = divmod(round(answer.onset_s), 60)
    clock = f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return f"  {clock} {answer.priority:6} {answer.condition}: {seen}{what}{goal}"


def _after(verdict: str, after_s: float | None) -> str:
    return verdict if after_s is None else f"after {after_s:.0f} s, {verdict}"
