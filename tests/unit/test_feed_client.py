"""The feed's client end over real sockets."""

import asyncio
import contextlib

import pytest

from monitor import feed
from monitor.feed_client import FeedClient, open_feed

SESSION = feed.Session(session_id="s", mode="SIM")


def snapshot(seq):
    return feed.Snapshot(
        seq=seq, t_s=1.0, utc="", session=SESSION, heart_rate=feed.Vital(),
        skin_temperature=feed.Vital(), audio=feed.Audio(),
    )  # fmt: skip


class Peer:
    """A server that says what it is told to and keeps what it hears."""

    def __init__(self, *lines, close=True):
        self.lines, self.close = lines, close
        self.heard = []

    async def serve(self, reader, writer):
        self.heard.append(await reader.readline())
        writer.writelines(line + b"\n" for line in self.lines)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
            if not self.close:
                while line := await reader.readline():
                    self.heard.append(line)
        writer.close()


@contextlib.asynccontextmanager
async def listening(peer, path=None):
    if path is None:
        server = await asyncio.start_server(peer.serve, "127.0.0.1", 0, limit=feed.MAX_LINE)
        endpoint = f"tcp:127.0.0.1:{server.sockets[0].getsockname()[1]}"
    else:
        server = await asyncio.start_unix_server(peer.serve, path)
        endpoint = f"unix:{path}"
    async with server:
        yield endpoint


async def conversation(peer, path=None, token="", **options):
    """Run a client against the peer until it is lost: (messages, reasons, client)."""
    got, reasons = [], []
    async with listening(peer, path) as endpoint:
        client = FeedClient(endpoint, token, got.append, reasons.append, **options)
        async with asyncio.timeout(30):
            await client.run()
    return got, reasons, client


@pytest.mark.parametrize("kind", ["tcp", "unix"])
async def test_pings_first_with_its_token_then_hands_on_messages_in_order(kind, tmp_path):
    peer = Peer(feed.encode(feed.Hello(version=1, session=SESSION)), feed.encode(snapshot(1)),
                feed.encode(snapshot(2)))  # fmt: skip
    token = "abc" * 8
    path = tmp_path / "s" if kind == "unix" else None
    got, reasons, _ = await conversation(peer, path, token)
    assert feed.decode_uplink(peer.heard[0]) == feed.Ping(token=token, watching=True)
    assert [type(message).__name__ for message in got] == ["Hello", "Snapshot", "Snapshot"]
    assert [message.seq for message in got[1:]] == [1, 2]
    assert reasons == ["the engine closed the connection"]


async def test_unknown_messages_and_garbage_are_ignored_and_counted():
    lines = [b'{"type":"weather","sun":true}', b"\xff\x00 not json", b"", feed.encode(snapshot(5))]
    got, _, client = await conversation(Peer(*lines))
    assert [message.seq for message in got] == [5]
    assert client.ignored == 3


async def test_unknown_fields_of_a_newer_engine_are_ignored():
    line = feed.encode(snapshot(7)).replace(b'"seq":7', b'"seq":7,"mood":"calm"')
    got, _, client = await conversation(Peer(line))
    assert [message.seq for message in got] == [7]
    assert client.ignored == 0


async def test_a_long_history_arrives_whole():
    values = [61.25] * 28_800
    line = feed.encode(feed.History(t0_s=0, heart_rate=values, skin_temperature=values))
    got, _, _ = await conversation(Peer(line))
    assert len(got[0].heart_rate) == 28_800


async def test_a_line_beyond_the_limit_is_a_loss():
    _, reasons, _ = await conversation(Peer(b"x" * (feed.MAX_LINE + 100), close=False))
    assert reasons == ["the engine sent a line that is too long"]


async def test_silence_is_a_loss():
    peer = Peer(feed.encode(snapshot(1)), close=False)
    got, reasons, _ = await conversation(peer, silence_s=0.2)
    assert len(got) == 1
    assert reasons == ["the engine has been silent for 0.2 s"]


async def test_pings_every_second_and_sends_commands_while_connected():
    peer, reasons = Peer(feed.encode(snapshot(1)), close=False), []
    connected = asyncio.Event()
    async with listening(peer) as endpoint:
        client = FeedClient(endpoint, "", lambda _: connected.set(), reasons.append, silence_s=1.5)
        command = feed.Command(id=4, verb="note", details={"text": "tea"})
        assert client.send(command) is False
        running = asyncio.create_task(client.run())
        await connected.wait()
        assert client.send(command) is True
        await running
        assert client.send(command) is False
    heard = [feed.decode_uplink(line) for line in peer.heard]
    assert heard == [feed.Ping(), command, feed.Ping()]


@pytest.mark.parametrize("endpoint", ["unix:/nowhere/engine.sock", "tcp:127.0.0.1:1", "pigeon:7"])
async def test_no_connection_is_told_not_raised(endpoint):
    reasons = []
    await FeedClient(endpoint, "", lambda _: None, reasons.append).run()
    assert len(reasons) == 1
    assert reasons[0].startswith("no connection to the engine: ")


async def test_cancelling_is_not_swallowed():
    peer, reasons = Peer(feed.encode(snapshot(1)), close=False), []
    connected = asyncio.Event()
    async with listening(peer) as endpoint:
        client = FeedClient(endpoint, "", lambda _: connected.set(), reasons.append)
        running = asyncio.create_task(client.run())
        await connected.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert reasons == []


async def test_an_endpoint_must_be_one():
    with pytest.raises(ValueError, match="not an endpoint: 'tcp:here'"):
        await open_feed("tcp:here")
