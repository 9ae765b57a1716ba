"""The engine's end of the feed: a private socket, any number of dashboards, newest state only."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from monitor import feed
from monitor.clock import NS_PER_S, monotonic_ns

logger = logging.getLogger(__name__)

GREETING_S = 5.0
DRAIN_S = 10.0
"""A dashboard that takes nothing for this long is dropped; it may come back."""
SOCKET_PATH_MAX = 100
"""Unix socket paths end at 104 (macOS) or 108 bytes (Linux)."""


class Client:
    """One connected dashboard. Replies are never dropped; snapshots replace one another."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._urgent: list[bytes] = []
        self._newest: bytes | None = None
        self._wake = asyncio.Event()

    def send(self, line: bytes) -> None:
        """Queue a message that must arrive."""
        self._urgent.append(line)
        self._wake.set()

    def offer(self, line: bytes) -> None:
        """Replace the snapshot waiting to be sent."""
        self._newest = line
        self._wake.set()

    def peer(self) -> int:
        """Process id of the other end; 0 where the system does not tell."""
        found = self._writer.get_extra_info("socket")
        if found is None or not hasattr(socket, "SO_PEERCRED") or found.family != socket.AF_UNIX:
            return 0
        return int.from_bytes(
            found.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 4), sys.byteorder
        )

    async def pump(self) -> None:
        """Send for ever; raises on a lost or stuck peer."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            lines, self._urgent = self._urgent, []
            if self._newest is not None:
                lines.append(self._newest)
                self._newest = None
            self._writer.writelines(line + b"\n" for line in lines)
            async with asyncio.timeout(DRAIN_S):
                await self._writer.drain()


class FeedServer:
    """Serves hello, history and snapshots; hands commands to the engine.

    Args:
        directory: private folder for the socket.
        greet: gives the messages a new dashboard gets first.
        on_command: answers a command.
    """

    def __init__(
        self,
        directory: Path,
        greet: Callable[[], list[bytes]],
        on_command: Callable[[feed.Command], Awaitable[feed.Reply]],
    ) -> None:
        self._directory = directory
        self._greet = greet
        self._on_command = on_command
        self._clients: set[Client] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._watched_ns = monotonic_ns()
        self.token = ""

    async def start(self) -> str:
        """Listen; return the endpoint, `unix:PATH` or `tcp:127.0.0.1:PORT`."""
        path = self._directory / "engine.sock"
        if hasattr(asyncio, "start_unix_server") and len(str(path)) < SOCKET_PATH_MAX:
            path.unlink(missing_ok=True)
            old = os.umask(0o177)
            try:
                self._server = await asyncio.start_unix_server(
                    self._serve, path, limit=feed.MAX_LINE
                )
            finally:
                os.umask(old)
            return f"unix:{path}"
        self.token = secrets.token_urlsafe(24)
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=feed.MAX_LINE)
        return f"tcp:127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def publish(self, line: bytes) -> None:
        """Give every dashboard the newest snapshot; never waits."""
        for client in self._clients:
            client.offer(line)

    def tell(self, line: bytes) -> None:
        """Give every dashboard a message that must arrive."""
        for client in self._clients:
            client.send(line)

    def peers(self) -> list[int]:
        """Process ids of the dashboards, where the system tells (Linux)."""
        return [pid for client in self._clients if (pid := client.peer())]

    def unwatched_s(self) -> float:
        """Real seconds since a watching dashboard last gave a sign of life (or since the start)."""
        return (monotonic_ns() - self._watched_ns) / NS_PER_S

    async def close(self) -> None:
        """Stop listening and let go of all dashboards."""
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            async with asyncio.timeout(GREETING_S):
                allowed = self._heard(await reader.readline())
            if allowed:
                await self._converse(reader, writer)
        except (OSError, TimeoutError, ValueError) as error:
            logger.info("dashboard gone: %s", type(error).__name__)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _heard(self, line: bytes) -> bool:
        """Whether the line is a sign of life with the right token."""
        try:
            message = feed.decode_uplink(line)
        except msgspec.DecodeError:
            return False
        if not isinstance(message, feed.Ping):
            return False
        if not secrets.compare_digest(message.token.encode(), self.token.encode()):
            return False
        if message.watching:
            self._watched_ns = monotonic_ns()
        return True

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = Client(writer)
        for line in self._greet():
            client.send(line)
        self._clients.add(client)
        pump = asyncio.create_task(client.pump())
        pump.add_done_callback(lambda _: reader.feed_eof())
        try:
            while line := await reader.readline():
                await self._receive(client, line)
        finally:
            self._clients.discard(client)
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)

    async def _receive(self, client: Client, line: bytes) -> None:
        if self._heard(line):
            return
        try:
            message = feed.decode_uplink(line)
        except msgspec.DecodeError as error:
            logger.warning("unreadable message from a dashboard: %s", error)
            return
        if isinstance(message, feed.Command):
            client.send(feed.encode(await self._on_command(message)))
