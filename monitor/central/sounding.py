"""What a central station sounds: the most urgent over all rooms, and its audio pause. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple

from monitor import feed
from monitor.central.room import UNHEARD, Room, Standing
from monitor.central.wall import Wall

LONGEST_PAUSE_S = 120.0
"""As in a room (docs/alarms.md)."""
SOUNDING = frozenset({"ON", "LATCHED"})
"""Presences of an alarm that nobody has acknowledged yet and that sounds."""


class Urgency(IntEnum):
    """What sounds, the higher the more urgent.

    A room nobody hears of stands above MEDIUM: what happens in it may be anything.
    """

    LOW = 1
    MEDIUM = 2
    ROOM = 3
    HIGH = 4


class Call(NamedTuple):
    """Something that sounds until it ends or somebody acknowledges it."""

    room: str
    what: str
    occurrence: int = 0


def sounding_alarms(room: Room) -> list[feed.Alarm]:
    """A room's alarms that sound, as last heard."""
    if room.snapshot is None or room.snapshot.session.mode == "REPLAY":
        return []
    return [a for a in room.snapshot.alarms if a.presence in SOUNDING and not a.hidden]


def urgency(alarm: feed.Alarm) -> Urgency:
    """A priority that is none counts as the highest."""
    return Urgency[alarm.priority] if alarm.priority in {"LOW", "MEDIUM"} else Urgency.HIGH


def calls(wall: Wall, now_s: float) -> dict[Call, Urgency]:
    """Everything that sounds now."""
    blind = wall.blind(now_s)
    found = {Call("", "broker"): Urgency.ROOM} if blind else {}
    for room in wall.rooms.values():
        found |= _of_room(room, now_s, blind=blind)
    return found


def _of_room(room: Room, now_s: float, *, blind: bool) -> dict[Call, Urgency]:
    standing = room.standing(now_s)
    found: dict[Call, Urgency] = {}
    if standing in UNHEARD and not room.seen and not blind:
        found[Call(room.name, "silent")] = Urgency.ROOM
    if standing is Standing.LIVE and room.claims.disputed(now_s):
        found[Call(room.name, "disputed")] = Urgency.ROOM
    # A silent room's last alarms go on: nobody knows that they ended. Kept ones may be years old.
    told = standing is Standing.LIVE or (standing in UNHEARD and room.heard_s is not None)
    if told and not room.seen:
        for alarm in sounding_alarms(room):
            found[Call(room.name, alarm.condition, alarm.occurrence)] = urgency(alarm)
    return found


def worst(found: Mapping[Call, Urgency]) -> Urgency | None:
    """What sounds; None for silence."""
    return max(found.values(), default=None)


class Pause:
    """The station's audio pause: of this station alone, and broken by whatever is new."""

    def __init__(self) -> None:
        self._until_s: float | None = None
        self._known: dict[Call, Urgency] = {}

    def begin(self, found: Mapping[Call, Urgency], now_s: float) -> None:
        """Be quiet about these for two minutes."""
        self._until_s, self._known = now_s + LONGEST_PAUSE_S, dict(found)

    def end(self) -> None:
        """Sound again."""
        self._until_s, self._known = None, {}

    def remaining_s(self, now_s: float) -> float | None:
        """Seconds left; None when not paused."""
        return None if self._until_s is None else max(0.0, self._until_s - now_s)

    def apply(self, found: Mapping[Call, Urgency], now_s: float) -> Urgency | None:
        """What sounds of all this; ends the pause when it is over, or something is new or worse."""
        if self._until_s is not None:
            news = any(found[call] > self._known.get(call, 0) for call in found)
            if news or now_s >= self._until_s:
                self.end()
            else:
                self._known = {call: self._known[call] for call in found}
        return worst(found) if self._until_s is None else None
