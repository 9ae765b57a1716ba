"""A dashboard that takes nothing costs the engine one snapshot, and then goes."""

import asyncio

from monitor import feed, feed_server
from monitor.feed_client import open_feed

SNAPSHOT = b"x" * 100_000
SNAPSHOTS = 500
HELD = 1_000_000
"""More than one snapshot and the buffers of a connection, far less than what was published."""


async def answer(command):
    return feed.Reply(id=command.id, ok=True)


async def until(holds):
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0.01)


async def connected(server, endpoint):
    """A dashboard that said its ping; it reads when told to, and its buffer is small."""
    known = set(server._clients)
    reader, writer = await open_feed(endpoint)
    writer.write(feed.encode(feed.Ping(token=server.token, watching=True)) + b"\n")
    await until(lambda: set(server._clients) - known)
    (client,) = set(server._clients) - known
    return reader, writer, client


def waiting(client):
    """Bytes the engine holds for a dashboard."""
    urgent = sum(map(len, client._urgent)) + len(client._newest or b"")
    return urgent + client._writer.transport.get_write_buffer_size()


async def test_a_stuck_dashboard_holds_one_snapshot_and_no_other_dashboard_up(tmp_path):
    server = feed_server.FeedServer(tmp_path, list, answer)
    endpoint = await server.start()
    stuck_reader, stuck, client = await connected(server, endpoint)
    stuck_reader._transport.pause_reading()
    reader, writer, _ = await connected(server, endpoint)
    for n in range(SNAPSHOTS):
        line = SNAPSHOT + b"%d" % n
        server.publish(line)
        assert await reader.readline() == line + b"\n"
        assert waiting(client) < HELD
    stuck.close()
    writer.close()
    await server.close()


async def test_a_dashboard_that_takes_nothing_is_dropped_and_may_come_back(tmp_path, monkeypatch):
    monkeypatch.setattr(feed_server, "DRAIN_S", 0.2)
    server = feed_server.FeedServer(tmp_path, list, answer)
    endpoint = await server.start()
    reader, stuck, _ = await connected(server, endpoint)
    reader._transport.pause_reading()
    for _ in range(20):
        server.publish(SNAPSHOT)
        await asyncio.sleep(0)
    await until(lambda: not server._clients)
    again, writer, _ = await connected(server, endpoint)
    server.publish(b"newest")
    assert await again.readline() == b"newest\n"
    stuck.close()
    writer.close()
    await server.close()
