"""One recording's vitals, derived once, to be judged by any limits: what-if without decoding again.

Vitals do not depend on limits, but for two rows that measuring itself looks at: how a probe off the
skin and how cold skin with a fast heart are told (`monitor.measure`). A tape is played to the core
in place of its sensors; conditions, signals, operator actions and statuses are the core's own, so
that the outcome is that of a full derivation to the last bit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from alerts.catalogue import CATALOGUE
from alerts.checks import CHECKS
from alerts.conditions import Conditions, Expected
from alerts.model import ConditionEdge, Kind, Transition
from alerts.reach import reachable
from alerts.settings import Settings, resolve
from alerts.spec import Value
from devices.model import Frame, Frames
from monitor import stored
from monitor.core import Core, Event, Output, Setup, Stored
from monitor.intake import Taken
from monitor.measure import Measure, Switch, constriction_limits, probe_limits
from monitor.recording.reader import Recording
from monitor.signal.extremes import extremes
from monitor.signal.hold import Flags
from monitor.signal.vitals import Vitals
from monitor.signal.window import Ticks

Alarms = Mapping[str, Mapping[str, Any]]
_LIMITED = tuple(name for name in CHECKS if CATALOGUE[name].kind is Kind.PHYSIOLOGICAL)
"""Conditions of the person that are judged second by second."""
_ALONE = frozenset(_LIMITED) - {"skin_cold_hr_high"}
"""Those of them that a change of their row concerns and nothing else."""
_ORDER = {name: place for place, name in enumerate(CATALOGUE)}


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """The alarms one set of limits makes of a recording.

    Attributes:
        settings: the limits in force at the end.
        edges: onsets, escalations and clears of all conditions, in time order.
        over: by condition of the person, for each second whether its limit is reached with data
            that count.
    """

    settings: Mapping[str, Settings]
    edges: Sequence[ConditionEdge]
    over: Mapping[str, Flags]


@dataclass(frozen=True, slots=True, eq=False)
class Judged(Outcome):
    """The same, with what became of the signals.

    Attributes:
        transitions: of all alarm signals, with the recording's operator actions.
        refused: reasons why operator actions could not be done.
    """

    transitions: Sequence[Transition]
    refused: Sequence[str]


class _Noting(Core):
    """A core that notes the seconds over each limit, and what limits measuring has used."""

    def __init__(self, setup: Setup, measure: Measure | None = None) -> None:
        super().__init__(setup, measure)
        self.measured_by = {_measured_by(self.settings)}
        self._over: dict[str, list[Flags]] = {name: [] for name in _LIMITED}

    def _relimit(self, rows: Mapping[str, Mapping[str, Value]]) -> None:
        super()._relimit(rows)
        self.measured_by.add(_measured_by(self.settings))

    def _judge(self, vitals: Vitals, output: Output) -> None:
        super()._judge(vitals, output)
        for name, parts in self._over.items():
            if (row := self.settings.get(name)) is not None:
                parts.append(_over(name, vitals, row, self.expected))

    def judged(self, output: Output) -> Judged:
        """The outcome of everything stepped so far."""
        return Judged(
            self.settings,
            output.edges,
            {name: np.concatenate(parts) for name, parts in self._over.items() if parts},
            output.transitions,
            [why for _, why in output.refused],
        )


def _over(name: str, vitals: Vitals, row: Settings, expected: Expected) -> Flags:
    if not reachable(name, vitals, row):
        return np.zeros(vitals.ticks.shape, np.bool_)
    check = CHECKS[name](vitals, row, expected)
    return check.over & check.counts


class _Played(Measure):
    """Yields vitals measured before, at their seconds."""

    def __init__(self, setup: Setup, vitals: Sequence[Vitals]) -> None:
        super().__init__(setup.sensors, resolve(setup.alarms, setup.age_years))
        self._left = deque(vitals)

    def step(
        self,
        taken: Taken,  # noqa: ARG002 - as measured before
        ticks: Ticks,
        switches: list[Switch],  # noqa: ARG002
        *,
        dosed: bool,  # noqa: ARG002
    ) -> Iterator[Vitals]:
        """Yield what was measured until the last of these seconds."""
        while ticks.size and self._left and self._left[0].ticks[-1] <= ticks[-1]:
            yield self._left.popleft()


@dataclass(frozen=True, slots=True, eq=False)
class Tape:
    """What limits judge: vitals, operator actions and statuses; and the outcome with its own."""

    setup: Setup
    expected: Expected
    events: Sequence[Event]
    vitals: Sequence[Vitals]
    end_ns: int
    measured_by: frozenset[object]
    own: Judged
    unknown_frames: int

    @classmethod
    def derive(
        cls, recording: Recording, alarms: Alarms | None = None, age_years: float | None = None
    ) -> Tape:
        """Decode and measure a recording, and judge it.

        Args:
            recording: the open recording.
            alarms: alarm rows to use; None for those of the day, with the operator's changes.
            age_years: the person's age, which lowers limits; None for the recorded one.

        Raises:
            RecordingError: the recording cannot be read; it is not touched.
        """
        events = _without_changes(stored.columns(recording), alarms)
        return cls.of(stored.setup(recording, alarms, age_years), events, recording.end_ns)

    @classmethod
    def of(cls, setup: Setup, events: Sequence[Stored], end_ns: int) -> Tape:
        """Decode and measure these events, in order, and judge them by the setup's limits."""
        core = _Noting(setup)
        output = stored.run(core, events, end_ns)
        return cls(
            setup=setup,
            expected=core.expected,
            events=[event for event in events if not isinstance(event, Frame | Frames)],
            vitals=[_with_extremes(vitals) for vitals in output.vitals],
            end_ns=end_ns,
            measured_by=frozenset(core.measured_by),
            own=core.judged(output),
            unknown_frames=core.intake.unknown,
        )

    def judge(self, alarms: Alarms, age_years: float | None = None) -> Judged | None:
        """Judge by other limits, without the operator's changes of limits.

        None: these limits concern measuring itself, and the recording must be derived again.
        """
        setup = self._setup(alarms, age_years)
        core = _Noting(setup, _Played(setup, self.vitals))
        if core.measured_by != self.measured_by:
            return None
        # What was changed in the course of the day would undo other limits.
        events = _without_changes(self.events, alarms)
        return core.judged(stored.run(core, events, self.end_ns))

    def outcome(self, alarms: Alarms, age_years: float | None = None) -> Outcome | None:
        """The alarms of `judge`, not the signals; judged again only where limits differ."""
        setup = self._setup(alarms, age_years)
        settings, own = resolve(setup.alarms, setup.age_years), self.own
        differ = {n for n in CATALOGUE if settings.get(n) != own.settings.get(n)}
        if not differ <= _ALONE or any(map(stored.changes_limits, self.events)):
            return self.judge(alarms, age_years)
        edges = [edge for edge in own.edges if edge.condition not in differ]
        edges += self.edges(settings, differ & settings.keys())
        edges.sort(key=lambda edge: (edge.t_ns, _ORDER[edge.condition]))
        over = {name: flags for name, flags in own.over.items() if name not in differ}
        for name in differ & settings.keys():
            over[name] = np.concatenate(
                [_over(name, vitals, settings[name], self.expected) for vitals in self.vitals]
            )
        return Outcome(settings, edges, over)

    def edges(
        self, settings: Mapping[str, Settings], names: Collection[str]
    ) -> list[ConditionEdge]:
        """Edges of these conditions alone; they must be such that no operator's action concerns."""
        reached = [
            name
            for name in names
            if any(reachable(name, vitals, settings[name]) for vitals in self.vitals)
        ]
        if not reached:
            return []
        conditions = Conditions(settings, self.expected, reached)
        return [edge for vitals in self.vitals for edge in conditions.step(vitals)]

    def _setup(self, alarms: Alarms, age_years: float | None) -> Setup:
        age_years = self.setup.age_years if age_years is None else age_years
        return replace(self.setup, alarms=alarms, age_years=age_years)


def _with_extremes(vitals: Vitals) -> Vitals:
    rhythm, none = vitals.heart.rhythm, np.empty(0)
    irregular_pct = none if rhythm is None else rhythm.irregular_pct
    return replace(vitals, extremes=extremes(vitals.heart.shown, vitals.skin.shown, irregular_pct))


def _without_changes(events: Sequence[Stored], alarms: Alarms | None) -> list[Stored]:
    return [event for event in events if alarms is None or not stored.changes_limits(event)]


def _measured_by(settings: Mapping[str, Settings]) -> object:
    """What measuring takes from the limits."""
    return constriction_limits(settings), probe_limits(settings, distal=False)
