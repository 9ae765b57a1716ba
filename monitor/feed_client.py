"""The dashboard's end of the feed: one connection, sign of life both ways."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

import msgspec

from monitor import feed

logger = logging.getLogger(__name__)

PING_S = 1.0
SILENCE_S = 5.0
"""The engine publishes several times a second; one silent for this long is gone (rule X6)."""


async def open_feed(endpoint: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to `unix:/path` or `tcp:HOST:PORT`.

    Raises:
        OSError: nobody listens there.
        ValueError: the text is not an endpoint.
    """
    kind, _, address = endpoint.partition(":")
    if kind == "unix":
        return await asyncio.open_unix_connection(address, limit=feed.MAX_LINE)
    host, _, port = address.rpartition(":")
    if kind != "tcp" or not port.isdecimal():
        raise ValueError(f"not an endpoint: {endpoint!r}")
    return await asyncio.open_connection(host, int(port), limit=feed.MAX_LINE)


class FeedClient:
    """One connection to an engine. It is not reused: after a loss, make another.

    Args:
        endpoint: `unix:/path` or `tcp:127.0.0.1:4711`.
        token: secret of a TCP endpoint; empty for a Unix socket.
        on_message: gets every message of the engine, in order.
        on_lost: gets a few words when the connection cannot be made, ends or falls silent.
        silence_s: real seconds without a line after which the engine counts as lost.
    """

    def __init__(
        self,
        endpoint: str,
        token: str,
        on_message: Callable[[feed.Downlink], None],
        on_lost: Callable[[str], None],
        silence_s: float = SILENCE_S,
    ) -> None:
        self._endpoint = endpoint
        self._token = token
        self._on_message = on_message
        self._on_lost = on_lost
        self._silence_s = silence_s
        self._writer: asyncio.StreamWriter | None = None
        self.ignored = 0
        """Lines not understood (a newer engine's message types among them)."""

    async def run(self) -> None:
        """Connect and hand on messages until the connection is lost; then call `on_lost`."""
        try:
            async with asyncio.timeout(self._silence_s):
                reader, writer = await open_feed(self._endpoint)
        except (OSError, TimeoutError, ValueError) as error:
            self._on_lost(f"no connection to the engine: {error}")
            return
        try:
            self._on_lost(await self._converse(reader, writer))
        finally:
            self._writer = None
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def send(self, command: feed.Command) -> bool:
        """Send a command; False when there is no connection to send it on."""
        if self._writer is None or self._writer.is_closing():
            return False
        self._writer.write(feed.encode(command) + b"\n")
        return True

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        self._ping(writer)
        self._writer = writer
        async with asyncio.TaskGroup() as group:
            pinging = group.create_task(self._keep_pinging(writer))
            reason = await self._read(reader)
            pinging.cancel()
        return reason

    async def _read(self, reader: asyncio.StreamReader) -> str:
        """Hand on messages until the end, and say what ended it."""
        try:
            while True:
                async with asyncio.timeout(self._silence_s):
                    line = await reader.readline()
                if not line:
                    return "the engine closed the connection"
                self._receive(line)
        except TimeoutError:
            return f"the engine has been silent for {self._silence_s:g} s"
        except ValueError:
            return "the engine sent a line that is too long"
        except OSError as error:
            return f"connection lost: {error}"

    def _receive(self, line: bytes) -> None:
        try:
            message = feed.decode_downlink(line)
        except msgspec.DecodeError as error:
            self.ignored += 1
            logger.debug("message ignored: %s", error)
        else:
            self._on_message(message)

    def _ping(self, writer: asyncio.StreamWriter) -> None:
        writer.write(feed.encode(feed.Ping(token=self._token, watching=True)) + b"\n")

    async def _keep_pinging(self, writer: asyncio.StreamWriter) -> None:
        # Not drained: 40 bytes a second fit any buffer until silence is noticed.
        while True:
            await asyncio.sleep(PING_S)
            if not writer.is_closing():
                self._ping(writer)
