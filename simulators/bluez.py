"""A fake `org.bluez` that unmodified bleak talks to: virtual peripherals without a radio.

Point a program at it with `DBUS_SYSTEM_BUS_ADDRESS` set to `PrivateBus.address` *before* bleak
first connects. Works where there is a `dbus-daemon` (Linux); `available()` says so. Not
simulated: agents, discovery filters (bleak filters again itself), removal of devices some time
after a scan, Battery1, AcquireNotify (answered NotSupported).
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import Awaitable, Callable, Iterable
from types import TracebackType
from typing import Any, ClassVar, Self

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from simulators.bluez_device import Delays, Device, RefusedError
from simulators.bluez_objects import (
    ADAPTER,
    ADAPTER_PATH,
    BLUEZ,
    DEVICE,
    GATT_CHARACTERISTIC,
    Interfaces,
    Tree,
    adapter,
)
from simulators.peripheral import Peripheral
from simulators.private_bus import PrivateBus, available

__all__ = ["Delays", "FakeBlueZ", "PrivateBus", "available"]

_OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_DBUS = "org.freedesktop.DBus"

Answer = tuple[str, list[Any]]
"""Signature and body of a method's reply."""
_DONE: Answer = ("", [])


class FakeBlueZ:
    """Owns `org.bluez` on a bus and shows `peripherals` through one adapter, hci0.

    An asynchronous context manager. Leaving it is a clean stop of the daemon: links are reported
    lost first. To crash it instead, run it in a process of its own and kill that.
    """

    def __init__(
        self, bus_address: str, peripherals: Iterable[Peripheral], delays: Delays | None = None
    ) -> None:
        self._bus_address = bus_address
        self._delays = delays or Delays()
        self._bus: MessageBus
        self._objects: Tree = {ADAPTER_PATH: adapter()}
        self._devices = {
            device.path: device
            for device in (Device(item, self, self._delays) for item in peripherals)
        }
        self._scanning: set[str] = set()
        self._advertising: asyncio.Task[None] | None = None
        self._calls: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Connect to the bus and take the name.

        Raises:
            OSError: there is no such bus.
        """
        self._bus = await MessageBus(bus_address=self._bus_address).connect()
        self._bus.add_message_handler(self._on_message)
        rule = f"type='signal',sender='{_DBUS}',member='NameOwnerChanged',arg2=''"
        await self._bus.call(
            Message(
                destination=_DBUS,
                path="/org/freedesktop/DBus",
                interface=_DBUS,
                member="AddMatch",
                signature="s",
                body=[rule],
            )
        )
        await self._bus.request_name(BLUEZ)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Report every link lost, then leave the bus."""
        for device in self._devices.values():
            device.close()
        pending = [*self._calls, *([self._advertising] if self._advertising else [])]
        self._stop_advertising()
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        self._bus.disconnect()
        with contextlib.suppress(Exception):  # replays the error if the bus had died
            await self._bus.wait_for_disconnect()  # type: ignore[no-untyped-call]

    def connected(self, peripheral: Peripheral) -> bool:
        """Whether a link to it is up."""
        return self._device(peripheral).connected

    def subscribers(self, peripheral: Peripheral, uuid: str) -> int:
        """How many clients of the bus are subscribed to that characteristic."""
        return self._device(peripheral).subscribers(uuid)

    def power(self, on: bool) -> None:
        """Switch the adapter on or off; off ends every link and every scan."""
        self.changed(ADAPTER_PATH, ADAPTER, {"Powered": Variant("b", on)})
        if not on:
            self._stop_advertising()
            for device in self._devices.values():
                device.lose()

    def added(self, path: str, interfaces: Interfaces) -> None:
        """Export an object: InterfacesAdded, unless it is exported already."""
        if path not in self._objects:
            self._objects[path] = interfaces
            self._signal("/", _OBJECT_MANAGER, "InterfacesAdded", "oa{sa{sv}}", [path, interfaces])

    def changed(self, path: str, interface: str, properties: dict[str, Variant]) -> None:
        """Change properties of an exported object: PropertiesChanged."""
        if path in self._objects:
            self._objects[path][interface].update(properties)
            body = [interface, properties, []]
            self._signal(path, _PROPERTIES, "PropertiesChanged", "sa{sv}as", body)

    def _device(self, peripheral: Peripheral) -> Device:
        return next(item for item in self._devices.values() if item.peripheral is peripheral)

    def _signal(self, path: str, interface: str, member: str, signature: str, body: Any) -> None:
        self._send(Message.new_signal(path, interface, member, signature, body))

    def _send(self, message: Message) -> None:
        # A dead bus is noticed by whoever owns it; the simulator just goes on unheard.
        if self._bus.connected:
            self._bus.send(message).add_done_callback(lambda sent: sent.exception())

    def _on_message(self, message: Message) -> bool:
        if message.message_type is MessageType.SIGNAL:
            if message.member == "NameOwnerChanged":
                self._forget(message.body[0])
            return False
        method = self._METHODS.get((message.interface or "", message.member or ""))
        if message.message_type is not MessageType.METHOD_CALL or method is None:
            return False
        self._answer(message, method)
        return True

    def _answer(self, message: Message, method: Callable[..., Any]) -> None:
        try:
            result = method(self, message)
        except RefusedError as error:
            self._send(Message.new_error(message, error.name, str(error)))
        except KeyError:
            unknown = "org.freedesktop.DBus.Error.UnknownObject"
            self._send(Message.new_error(message, unknown, f"no object {message.path}"))
        else:
            if inspect.isawaitable(result):
                task = asyncio.create_task(self._answer_later(message, result))
                self._calls.add(task)
                task.add_done_callback(self._calls.discard)
            else:
                self._send(Message.new_method_return(message, *result))

    async def _answer_later(self, message: Message, result: Awaitable[None]) -> None:
        try:
            await result
        except RefusedError as error:
            self._send(Message.new_error(message, error.name, str(error)))
        else:
            self._send(Message.new_method_return(message))

    def _forget(self, client: str) -> None:
        """A client left the bus: end its scan and its subscriptions, but no link."""
        self._end_scan(client)
        for device in self._devices.values():
            device.forget(client)

    async def _advertise(self) -> None:
        while True:
            for device in self._devices.values():
                device.advertise()
            await asyncio.sleep(self._delays.advertise_s)

    def _stop_advertising(self) -> None:
        self._scanning.clear()
        if self._advertising:
            self._advertising.cancel()
            self._advertising = None
            self.changed(ADAPTER_PATH, ADAPTER, {"Discovering": Variant("b", False)})

    def _start_discovery(self, message: Message) -> Answer:
        sender = message.sender or ""
        if not self._objects[ADAPTER_PATH][ADAPTER]["Powered"].value:
            raise RefusedError("NotReady", "Resource Not Ready")
        if sender in self._scanning:
            raise RefusedError("InProgress", "Operation already in progress")
        self._scanning.add(sender)
        if self._advertising is None:
            self._advertising = asyncio.create_task(self._advertise())
            self.changed(ADAPTER_PATH, ADAPTER, {"Discovering": Variant("b", True)})
        return _DONE

    def _stop_discovery(self, message: Message) -> Answer:
        if message.sender not in self._scanning:
            raise RefusedError("Failed", "No discovery started")
        self._end_scan(message.sender)
        return _DONE

    def _end_scan(self, client: str) -> None:
        self._scanning.discard(client)
        if not self._scanning:
            self._stop_advertising()

    def _set_filter(self, _message: Message) -> Answer:
        return _DONE

    def _managed_objects(self, _message: Message) -> Answer:
        return "a{oa{sa{sv}}}", [self._objects]

    def _get(self, message: Message) -> Answer:
        interface, name = message.body
        return "v", [self._objects[message.path or ""][interface][name]]

    def _get_all(self, message: Message) -> Answer:
        return "a{sv}", [self._objects[message.path or ""][message.body[0]]]

    def _connect(self, message: Message) -> Awaitable[None]:
        return self._exported(message.path or "").connect()

    def _disconnect(self, message: Message) -> Awaitable[None]:
        return self._exported(message.path or "").disconnect()

    def _pair(self, message: Message) -> Awaitable[None]:
        return self._exported(message.path or "").pair()

    def _set(self, message: Message) -> Answer:
        interface, name, value = message.body
        self.changed(message.path or "", interface, {name: value})
        return _DONE

    def _exported(self, path: str) -> Device:
        """The device of an object path or of one of its characteristics', once it was seen."""
        found = "/".join(path.split("/")[:5])
        self._objects[path]  # KeyError for an object that bluetoothd does not show (yet)
        return self._devices[found]

    def _start_notify(self, message: Message) -> Answer:
        path = message.path or ""
        self._exported(path).start_notify(path, message.sender or "")
        return _DONE

    def _stop_notify(self, message: Message) -> Answer:
        path = message.path or ""
        self._exported(path).stop_notify(path, message.sender or "")
        return _DONE

    def _acquire_notify(self, _message: Message) -> Answer:
        raise RefusedError("NotSupported", "Operation is not supported")

    def _read(self, message: Message) -> Answer:
        path = message.path or ""
        return "ay", [self._exported(path).read(path)]

    def _write(self, message: Message) -> Answer:
        path = message.path or ""
        self._exported(path).write(path, bytes(message.body[0]))
        return _DONE

    _METHODS: ClassVar[dict[tuple[str, str], Callable[..., Any]]] = {
        (_OBJECT_MANAGER, "GetManagedObjects"): _managed_objects,
        (_PROPERTIES, "Get"): _get,
        (_PROPERTIES, "GetAll"): _get_all,
        (_PROPERTIES, "Set"): _set,
        (ADAPTER, "SetDiscoveryFilter"): _set_filter,
        (ADAPTER, "StartDiscovery"): _start_discovery,
        (ADAPTER, "StopDiscovery"): _stop_discovery,
        (DEVICE, "Connect"): _connect,
        (DEVICE, "Disconnect"): _disconnect,
        (DEVICE, "Pair"): _pair,
        (GATT_CHARACTERISTIC, "StartNotify"): _start_notify,
        (GATT_CHARACTERISTIC, "StopNotify"): _stop_notify,
        (GATT_CHARACTERISTIC, "AcquireNotify"): _acquire_notify,
        (GATT_CHARACTERISTIC, "ReadValue"): _read,
        (GATT_CHARACTERISTIC, "WriteValue"): _write,
    }
