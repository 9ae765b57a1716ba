"""What goes wrong in Bluetooth, in our words."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakGATTProtocolError,
)

from devices.text import clean_text
from devices.transport import Reason, TransportError

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
    "org.bluez.Error.NotAuthorized": Reason.NOT_PAIRED,
    "org.bluez.Error.AuthenticationFailed": Reason.NOT_PAIRED,
    "org.bluez.Error.AuthenticationRejected": Reason.NOT_PAIRED,
}
BOND_FIRST = {0x05, 0x08, 0x0C, 0x0F}
"""ATT errors that mean "pair first": insufficient authentication, authorization, key size,
encryption (Bluetooth Core Specification, ATT)."""
_KINDS = (
    (BleakDeviceNotFoundError, Reason.ABSENT),
    (PermissionError, Reason.NO_PERMISSION),
    (FileNotFoundError, Reason.NO_BLUETOOTH),  # the D-Bus socket
    (ConnectionRefusedError, Reason.NO_BLUETOOTH),
)
_ATT_CODE = re.compile(r"ATT error: 0x([0-9a-fA-F]{2})")
PAIRING_HELP = "set pair = true for it, or use the system's Bluetooth settings"


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Turn whatever bleak raises into a TransportError."""
    try:
        yield
    except TransportError:
        raise
    except Exception as error:
        why = reason(error)
        words = PAIRING_HELP if why is Reason.NOT_PAIRED else _words(error)
        raise TransportError(why, words) from error


def reason(error: Exception) -> Reason:
    """Why, as far as it can be told."""
    if isinstance(error, BleakBluetoothNotAvailableError):
        return _UNAVAILABLE.get(error.reason, Reason.NO_BLUETOOTH)
    if _wants_pairing(error):
        return Reason.NOT_PAIRED
    if isinstance(error, BleakDBusError):
        return _DBUS_REASONS.get(error.dbus_error, Reason.CONNECT_FAILED)
    return next((why for kind, why in _KINDS if isinstance(error, kind)), Reason.CONNECT_FAILED)


def _wants_pairing(error: Exception) -> bool:
    if isinstance(error, BleakGATTProtocolError):
        return error.args[0] in BOND_FIRST
    code = _ATT_CODE.search(str(error)) if isinstance(error, BleakDBusError) else None
    return code is not None and int(code[1], 16) in BOND_FIRST


def _words(error: Exception) -> str:
    """What it says; not every exception says anything."""
    said = error.args[0] if isinstance(error, BleakBluetoothNotAvailableError) else error
    return clean_text(str(said)) or type(error).__name__
