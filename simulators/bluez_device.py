"""One remote device of the fake BlueZ: its link, its GATT objects, who subscribed to what."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from dbus_fast import Variant

from simulators.bluez_objects import (
    DEVICE,
    GATT_CHARACTERISTIC,
    Interfaces,
    Tree,
    advertised,
    device,
    device_path,
    gatt,
    service_uuids,
    subscribable,
)
from simulators.peripheral import Characteristic, Peripheral

_POLL_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """How long the radio takes, real seconds. The defaults are a quick, obliging radio.

    Attributes:
        advertise_s: between two advertisements of one peripheral.
        connect_s: from the request to the link.
        resolve_s: from the link to the known services.
        disconnect_s: from the request to the link's end (2.3 s was seen on bluetoothd 5.66).
        supervision_s: silence after which a link out of range counts as lost.
        give_up_s: how long a connection to an absent peripheral is tried.
    """

    advertise_s: float = 0.1
    connect_s: float = 0.01
    resolve_s: float = 0.01
    disconnect_s: float = 0.01
    supervision_s: float = 2.0
    give_up_s: float = 40.0


class RefusedError(Exception):
    """A D-Bus error reply: `org.bluez.Error.<name>` and a message."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = f"org.bluez.Error.{name}"


class Emitter(Protocol):
    """Sends signals, and keeps the object tree that GetManagedObjects shows."""

    def added(self, path: str, interfaces: Interfaces) -> None:
        """Export an object: InterfacesAdded, unless it is exported already."""
        ...

    def changed(self, path: str, interface: str, properties: dict[str, Variant]) -> None:
        """PropertiesChanged."""
        ...


