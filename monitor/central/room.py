"""One room as a central station knows it. Pure: time is handed in, in the station's own seconds."""

from __future__ import annotations

from collections import deque
from enum import StrEnum

from monitor import feed
from monitor.central.claims import Claims
from monitor.central.received import Received
from monitor.rooms.messages import AlarmChange, Message, Presence, Trend

RECENT = 900
"""Seconds of vitals kept of each room."""
INTERVALS = 3.0
"""A room that sends every 10 s is not silent after 10 s, but after three times that."""
LONGEST_INTERVAL_S = 10.0
APART_S = 0.5
"""What waited together in a network that stood still comes in one moment, closer than this."""
ENDED, LOST = "ended", "lost"


class Standing(StrEnum):
    """How a room stands. Only LIVE vouches for its numbers."""

    LIVE = "LIVE"
    WAITING = "WAITING"
    """Known, nothing live from it yet, and not for long."""
    ENDED = "ENDED"
    """It said that its session is over."""
    ABSENT = "ABSENT"
    """Listed in the configuration, and never heard of."""
    SILENT = "SILENT"
    LOST = "LOST"
    """The broker says that its connection broke."""


UNHEARD = frozenset({Standing.ABSENT, Standing.SILENT, Standing.LOST})
"""An alarm of the station's own."""


class Room:
    """What was heard from a room, and when.

    Args:
        name: from the topic, never from a message.
        since_s: from when on it is waited for.
        stale_s: silent after so long; three of its own intervals if that is longer.
        expected: listed in the configuration.
    """

    def __init__(
        self, name: str, since_s: float, stale_s: float, *, expected: bool = False
    ) -> None:
        self.name, self.expected = name, expected
        self.since_s = since_s
        self.heard_s: float | None = None
        """When the newest snapshot came that was sent just then; None: nothing vouches for any."""
        self.snapshot: feed.Snapshot | None = None
        self.presence: Presence | None = None
        self.gone = ""
        """Why it is not online: "ended" or "lost"; empty as far as is known."""
        self.trend: Trend | None = None
        self.received = Received()
        self.recent: deque[tuple[int, float | None, float | None]] = deque(maxlen=RECENT)
        self.claims = Claims()
        self.seen = False
        """Somebody at this station has seen that it is silent."""
        self._stale_s = stale_s
        self._back_s: float | None = None
        """When the first snapshot after a silence came."""

    @property
    def stale_s(self) -> float:
        """Seconds without a snapshot after which it is silent."""
        interval_s = 0.0 if self.presence is None else self.presence.interval_s
        return max(self._stale_s, INTERVALS * min(interval_s, LONGEST_INTERVAL_S))

    @property
    def instance(self) -> str:
        """Which start of its engine speaks; empty if not known."""
        return "" if self.presence is None else self.presence.instance

    @property
    def missed(self) -> int:
        """How many alarm changes never arrived."""
        return self.received.missed

    @property
    def changes(self) -> list[AlarmChange]:
        """The newest alarm changes, oldest first."""
        return self.received.changes()

    def age_s(self, now_s: float) -> float | None:
        """Seconds since it was heard; None if it never was."""
        return None if self.heard_s is None else max(0.0, now_s - self.heard_s)

    def standing(self, now_s: float) -> Standing:
        """How it stands now."""
        if self.gone:
            return Standing.ENDED if self.gone == ENDED else Standing.LOST
        if self.heard_s is not None and self.snapshot is not None and self.snapshot.ended:
            return Standing.ENDED
        if self.heard_s is not None and now_s - self.heard_s <= self.stale_s:
            # Its snapshot taken back, it ends: why is said by the next presence.
            return Standing.WAITING if self.snapshot is None else Standing.LIVE
        if self.heard_s is None and now_s - self.since_s <= self.stale_s:
            return Standing.WAITING
        known = self.heard_s is not None or self.presence is not None or self.snapshot is not None
        return Standing.SILENT if known else Standing.ABSENT

    def take(self, message: Message, now_s: float, *, live: bool) -> None:
        """Take a checked message.

        Args:
            message: as decoded.
            now_s: when it came.
            live: it was sent just then; False for one the broker had kept.
        """
        if isinstance(message, Presence):
            self._presence(message, now_s)
        elif isinstance(message, feed.Snapshot):
            self._snapshot(message, now_s, live=live)
        elif isinstance(message, AlarmChange):
            self._change(message, now_s)
        elif isinstance(message, Trend):
            self.claims.heard("instance", message.instance, 0, now_s)
            self.trend = message
            for change in message.changes:
                if change.instance == message.instance:
                    self.received.take(change)

    def forget(self, *, snapshot: bool) -> None:
        """The room took its kept snapshot, or else its trend, back: the session is over."""
        if snapshot:
            self.snapshot = None
            self.recent.clear()
        else:
            self.trend = None

    def _presence(self, presence: Presence, now_s: float) -> None:
        if presence.online:
            self.claims.heard("instance", presence.instance, 0, now_s)
            self.presence, self.gone = presence, ""
            return
        other = self.instance not in {"", presence.instance}
        if other and self.standing(now_s) is Standing.LIVE:
            return  # the last will of an engine that was replaced long ago
        self.presence = presence
        self.gone = ENDED if presence.reason == ENDED else LOST

    def _snapshot(self, snapshot: feed.Snapshot, now_s: float, *, live: bool) -> None:
        if not live or self._may_be_late(now_s):
            if self.standing(now_s) is not Standing.LIVE:
                self.snapshot = snapshot
            return
        self.claims.heard("session", snapshot.session.session_id[:100], snapshot.seq, now_s)
        if self.snapshot is not None and self.snapshot.session.session_id != (
            snapshot.session.session_id
        ):
            self.recent.clear()
        self.snapshot, self.heard_s = snapshot, now_s
        self.seen = False
        self.gone = self.gone if snapshot.ended else ""
        self._extend(snapshot)

    def _may_be_late(self, now_s: float) -> bool:
        """Whether a snapshot after a silence may have waited on the way all the time.

        The room's connection then still has to break: no other one follows on it.
        """
        if self.heard_s is None or now_s - self.heard_s <= self.stale_s:
            return False
        if self._back_s is None or now_s - self._back_s > self.stale_s:
            self._back_s = now_s
        return now_s - self._back_s < APART_S

    def _extend(self, snapshot: feed.Snapshot) -> None:
        last = self.recent[-1][0] if self.recent else -1
        if last > snapshot.t_s + 1:  # taken back, or two of them
            self.recent.clear()
            last = -1
        news = [row for row in snapshot.recent if last < row[0] <= snapshot.t_s + 1]
        self.recent.extend(sorted(news, key=lambda row: row[0]))

    def _change(self, change: AlarmChange, now_s: float) -> None:
        self.claims.heard("instance", change.instance, 0, now_s)
        self.received.take(change)
