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
REFUSED = 128
"""From here on an answer to SUBSCRIBE is a refusal (MQTT 3.1.1, 3.9.3)."""


class LinkError(Exception):
    """The broker cannot be used; says why."""


@dataclass(frozen=True, slots=True)
class FirstWords:
    """What a room says on connecting, and what the broker says for it when it is lost."""

    here: Presence
    lost: Presence


def _presence_topic(settings: broker.Publish) -> str:
    return str(Topic(settings.clinic, settings.room, Kind.PRESENCE))


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
                    self.rival |= message.topic.value == own and self._by_other(message.payload)
        except TimeoutError as error:
            raise LinkError(f"the broker does not pass on what is sent to {own}") from error

    async def _kept_online(self, own: str) -> bool:
        """Whether the broker keeps the word of an engine that is there."""
        with contextlib.suppress(TimeoutError, messages.BadMessageError):
            async with asyncio.timeout(KEPT_S):
                async for message in self.messages:
                    if message.topic.value == own and message.retain:
                        said = messages.decode(Kind.PRESENCE, message.payload)
                        return isinstance(said, Presence) and said.online
        return False

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
