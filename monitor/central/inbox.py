"""Between the network and the wall: bounded, and the newest state of a room replaces older ones.

However fast the broker delivers, what waits here is at most a few messages a room and kind.
"""

from __future__ import annotations

from typing import NamedTuple

from monitor.central.wall import OVERRUN, Wall
from monitor.rooms.topics import RETAINED, Topic

QUEUED = 32
"""Alarm changes, or replies, of one room that may wait; the numbers of changes tell a loss."""
BATCH = 400
"""Messages looked at in one go."""
PLACES = 600
"""Kinds of messages of all rooms that may wait; those of rooms already known always may."""


class Item(NamedTuple):
    """A message as it came."""

    topic: Topic
    payload: bytes
    arrived_s: float
    kept: bool


class Inbox:
    """Messages not looked at yet, in order of arrival."""

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._waiting: dict[tuple[Topic, bool], list[Item]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def put(self, topic: str, payload: bytes, now_s: float, *, kept: bool) -> None:
        """Take a message from the network."""
        self._wall.awake(now_s)
        place = self._wall.admit(topic, len(payload))
        if place is None:
            return
        full = len(self._waiting) >= PLACES and (place, kept) not in self._waiting
        if full and place.room not in self._wall.rooms:
            self._wall.dropped[OVERRUN] += 1
            return
        item = Item(place, payload, now_s, kept)
        # What comes again goes to the end: kinds of one room keep their order.
        earlier = self._waiting.pop((place, kept), [])
        if place.kind in RETAINED:
            earlier = []
        elif len(earlier) >= QUEUED:
            self._wall.dropped[OVERRUN] += 1
            earlier = earlier[1:]
        self._waiting[place, kept] = [*earlier, item]

    def take(self) -> list[Item]:
        """The oldest ones, as many as are looked at in one go."""
        batch: list[Item] = []
        for key in list(self._waiting):
            if len(batch) >= BATCH:
                break
            batch += self._waiting.pop(key)
        return sorted(batch, key=lambda item: item.arrived_s)
