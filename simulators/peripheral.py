"""A virtual BLE peripheral: its GATT table, its notifications and its radio link.

Knows nothing of D-Bus or bleak: `simulators.bluez` and `simulators.bleak_backend` watch the same
objects. Everything here is synchronous and belongs to one event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol


def uuid16(number: int) -> str:
    """The 128-bit text form of a number assigned by the Bluetooth SIG (0..0xFFFF)."""
    return f"{number:08x}-0000-1000-8000-00805f9b34fb"


HEART_RATE_SERVICE = uuid16(0x180D)
HEART_RATE_MEASUREMENT = uuid16(0x2A37)
BODY_SENSOR_LOCATION = uuid16(0x2A38)
HEALTH_THERMOMETER_SERVICE = uuid16(0x1809)
TEMPERATURE_MEASUREMENT = uuid16(0x2A1C)
TEMPERATURE_TYPE = uuid16(0x2A1D)
BATTERY_SERVICE = uuid16(0x180F)
BATTERY_LEVEL = uuid16(0x2A19)
DEVICE_INFORMATION_SERVICE = uuid16(0x180A)
MANUFACTURER_NAME = uuid16(0x2A29)
MODEL_NUMBER = uuid16(0x2A24)
SERIAL_NUMBER = uuid16(0x2A25)
FIRMWARE_REVISION = uuid16(0x2A26)


@dataclass(slots=True, kw_only=True)
class Characteristic:
    """One GATT characteristic.

    Attributes:
        uuid: 128-bit text form, lower case.
        properties: of "read", "write", "write-without-response", "notify", "indicate".
        value: what a read answers; also the last notified payload.
        description: for people only.
        needs_bond: refuses reads, writes and subscriptions of an unpaired host.
        on_write: told what a host writes, as a control point is.
    """

    uuid: str
    properties: tuple[str, ...]
    value: bytes = b""
    description: str = ""
    needs_bond: bool = False
    on_write: Callable[[bytes], None] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One primary GATT service."""

    uuid: str
    characteristics: tuple[Characteristic, ...]


class Watcher(Protocol):
    """What a radio (the fake BlueZ, the in-process backend) hears of one peripheral."""

    def on_notify(self, uuid: str, payload: bytes) -> None:
        """A notification or indication leaves the sensor."""
        ...

    def on_drop(self) -> None:
        """The link broke just now."""
        ...

    def on_away(self) -> None:
        """It left radio range: the link will be lost when its supervision time has run out."""
        ...


