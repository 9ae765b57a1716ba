"""Doing something at every second of session time."""

from __future__ import annotations

from collections.abc import Callable

from devices.model import NS_PER_S
from monitor.clock import Clock

CATCH_UP_S = 10
"""Seconds that come late are made up for, so many at most; older ones are lost, as on the air."""


async def each_second(clock: Clock, end_s: int, do: Callable[[int], None]) -> None:
    """Call `do` with every second from now until `end_s`, each when it has come."""
    second = max(0, clock.now_ns() // NS_PER_S)
    while second < end_s:
        now_ns = clock.now_ns()
        second = max(second, now_ns // NS_PER_S - CATCH_UP_S)
        if now_ns < second * NS_PER_S:
            await clock.sleep((second * NS_PER_S - now_ns) / NS_PER_S)
            continue
        do(second)
        second += 1
