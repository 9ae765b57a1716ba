"""Sensors over Bluetooth Low Energy, through bleak.

Shaped by what bleak 3.1.0 and bluetoothd were seen to do: `disconnect()` is awaited after every
loss too (otherwise a D-Bus socket leaks each time), always with a limit (after a bluetoothd crash
it blocks for 10 s), and every connection uses a fresh client made from a fresh scan.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from bleak import BleakAdapter, BleakClient, BleakScanner
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakDeviceNotFoundError,
)
from bleak.uuids import normalize_uuid_str

from devices.ble_info import report_details
from devices.codec import Codec
from devices.model import SensorSpec
from devices.text import clean_text
from devices.transport import OnInfo, OnLost, OnPayload, Reason, TransportError

SCAN_S = 5.0
"""One scan, real seconds. Short: sensors scan in turn, and scans disturb streaming links."""
CONNECT_S = 20.0
"""One connection attempt, as bleak-retry-connector has it."""
CLOSE_S = 5.0
"""bluetoothd 5.66 takes 2.3 s to end a link."""
_T = TypeVar("_T")
_GRACE_S = 2.0
_UNAVAILABLE = {
    BleakBluetoothNotAvailableReason.POWERED_OFF: Reason.BLUETOOTH_OFF,
    BleakBluetoothNotAvailableReason.DENIED_BY_USER: Reason.NO_PERMISSION,
    BleakBluetoothNotAvailableReason.DENIED_BY_SYSTEM: Reason.NO_PERMISSION,
    BleakBluetoothNotAvailableReason.DENIED_BY_UNKNOWN: Reason.NO_PERMISSION,
}
_DBUS_REASONS = {
    "org.freedesktop.DBus.Error.AccessDenied": Reason.NO_PERMISSION,
    "org.freedesktop.DBus.Error.ServiceUnknown": Reason.NO_BLUETOOTH,
    "org.freedesktop.DBus.Error.NameHasNoOwner": Reason.NO_BLUETOOTH,
    "org.freedesktop.DBus.Error.NoReply": Reason.NO_BLUETOOTH,
    "org.freedesktop.DBus.Error.UnknownObject": Reason.ABSENT,
    "org.bluez.Error.NotReady": Reason.BLUETOOTH_OFF,
}
_scans: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()
"""BlueZ answers InProgress to a second scan of one program: scans take turns, per event loop."""


@dataclass(frozen=True, slots=True)
class Backend:
    """bleak backend classes to use instead of the platform's (simulated sensors)."""

    scanner: type[BaseBleakScanner]
    client: type[BaseBleakClient]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A peripheral heard by `scan`. Names from the air are cleaned of control characters."""

    name: str
    address: str
    rssi_dbm: int
    service_uuids: tuple[str, ...]
    codecs: tuple[str, ...]
    """Names of the wire formats whose service it advertises."""


async def scan(
    seconds: float, codecs: Iterable[Codec], *, backend: Backend | None = None
) -> list[Found]:
    """Listen for that many real seconds; what was heard, strongest first.

    Raises:
        TransportError: Bluetooth cannot be used, and why.
    """
    known = [
        (normalize_uuid_str(item.service_uuid), item.name) for item in codecs if item.service_uuid
    ]
    with _explained():
        async with _scan_turn():
            heard = await _at_most(
                seconds + CONNECT_S,
                BleakScanner.discover(seconds, return_adv=True, **_scanner_options(backend)),
            )
    found = [_found(device, advertised, known) for device, advertised in heard.values()]
    return sorted(found, key=lambda item: -item.rssi_dbm)


class BleTransport:
    """A link to one allow-listed BLE sensor; implements `devices.transport.Transport`.

    Args:
        spec: `address` is the sensor's BLE address (any case) or its exact advertised name.
        codec: gives the service and the characteristic to subscribe to.
        backend: bleak backend classes for simulated sensors; the platform's own by default.
    """

    def __init__(self, spec: SensorSpec, codec: Codec, *, backend: Backend | None = None) -> None:
        self._spec = spec
        self._service = normalize_uuid_str(codec.service_uuid)
        self._characteristic = normalize_uuid_str(codec.characteristic_uuid)
        self._backend = backend
        self._first = True

    @contextlib.asynccontextmanager
    async def open(
        self, on_payload: OnPayload, on_lost: OnLost, on_info: OnInfo
    ) -> AsyncIterator[None]:
        """Find, connect and subscribe once; see `Transport.open`."""
        ours = False

        def lost(_client: BleakClient) -> None:
            if ours:  # it is also called for our own disconnect()
                on_lost("link lost")

        async with contextlib.AsyncExitStack() as stack:
            with _explained():
                device = await self._find()
                options: dict[str, Any] = {"backend": self._backend.client} if self._backend else {}
                client = BleakClient(device, lost, timeout=CONNECT_S, **options)
                stack.push_async_callback(_close, client)
                await _at_most(CONNECT_S + _GRACE_S, client.connect())
                source = self._source(client)
                ours = True
                await _at_most(
                    CONNECT_S,
                    client.start_notify(source, lambda _source, data: on_payload(bytes(data))),
                )
            details = asyncio.create_task(report_details(client, on_info))
            stack.push_async_callback(_stop, details)
            try:
                yield
            finally:
                ours = False

    async def _find(self) -> BLEDevice:
        """The allow-listed sensor, by advertisement or as a link that the system already has.

        A program that died leaves its link behind on Linux, and a connected sensor does not
        advertise. That is likely at our first connection only; later the system's list is asked
        last, because it outlives a crash of bluetoothd.
        """
        ways = [self._linked, self._scan] if self._first else [self._scan, self._linked]
        self._first = False
        for way in ways:
            device = await way()
            if device is not None:
                return device
        raise TransportError(Reason.ABSENT, f"no {self._spec.address} in range")

    async def _scan(self) -> BLEDevice | None:
        async with _scan_turn():
            return await _at_most(
                SCAN_S + CONNECT_S,
                BleakScanner.find_device_by_filter(
                    self._is_ours,
                    timeout=SCAN_S,
                    service_uuids=[self._service],
                    **_scanner_options(self._backend),
                ),
            )

    async def _linked(self) -> BLEDevice | None:
        if self._backend:
            return None
        try:
            adapter = await BleakAdapter.get()
            linked = await adapter.get_connected_devices([self._service])
        except NotImplementedError:  # not every platform tells
            return None
        return next((item for item in linked if self._matches(item.address, item.name)), None)

    def _is_ours(self, device: BLEDevice, advertised: AdvertisementData) -> bool:
        return self._matches(device.address, advertised.local_name)

    def _matches(self, address: str, name: str | None) -> bool:
        """Allow-listing: everything else, a neighbour's strap above all, is never touched."""
        wanted = self._spec.address
        return bool(wanted) and (address.casefold() == wanted.casefold() or name == wanted)

    def _source(self, client: BleakClient) -> BleakGATTCharacteristic:
        for service in client.services:
            for item in service.characteristics if service.uuid == self._service else ():
                if item.uuid == self._characteristic:
                    return item
        raise TransportError(Reason.NO_SERVICE, self._characteristic)


