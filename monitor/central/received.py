"""Alarm changes of a room as they were received, and which never were. Pure."""

from __future__ import annotations

from monitor.rooms.messages import CHANGES, AlarmChange

MOST_MISSED = 999


class Received:
    """Changes by their number: one that comes late, from what the broker keeps, fills its hole."""

    def __init__(self) -> None:
        self._instance = ""
        self._last = 0
        self._holes: set[int] = set()
        self._changes: dict[int, AlarmChange] = {}
        self._earlier: list[AlarmChange] = []
        """Of the start of the engine before."""

    @property
    def missed(self) -> int:
        """How many never arrived since this station hears of this start of the engine."""
        return len(self._holes)

    def changes(self) -> list[AlarmChange]:
        """The newest, oldest first."""
        newest = [self._changes[seq] for seq in sorted(self._changes)]
        return [*self._earlier, *newest][-CHANGES:]

    def take(self, change: AlarmChange) -> None:
        """Take one that came; the same one may come again."""
        if change.instance != self._instance:
            self._earlier = self.changes()
            self._instance, self._last = change.instance, change.seq
            self._holes, self._changes = set(), {}
        first = max(self._last + 1, change.seq - MOST_MISSED)
        self._holes.update(range(first, change.seq))
        self._holes.discard(change.seq)
        while len(self._holes) > MOST_MISSED:
            self._holes.discard(min(self._holes))
        self._last = max(self._last, change.seq)
        self._changes[change.seq] = change
        if len(self._changes) > CHANGES:
            del self._changes[min(self._changes)]
