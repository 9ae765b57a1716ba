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
