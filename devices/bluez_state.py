"""What BlueZ says of its adapters, asked over the system bus. Linux only."""

from __future__ import annotations

import os
import shutil

from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus

BLUEZ = "org.bluez"
ADAPTER = "org.bluez.Adapter1"
USUAL_SOCKET = "/run/dbus/system_bus_socket"


async def adapters(bus: str = "") -> dict[str, bool]:
    """Adapter name ("hci0") -> whether it is powered.

    Args:
        bus: address of the system bus; the usual one if empty.

    Raises:
        PermissionError: the bus, or BlueZ, refuses to talk to this user.
        OSError: there is no bus, or no bluetoothd on it; the words say which.
    """
    address = bus or os.environ.get("DBUS_SYSTEM_BUS_ADDRESS", "")
    if not address and not os.path.exists(USUAL_SOCKET):  # noqa: ASYNC240, PTH110 - one call
        raise OSError("no system bus is running (D-Bus)")
    try:
        connection = MessageBus(bus_address=address or None, bus_type=BusType.SYSTEM)
        await connection.connect()
    except PermissionError:
        raise
    except Exception as error:
        raise OSError(f"the system bus does not answer: {error}") from error
    try:
        reply = await connection.call(
            Message(
                destination=BLUEZ,
                path="/",
                interface="org.freedesktop.DBus.ObjectManager",
                member="GetManagedObjects",
            )
        )
    finally:
        connection.disconnect()
    return _powered(reply)


def _powered(reply: Message | None) -> dict[str, bool]:
    if reply is None or reply.message_type is MessageType.ERROR:
        name = reply.error_name if reply is not None else "no answer"
        if name == "org.freedesktop.DBus.Error.AccessDenied":
            raise PermissionError("BlueZ does not talk to this user")
        missing = "" if shutil.which("bluetoothctl") else " (BlueZ is not installed)"
        raise OSError(f"bluetoothd does not run{missing}")
    return {
        path.rsplit("/", 1)[-1]: bool(interfaces[ADAPTER]["Powered"].value)
        for path, interfaces in reply.body[0].items()
        if ADAPTER in interfaces
    }
