"""Eight hours of session time with twelve sensors and random faults: losses, memory, descriptors.

python benchmarks/soak.py [HOURS] [SPEED]
"""

import asyncio
import os
import resource
import sys
from pathlib import Path

from simulators.endurance import endure


def usage() -> tuple[float, int]:
    with Path("/proc/self/statm").open() as file:
        rss_mb = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    return rss_mb, len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - one listing


def main() -> None:
    hours = float(sys.argv[1]) if len(sys.argv) > 1 else 8.0
    speed = float(sys.argv[2]) if len(sys.argv) > 2 else 60.0
    seen = []
    result = asyncio.run(
        endure(hours * 3600, speed, each_hour=lambda h: seen.append((h, *usage())))
    )
    for hour, rss_mb, files in seen:
        print(f"hour {hour}: {rss_mb:.1f} MB, {files} open files")
    for kind in ("drop", "away", "quiet"):
        mine = [loss for loss in result.losses if loss.kind == kind]
        if mine:
            notice, mend = (max(getattr(x, name) for x in mine) for name in ("notice_s", "mend_s"))
            print(
                f"{kind}: {len(mine)} losses, worst notice {notice:.1f} s, worst mend {mend:.1f} s"
            )
    print(f"processor: {resource.getrusage(resource.RUSAGE_SELF).ru_utime:.0f} s")


if __name__ == "__main__":
    main()
