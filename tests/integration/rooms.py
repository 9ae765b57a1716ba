"""A room and a station of the tests: the real publisher, and a plain subscriber."""

from __future__ import annotations

import asyncio
import contextlib
import json

import aiomqtt
import pytest

from alerts.model import Presence, Priority, Transition
from monitor import feed
from monitor.clock import NS_PER_S
from monitor.rooms import broker, messages, topics
from monitor.rooms.publisher import Publisher
from monitor.rooms.topics import Kind
from simulators.broker import program

NEEDS_MOSQUITTO = pytest.mark.skipif(
    program() is None, reason="NOT RUN: needs mosquitto (Debian, Ubuntu: apt install mosquitto)"
)
LEFT_BY_PAHO = pytest.mark.filterwarnings("ignore:unclosed <s:ResourceWarning")
"""Sockets of refused connections, which paho leaves to the garbage collector."""
VITAL = feed.Vital(value=72.0, validity="VALID")
PATIENCE_S = 20


def settings(port, room="room-1", **more):
    place = {"host": "127.0.0.1", "port": port, "tls": False, "clinic": "example", "room": room}
    return broker.Publish(enabled=True, **(place | more))


def snapshot(seq=1, **more):
    session = feed.Session(session_id="s", mode="LIVE", subject="P-1", recording="/home/x/y.db")
    return feed.Snapshot(
        seq=seq,
        t_s=float(seq),
        utc="",
        session=session,
        heart_rate=VITAL,
        skin_temperature=feed.Vital(),
        audio=feed.Audio(),
        **more,
    )


def alarm(occurrence=1, presence="ON"):
    return feed.Alarm(
        condition="hr_high",
        occurrence=occurrence,
        kind="PHYSIOLOGICAL",
        priority="MEDIUM",
        presence=presence,
        message="",
        onset_s=1.0,
    )


def onset(number, condition="hr_high"):
    return Transition(
        t_ns=number * NS_PER_S,
        what="onset",
        condition=condition,
        occurrence=number,
        priority=Priority.MEDIUM,
        presence=Presence.ON,
        value=130.0,
        limit=125.0,
        unit="bpm",
    )


class Engine:
    """Takes commands as an engine does."""

    def __init__(self):
        self.asked = []

    async def command(self, command):
        self.asked.append(command)
        return feed.Reply(id=command.id, ok=True)


@contextlib.asynccontextmanager
async def publishing(chosen, directory=None, engine=None):
    """A room that publishes."""
    one = Publisher(chosen, "P-1", directory)
    curves = [70.0] * 600, [None] * 600
    task = asyncio.create_task(one.run(lambda: curves, (engine or Engine()).command))
    try:
        yield one
    finally:
        await one.finish()
        task.cancel()
        await asyncio.wait([task])


class Station:
    """Hears all of a clinic, through every restart of its broker."""

    def __init__(self, port, topics="vigil/#", **more):
        self.heard, self.topics = [], topics
        self.settings = broker.Central(host="127.0.0.1", port=port, **({"tls": False} | more))
        self.online = asyncio.Event()

    async def listen(self):
        while True:
            with contextlib.suppress(aiomqtt.MqttError):
                arguments = broker.arguments(self.settings, "central")
                async with aiomqtt.Client(**arguments) as client:
                    await client.subscribe(self.topics, qos=1)
                    self.online.set()
                    async for message in client.messages:
                        self.heard.append((topics.parse(message.topic.value), message.payload))
            self.online.clear()
            await asyncio.sleep(0.02)

    def of(self, kind, room="room-1"):
        """Messages of a kind, as they came; what the broker was told to forget is left out."""
        return [
            messages.decode(kind, payload)
            for topic, payload in self.heard
            if topic.kind is kind and topic.room == room and payload
        ]

    def changes(self, room="room-1"):
        """Every alarm change by its number, from the stream and what is kept for late comers."""
        found = {one.seq: one for trend in self.of(Kind.HISTORY, room) for one in trend.changes}
        return found | {one.seq: one for one in self.of(Kind.ALARM, room)}


@contextlib.asynccontextmanager
async def listening(port, **more):
    """A station that hears."""
    station = Station(port, **more)
    task = asyncio.create_task(station.listen())
    try:
        await asyncio.wait_for(station.online.wait(), PATIENCE_S)
        yield station
    finally:
        task.cancel()
        await asyncio.wait([task])


async def until(condition, seconds=PATIENCE_S):
    """Wait for something to become true."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


def plain(message):
    """A message as another program reads it."""
    return json.loads(messages.encode(message))
