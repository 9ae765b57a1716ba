"""Reads a scenario file (TOML, docs/scenarios.md); a mistake is told with file, line and key."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from alerts.catalogue import CATALOGUE
from monitor.config_errors import one_of
from monitor.errors import ConfigError, RecordingError
from monitor.model import Verb
from simulators import scenario_schema as schema
from simulators.body_events import happenings
from simulators.kinds import KINDS, Kind, named
from simulators.physiology import Dose, Plan
from simulators.recorded import PLAYABLE, Recorded, person_of
from simulators.scenario import (
    MEASURED,
    SENSORS,
    ExpectedAlarm,
    FaultKind,
    LinkFault,
    Scenario,
    ScriptedAction,
    SystemFault,
    SystemFaultKind,
)
from simulators.scenario_mistakes import mistake as _mistake
from simulators.scenario_mistakes import told

SUPPLEMENTAL = "supplemental"
HALF = 0.5
"""A supplemental dose is half the first (clinical reference, section 1)."""
LARGEST = 3.0
MOST_REPEATS = 2000
FULL_PCT = 100
AT_ONCE = (FaultKind.DROP, FaultKind.BATTERY)
"""Faults that need not last."""
E = TypeVar("E", bound=schema.Event)


def load(path: Path) -> Scenario:
    """Read a scenario file; its name is the file's.

    Raises:
        ConfigError: it cannot be read, or is no scenario; the message names file, line and key.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        raw = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:  # no UTF-8, or no TOML: says its line
        raise ConfigError(f"{path}: {error}") from error
    except RecursionError as error:
        raise ConfigError(f"{path}: too many tables or arrays in each other") from error
    try:
        return made(path, msgspec.convert(raw, schema.File, dec_hook=schema.convert))
    except msgspec.ValidationError as error:
        raise ConfigError(told(path, text, raw, str(error))) from error


def made(path: Path, file: schema.File) -> Scenario:
    """The scenario of a file's tables; `path` is its own, for its name and what it refers to.

    Raises:
        ValidationError: a value is not allowed; the message ends in the path of its key.
    """
    return _Maker(path, file).scenario()


