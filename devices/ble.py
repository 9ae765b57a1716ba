"""Sensors over Bluetooth Low Energy, through bleak.

Shaped by what bleak 3.1.0 and bluetoothd were seen to do: `disconnect()` is awaited after every
loss too (otherwise a D-Bus socket leaks each time), always with a limit (after a bluetoothd crash
it blocks for 10 s), and every connection uses a fresh client made from a fresh scan.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from bleak import BleakAdapter, BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.uuids import normalize_uuid_str

from devices.ble_air import Backend, adapter_options, air
from devices.ble_broadcast import BroadcastTransport
from devices.ble_control import started
from devices.ble_errors import explained
from devices.ble_find import Found, Heard, find, matches, scan
from devices.ble_info import refuse_other_site
from devices.ble_link import Link, User, shared
from devices.codec import Codec
from devices.limited import GRACE_S, at_most
from devices.model import SensorSpec
from devices.transport import OnInfo, OnLost, OnPayload, Reason, Transport, TransportError

__all__ = ["Backend", "BleTransport", "Found", "ble_transport", "scan"]

CONNECT_S = 20.0
"""One connection attempt, as bleak-retry-connector has it."""


def ble_transport(spec: SensorSpec, codec: Codec, backend: Backend | None = None) -> Transport:
    """The transport of a Bluetooth sensor: a link, or only an ear for its advertisements."""
    if codec.broadcast is not None:
        return BroadcastTransport(spec, codec.broadcast, backend)
    return BleTransport(spec, codec, backend=backend)


class BleTransport:
    """A link to one allow-listed BLE sensor; implements `devices.transport.Transport`.

    Args:
        spec: `address` is the sensor's BLE address (any case) or its exact advertised name.
        codec: gives the service and the characteristic to subscribe to.
        backend: bleak backend classes for simulated sensors; the platform's own by default.
    """

    def __init__(self, spec: SensorSpec, codec: Codec, *, backend: Backend | None = None) -> None:
        self._spec = spec
        self._codec = codec
        self._service = normalize_uuid_str(codec.service_uuid)
        self._backend = backend
        self._attempts = 0

    @contextlib.asynccontextmanager
    async def open(
        self, on_payload: OnPayload, on_lost: OnLost, on_info: OnInfo
    ) -> AsyncIterator[None]:
        """Find, connect and subscribe once; see `Transport.open`."""
        ours = False

        def lost(detail: str) -> None:
            if ours:  # bleak also calls for our own disconnect()
                on_lost(detail)

        key = (self._spec.address.casefold(), self._spec.adapter, id(self._backend))
        async with contextlib.AsyncExitStack() as stack:
            with explained():
                user = User(lost, on_info)
                link = await stack.enter_async_context(shared(key, user, self._connect))
                ours = True
                await self._subscribe(stack, link, on_payload)
            link.begin()
            try:
                yield
            finally:
                ours = False

    async def _connect(self, link: Link) -> None:
        """Fill a new link: fresh scan, fresh client."""
        device, rssi_dbm = await self._find()
        if rssi_dbm is not None:
            link.tell("signal", rssi_dbm)
        around = air(self._spec.adapter, self._backend)
        client = BleakClient(device, link.lost, timeout=CONNECT_S, **self._client_options())
        link.client = client
        async with around.hushed():
            await at_most(CONNECT_S + GRACE_S, client.connect())
        link.take(around)

    def _client_options(self) -> dict[str, Any]:
        options: dict[str, Any] = {"pair": self._spec.pair or self._codec.bonded}
        options |= {"backend": self._backend.client} if self._backend else {}
        return options | adapter_options(self._spec.adapter, self._backend)

    async def _subscribe(
        self, stack: contextlib.AsyncExitStack, link: Link, on_payload: OnPayload
    ) -> None:
        client = link.client
        assert client is not None  # noqa: S101 - a link that was opened has one
        source = self._characteristic(client, self._codec.characteristic_uuid)
        await refuse_other_site(client, self._spec)
        stack.push_async_callback(_unsubscribe, link, source)
        await at_most(
            CONNECT_S, client.start_notify(source, lambda _source, data: on_payload(bytes(data)))
        )
        if self._codec.control is not None:
            point = self._characteristic(client, self._codec.control_uuid)
            await stack.enter_async_context(
                started(client, point, self._codec.control(), link.gone)
            )

    async def _find(self) -> Heard:
        """The allow-listed sensor, by advertisement or as a link that the system already has.

        The strength of its signal is known of an advertisement only, and never again while the
        link lasts: a connected sensor does not advertise.

        A program that died leaves its link behind on Linux, and a connected sensor does not
        advertise. That is likely at our first connection only; later the system's list is asked
        last, because it outlives a crash of bluetoothd.
        """
        self._attempts += 1
        first = self._attempts == 1
        ways = [self._linked, self._heard] if first else [self._heard, self._linked]
        for way in ways:
            found = await way()
            if found is not None:
                return found
        raise TransportError(Reason.ABSENT, f"no {self._spec.address} in range")

    async def _heard(self) -> Heard | None:
        # Asking for a service spares the radio, but not every sensor advertises all of its own:
        # every second attempt takes whatever has the address.
        ask = self._attempts % 2 == 1 and self._codec.control is None
        return await find(self._spec, self._service if ask else "", self._backend)

    async def _linked(self) -> Heard | None:
        if self._backend:
            return None
        try:
            adapter = await BleakAdapter.get()
            linked = await adapter.get_connected_devices([self._service])
        except NotImplementedError:  # not every platform tells
            return None
        wanted = self._spec.address
        found = (item for item in linked if matches(wanted, item.address, item.name))
        return next(((item, None) for item in found), None)

    def _characteristic(self, client: BleakClient, uuid: str) -> BleakGATTCharacteristic:
        wanted = normalize_uuid_str(uuid)
        for service in client.services:
            for item in service.characteristics if service.uuid == self._service else ():
                if item.uuid == wanted:
                    return item
        raise TransportError(Reason.NO_SERVICE, wanted)


async def _unsubscribe(link: Link, source: BleakGATTCharacteristic) -> None:
    """Leave a link that others go on using; on the last one's way out it is closed anyway."""
    if len(link.users) > 1 and not link.over and link.client is not None:
        with contextlib.suppress(Exception):
            async with asyncio.timeout(GRACE_S):
                await link.client.stop_notify(source)
