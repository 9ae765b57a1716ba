"""Alarm transitions the broker has not confirmed yet: in order, none lost."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import msgspec

from alerts.model import Transition
from monitor.plan import write_private
from monitor.rooms import told
from monitor.rooms.messages import CHANGES, AlarmChange

logger = logging.getLogger(__name__)

MOST = 10_000
"""Some hundred come in an eventful session of 8 h; so many take about 4 MB. What is beyond is the
oldest and is dropped: it stays on record in the room, and the hole in `seq` tells of it."""
MARK = "published"


class Unsent:
    """The queue, and a mark of how far it went that outlives a killed engine.

    Args:
        instance: of this start of the engine.
        directory: the session's folder; None: nothing is kept beyond this process.

    Attributes:
        dropped: how many were too many.
        newest: those the broker confirmed last, oldest first.
    """

    def __init__(self, instance: str, directory: Path | None) -> None:
        self.dropped = 0
        self.newest: deque[AlarmChange] = deque(maxlen=CHANGES)
        self._instance, self._seq = instance, 0
        self._waiting: deque[tuple[Transition, AlarmChange]] = deque()
        self._mark = None if directory is None else directory / MARK
        self._gone = self._read()

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def add(self, transition: Transition, utc: str) -> None:
        """Queue one at the end, under the next number."""
        self._seq += 1
        change = told.change(transition, utc, self._instance, self._seq)
        self._waiting.append((transition, change))
        if len(self._waiting) > MOST:
            self._waiting.popleft()
            self.dropped += 1

    def first(self) -> AlarmChange | None:
        """The oldest; it stays until `confirmed`."""
        return self._waiting[0][1] if self._waiting else None

    def confirmed(self, change: AlarmChange) -> None:
        """The broker has this one."""
        if self._waiting and self._waiting[0][1] is change:
            self._waiting.popleft()
        self.newest.append(change)
        t_ns, count = self._gone
        self._gone = (change.t_ns, count + 1 if t_ns == change.t_ns else 1)

    def missed(self, transitions: Sequence[Transition]) -> list[Transition]:
        """Of the whole session's transitions, those an earlier engine was not rid of."""
        t_ns, count = self._gone
        alarms = [one for one in transitions if told.concerns_others(one)]
        then = [one for one in alarms if one.t_ns == t_ns]
        return then[count:] + [one for one in alarms if one.t_ns > t_ns]

    def keep_mark(self) -> None:
        """Write down how far it went: session time, and how many of that very time. Not for loops.

        Lost with the computer it would only make some come twice.
        """
        if self._mark is None:
            return
        try:
            write_private(self._mark, msgspec.json.encode(self._gone))
        except OSError as error:
            logger.warning("%s: %s", self._mark, error)

    def _read(self) -> tuple[int, int]:
        if self._mark is None:
            return -1, 0
        try:
            return msgspec.json.decode(self._mark.read_bytes(), type=tuple[int, int])
        except (OSError, msgspec.DecodeError):
            return -1, 0
