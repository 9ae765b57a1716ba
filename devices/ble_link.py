"""One connection a peripheral, shared by all sensors of the configuration that it is.

A strap's heart rate and its ECG are two sensors of one peripheral. The connection is made by the
first that needs it, closed by the last that leaves, and never used again once it was lost.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from bleak import BleakClient

from devices.ble_air import Air
from devices.ble_info import report_details
from devices.limited import at_most
from devices.transport import OnInfo, OnLost, Reason, TransportError

CLOSE_S = 5.0
"""bluetoothd 5.66 takes 2.3 s to end a link."""
Key = tuple[str, str, int]
"""Address (lower case), adapter, and which simulated radio."""


@dataclass(eq=False, slots=True)
class User:
    """A sensor on the link."""

    on_lost: OnLost
    on_info: OnInfo


class Link:
    """A connection and its users."""

    def __init__(self) -> None:
        self.client: BleakClient | None = None
        self.gone = asyncio.Event()
        """Set when the link is over."""
        self.failure: Exception | None = None
        """Why it could not be opened."""
        self.opening = asyncio.Lock()
        self.users: set[User] = set()
        self._info: dict[str, object] = {}
        self._details: asyncio.Task[None] | None = None
        self._air: Air | None = None

    @property
    def over(self) -> bool:
        """Whether it was lost, or closed."""
        return self.gone.is_set()

    def take(self, around: Air) -> None:
        """Count as an open link of that adapter until closed."""
        self._air = around
        around.links += 1

    def lost(self, _client: BleakClient) -> None:
        """Bleak says that it is gone; also after our own disconnect."""
        self.gone.set()
        for user in tuple(self.users):
            user.on_lost("link lost")

    def begin(self) -> None:
        """Ask the peripheral about itself, once, for all users."""
        if self._details is None and self.client is not None:
            self._details = asyncio.create_task(report_details(self.client, self.tell))

    def introduce(self, user: User) -> None:
        """Tell a user what is known of the peripheral already."""
        for key, value in self._info.items():
            user.on_info(key, value)

    def tell(self, key: str, value: object) -> None:
        """Tell all users, and those to come, something of the peripheral."""
        self._info[key] = value
        for user in tuple(self.users):
            user.on_info(key, value)

    async def close(self) -> None:
        """Disconnect, also after a loss (or a socket leaks), within CLOSE_S; never raises."""
        self.gone.set()
        if self._air is not None:
            self._air.links -= 1
            self._air = None
        if self._details is not None:
            self._details.cancel()
            await asyncio.wait({self._details})
        if self.client is not None:
            with contextlib.suppress(Exception):  # a dead daemon, a dead bus: nothing to close
                await at_most(CLOSE_S, self.client.disconnect())


_links: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Key, Link]] = WeakKeyDictionary()


async def _opened(link: Link, connect: Callable[[Link], Awaitable[None]]) -> None:
    """Connect unless somebody has; those who waited fail with the one who tried."""
    if link.failure is not None:
        raise link.failure
    if link.client is not None:
        return
    try:
        await connect(link)
    except BaseException as error:
        link.failure = error if isinstance(error, Exception) else None
        await link.close()
        raise


@contextlib.asynccontextmanager
async def shared(
    key: Key, user: User, connect: Callable[[Link], Awaitable[None]]
) -> AsyncIterator[Link]:
    """The link to a peripheral: the one there is, or a new one made by `connect`.

    Raises:
        TransportError: it was lost in the moment of being taken; and whatever `connect` raises.
    """
    links = _links.setdefault(asyncio.get_running_loop(), {})
    if key not in links or links[key].over:
        links[key] = Link()
    link = links[key]
    link.users.add(user)
    try:
        async with link.opening:
            await _opened(link, connect)
        if link.over:
            raise TransportError(Reason.CONNECT_FAILED, "link lost")
        link.introduce(user)
        yield link
    finally:
        link.users.discard(user)
        if not link.users:
            if links.get(key) is link:
                del links[key]
            await link.close()