class Device:
    """A peripheral as the daemon sees it."""

    def __init__(self, peripheral: Peripheral, emitter: Emitter, delays: Delays) -> None:
        self.path = device_path(peripheral.address)
        self.peripheral = peripheral
        self.connected = False
        self._emitter, self._delays = emitter, delays
        self._tree: Tree
        self._behind: dict[str, Characteristic]
        self._tree, self._behind = gatt(peripheral)
        self._path_of = {item.uuid: path for path, item in self._behind.items()}
        self._subscribers: dict[str, set[str]] = {path: set() for path in self._behind}
        self._wanted = False
        self._timers: list[asyncio.TimerHandle] = []
        self._unwatch: Callable[[], None] = peripheral.watch(self)

    def close(self) -> None:
        """Break the link and stop watching the peripheral."""
        self.lose()
        self._unwatch()
        for timer in self._timers:
            timer.cancel()

    def advertise(self) -> None:
        """One advertisement, if it sends any now."""
        if self.peripheral.on_air and not self.connected:
            self._emitter.added(self.path, device(self.peripheral))
            rssi = Variant("n", self.peripheral.rssi_dbm)
            self._change(RSSI=rssi, **advertised(self.peripheral))

    async def connect(self) -> None:
        """Device1.Connect: link up, GATT objects, services resolved.

        Raises:
            RefusedError: not in range in time, or cancelled by Disconnect.
        """
        if self.connected:
            return
        self._wanted = True
        await self._reach()
        self.connected = True
        self._change(Connected=Variant("b", True))
        for path, interfaces in self._tree.items():
            self._emitter.added(path, interfaces)
        await asyncio.sleep(self._delays.resolve_s)
        if not self.connected:
            raise RefusedError("Failed", "le-connection-abort-by-remote")
        uuids = Variant("as", service_uuids(self.peripheral))
        self._change(UUIDs=uuids, ServicesResolved=Variant("b", True))

    async def _reach(self) -> None:
        """Wait until the peripheral answers."""
        await asyncio.sleep(self._delays.connect_s)
        left_s = self._delays.give_up_s
        while self._wanted and not self.peripheral.in_range and left_s > 0:
            await asyncio.sleep(_POLL_S)
            left_s -= _POLL_S
        if not self._wanted:
            raise RefusedError("Failed", "le-connection-abort-by-local")
        if not self.peripheral.in_range:
            raise RefusedError("Failed", "le-connection-abort-by-remote")

    async def disconnect(self) -> None:
        """Device1.Disconnect: also cancels a connection under way."""
        self._wanted = False
        if self.connected:
            self._change(ServicesResolved=Variant("b", False))
            await asyncio.sleep(self._delays.disconnect_s)
        if self.connected:
            self.connected = False
            self._change(Connected=Variant("b", False))

    def lose(self) -> None:
        """The link is gone: one PropertiesChanged; GATT objects and subscriptions stay."""
        if self.connected:
            self.connected = False
            self._change(ServicesResolved=Variant("b", False), Connected=Variant("b", False))

    def read(self, path: str) -> bytes:
        """GattCharacteristic1.ReadValue; like the real daemon it also announces the value."""
        item = self._behind[path]
        self._must(item, "read", "Read not permitted")
        self._value(path, item.value)
        return item.value

    def write(self, path: str, value: bytes) -> None:
        """GattCharacteristic1.WriteValue."""
        item = self._behind[path]
        if "write" not in item.properties:
            self._must(item, "write-without-response", "Write not permitted")
        self.peripheral.written(item.uuid, value)

    async def pair(self) -> None:
        """Device1.Pair: connects, and is always agreed to.

        Raises:
            RefusedError: see `connect`.
        """
        await self.connect()
        self.peripheral.bonded = True
        self._change(Paired=Variant("b", True), Bonded=Variant("b", True))

    def start_notify(self, path: str, sender: str) -> None:
        """GattCharacteristic1.StartNotify, for one client of the bus."""
        if not subscribable(self._behind[path]):
            raise RefusedError("NotSupported", "Operation is not supported")
        if not self.connected:
            raise RefusedError("Failed", "Not connected")
        self._must_be_bonded(self._behind[path])
        self._subscribers[path].add(sender)
        self._emitter.changed(path, GATT_CHARACTERISTIC, {"Notifying": Variant("b", True)})

    def stop_notify(self, path: str, sender: str) -> None:
        """GattCharacteristic1.StopNotify, or the client left the bus."""
        if sender in self._subscribers[path]:
            self._subscribers[path].remove(sender)
            if not self._subscribers[path]:
                self._emitter.changed(path, GATT_CHARACTERISTIC, {"Notifying": Variant("b", False)})

    def forget(self, sender: str) -> None:
        """A client left the bus: only now do its subscriptions end."""
        for path in self._subscribers:
            self.stop_notify(path, sender)

    def subscribers(self, uuid: str) -> int:
        """How many clients of the bus are subscribed to that characteristic."""
        return len(self._subscribers[self._path_of[uuid]])

    def on_notify(self, uuid: str, payload: bytes) -> None:
        """The sensor sends; one signal, however many subscribed."""
        path = self._path_of[uuid]
        if self.connected and self._subscribers[path]:
            self._value(path, payload)

    def on_drop(self) -> None:
        """The link broke."""
        self.lose()

    def on_away(self) -> None:
        """Out of range: lost later, unless it comes back in time."""
        loop = asyncio.get_running_loop()
        self._timers.append(loop.call_later(self._delays.supervision_s, self._supervise))

    def _supervise(self) -> None:
        if not self.peripheral.in_range:
            self.lose()

    def _must(self, item: Characteristic, needed: str, message: str) -> None:
        if not self.connected:
            raise RefusedError("Failed", "Not connected")
        if needed not in item.properties:
            raise RefusedError("NotPermitted", message)
        self._must_be_bonded(item)

    def _must_be_bonded(self, item: Characteristic) -> None:
        if item.needs_bond and not self.peripheral.bonded:
            raise RefusedError("Failed", "Operation failed with ATT error: 0x05")

    def _value(self, path: str, value: bytes) -> None:
        self._emitter.changed(path, GATT_CHARACTERISTIC, {"Value": Variant("ay", value)})

    def _change(self, **properties: Variant) -> None:
        self._emitter.changed(self.path, DEVICE, properties)
