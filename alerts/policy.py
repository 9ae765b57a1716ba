"""Which silence may keep which alarm from sounding: one table.

Four different things, in these words:
acknowledge  one alarm was seen; it alone falls silent and stays on the screen.
audio pause  no sound at all for at most two minutes; the screen goes on.
standby      the person is away (a toilet break); what sensors would say is held back.
limits       another limit: the condition itself no longer holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from itertools import product

from alerts.model import Presence, Priority
from alerts.spec import Concern


class Silence(StrEnum):
    """How an operator can make an alarm silent."""

    ACKNOWLEDGE = "acknowledge"
    AUDIO_PAUSE = "audio pause"
    STANDBY = "standby"
    LIMITS = "limits"


Cell = tuple[Silence, Concern, Priority, Presence]

_HELD_IN_STANDBY: Mapping[Concern, frozenset[Priority]] = {
    # A racing heart on the way to the toilet is one all the same.
    Concern.PERSON: frozenset({Priority.LOW, Priority.MEDIUM}),
    Concern.ROUTINE: frozenset(Priority),
    # Sensors come off in a break; its return time is an alarm of its own.
    Concern.SENSOR: frozenset(Priority),
    # The monitor's own troubles are not the person's.
    Concern.SYSTEM: frozenset(),
}


def _may(silence: Silence, concern: Concern, priority: Priority, presence: Presence) -> bool:
    if presence is Presence.ACKNOWLEDGED:
        return False  # it is silent already
    if silence is Silence.STANDBY:
        return priority in _HELD_IN_STANDBY[concern]
    if silence is Silence.LIMITS:
        ended = presence in {Presence.LATCHED, Presence.RETURNED}
        return concern in {Concern.PERSON, Concern.ROUTINE} and not ended
    return True


MAY_SILENCE: Mapping[Cell, bool] = {
    cell: _may(*cell) for cell in product(Silence, Concern, Priority, Presence)
}
"""(silence, concern, priority, presence) -> whether that silence makes such an alarm silent."""
