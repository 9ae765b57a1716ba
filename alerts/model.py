"""The words of the alarm system, after IEC 60601-1-8 as far as software on a laptop can."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum


class Priority(IntEnum):
    """How urgently a human is needed."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


class Kind(StrEnum):
    """PHYSIOLOGICAL: the person; TECHNICAL: the equipment, or data that cannot be interpreted."""

    PHYSIOLOGICAL = "PHYSIOLOGICAL"
    TECHNICAL = "TECHNICAL"


class Presence(StrEnum):
    """State of an alarm signal.

    ON: condition holds, nobody acknowledged. ACKNOWLEDGED: holds, seen, silent. LATCHED: condition
    is over, unacknowledged, still signalled. RETURNED: over, unacknowledged, shown without sound.
    """

    ON = "ON"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    LATCHED = "LATCHED"
    RETURNED = "RETURNED"


class Edge(Enum):
    """What an alarm condition did."""

    ONSET = "onset"
    ESCALATE = "escalate"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class ConditionEdge:
    """An alarm condition began, became more urgent, or ended.

    Attributes:
        t_ns: session time.
        condition: catalogue id, e.g. `hr_high`.
        edge: what happened.
        priority: the priority from now on.
        value: the deciding value in `unit`, NaN if none.
        limit: the limit in force, NaN if none.
        unit: of value and limit ("bpm", "degC", "s", "").
    """

    t_ns: int
    condition: str
    edge: Edge
    priority: Priority
    value: float = float("nan")
    limit: float = float("nan")
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSignal:
    """One alarm signal. Times in session nanoseconds; value and limit in `unit`."""

    condition: str
    occurrence: int
    """Counts onsets and escalations of this condition; an acknowledgement names the one it saw."""
    kind: Kind
    priority: Priority
    presence: Presence
    onset_ns: int
    clear_ns: int | None = None
    value: float = float("nan")
    limit: float = float("nan")
    unit: str = ""
    acknowledged_by: str = ""
    timer_ns: int = 0
    """When its present clock began: raised, acknowledged, reminded. Stops while it is hidden."""
    repeats: int = 1
    """Onsets within the last ten minutes."""
    unanswered: bool = False
    """Nobody acknowledged it for long, so it became more urgent than its condition is."""
    hidden: bool = False
    """It stands behind another, or is held back by standby; it does not sound."""
    masked_by: str = ""
    """The lost signal behind which nobody can judge it."""
    held: bool = False
    """Held back by standby."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A change of an alarm signal or of a silence, for the record and the log.

    `what`: onset, escalate, clear, acknowledge, reminder, unanswered, audio_paused, audio_resumed,
    standby, standby_ended, standby_settled, limit_changed. Where no condition is concerned
    `condition` is empty; `detail` says why.
    """

    t_ns: int
    what: str
    condition: str = ""
    occurrence: int = 0
    priority: Priority | None = None
    presence: Presence | None = None
    value: float = float("nan")
    limit: float = float("nan")
    unit: str = ""
    detail: str = ""


class RefusedError(Exception):
    """An operator action that cannot be done; the message says why."""
