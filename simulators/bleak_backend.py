"""Virtual peripherals as a bleak backend in process: any operating system, no radio, no D-Bus.

`backend(peripherals)` gives the classes to pass to `devices.ble`. Links behave as on a real
stack where it matters: a connected peripheral does not advertise, a lost link calls back once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from bleak.args import SizedBuffer
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError, BleakGATTProtocolError, BleakGATTProtocolErrorCode

from devices.ble_air import Backend
from simulators.peripheral import Peripheral

_ADVERTISE_S = 0.05
_POLL_S = 0.02
_SUPERVISION_S = 2.0
_MTU = 247


class _Air:
    """What the scanners and clients of one backend share."""

    def __init__(self, peripherals: Iterable[Peripheral]) -> None:
        self.peripherals = tuple(peripherals)
        self.linked: set[Peripheral] = set()

    def advertising(self) -> list[Peripheral]:
        """The peripherals that advertise now."""
        return [item for item in self.peripherals if item.on_air and item not in self.linked]


class _Scanner(BaseBleakScanner):
    air: ClassVar[_Air]

    def __init__(
        self,
        detection_callback: Any,
        service_uuids: list[str] | None,
        _scanning_mode: str,
        **_options: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start to report advertisements."""
        self.seen_devices = {}
        self._task = asyncio.create_task(self._report())

    async def stop(self) -> None:
        """Stop reporting."""
        if self._task:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _report(self) -> None:
        while True:
            for item in self.air.advertising():
                if self.is_allowed_uuid(list(item.advertised_uuids)):
                    self._detect(item)
            await asyncio.sleep(_ADVERTISE_S)

    def _detect(self, item: Peripheral) -> None:
        advertised = AdvertisementData(
            local_name=item.name,
            manufacturer_data=dict(item.manufacturer_data),
            service_data=dict(item.service_data),
            service_uuids=list(item.advertised_uuids),
            tx_power=None,
            rssi=item.rssi_dbm,
            platform_data=(),
        )
        key = item.address
        device = self.create_or_update_device(key, item.address, item.name, item, advertised)
        self.call_detection_callbacks(device, advertised)


class _Client(BaseBleakClient):
    air: ClassVar[_Air]

    def __init__(self, device: BLEDevice | str, **options: Any) -> None:
        if not isinstance(device, BLEDevice):
            raise BleakError("the simulated radio connects to scanned devices only")
        super().__init__(
            device,
            disconnected_callback=options["disconnected_callback"],
            timeout=options["timeout"],
        )
        self._peripheral: Peripheral = device.details
        self._callbacks: dict[str, NotifyCallback] = {}
        self._unwatch: Callable[[], None] | None = None

    @property
    def name(self) -> str:
        """Advertised name."""
        return self._peripheral.name

    @property
    def mtu_size(self) -> int:
        """ATT MTU, bytes."""
        return _MTU

    @property
    def is_connected(self) -> bool:
        """Whether the link is up."""
        return self._unwatch is not None

    async def connect(self, pair: bool, **_options: Any) -> None:
        """Connect; waits for the peripheral to come into range."""
        async with asyncio.timeout(self._timeout):
            while self._peripheral not in self.air.advertising():
                await asyncio.sleep(_POLL_S)
        self.air.linked.add(self._peripheral)
        self._unwatch = self._peripheral.watch(self)
        self.services = _services(self._peripheral)
        if pair:
            await self.pair()

    async def disconnect(self) -> None:
        """End the link."""
        self._end()

    async def pair(self, *_options: Any, **_more: Any) -> None:
        """Pair: always agreed to."""
        self._peripheral.bonded = True

    async def unpair(self) -> None:
        """Forget the pairing."""
        self._peripheral.bonded = False

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, **_options: Any
    ) -> bytearray:
        """Read a characteristic."""
        self._must_be_allowed(characteristic)
        return bytearray(characteristic.obj.value)

    async def read_gatt_descriptor(
        self,
        descriptor: BleakGATTDescriptor,  # noqa: ARG002 - bleak's shape
        **_options: Any,
    ) -> bytearray:
        """Descriptors are empty."""
        return bytearray()

    async def write_gatt_char(
        self,
        characteristic: BleakGATTCharacteristic,
        data: SizedBuffer,
        response: bool,  # noqa: ARG002 - bleak's shape
    ) -> None:
        """Write a characteristic."""
        self._must_be_allowed(characteristic)
        self._peripheral.written(characteristic.uuid, bytes(data))

    async def write_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, data: SizedBuffer
    ) -> None:
        """Descriptors ignore writes."""

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_options: Any
    ) -> None:
        """Subscribe."""
        self._must_be_allowed(characteristic)
        self._callbacks[characteristic.uuid] = callback

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """Unsubscribe."""
        self._callbacks.pop(characteristic.uuid, None)

    def on_notify(self, uuid: str, payload: bytes) -> None:
        """The peripheral sends."""
        if callback := self._callbacks.get(uuid):
            callback(bytearray(payload))

    def on_drop(self) -> None:
        """The link broke."""
        self._end()

    def on_away(self) -> None:
        """Out of range: lost later, unless it comes back in time."""
        asyncio.get_running_loop().call_later(_SUPERVISION_S, self._supervise)

    def _supervise(self) -> None:
        if not self._peripheral.in_range:
            self._end()

    def _must_be_connected(self) -> None:
        if not self.is_connected:
            raise BleakError("Not connected")

    def _must_be_allowed(self, characteristic: BleakGATTCharacteristic) -> None:
        self._must_be_connected()
        if characteristic.obj.needs_bond and not self._peripheral.bonded:
            raise BleakGATTProtocolError(BleakGATTProtocolErrorCode.INSUFFICIENT_AUTHENTICATION)

    def _end(self) -> None:
        if self._unwatch is None:
            return
        self._unwatch()
        self._unwatch, self.services = None, None
        self._callbacks.clear()
        self.air.linked.discard(self._peripheral)
        if self._disconnected_callback:
            self._disconnected_callback()


def backend(peripherals: Iterable[Peripheral]) -> Backend:
    """Backend classes for these peripherals; all users of one result share the radio."""
    air = {"air": _Air(peripherals)}
    return Backend(
        scanner=type("InProcessScanner", (_Scanner,), air),
        client=type("InProcessClient", (_Client,), air),
    )


def _services(peripheral: Peripheral) -> BleakGATTServiceCollection:
    collection, handle = BleakGATTServiceCollection(), 1
    for table in peripheral.services:
        service = BleakGATTService(table, handle, table.uuid)
        collection.add_service(service)
        for item in table.characteristics:
            handle += 2
            properties: list[Any] = list(item.properties)
            collection.add_characteristic(
                BleakGATTCharacteristic(
                    item, handle, item.uuid, properties, lambda: _MTU - 3, service
                )
            )
        handle += 1
    return collection