class _Maker:
    """Turns the tables of a file into a scenario."""

    def __init__(self, path: Path, file: schema.File) -> None:
        self._name, self._file = path.stem, file
        self._recording = None if file.recording is None else path.parent / file.recording
        played = None if self._recording is None else self._played(self._recording)
        usual = SENSORS if played is None else played.kinds
        self._sensors = usual if file.sensors is None else file.sensors
        lasts_s = played.duration_s if file.lasts is None and played is not None else file.lasts
        if lasts_s is None:
            raise _mistake("lasts", "missing: how long the session lasts")
        self._lasts_s = float(lasts_s)
        if self._lasts_s <= 0:
            raise _mistake("lasts", "must be more than 0")
        self._aliases = tuple(self._kinds(self._sensors))

    def _played(self, recording: Path) -> Recorded:
        """The recording, which stands in the place of a person."""
        for key in ("person", "body"):
            if getattr(self._file, key):
                raise _mistake(key, "a recording stands in the place of person and body")
        try:
            return person_of(recording)
        except RecordingError as error:
            raise _mistake("recording", str(error)) from error

    def _kinds(self, words: Sequence[str]) -> dict[str, Kind]:
        """The sensors, each of a kind that there is, and that can say what there is to say."""
        try:
            found = named(words)
        except KeyError as error:
            number = next(n for n, word in enumerate(words) if word.endswith(error.args[0]))
            raise _mistake(f"sensors[{number}]", one_of(error.args[0], tuple(KINDS))) from error
        for number, kind in enumerate(found.values()):
            if self._recording is not None and kind.measures not in PLAYABLE:
                why = f"{kind.measures.value} is not played from a recording"
                raise _mistake(f"sensors[{number}]", why)
        return found

    def scenario(self) -> Scenario:
        """The whole of it."""
        actions = sorted(self._actions(), key=lambda action: action[0].t_s)
        doses = [Dose(a.t_s, amount) for a, amount in actions if a.verb is Verb.DOSE]
        return Scenario(
            name=self._name,
            title=self._file.title,
            duration_s=self._lasts_s,
            plan=self._plan(tuple(doses)),
            actions=tuple(action for action, _ in actions),
            faults=tuple(sorted(self._faults(), key=lambda fault: fault.t_s)),
            system=tuple(sorted(self._system(), key=lambda fault: fault.t_s)),
            sensors=self._sensors,
            recording=self._recording,
            expect=tuple(self._expect()),
        ).measured()

    def _plan(self, doses: tuple[Dose, ...]) -> Plan:
        person = msgspec.structs.asdict(self._file.person or schema.Person())
        if person["diastolic_mmhg"] >= person["systolic_mmhg"]:
            raise _mistake("person.diastolic_mmhg", "must be below systolic_mmhg")
        person["probe_on_s"] = float(person.pop("probe_on"))
        body = happenings(self._events("body", self._file.body))
        return Plan(**person, **body, seed=self._file.seed, doses=doses)

    def _events(self, table: str, events: Sequence[E]) -> Iterator[tuple[E, float]]:
        for number, event in enumerate(events):
            for t_s in self._times(f"{table}[{number}]", event.at, event.every, event.until):
                yield event, t_s

    def _times(
        self, where: str, at: float, every: float | None, until: float | None
    ) -> Iterator[float]:
        """Session seconds of an event: one, or several a time apart."""
        end_s = float(self._lasts_s if until is None else until)
        if at >= self._lasts_s:
            raise _mistake(f"{where}.at", "the scenario is over by then")
        if at < 0 and where.startswith(("operator", "system")):
            raise _mistake(f"{where}.at", "must be 0 or more")
        if until is not None and (every is None or until <= at):
            raise _mistake(f"{where}.until", "must be later than `at`, and goes with `every`")
        if every is None:
            yield float(at)
            return
        if every <= 0 or (end_s - at) / every > MOST_REPEATS:
            raise _mistake(f"{where}.every", f"must be more than 0, {MOST_REPEATS} times at most")
        count = int((end_s - at) // every) + 1
        yield from (float(at + n * every) for n in range(count) if at + n * every < end_s)

    def _faults(self) -> Iterator[LinkFault]:
        for number, fault in enumerate(self._file.faults):
            where = f"faults[{number}]"
            if fault.sensor not in self._aliases:
                raise _mistake(f"{where}.sensor", one_of(fault.sensor, self._aliases))
            lasts_s, by_s = float(fault.lasts), float(fault.by)
            low, high = schema.BY.get(fault.kind, (-math.inf, math.inf))
            if not low <= by_s <= high:
                why = f"must be {low:g} to {high:g} of a fault {fault.kind.value!r}"
                raise _mistake(f"{where}.by", why)
            if lasts_s == 0 and fault.kind not in AT_ONCE:
                raise _mistake(f"{where}.lasts", f"missing: how long a {fault.kind.value!r} lasts")
            for t_s in self._times(where, fault.at, fault.every, fault.until):
                yield LinkFault(t_s, fault.sensor, fault.kind, lasts_s, by_s, fault.share_pct)

    def _system(self) -> Iterator[SystemFault]:
        for number, one in enumerate(self._file.system):
            if one.what is SystemFaultKind.BATTERY_LOW and not 0 <= one.by <= FULL_PCT:
                raise _mistake(f"system[{number}].by", f"must be 0 to {FULL_PCT} percent")
        for fault, t_s in self._events("system", self._file.system):
            yield SystemFault(t_s, fault.what, float(fault.lasts), fault.by)

    def _actions(self) -> Iterator[tuple[ScriptedAction, float]]:
        """Each action, with the amount of a dose."""
        verbs = tuple(str(verb) for verb in Verb)
        for number, table in enumerate(self._file.operator):
            where, details = f"operator[{number}]", dict(table)
            at, every, until = (self._time(where, details, key) for key in ("at", "every", "until"))
            name = details.pop("do", None)
            if at is None:
                raise _mistake(f"{where}.at", "missing: when it is done")
            if name not in verbs:
                raise _mistake(f"{where}.do", one_of(name, verbs))
            verb, usual = Verb(str(name)), HALF if details.get("label") == SUPPLEMENTAL else 1.0
            amount = self._amount(where, details, usual) if verb is Verb.DOSE else 0.0
            measure = self._measure(where, verb, details)
            _check_details(where, verb, details, MEASURED.get(verb, ()) if measure else ())
            for t_s in self._times(where, at, every, until):
                yield ScriptedAction(t_s, verb, details, measure), amount

    def _amount(self, where: str, details: dict[str, Any], usual: float) -> float:
        """How large a dose is, the first one being 1."""
        amount = details.pop("amount", usual)
        is_number = isinstance(amount, int | float) and not isinstance(amount, bool)
        if not is_number or not 0 <= amount <= LARGEST:
            raise _mistake(f"{where}.amount", f"must be 0 to {LARGEST:g} of the first dose")
        return float(amount)

    def _measure(self, where: str, verb: Verb, details: dict[str, Any]) -> bool:
        """Whether the action reads the simulated body, in the place of numbers in the file."""
        measure = details.pop("measure", False)
        if not isinstance(measure, bool):
            raise _mistake(f"{where}.measure", "must be true or false")
        for key in MEASURED.get(verb, ()) if measure else ():
            if key in details:
                raise _mistake(f"{where}.{key}", "is measured; leave it out, or measure")
        if measure and self._recording is not None:
            raise _mistake(f"{where}.measure", "nothing can be measured on a recording")
        if measure and verb not in MEASURED:
            raise _mistake(f"{where}.measure", f"only of {' and '.join(MEASURED)}")
        return measure

    def _time(self, where: str, details: dict[str, Any], key: str) -> float | None:
        if key not in details:
            return None
        try:
            return float(schema.seconds(details.pop(key)))
        except ValueError as error:
            raise _mistake(f"{where}.{key}", str(error)) from error

    def _expect(self) -> Iterator[ExpectedAlarm]:
        for number, one in enumerate(self._file.expect):
            expect = schema.Expect(alarm=one) if isinstance(one, str) else one
            if expect.alarm not in CATALOGUE:
                where = f"expect[{number}]" + ("" if isinstance(one, str) else ".alarm")
                raise _mistake(where, one_of(expect.alarm, tuple(CATALOGUE)))
            self._expected_when(f"expect[{number}]", expect)
            yield ExpectedAlarm(
                alarm=expect.alarm,
                at_s=expect.at,
                within_s=float(expect.within),
                priority=expect.priority,
                clears_s=expect.clears,
            )

    def _expected_when(self, where: str, expect: schema.Expect) -> None:
        """An alarm is expected while the session lasts, and ends after it began."""
        for key, t_s in (("at", expect.at), ("clears", expect.clears)):
            if t_s is not None and not 0 <= t_s <= self._lasts_s:
                raise _mistake(
                    f"{where}.{key}", f"must be 0 to {self._lasts_s:g} s, while it lasts"
                )
        if expect.at is not None and expect.clears is not None and expect.clears <= expect.at:
            raise _mistake(f"{where}.clears", "must be later than `at`")


def _check_details(
    where: str, verb: Verb, details: dict[str, Any], measured: Sequence[str]
) -> None:
    """The details of an action are those its verb has, and none it needs is missing."""
    needed, more = schema.DETAILS[verb]
    for key, value in details.items():
        if key not in {*needed, *more}:
            raise _mistake(f"{where}.{key}", "unknown key; " + one_of(key, (*needed, *more)))
        if isinstance(value, float) and not math.isfinite(value):
            raise _mistake(f"{where}.{key}", "must be a finite number")
        if not isinstance(value, str | bool | int | float):
            raise _mistake(f"{where}.{key}", "must be text, a number, true or false")
    for key in needed:
        if key not in details and key not in measured:
            raise _mistake(where, f"missing: {key}")
