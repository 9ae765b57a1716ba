"""A fake bluetoothd in a process of its own, to be killed: one strap sending 10 times a second.

Usage: python fake_bluetoothd.py BUS_ADDRESS
"""

import asyncio
import os
import sys

from simulators.bluez import FakeBlueZ
from simulators.peripheral import HEART_RATE_MEASUREMENT, heart_rate_strap


async def main(address):
    strap = heart_rate_strap("SIM strap", "C0:00:00:00:00:01")
    parent = os.getppid()
    async with FakeBlueZ(address, [strap]):
        while os.getppid() == parent:
            strap.notify(HEART_RATE_MEASUREMENT, b"\x00\x48")
            await asyncio.sleep(0.1)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
