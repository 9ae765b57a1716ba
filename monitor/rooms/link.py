"""One connection of a room with its broker: opened, proven, given up when nothing answers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.errors import ConfigError
from monitor.rooms import broker, messages, topics
from monitor.rooms.messages import Message, Presence
from monitor.rooms.topics import Kind, Topic

if TYPE_CHECKING:
    import aiomqtt

REFUSED = 128
"""From here on an answer to SUBSCRIBE is a refusal (MQTT 3.1.1, 3.9.3)."""


class LinkError(Exception):
    """The broker cannot be used; says why."""


@dataclass(frozen=True, slots=True)
class FirstWords:
    """What a room says on connecting, and what the broker says for it when it is lost."""

    here: Presence
    lost: Presence


class Link:
    """A connection on which this room's own presence came back: the broker passes on what we say.

    A broker takes what a user may not publish without a word (MQTT 3.1.1, 3.3.5); nobody would
    notice that nothing arrives.

    Attributes:
        rival: another engine published as this room since the last time; see `Publisher`.
    """

    def __init__(self, client: aiomqtt.Client, settings: broker.Publish, here: Presence) -> None:
        self._client, self._settings, self._here = client, settings, here
        self.rival = False
        self.messages = client.messages

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, settings: broker.Publish, words: FirstWords) -> AsyncIterator[Link]:
        """Connect and prove the connection.

        Raises:
            LinkError: it cannot be had, or was lost.
        """
        library = broker.library()
        try:
            arguments = await asyncio.to_thread(broker.arguments, settings, "publish")
            will = library.Will(
                topic=str(Topic(settings.clinic, settings.room, Kind.PRESENCE)),
                payload=messages.encode(words.lost),
                qos=1,
                retain=True,
            )
            # One name a room: a new engine pushes out the connection of a hung one, whose will
            # comes first and not after.
            name = f"vigil-{settings.clinic}-{settings.room}"
            async with library.Client(**arguments, identifier=name, will=will) as client:
                link = cls(client, settings, words.here)
                await link._prove()
                yield link
        except (library.MqttError, ConfigError, OSError, TimeoutError) as error:
            raise LinkError(str(error) or type(error).__name__) from error

    async def _prove(self) -> None:
        """Listen to our own topic, say that we are there, and hear it."""
        own = str(Topic(self._settings.clinic, self._settings.room, Kind.PRESENCE))
        await self._subscribe(own)
        if self._settings.remote_acknowledge:
            await self._subscribe(topics.every_station(self._settings.clinic, self._settings.room))
        await self.say(Kind.PRESENCE, self._here)
        try:
            async with asyncio.timeout(broker.ANSWER_S):
                async for message in self.messages:
                    if message.topic.value == own and self.is_own(message.payload):
                        return
                    self.rival |= message.topic.value == own and self._by_other(message.payload)
        except TimeoutError as error:
            raise LinkError(f"the broker does not pass on what is sent to {own}") from error

    def is_own(self, payload: object) -> bool:
        """Whether a presence is that of this very engine, being there."""
        return payload == messages.encode(self._here)

    def _by_other(self, payload: object) -> bool:
        """Whether a presence is of another engine; what nobody can read is nobody's."""
        try:
            said = messages.decode(Kind.PRESENCE, payload if isinstance(payload, bytes) else b"")
        except messages.BadMessageError:
            return False
        return isinstance(said, Presence) and said.instance != self._here.instance

    async def _subscribe(self, filter_: str) -> None:
        answers = await self._client.subscribe(filter_, qos=1)
        if any((a if isinstance(a, int) else a.value) >= REFUSED for a in answers):
            raise LinkError(f"the broker does not let this user read {filter_}")

    async def say(self, kind: Kind, message: Message, station: str = "") -> None:
        """Publish a message; with QoS 1, returns when the broker has it."""
        await self.send(kind, messages.encode(message), station)

    async def send(self, kind: Kind, payload: bytes, station: str = "") -> None:
        """Publish bytes; empty ones take back what the broker keeps."""
        topic = Topic(self._settings.clinic, self._settings.room, kind, station)
        await self._client.publish(
            str(topic), payload, qos=topics.qos(kind), retain=kind in topics.RETAINED
        )
