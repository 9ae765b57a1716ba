"""MQTT topics of a clinic's rooms: `vigil/<clinic>/<room>/v1/<kind>` (docs/rooms.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

ROOT, VERSION = "vigil", "v1"
SLUG_LONGEST = 32
SLUG = r"[a-z0-9][a-z0-9-]{0,31}"
"""Names of clinics, rooms and stations: nothing that means something in a topic filter."""
_SLUG = re.compile(SLUG)
MOST_ROOMS = 60
"""A central station shows so many."""


class Kind(StrEnum):
    """What a message is about: the part of its topic after the version."""

    PRESENCE = "presence"
    SNAPSHOT = "snapshot"
    ALARM = "alarm"
    HISTORY = "history"
    COMMAND = "command"
    REPLY = "reply"


WITH_STATION = frozenset({Kind.COMMAND, Kind.REPLY})
"""Kinds whose topic ends with the name of the station that asks."""
RETAINED = frozenset({Kind.PRESENCE, Kind.SNAPSHOT, Kind.HISTORY})
"""Kinds a broker keeps the newest of, for stations that come later."""
AT_MOST_ONCE = frozenset({Kind.SNAPSHOT})
"""Kinds sent with QoS 0: the next one is a second away. All others go with QoS 1."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic taken apart; `station` is empty but for commands and replies."""

    clinic: str
    room: str
    kind: Kind
    station: str = ""

    def __str__(self) -> str:
        """The topic as MQTT wants it."""
        end = f"/{self.station}" if self.kind in WITH_STATION else ""
        return f"{ROOT}/{self.clinic}/{self.room}/{VERSION}/{self.kind}{end}"


def is_slug(text: str) -> bool:
    """Whether a text can name a clinic, room or station."""
    return _SLUG.fullmatch(text) is not None


def names_of(text: str) -> tuple[str, ...]:
    """The names in a list such as "room-1, room-2", each once."""
    return tuple(dict.fromkeys(text.replace(",", " ").split()))


def qos(kind: Kind) -> int:
    """The quality of service a kind is published and subscribed with."""
    return 0 if kind in AT_MOST_ONCE else 1


@lru_cache(maxsize=1024)
def parse(text: str) -> Topic | None:
    """Take a received topic apart; None for one that no room or station would use."""
    match text.split("/"):
        case [root, clinic, room, version, kind] if kind not in WITH_STATION:
            station = ""
        case [root, clinic, room, version, kind, station] if kind in WITH_STATION:
            if not is_slug(station):
                return None
        case _:
            return None
    if root != ROOT or version != VERSION or kind not in set(Kind):
        return None
    if not (is_slug(clinic) and is_slug(room)):
        return None
    return Topic(clinic, room, Kind(kind), station)


def every_room(clinic: str, kind: Kind, station: str = "") -> str:
    """The filter of one kind of message from all rooms of a clinic."""
    return str(Topic(clinic, "+", kind, station))


def every_station(clinic: str, room: str) -> str:
    """The filter of commands to a room from any station."""
    return str(Topic(clinic, room, Kind.COMMAND, "+"))
