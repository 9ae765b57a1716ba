"""The station's connection to the broker: renewed for ever, and never waited for by the screen."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from typing import Any

from monitor import feed
from monitor.central.inbox import Inbox
from monitor.central.wall import Wall
from monitor.rooms import broker, topics
from monitor.rooms.messages import encode
from monitor.rooms.topics import Kind, Topic

logger = logging.getLogger(__name__)

BACK_OFF_S = (1.0, 2.0, 5.0)
"""Before each new attempt; from the start again once there was a connection."""
SEND_S = 3.0
KINDS = (Kind.PRESENCE, Kind.SNAPSHOT, Kind.ALARM, Kind.HISTORY)


class Straight(asyncio.Queue[Any]):
    """The library's queue that keeps nothing: what comes is taken at once.

    Waiting for each message of a flood in turn took so long that most were dropped, whosever
    they were; the inbox keeps the newest of every room instead.
    """

    def __init__(self, take: Callable[[Any], None]) -> None:
        super().__init__()
        self._take = take

    def put_nowait(self, item: Any) -> None:
        """Hand a message on."""
        self._take(item)


class Link:
    """Fills the inbox; tells the wall how the connection stands.

    Args:
        wall: whose clinic and station are followed.
        inbox: gets what comes.
        arguments: of `monitor.rooms.broker.arguments`.
        now_s: the station's own seconds.
        asking: commands are sent and answers wanted; a station that only looks on may read none.
    """

    def __init__(
        self,
        wall: Wall,
        inbox: Inbox,
        arguments: dict[str, Any],
        now_s: Callable[[], float],
        *,
        asking: bool,
    ) -> None:
        self._wall, self._inbox, self._now_s, self._asking = wall, inbox, now_s, asking
        # Any number of stations, also of one name: a broker throws out the first of two equal ids.
        name = f"central-{wall.station}-{secrets.token_hex(6)}"
        self._arguments = arguments | {
            "identifier": name,
            "queue_type": lambda maxsize: Straight(self._take),  # noqa: ARG005 - the library's call
        }
        self._client: Any = None

    async def run(self) -> None:
        """Follow the rooms until cancelled."""
        failures = 0
        while True:
            try:
                await self._follow()
                why = "the broker closed the connection"
            except Exception as error:  # noqa: BLE001 - the task's border: a wall never gives up
                why = str(error) or type(error).__name__
                logger.info("broker: %s", why)
            failures = 0 if self._wall.connected else failures + 1
            self._wall.disconnect(self._now_s(), why)
            await asyncio.sleep(BACK_OFF_S[min(failures, len(BACK_OFF_S) - 1)])

    async def send(self, room: str, command: feed.Command) -> bool:
        """Send a command; False when it cannot be sent now."""
        client, wall = self._client, self._wall
        if client is None or not wall.connected:
            return False
        topic = str(Topic(wall.clinic, room, Kind.COMMAND, wall.station))
        try:
            await client.publish(topic, encode(command), qos=1, timeout=SEND_S)
        except Exception:  # whatever it is, the operator is told that it was not sent
            logger.info("command not sent", exc_info=True)
            return False
        return True

    async def _follow(self) -> None:
        library = broker.library()
        async with library.Client(**self._arguments) as client:
            self._client = client
            try:
                await self._subscribe(client)
                self._wall.connect(self._now_s())
                async for message in client.messages:  # none comes; it ends with the connection
                    self._take(message)
            finally:
                self._client = None

    def _take(self, message: Any) -> None:
        payload = message.payload if isinstance(message.payload, bytes) else b""
        self._inbox.put(message.topic.value, payload, self._now_s(), kept=bool(message.retain))

    async def _subscribe(self, client: Any) -> None:
        wall = self._wall
        filters = [(topics.every_room(wall.clinic, kind), topics.qos(kind)) for kind in KINDS]
        if self._asking:
            filters.append((topics.every_room(wall.clinic, Kind.REPLY, wall.station), 1))
        answers = await client.subscribe(filters)
        if broker.refused(answers):
            raise PermissionError("the broker does not let this station read the rooms")
