"""The only place that reads a clock. Session time is integer nanoseconds since session start."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol

NS_PER_S = 1_000_000_000


_CLOCK = (
    getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    if hasattr(time, "CLOCK_MONOTONIC")
    else None
)
"""Linux: the clock that goes on while the computer sleeps, so that sleep is a gap in the data."""


def monotonic_ns() -> int:
    """Nanoseconds of the system's monotonic clock; the same in every process of one boot."""
    return time.monotonic_ns() if _CLOCK is None else time.clock_gettime_ns(_CLOCK)


_stepped_ns = 0


def utc_ns() -> int:
    """Nanoseconds since 1970-01-01 UTC by the wall clock."""
    return time.time_ns() + _stepped_ns


def step_utc(seconds: float) -> None:
    """Set the wall clock forward or back, for this process only: what a scenario can do to it."""
    global _stepped_ns  # noqa: PLW0603 - the system has one wall clock too
    _stepped_ns += int(seconds * NS_PER_S)


def utc_text(ns: int) -> str:
    """ISO 8601 UTC text, to the millisecond, of nanoseconds since 1970."""
    return datetime.fromtimestamp(ns / NS_PER_S, UTC).isoformat(timespec="milliseconds")


class Clock(Protocol):
    """Session time."""

    def now_ns(self) -> int:
        """Nanoseconds since session start."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for this much *session* time."""
        ...


class ScaledClock:
    """Session time that runs `rate` times as fast as the system's monotonic clock.

    `epoch_ns` is the monotonic reading at session time 0 when the rate never changes; several
    processes given the same epoch and rate agree on session time. Changing the rate re-bases;
    rate 0 is pause.
    """

    def __init__(self, epoch_ns: int | None = None, rate: float = 1.0, t0_ns: int = 0) -> None:
        self._base_real_ns = monotonic_ns() if epoch_ns is None else epoch_ns
        self._base_t_ns = t0_ns
        self._rate = rate

    @property
    def rate(self) -> float:
        """Session seconds per real second."""
        return self._rate

    def now_ns(self) -> int:
        """Nanoseconds since session start."""
        return self._base_t_ns + int((monotonic_ns() - self._base_real_ns) * self._rate)

    def set_rate(self, rate: float) -> None:
        """Go on from the present session time at another rate (0 pauses)."""
        self.jump_to(self.now_ns())
        self._rate = rate

    def jump_to(self, t_ns: int) -> None:
        """Make `t_ns` the present session time."""
        self._base_real_ns, self._base_t_ns = monotonic_ns(), t_ns

    async def sleep(self, seconds: float) -> None:
        """Wait for this much session time; at rate 0, wait in real time."""
        await asyncio.sleep(seconds / self._rate if self._rate > 0 else seconds)


class ManualClock:
    """Session time that stands still until told; sleeping moves it. For tests and fast replay."""

    def __init__(self, t_ns: int = 0) -> None:
        self._t_ns = t_ns

    def now_ns(self) -> int:
        """Nanoseconds since session start."""
        return self._t_ns

    def advance(self, seconds: float) -> None:
        """Move session time on."""
        self._t_ns += int(seconds * NS_PER_S)

    async def sleep(self, seconds: float) -> None:
        """Move session time on and let other tasks run."""
        self.advance(seconds)
        await asyncio.sleep(0)
