"""How long something takes: the median of several runs, after one that does not count."""

import statistics
import time
from collections.abc import Callable


def timed(run: Callable[[], object], times: int = 7) -> float:
    run()
    found = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        found.append(time.perf_counter() - start)
    return statistics.median(found)
