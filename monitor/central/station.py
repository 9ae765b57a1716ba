"""A central station: wall, connection, sound and requests, moved on a few times a second."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from monitor import feed
from monitor.central.asking import Request, Requests
from monitor.central.inbox import Inbox
from monitor.central.link import Link
from monitor.central.room import Room
from monitor.central.sounding import Call, Pause, Urgency, calls
from monitor.central.wall import Wall
from monitor.clock import NS_PER_S, monotonic_ns
from monitor.rooms.broker import Central
from monitor.rooms.topics import names_of


def real_s() -> float:
    """Seconds of the system's monotonic clock."""
    return monotonic_ns() / NS_PER_S


class Station:
    """Everything behind the screen.

    Args:
        settings: `[central]`.
        arguments: of `monitor.rooms.broker.arguments`.
        now_s: the station's own seconds.
    """

    def __init__(
        self, settings: Central, arguments: dict[str, Any], now_s: Callable[[], float] = real_s
    ) -> None:
        self.settings, self.now_s = settings, now_s
        rooms = names_of(settings.rooms)
        self.wall = Wall(settings.clinic, rooms, settings.stale_s, settings.station)
        self.wall.start(now_s())
        self.inbox = Inbox(self.wall)
        asking = settings.remote_acknowledge
        self.link = Link(self.wall, self.inbox, arguments, now_s, asking=asking)
        self.requests = Requests()
        self.pause = Pause()
        self.calls: dict[Call, Urgency] = {}
        self.sounds: Urgency | None = None
        """What sounds now."""

    def step(self) -> list[Request]:
        """Look at what came; returns the requests of which something is known now."""
        now_s = self.now_s()
        self.wall.awake(now_s)
        told = []
        for item in self.inbox.take():
            message = self.wall.take(item.topic, item.payload, item.arrived_s, kept=item.kept)
            if isinstance(message, feed.Reply):
                told.append(self.requests.answered(item.topic.room, message))
        self.calls = calls(self.wall, now_s)
        self.sounds = self.pause.apply(self.calls, now_s)
        return [request for request in told if request] + self.requests.expire(now_s)

    def toggle_pause(self) -> None:
        """Pause the sound of this station, or sound again."""
        if self.pause.remaining_s(self.now_s()) is None:
            self.pause.begin(self.calls, self.now_s())
        else:
            self.pause.end()

    async def acknowledge(self, room: Room, alarm: feed.Alarm) -> str:
        """Ask a room to acknowledge this very alarm; returns why that was not even asked."""
        if not self.settings.remote_acknowledge:
            return "Remote acknowledgement is off at this station ([central] remote_acknowledge)."
        command = self.requests.ask(room, alarm, self.settings.station, self.now_s())
        if isinstance(command, str):
            return command
        if not await self.link.send(room.name, command):
            self.requests.failed(command)
            return "Not sent: no connection to the broker."
        return ""
