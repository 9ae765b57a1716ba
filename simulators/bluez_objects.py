"""The D-Bus objects of a BlueZ daemon: paths, interfaces, properties. Pure.

The layout is what bluetoothd 5.66 was recorded to show: GATT paths with four hexadecimal digits
(bleak cuts the device path off by length), the Generic Attribute service and the configuration
descriptors exported, the Generic Access service not.
"""

from __future__ import annotations

from dbus_fast import Variant

from simulators.peripheral import Characteristic, Peripheral, Service, uuid16

Interfaces = dict[str, dict[str, Variant]]
Tree = dict[str, Interfaces]

BLUEZ = "org.bluez"
ADAPTER = "org.bluez.Adapter1"
DEVICE = "org.bluez.Device1"
GATT_SERVICE = "org.bluez.GattService1"
GATT_CHARACTERISTIC = "org.bluez.GattCharacteristic1"
GATT_DESCRIPTOR = "org.bluez.GattDescriptor1"
ADAPTER_PATH = "/org/bluez/hci0"

_FIRST_HANDLE = 0x000A
_CONFIGURATION_DESCRIPTOR = uuid16(0x2902)
_GENERIC_ATTRIBUTE = Service(
    uuid=uuid16(0x1801),
    characteristics=(Characteristic(uuid=uuid16(0x2A05), properties=("indicate",)),),
)


def adapter() -> Interfaces:
    """The one Bluetooth adapter."""
    properties = {
        "Address": Variant("s", "00:00:5E:00:53:00"),
        "AddressType": Variant("s", "public"),
        "Name": Variant("s", "SIM adapter"),
        "Alias": Variant("s", "SIM adapter"),
        "Powered": Variant("b", True),
        "Discovering": Variant("b", False),
        "Roles": Variant("as", ["central", "peripheral"]),
        "UUIDs": Variant("as", []),
    }
    return {ADAPTER: properties}


def device_path(address: str) -> str:
    """Object path of the device with that address."""
    return f"{ADAPTER_PATH}/dev_{address.upper().replace(':', '_')}"


def device(peripheral: Peripheral) -> Interfaces:
    """A device that was just heard advertising."""
    properties = {
        "Address": Variant("s", peripheral.address.upper()),
        "AddressType": Variant("s", "random"),
        "Name": Variant("s", peripheral.name),
        "Alias": Variant("s", peripheral.name),
        "Adapter": Variant("o", ADAPTER_PATH),
        "Paired": Variant("b", peripheral.bonded),
        "Bonded": Variant("b", peripheral.bonded),
        "Trusted": Variant("b", False),
        "Blocked": Variant("b", False),
        "LegacyPairing": Variant("b", False),
        "Connected": Variant("b", False),
        "ServicesResolved": Variant("b", False),
        "RSSI": Variant("n", peripheral.rssi_dbm),
        "UUIDs": Variant("as", list(peripheral.advertised_uuids)),
        **advertised(peripheral),
    }
    return {DEVICE: properties}


def advertised(peripheral: Peripheral) -> dict[str, Variant]:
    """What an advertisement carries besides name and services."""
    companies = peripheral.manufacturer_data.items()
    services = peripheral.service_data.items()
    return {
        "ManufacturerData": Variant("a{qv}", {c: Variant("ay", data) for c, data in companies}),
        "ServiceData": Variant("a{sv}", {u: Variant("ay", data) for u, data in services}),
    }


def gatt(peripheral: Peripheral) -> tuple[Tree, dict[str, Characteristic]]:
    """Objects of its GATT table in export order, and the characteristic behind each path."""
    tree: Tree = {}
    behind: dict[str, Characteristic] = {}
    root, handle = device_path(peripheral.address), _FIRST_HANDLE
    for service in (_GENERIC_ATTRIBUTE, *peripheral.services):
        service_path = f"{root}/service{handle:04x}"
        tree[service_path] = {GATT_SERVICE: _service(service, root)}
        for item in service.characteristics:
            path = f"{service_path}/char{handle + 1:04x}"
            tree[path] = {GATT_CHARACTERISTIC: _characteristic(item, service_path)}
            behind[path] = item
            handle += 2  # a declaration and a value
            if subscribable(item):
                handle += 1
                tree[f"{path}/desc{handle:04x}"] = {GATT_DESCRIPTOR: _descriptor(path)}
        handle += 1
    return tree, behind


def service_uuids(peripheral: Peripheral) -> list[str]:
    """UUIDs of a device whose services are resolved."""
    return [_GENERIC_ATTRIBUTE.uuid, *(service.uuid for service in peripheral.services)]


def subscribable(item: Characteristic) -> bool:
    """Whether it can notify or indicate."""
    return bool({"notify", "indicate"} & set(item.properties))


def _service(service: Service, root: str) -> dict[str, Variant]:
    return {
        "UUID": Variant("s", service.uuid),
        "Device": Variant("o", root),
        "Primary": Variant("b", True),
        "Includes": Variant("ao", []),
    }


def _characteristic(item: Characteristic, service_path: str) -> dict[str, Variant]:
    # Without "NotifyAcquired" bleak uses StartNotify, as its default is on real BlueZ too.
    properties = {
        "UUID": Variant("s", item.uuid),
        "Service": Variant("o", service_path),
        "Value": Variant("ay", b""),
        "Flags": Variant("as", list(item.properties)),
        "MTU": Variant("q", 247),
    }
    if subscribable(item):
        properties["Notifying"] = Variant("b", False)
    return properties


def _descriptor(path: str) -> dict[str, Variant]:
    return {
        "UUID": Variant("s", _CONFIGURATION_DESCRIPTOR),
        "Characteristic": Variant("o", path),
        "Value": Variant("ay", b""),
    }