@dataclass(eq=False, slots=True, kw_only=True)
class Peripheral:
    """A BLE sensor as the radio sees it.

    Attributes:
        name: advertised name; put SIM into it so that it is never taken for a person's sensor.
        address: "AA:BB:CC:DD:EE:FF".
        services: its GATT table.
        advertised_uuids: service UUIDs in its advertisement.
        manufacturer_data: company id -> bytes, in its advertisement.
        service_data: service UUID -> bytes, in its advertisement.
        rssi_dbm: signal strength of its advertisement.
        in_range: advertises, can be connected to and can send.
        quiet: stays connected and sends nothing (a firmware hang); set and cleared freely. A
            broadcasting one falls silent.
        bonded: paired with the host, as a real one remembers too.
    """

    name: str
    address: str
    services: tuple[Service, ...]
    advertised_uuids: tuple[str, ...]
    manufacturer_data: dict[int, bytes] = field(default_factory=dict)
    service_data: dict[str, bytes] = field(default_factory=dict)
    rssi_dbm: int = -60
    in_range: bool = True
    quiet: bool = False
    bonded: bool = False
    _watchers: list[Watcher] = field(default_factory=list, init=False, repr=False)

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Tell `watcher` of everything from now on; call the result to stop."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def characteristics(self) -> Iterator[Characteristic]:
        """All characteristics, in table order."""
        return (item for service in self.services for item in service.characteristics)

    def characteristic(self, uuid: str) -> Characteristic:
        """The characteristic of that UUID.

        Raises:
            KeyError: the peripheral has none.
        """
        for item in self.characteristics():
            if item.uuid == uuid:
                return item
        raise KeyError(uuid)

    def notify(self, uuid: str, payload: bytes) -> None:
        """Send one notification or indication; lost when quiet, out of range or not subscribed."""
        self.characteristic(uuid).value = payload
        if self.in_range and not self.quiet:
            for watcher in tuple(self._watchers):
                watcher.on_notify(uuid, payload)

    def advertise(
        self,
        manufacturer_data: dict[int, bytes] | None = None,
        service_data: dict[str, bytes] | None = None,
    ) -> None:
        """Change what the advertisement carries; heard with its next ones."""
        self.manufacturer_data = self.manufacturer_data | (manufacturer_data or {})
        self.service_data = self.service_data | (service_data or {})

    @property
    def on_air(self) -> bool:
        """Whether its advertisements can be heard, unless it is connected."""
        return self.in_range and not (self.quiet and not self.services)

    def written(self, uuid: str, payload: bytes) -> None:
        """A host wrote this."""
        item = self.characteristic(uuid)
        item.value = payload
        if item.on_write is not None:
            item.on_write(payload)

    def drop(self) -> None:
        """Break the link at once; the peripheral goes on advertising."""
        for watcher in tuple(self._watchers):
            watcher.on_drop()

    def away(self) -> None:
        """Leave radio range: silence at once, link loss after the supervision time."""
        self.in_range = False
        for watcher in tuple(self._watchers):
            watcher.on_away()

    def back(self) -> None:
        """Come back into radio range."""
        self.in_range = True


def _text(uuid: str, text: str) -> Characteristic:
    return Characteristic(uuid=uuid, properties=("read",), value=text.encode())


def common_services(model: str, battery_pct: int = 88) -> tuple[Service, ...]:
    """Battery and Device Information, as most sensors have them."""
    level = Characteristic(
        uuid=BATTERY_LEVEL, properties=("read", "notify"), value=bytes([battery_pct])
    )
    strings = (
        _text(MANUFACTURER_NAME, "Vigil SIM"),
        _text(MODEL_NUMBER, model),
        _text(SERIAL_NUMBER, "SIM-0001"),
        _text(FIRMWARE_REVISION, "1.0"),
    )
    return (
        Service(uuid=BATTERY_SERVICE, characteristics=(level,)),
        Service(uuid=DEVICE_INFORMATION_SERVICE, characteristics=strings),
    )


def heart_rate_strap(name: str, address: str, battery_pct: int = 88) -> Peripheral:
    """A chest strap: Heart Rate 0x180D, Battery, Device Information. Notify 0x2A37."""
    table = (
        Characteristic(uuid=HEART_RATE_MEASUREMENT, properties=("notify",)),
        Characteristic(uuid=BODY_SENSOR_LOCATION, properties=("read",), value=b"\x01"),
    )
    service = Service(uuid=HEART_RATE_SERVICE, characteristics=table)
    return Peripheral(
        name=name,
        address=address,
        services=(service, *common_services("SIM strap", battery_pct)),
        advertised_uuids=(HEART_RATE_SERVICE,),
    )


def health_thermometer(name: str, address: str, battery_pct: int = 76) -> Peripheral:
    """A body thermometer: Health Thermometer 0x1809 (indicate 0x2A1C), Battery, Device Info."""
    table = (
        Characteristic(uuid=TEMPERATURE_MEASUREMENT, properties=("indicate",)),
        Characteristic(uuid=TEMPERATURE_TYPE, properties=("read",), value=b"\x01"),
    )
    service = Service(uuid=HEALTH_THERMOMETER_SERVICE, characteristics=table)
    return Peripheral(
        name=name,
        address=address,
        services=(service, *common_services("SIM thermometer", battery_pct)),
        advertised_uuids=(HEALTH_THERMOMETER_SERVICE,),
    )