def ble_transport(spec: SensorSpec, codec: Codec, backend: Backend | None = None) -> BleTransport:
    """The transport of a Bluetooth sensor."""
    return BleTransport(spec, codec, backend=backend)


def _scan_turn() -> asyncio.Lock:
    return _scans.setdefault(asyncio.get_running_loop(), asyncio.Lock())


def _scanner_options(backend: Backend | None) -> dict[str, Any]:
    return {"backend": backend.scanner} if backend else {}


def _found(device: BLEDevice, advertised: AdvertisementData, known: list[tuple[str, str]]) -> Found:
    uuids = tuple(advertised.service_uuids)
    return Found(
        name=clean_text(advertised.local_name or device.name or ""),
        address=device.address,
        rssi_dbm=advertised.rssi,
        service_uuids=uuids,
        codecs=tuple(name for uuid, name in known if uuid in uuids),
    )


async def _close(client: BleakClient) -> None:
    """Disconnect, also after a loss, within CLOSE_S; never raises."""
    with contextlib.suppress(Exception):  # a dead daemon, a dead bus: nothing left to close
        await _at_most(CLOSE_S, client.disconnect())


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})


async def _at_most(seconds: float, work: Coroutine[Any, Any, _T]) -> _T:
    """Await `work`; give it up after `seconds` even if it then ignores being cancelled.

    Raises:
        TimeoutError: no answer in time.
    """
    task = asyncio.create_task(work)
    task.add_done_callback(_retrieve)
    try:
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            raise TimeoutError(f"no answer in {seconds:g} s")
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=_GRACE_S)


def _retrieve(task: asyncio.Task[Any]) -> None:
    """Take the exception of a task that nobody may wait for any more."""
    if not task.cancelled():
        task.exception()


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """Turn whatever bleak raises into a TransportError."""
    try:
        yield
    except TransportError:
        raise
    except Exception as error:
        raise TransportError(_reason(error), _words(error)) from error


def _reason(error: Exception) -> Reason:
    match error:
        case BleakBluetoothNotAvailableError():
            return _UNAVAILABLE.get(error.reason, Reason.NO_BLUETOOTH)
        case BleakDBusError():
            return _DBUS_REASONS.get(error.dbus_error, Reason.CONNECT_FAILED)
        case BleakDeviceNotFoundError():
            return Reason.ABSENT
        case PermissionError():
            return Reason.NO_PERMISSION
        case FileNotFoundError() | ConnectionRefusedError():  # the D-Bus socket
            return Reason.NO_BLUETOOTH
        case _:
            return Reason.CONNECT_FAILED


def _words(error: Exception) -> str:
    """What it says; not every exception says anything."""
    said = error.args[0] if isinstance(error, BleakBluetoothNotAvailableError) else error
    return clean_text(str(said)) or type(error).__name__
