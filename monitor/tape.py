"""One recording's vitals, derived once, to be judged by any limits: what-if without decoding again.

Vitals do not depend on limits, but for two rows that measuring itself looks at: how a probe off the
skin and how cold skin with a fast heart are told (`monitor.measure`). A tape is played to the core
in place of its sensors; conditions, signals, operator actions and statuses are the core's own, so
that the outcome is that of a full derivation to the last bit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from alerts.catalogue import CATALOGUE
from alerts.checks import CHECKS
from alerts.model import ConditionEdge, Kind, Transition
from alerts.settings import Settings, resolve
from alerts.spec import Value
from devices.model import Frame
from monitor import stored
from monitor.core import Core, Event, Output, Setup
from monitor.intake import Taken
from monitor.measure import Measure, Switch, constriction_limits, probe_limits
from monitor.recording.reader import Recording
from monitor.signal.hold import Flags
from monitor.signal.vitals import Vitals
from monitor.signal.window import Ticks

Alarms = Mapping[str, Mapping[str, Any]]
_LIMITED = tuple(name for name in CHECKS if CATALOGUE[name].kind is Kind.PHYSIOLOGICAL)
"""Conditions of the person that are judged second by second."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What one set of limits makes of a recording.

    Attributes:
        settings: the limits in force at the end.
        edges: onsets, escalations and clears of all conditions.
        transitions: of all alarm signals, with the recording's operator actions.
        over: by condition of the person, for each second whether its limit is reached with data
            that count.
        refused: reasons why operator actions could not be done.
    """

    settings: Mapping[str, Settings]
    edges: Sequence[ConditionEdge]
    transitions: Sequence[Transition]
    over: Mapping[str, Flags]
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
                check = CHECKS[name](vitals, row, self.expected)
                parts.append(check.over & check.counts)

    def judged(self, output: Output) -> Judged:
        """The outcome of everything stepped so far."""
        return Judged(
            self.settings,
            output.edges,
            output.transitions,
            {name: np.concatenate(parts) for name, parts in self._over.items() if parts},
            [why for _, why in output.refused],
        )


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
        events = _without_changes(stored.events(recording), alarms)
        return cls.of(stored.setup(recording, alarms, age_years), events, recording.end_ns)

    @classmethod
    def of(cls, setup: Setup, events: Sequence[Event], end_ns: int) -> Tape:
        """Decode and measure these events, in order, and judge them by the setup's limits."""
        core = _Noting(setup)
        output = stored.run(core, events, end_ns)
        return cls(
            setup=setup,
            events=[event for event in events if not isinstance(event, Frame)],
            vitals=output.vitals,
            end_ns=end_ns,
            measured_by=frozenset(core.measured_by),
            own=core.judged(output),
            unknown_frames=core.intake.unknown,
        )

    def judge(self, alarms: Alarms, age_years: float | None = None) -> Judged | None:
        """Judge by other limits, without the operator's changes of limits.

        None: these limits concern measuring itself, and the recording must be derived again.
        """
        age_years = self.setup.age_years if age_years is None else age_years
        setup = replace(self.setup, alarms=alarms, age_years=age_years)
        core = _Noting(setup, _Played(setup, self.vitals))
        if core.measured_by != self.measured_by:
            return None
        # What was changed in the course of the day would undo other limits.
        events = _without_changes(self.events, alarms)
        return core.judged(stored.run(core, events, self.end_ns))


def _without_changes(events: Sequence[Event], alarms: Alarms | None) -> list[Event]:
    return [event for event in events if alarms is None or not stored.changes_limits(event)]


def _measured_by(settings: Mapping[str, Settings]) -> object:
    """What measuring takes from the limits."""
    return constriction_limits(settings), probe_limits(settings, distal=False)
