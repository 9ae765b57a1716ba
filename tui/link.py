"""The dashboard's connection to its engine, renewed for ever."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from monitor.errors import VigilError
from monitor.feed import Command, Downlink
from monitor.feed_client import FeedClient
from monitor.hosting import SessionEndedError
from monitor.plan import Listening

logger = logging.getLogger(__name__)

RETRY_S = 0.5

EndpointProvider = Callable[[], Awaitable[Listening]]
"""Says where the engine listens now. It may restart the engine first. It raises
`SessionEndedError` when there is no session any more."""


class Link:
    """Keeps one connection to the engine.

    Args:
        provider: asked anew before each attempt.
        on_message: gets every message, in order.
        on_lost: gets the reason of each loss or failed attempt.
        on_gone: called once when the session has ended without a last word.
    """

    def __init__(
        self,
        provider: EndpointProvider,
        on_message: Callable[[Downlink], None],
        on_lost: Callable[[str], None],
        on_gone: Callable[[], None],
    ) -> None:
        self._provider = provider
        self._on_message, self._on_lost, self._on_gone = on_message, on_lost, on_gone
        self._client: FeedClient | None = None

    async def run(self) -> None:
        """Connect, and connect again after every loss, until the session has ended."""
        while True:
            try:
                await self._once()
            except SessionEndedError:
                self._on_gone()
                return
            except VigilError as error:
                self._on_lost(str(error))
            except Exception as error:  # the task's border: a screen never gives up its engine
                logger.exception("connecting failed")
                self._on_lost(f"{type(error).__name__}: {error}")
            await asyncio.sleep(RETRY_S)

    def send(self, command: Command) -> bool:
        """Send a command; False when there is no connection."""
        return self._client is not None and self._client.send(command)

    async def _once(self) -> None:
        listening = await self._provider()
        self._client = FeedClient(
            listening.endpoint, listening.token, self._on_message, self._on_lost
        )
        try:
            await self._client.run()
        finally:
            self._client = None
