"""Which serial ports there are, and which of them an address means today.

A port's name (`ttyUSB0`) changes when it is plugged in again; what the USB device says of itself
does not. `usb:0403:6001`, `usb:0403:6001:SERIAL`, `usb:0403:6001@1-2.3` are found under any name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from serial.tools.list_ports import comports

from devices.text import clean_text
from devices.transport import Reason, TransportError

BY_ID = Path("/dev/serial/by-id")
VARIABLE = "VIGIL_SERIAL_PORTS"
"""Ports and URLs the system does not list, separated by commas: simulated ones, say."""
_USB = re.compile(
    r"usb:(?P<usb_id>[0-9a-fA-F]{4}:[0-9a-fA-F]{4})(?::(?P<serial>[^@]+))?(?:@(?P<location>.+))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A serial port. Texts come from the device and are cleaned of control characters."""

    device: str
    description: str = ""
    manufacturer: str = ""
    product: str = ""
    serial_number: str = ""
    usb_id: str = ""
    """Vendor and product, "0403:6001", lower case; empty if it is not a USB device."""
    location: str = ""
    by_id: str = ""
    """Its stable path below /dev/serial/by-id, on Linux."""

    @property
    def address(self) -> str:
        """The most lasting way to name it in a configuration."""
        if self.by_id:
            return self.by_id
        if not self.usb_id:
            return self.device
        serial = f":{self.serial_number}" if self.serial_number else ""
        return f"usb:{self.usb_id}{serial}"


def ports(by_id: Path = BY_ID) -> list[Port]:
    """The computer's serial ports, by name; then those of VIGIL_SERIAL_PORTS."""
    stable = _stable_paths(by_id)
    listed = sorted((_port(item, stable) for item in comports()), key=lambda port: port.device)
    more = dict.fromkeys(word.strip() for word in os.environ.get(VARIABLE, "").split(","))
    known = {port.device for port in listed}
    return listed + [Port(device=word) for word in more if word and word not in known]


def _stable_paths(by_id: Path) -> dict[str, str]:
    links = sorted(by_id.iterdir()) if by_id.is_dir() else []
    return {str(link.resolve()): str(link) for link in links}


def _port(item: object, stable: dict[str, str]) -> Port:
    def text(name: str) -> str:
        value = getattr(item, name, None)
        return clean_text(value) if isinstance(value, str) and value != "n/a" else ""

    vid, pid = getattr(item, "vid", None), getattr(item, "pid", None)
    device = str(getattr(item, "device", ""))
    return Port(
        device=device,
        description=text("description"),
        manufacturer=text("manufacturer"),
        product=text("product"),
        serial_number=text("serial_number"),
        usb_id="" if vid is None or pid is None else f"{vid:04x}:{pid:04x}",
        location=text("location"),
        by_id=stable.get(str(Path(device).resolve()), ""),
    )


def check(address: str) -> str:
    """Why a `usb:` address is malformed; empty if it is not, or is another kind of address."""
    if not address.startswith("usb:") or _USB.fullmatch(address):
        return ""
    return "must be like usb:0403:6001, with :SERIAL or @LOCATION behind it if there are two alike"


def resolve(address: str, listed: Callable[[], Iterable[Port]] = ports) -> str:
    """The device or URL that an address means at this moment.

    Raises:
        TransportError: no port fits a `usb:` address, or more than one does.
    """
    wanted = _USB.fullmatch(address)
    if wanted is None:
        if why := check(address):
            raise TransportError(Reason.ABSENT, why)
        return address
    found = [port.device for port in listed() if _fits(port, wanted)]
    if len(found) == 1:
        return found[0]
    raise TransportError(Reason.ABSENT, _none_or_many(address, found))


def _fits(port: Port, wanted: re.Match[str]) -> bool:
    return (
        port.usb_id == wanted["usb_id"].lower()
        and wanted["serial"] in {None, port.serial_number}
        and wanted["location"] in {None, port.location}
    )


def _none_or_many(address: str, found: Sequence[str]) -> str:
    if not found:
        return f"{address} is not plugged in"
    return f"{address} fits {', '.join(found)}: add :SERIAL or @LOCATION"
