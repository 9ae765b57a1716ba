"""A program that connects to a sensor and dies without disconnecting.

Usage: python careless_client.py BUS_ADDRESS SENSOR_ADDRESS
"""

import asyncio
import sys

from dbus_fast import Message
from dbus_fast.aio import MessageBus

from simulators.bluez_objects import ADAPTER, ADAPTER_PATH, BLUEZ, DEVICE, device_path


async def main(bus_address, sensor_address):
    bus = await MessageBus(bus_address=bus_address).connect()
    calls = [
        (ADAPTER_PATH, ADAPTER, "StartDiscovery"),
        (device_path(sensor_address), DEVICE, "Connect"),
    ]
    for path, interface, member in calls:
        await bus.call(Message(destination=BLUEZ, path=path, interface=interface, member=member))
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
