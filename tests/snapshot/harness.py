"""A dashboard connected to a real feed server, for tests of its keys and windows."""

import asyncio
import contextlib
from functools import partial
from unittest import mock

from textual import events
from textual.keys import _character_to_key

from monitor import feed
from monitor.feed_client import FeedClient
from monitor.feed_server import FeedServer
from monitor.plan import Listening
from tui.app import VigilApp


class Engine:
    """A real feed server without a session behind it: canned messages out, commands in."""

    def __init__(self, directory, messages):
        self.messages = messages
        self.commands = []
        self.refuse = ""
        self.server = FeedServer(directory, self.greet, self.answer)

    def greet(self):
        *others, snapshot = self.messages
        hello = feed.Hello(version=feed.FEED_VERSION, session=snapshot.session)
        return [feed.encode(message) for message in (hello, *others, snapshot)]

    async def answer(self, command):
        self.commands.append(command)
        return feed.Reply(id=command.id, ok=not self.refuse, message=self.refuse)

    def publish(self, snapshot):
        self.messages[-1] = snapshot
        self.server.publish(feed.encode(snapshot))


@contextlib.asynccontextmanager
async def dashboard(directory, messages, **options):
    """A dashboard connected to a real server, with the first snapshot on its screen."""
    engine = Engine(directory, list(messages))
    endpoint = await engine.server.start()

    async def provider():
        return Listening(pid=1, endpoint=endpoint, token=engine.server.token)

    options = {"now_s": lambda: 100.0} | options  # a slow machine is no lost engine
    app = VigilApp(provider, operator="KL", flashing=False, **options)
    patient = mock.patch("tui.link.FeedClient", partial(FeedClient, silence_s=60.0))
    try:
        with patient:
            async with app.run_test(size=(120, 40)) as pilot:
                await until(lambda: app.drawn is not None)
                await pilot.pause()
                yield engine, app, pilot
    finally:
        await engine.server.close()


async def until(holds):
    async with asyncio.timeout(30):  # a busy machine is no failure
        while not holds():
            await asyncio.sleep(0.02)


def sent(engine):
    return [(command.verb, command.details) for command in engine.commands]


def type_fast(app, *keys):
    """Keys that all wait in the queue already when the first is looked at."""
    for key in keys:
        name = _character_to_key(key) if len(key) == 1 else key
        app.post_message(events.Key(name, key if len(key) == 1 else None))
