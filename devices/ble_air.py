"""One listener for all: everybody who waits for a Bluetooth sensor shares a single scan.

BlueZ answers InProgress to a second scan of one program, and a scan disturbs connecting. So there
is one scanner an adapter; it runs while anybody listens, rests while somebody connects, and is
started anew when it has heard nothing at all for long.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from bleak import BleakScanner
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner

from devices.limited import at_most
from devices.model import NS_PER_S
from monitor.clock import monotonic_ns

START_S = 20.0
"""Starting and stopping a scan may take this long before it is given up, real seconds."""
WAIT_S = 30.0
"""While others connect nobody listens; that long one waits for the next scan at most."""
DEAF_S = 90.0
"""A scanner that hears nobody for so long is started anew (habluetooth takes the same time)."""
LISTEN_S, REST_S = 5.0, 5.0
"""With links open, broadcasts are listened to only by turns: scanning costs the links packets."""
_CHECK_S = 0.25

Heard = Callable[[BLEDevice, AdvertisementData], None]
Failed = Callable[[Exception], None]


@dataclass(frozen=True, slots=True)
class Backend:
    """bleak backend classes to use instead of the platform's (simulated sensors)."""

    scanner: type[BaseBleakScanner]
    client: type[BaseBleakClient]


@dataclass(eq=False, slots=True)
class Ear:
    """Somebody who listens.

    Attributes:
        heard: called with every advertisement.
        failed: called when scanning is impossible, with the reason.
        service: only advertisements of this service matter; empty: all.
        patient: listens for good, to broadcasts; may rest while links are open.
    """

    heard: Heard
    failed: Failed
    service: str = ""
    patient: bool = False


class Air:
    """What one adapter hears."""

    def __init__(self, adapter: str, backend: Backend | None) -> None:
        self.links = 0
        """Open connections over this adapter."""
        self._options: dict[str, Any] = {"backend": backend.scanner} if backend else {}
        self._options |= adapter_options(adapter, backend)
        self._ears: set[Ear] = set()
        self._busy = 0
        self._underway = asyncio.Event()
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._task: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def listening(self, ear: Ear) -> Iterator[None]:
        """Tell `ear` what is heard while entered."""
        self._ears.add(ear)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        try:
            yield
        finally:
            self._ears.discard(ear)

    async def until(self, done: asyncio.Future[Any], seconds: float) -> None:
        """Wait for `done`, but no longer than `seconds` of scanning (or WAIT_S for its turn)."""
        turn = asyncio.create_task(self._underway.wait())
        await asyncio.wait({done, turn}, timeout=WAIT_S, return_when=asyncio.FIRST_COMPLETED)
        turn.cancel()
        if not done.done():
            await asyncio.wait({done}, timeout=seconds)

    @contextlib.asynccontextmanager
    async def hushed(self) -> AsyncIterator[None]:
        """No scan runs while entered: scanning makes connecting fail."""
        self._busy += 1
        try:
            async with asyncio.timeout(START_S):
                await self._quiet.wait()
            yield
        finally:
            self._busy -= 1

    async def _work(self) -> None:
        while self._ears:
            if self._busy:
                await asyncio.sleep(_CHECK_S / 5)
                continue
            try:
                await self._scan()
            except Exception as error:  # noqa: BLE001 - whatever bleak raises; told to everybody
                for ear in tuple(self._ears):
                    ear.failed(error)
                await asyncio.sleep(_CHECK_S)
            await self._rest()

    async def _scan(self) -> None:
        """Scan until nobody listens, somebody connects, or it is time to start anew."""
        self._quiet.clear()
        services = self._services()
        last_ns = began_ns = monotonic_ns()

        def heard(device: BLEDevice, advertised: AdvertisementData) -> None:
            nonlocal last_ns
            last_ns = monotonic_ns()
            for ear in tuple(self._ears):
                if not ear.service or ear.service in advertised.service_uuids:
                    ear.heard(device, advertised)

        scanner = BleakScanner(heard, service_uuids=services, **self._options)
        try:
            await at_most(START_S, scanner.start())
            self._underway.set()
            while self._goes_on(services, last_ns, began_ns):
                await asyncio.sleep(_CHECK_S / 5)
        finally:
            with contextlib.suppress(Exception):
                await at_most(START_S, scanner.stop())
            self._underway.clear()
            self._quiet.set()

    def _services(self) -> list[str] | None:
        """The services to ask for; None as soon as somebody listens to everything."""
        wanted = {ear.service for ear in self._ears}
        return None if "" in wanted else sorted(wanted)

    def _goes_on(self, services: list[str] | None, last_ns: int, began_ns: int) -> bool:
        now_ns = monotonic_ns()
        if not self._ears or self._busy or now_ns - last_ns > DEAF_S * NS_PER_S:
            return False
        if services != self._services():
            return False
        return not self._may_rest() or now_ns - began_ns < LISTEN_S * NS_PER_S

    def _may_rest(self) -> bool:
        return self.links > 0 and all(ear.patient for ear in self._ears)

    async def _rest(self) -> None:
        until_ns = monotonic_ns() + int(REST_S * NS_PER_S)
        while self._ears and self._may_rest() and monotonic_ns() < until_ns:
            await asyncio.sleep(_CHECK_S)


_airs: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[str, Backend | None], Air]]
_airs = WeakKeyDictionary()


def air(adapter: str = "", backend: Backend | None = None) -> Air:
    """The air around one adapter, shared by everything in this event loop."""
    known = _airs.setdefault(asyncio.get_running_loop(), {})
    return known.setdefault((adapter, backend), Air(adapter, backend))


def adapter_options(adapter: str, backend: Backend | None) -> dict[str, Any]:
    """What bleak is told of the adapter: Linux can choose, the others have one."""
    if not adapter or backend or sys.platform != "linux":
        return {}
    return {"bluez": {"adapter": adapter}}
