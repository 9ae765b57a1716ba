"""All rooms of a clinic, from what a broker delivers. Pure, and never larger than its limits.

The topic says which room speaks; nothing in a message can. What cannot be read or be true is
dropped and counted, by reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from monitor import feed
from monitor.central.checking import clean, complaint
from monitor.central.room import Room, Standing
from monitor.rooms.messages import BadMessageError, Message, decode, largest
from monitor.rooms.topics import MOST_ROOMS, RETAINED, Kind, Topic, parse

TOO_MANY, OVERRUN = f"more than {MOST_ROOMS} rooms", "too many at once"
OTHER_TOPIC, TOO_LARGE, UNREADABLE = "other topic", "too large", "unreadable"
UNSURE_S = 1.0
"""After the station itself stood still, what comes first had been waiting in between."""


class Wall:
    """The rooms, by name, and how the connection to the broker stands.

    Args:
        clinic: whose rooms.
        expected: rooms that must be there; they always have a place.
        stale_s: a room is silent after so long.
        station: whose replies are taken; empty for none.
    """

    def __init__(
        self, clinic: str, expected: Sequence[str] = (), stale_s: float = 10.0, station: str = ""
    ) -> None:
        self.clinic, self.station = clinic, station
        self.stale_s = stale_s
        self.rooms: dict[str, Room] = {
            name: Room(name, 0.0, stale_s, expected=True) for name in expected[:MOST_ROOMS]
        }
        self.dropped: Counter[str] = Counter()
        self.connected = False
        self.reason = ""
        """Why there is no connection."""
        self._met = False
        """There was a connection since the start."""
        self._change_s = 0.0
        self._seen_s: float | None = None
        self._sure_s = 0.0

    def start(self, now_s: float) -> None:
        """From now on the broker and the expected rooms are waited for."""
        self._change_s = now_s
        for room in self.rooms.values():
            room.since_s = now_s

    def connect(self, now_s: float) -> None:
        """The broker is there: what it has kept comes now.

        From the first time on the expected rooms have to speak; later ones are no new respite.
        """
        self.connected, self.reason, self._change_s = True, "", now_s
        if not self._met:
            for room in self.rooms.values():
                room.since_s = now_s
        self._met = True

    def disconnect(self, now_s: float, reason: str) -> None:
        """The broker is gone, or an attempt to reach it failed."""
        if self.connected:
            self._change_s = now_s
        self.connected, self.reason = False, reason

    def offline_s(self, now_s: float) -> float | None:
        """Seconds without a connection to the broker; None while there is one."""
        return None if self.connected else max(0.0, now_s - self._change_s)

    def blind(self, now_s: float) -> bool:
        """Whether the station has been without a broker for longer than a room may be silent."""
        offline_s = self.offline_s(now_s)
        return offline_s is not None and offline_s > self.stale_s

    def admit(self, topic: str, size: int) -> Topic | None:
        """The topic of a message to be looked at; None, and counted, for one to be dropped."""
        found = parse(topic)
        mine = found is not None and found.clinic == self.clinic and self._wanted(found)
        if found is None or not mine:
            self.dropped[OTHER_TOPIC] += 1
            return None
        if size > largest(found.kind):
            self.dropped[TOO_LARGE] += 1
            return None
        if found.room not in self.rooms and len(self.rooms) >= MOST_ROOMS and not self._over():
            self.dropped[TOO_MANY] += 1
            return None
        return found

    def take(self, topic: Topic, payload: bytes, now_s: float, *, kept: bool) -> Message | None:
        """Take an admitted message; returns what it was, None if it was dropped.

        Args:
            topic: where it came.
            payload: as it came.
            now_s: when it came.
            kept: the broker had kept it: how old it is nobody knows.
        """
        if not payload and topic.kind in RETAINED:
            self._withdraw(topic, now_s)
            return None
        try:
            message = decode(topic.kind, payload)
        except BadMessageError:
            self.dropped[UNREADABLE] += 1
            return None
        why = complaint(message)
        if why:
            self.dropped[why] += 1
            return None
        clean(message)
        if isinstance(message, feed.Reply):
            return message
        room = self._room(topic.room, now_s)
        if room is None:
            return None
        room.take(message, now_s, live=not kept and now_s >= self._sure_s)
        return message

    def awake(self, now_s: float) -> None:
        """The station runs. Call often: after a long pause what comes first may be old."""
        if self._seen_s is not None and now_s - self._seen_s > self.stale_s:
            self._sure_s = now_s + UNSURE_S
        self._seen_s = now_s

    def _wanted(self, topic: Topic) -> bool:
        if topic.kind is Kind.REPLY:
            return topic.station == self.station and topic.room in self.rooms
        return topic.kind is not Kind.COMMAND

    def _withdraw(self, topic: Topic, now_s: float) -> None:
        """A kept message was taken back; without a presence, the room is struck off."""
        room = self.rooms.get(topic.room)
        if room is None:
            return
        if topic.kind is not Kind.PRESENCE:
            room.forget(snapshot=topic.kind is Kind.SNAPSHOT)
        elif not room.expected and room.standing(now_s) is not Standing.LIVE:
            del self.rooms[room.name]

    def _room(self, name: str, now_s: float) -> Room | None:
        """The room of this name; where all places are taken, one that is over gives up its own."""
        if name in self.rooms:
            return self.rooms[name]
        if len(self.rooms) >= MOST_ROOMS:
            over = self._over()
            if not over:
                self.dropped[TOO_MANY] += 1
                return None
            del self.rooms[over]
        self.rooms[name] = Room(name, now_s, self.stale_s)
        return self.rooms[name]

    def _over(self) -> str:
        """A room nobody waits for any more; empty for none."""
        now_s = self._seen_s or 0.0
        rooms = (room for room in self.rooms.values() if not room.expected)
        return next((room.name for room in rooms if room.standing(now_s) is Standing.ENDED), "")
