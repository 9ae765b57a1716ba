"""What would have alarmed under other limits: one question, asked of one recording or thousands."""

from __future__ import annotations

import json
import os
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from alerts.settings import limits_hash, lowered
from devices.model import NS_PER_S
from monitor import config
from monitor.alarm_difference import Difference, compare
from monitor.alarm_review import burden_per_hour
from monitor.config_layers import read_start
from monitor.episodes import Episode, OverLimit, episodes
from monitor.errors import ConfigError, DerivationError, VigilError
from monitor.exactness import Exactness, exactness
from monitor.reanalysis import Analysis, analysis, reached, recorded
from monitor.recording.reader import Recording
from monitor.tape import Alarms, Outcome, Tape

MOST_STEPS = 200
"""Values of one sweep: more than a chart can show."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """One key of the configuration, and the values it is to take, as texts."""

    key: str
    values: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Sweep:
        """Read `KEY=FIRST:LAST:STEP`, LAST included; decimal, so that 36.5:38:0.1 is exact.

        Raises:
            ConfigError: it is something else, or has more than `MOST_STEPS` values.
        """
        key, _, span = text.partition("=")
        if not key.strip().startswith("alarms."):
            raise ConfigError(f"--sweep {text}: must be a key of an alarm, alarms.NAME.KEY")
        try:
            first, last, step = (Decimal(part) for part in span.split(":"))
            count = int((last - first) / step) + 1
        except (ArithmeticError, InvalidOperation, ValueError) as fault:
            raise ConfigError(f"--sweep {text}: must be KEY=FIRST:LAST:STEP") from fault
        if not 1 <= count <= MOST_STEPS:
            raise ConfigError(f"--sweep {text}: {count} values; must be 1 to {MOST_STEPS}")
        return cls(key.strip(), tuple(str(first + n * step) for n in range(count)))

    @property
    def condition(self) -> str:
        """The catalogue id in the key."""
        return self.key.split(".")[1]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of each recording.

    Attributes:
        config_path: a configuration with other limits, None for the recording's own.
        content: of that file, as `fixed` reads it.
        overrides: `KEY=VALUE` texts over it.
        compare: with what: the recorded alarms, or if limits are changed those of its own.
        sweep: several values of one key, None for none.
    """

    config_path: Path | None = None
    overrides: tuple[str, ...] = ()
    compare: bool = False
    sweep: Sweep | None = None
    content: bytes | None = None

    def fixed(self) -> Question:
        """The same, with the file read: it may change, and others may not see it.

        Raises:
            ConfigError: there is a mistake in any of its limits; no work is done yet.
        """
        if self.config_path is None:
            self.check()
            return self
        try:
            fixed = replace(self, content=read_start(self.config_path))
        except OSError:
            fixed = self  # checking tells it
        fixed.check()
        return fixed

    @property
    def changes(self) -> bool:
        """Whether it is about other limits than those of the day."""
        return self.config_path is not None or bool(self.overrides)

    def check(self) -> None:
        """Raise ConfigError for a mistake in any of its limits, before any work is done."""
        for overrides in self.settings():
            config.load(self.config_path, overrides, content=self.content)

    def settings(self) -> list[tuple[str, ...]]:
        """The overrides themselves, then those with each value of the sweep."""
        swept = self.sweep.values if self.sweep else ()
        key = self.sweep.key if self.sweep else ""
        return [self.overrides, *((*self.overrides, f"{key}={value}") for value in swept)]


@dataclass(frozen=True, slots=True)
class Before:
    """The alarms compared with.

    `over_limit_s` is time over the limits of then without an alarm of then; `unalarmed_now_s` time
    over the limits of then without an alarm under the new ones.
    """

    alarms: list[Episode]
    burden_per_hour: dict[str, float]
    over_limit_s: dict[str, OverLimit]
    unalarmed_now_s: dict[str, int]


@dataclass(frozen=True, slots=True)
class Point:
    """What one value of a sweep comes to.

    Attributes:
        value: as asked for.
        in_force: the number in force, which another rule may have lowered; None if the alarm is
            disabled or the value no number.
        limits_hash: of all limits.
        alarms: how many, by condition.
        burden_per_hour: onsets per hour, by priority and all.
        over_limit_s: time over the limits, as in `Analysis`.
    """

    value: str
    in_force: float | None
    limits_hash: str
    alarms: dict[str, int]
    burden_per_hour: dict[str, float]
    over_limit_s: dict[str, OverLimit]


