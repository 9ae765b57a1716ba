"""One connection of a room with its broker: opened, proven, given up when nothing answers."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.errors import ConfigError
from monitor.rooms import broker, messages, topics
from monitor.rooms.messages import Message, Presence
from monitor.rooms.topics import Kind, Topic

if TYPE_CHECKING:
    import aiomqtt

KEPT_S = 0.5
"""What a broker keeps comes right after the answer to SUBSCRIBE."""


class LinkError(Exception):
    """The broker cannot be used; says why."""


@dataclass(frozen=True, slots=True)
class FirstWords:
    """What a room says on connecting, and what the broker says for it when it is lost.

    Attributes:
        client_id: the same for each connection of an engine, so that a new one pushes out one that
            hangs, whose will then comes before the new presence. Nobody can guess it: a broker
            lets any user push out any connection (MQTT 3.1.1, 3.1.4-2).
    """

    here: Presence
    lost: Presence
    client_id: str


def _presence_topic(settings: broker.Publish) -> str:
    return str(Topic(settings.clinic, settings.room, Kind.PRESENCE))


def _presence(payload: object) -> Presence | None:
    try:
        said = messages.decode(Kind.PRESENCE, payload if isinstance(payload, bytes) else b"")
    except messages.BadMessageError:
        return None
    return said if isinstance(said, Presence) else None


@contextlib.asynccontextmanager
async def _client(settings: broker.Publish, **more: object) -> AsyncIterator[aiomqtt.Client]:
    """A connection; every way it can fail is a LinkError with a few words."""
    library = broker.library()
    try:
        arguments = await asyncio.to_thread(broker.arguments, settings, "publish")
        async with library.Client(**arguments, **more) as client:
            yield client
    except (library.MqttError, ConfigError, OSError, TimeoutError) as error:
        raise LinkError(str(error) or type(error).__name__) from error


class Link:
    """A connection on which this room's own presence came back: the broker passes on what we say.

    A broker takes what a user may not publish without a word (MQTT 3.1.1, 3.3.5); nobody would
    notice that nothing arrives.

    Attributes:
        rival: the broker kept another engine's presence; see `Publisher`.
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
        will = broker.library().Will(
            topic=_presence_topic(settings),
            payload=messages.encode(words.lost),
            qos=1,
            retain=True,
        )
        async with _client(settings, identifier=words.client_id, will=will) as client:
            link = cls(client, settings, words.here)
            await link._prove()
            yield link

    async def _prove(self) -> None:
        """Listen to our own topic, say that we are there, and hear it."""
        own = _presence_topic(self._settings)
        await self._subscribe(own)
        if self._settings.remote_acknowledge:
            await self._subscribe(topics.every_station(self._settings.clinic, self._settings.room))
        await self.say(Kind.PRESENCE, self._here)
        await self._hear(own)

    async def _hear(self, own: str) -> None:
        try:
            async with asyncio.timeout(broker.ANSWER_S):
                async for message in self.messages:
                    if message.topic.value == own and self.is_own(message.payload):
                        return
                    self.rival |= message.topic.value == own and self.is_rival(message.payload)
        except TimeoutError as error:
            raise LinkError(f"the broker does not pass on what is sent to {own}") from error

    async def _kept_online(self, own: str) -> bool:
        """Whether the broker keeps the word of an engine that is there."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(KEPT_S):
                async for message in self.messages:
                    if message.topic.value == own and message.retain:
                        return self.is_rival(message.payload)
        return False

    def is_own(self, payload: object) -> bool:
        """Whether a presence is that of this very engine, being there."""
        return payload == messages.encode(self._here)

    def is_rival(self, payload: object) -> bool:
        """Whether a presence is of another engine that is there; what nobody can read is not."""
        said = _presence(payload)
        return said is not None and said.online and said.instance != self._here.instance

    async def _subscribe(self, filter_: str) -> None:
        answers = await self._client.subscribe(filter_, qos=1)
        if broker.refused(answers):
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


async def tried(settings: broker.Publish) -> bool:
    """Connect beside a running session, and prove the connection; nothing is kept by the broker.

    Returns:
        Whether a session publishes as this room now; then nothing is said, lest it be taken for
        that session's word.

    Raises:
        LinkError: the broker cannot be used.
    """
    here = Presence(online=False, instance=uuid.uuid4().hex, reason="ended")
    async with _client(settings) as client:
        link = Link(client, settings, here)
        own = _presence_topic(settings)
        await link._subscribe(own)  # noqa: SLF001 - its own module
        if await link._kept_online(own):  # noqa: SLF001
            return True
        await client.publish(own, messages.encode(here), qos=1)
        await link._hear(own)  # noqa: SLF001
        return False