@dataclass(frozen=True, slots=True)
class About:
    """Which recording it is; `start_utc_ns` is None if unknown."""

    session_id: str
    subject: str
    mode: str
    start_utc_ns: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What one recording says.

    `notes` are words about the limits: those that are not in force as written. `exactness` is how
    the record itself compares with what is derived of it; None with other limits, or for an import.
    """

    analysis: Analysis
    about: About
    before: Before | None = None
    differences: list[Difference] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    exactness: Exactness | None = None

    @property
    def finding(self) -> bool:
        """Whether something differs, or could not be judged."""
        inexact = self.exactness is not None and not self.exactness.exact
        return bool(self.differences or self.analysis.unknown_frames or inexact)

    def as_json(self) -> dict[str, Any]:
        """The object `vigil reanalyse --json` prints."""
        body = self.analysis.as_json()
        if self.before is not None:
            body["before"] = asdict(self.before)
            body["differences"] = [asdict(one) for one in self.differences]
        if self.exactness is not None:
            body["exactness"] = self.exactness.as_json()
        if self.points:
            body["sweep"] = [asdict(point) for point in self.points]
        return body


class _Limits(NamedTuple):
    """Alarm rows, the person's age, and words about those that are lowered."""

    alarms: Alarms
    age_years: float
    notes: list[str]


def answer(path: Path, question: Question) -> Answer:
    """Put a question to one recording.

    Raises:
        VigilError: it cannot be read, or the limits do not fit its configuration; it is not
            touched.
    """
    with Recording.open(path) as recording:
        tape = Tape.derive(recording)
        stored = json.dumps(recording.config)
        asked, *swept = (
            _limits(stored, question.config_path, overrides, question.content)
            for overrides in question.settings()
        )
        judged = _outcome(recording, tape, asked) if question.changes else tape.own
        now = analysis(recording, tape, judged)
        before = None
        if question.compare:
            own = episodes(tape.own.edges) if question.changes else recorded(recording)
            before = _before(tape, own, now)
        return Answer(
            now,
            _about(recording),
            before,
            compare(before.alarms, now.alarms) if before else [],
            _points(recording, tape, question, swept),
            _notes([asked, *swept] if question.changes else swept),
            exactness(recording, tape.vitals, tape.own.transitions)
            if question.compare and not question.changes
            else None,
        )


def _about(recording: Recording) -> About:
    return About(recording.session_id, recording.subject, recording.mode, recording.start_utc_ns)


@lru_cache(maxsize=2 * MOST_STEPS)
def _limits(
    stored: str, config_path: Path | None, overrides: tuple[str, ...], content: bytes | None
) -> _Limits:
    """These settings over a recording's own configuration; most recordings have the same."""
    base = config.from_json(stored) if stored != "{}" else None
    effective = config.load(config_path, overrides, base, content)
    age_years = effective.session.age_years
    return _Limits(effective.alarms, age_years, lowered(effective.alarms, age_years))


def _notes(used: Sequence[_Limits]) -> list[str]:
    return sorted({note for limits in used for note in limits.notes})


def _outcome(recording: Recording, tape: Tape, limits: _Limits) -> Outcome:
    alarms, age_years, _ = limits
    return tape.outcome(alarms, age_years) or Tape.derive(recording, alarms, age_years).own


def _before(tape: Tape, alarms: list[Episode], now: Analysis) -> Before:
    unalarmed = reached(tape.own, now.alarms)
    return Before(
        alarms,
        burden_per_hour(alarms, now.duration_s),
        reached(tape.own, alarms),
        {name: one.without_alarm for name, one in unalarmed.items()},
    )


def _points(
    recording: Recording, tape: Tape, question: Question, swept: Sequence[_Limits]
) -> list[Point]:
    if question.sweep is None:
        return []
    return [
        _point(question.sweep, value, _outcome(recording, tape, limits), tape)
        for value, limits in zip(question.sweep.values, swept, strict=True)
    ]


def _point(sweep: Sweep, value: str, judged: Outcome, tape: Tape) -> Point:
    found = episodes(judged.edges)
    row = judged.settings.get(sweep.condition)
    number = None if row is None else row.values.get(sweep.key.rsplit(".", 1)[1])
    return Point(
        value=value,
        in_force=None if number is None or isinstance(number, str) else float(number),
        limits_hash=limits_hash(judged.settings),
        alarms=dict(Counter(alarm.condition for alarm in found)),
        burden_per_hour=burden_per_hour(found, tape.end_ns / NS_PER_S),
        over_limit_s=reached(judged, found),
    )


def attempt(path: Path, question: Question) -> Answer | VigilError:
    """Put a question to one recording; what is wrong with it as the error that tells it.

    A fault of Vigil's own that one recording brings out is an error of that recording: thousands of
    others must not be lost by it.
    """
    try:
        return answer(path, question)
    except VigilError as error:
        return error
    except Exception as fault:  # noqa: BLE001 - the border of one recording
        if os.environ.get("VIGIL_DEBUG") == "1":
            traceback.print_exception(fault)
        text = " ".join(str(fault).split())
        return DerivationError(f"{path}: unexpected error: {type(fault).__name__}: {text}")
