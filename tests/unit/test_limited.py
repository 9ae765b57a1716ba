"""Waiting with a limit, also for work that does not stop when told to."""

import asyncio

import pytest

from devices.limited import at_most
from monitor.clock import monotonic_ns


async def test_an_answer_in_time_is_the_answer():
    async def answer():
        return 7

    assert await at_most(1.0, answer()) == 7


async def test_work_that_ignores_being_cancelled_is_given_up(monkeypatch):
    """As bleak's disconnect() does after a crash of bluetoothd, for ten seconds."""
    monkeypatch.setattr("devices.limited.GRACE_S", 0.1)
    release = asyncio.Event()

    async def stubborn():
        while not release.is_set():
            try:
                await asyncio.sleep(0.05)
            except asyncio.CancelledError:
                continue

    begun_ns = monotonic_ns()
    with pytest.raises(TimeoutError, match=r"no answer in 0\.1 s"):
        await at_most(0.1, stubborn())
    assert monotonic_ns() - begun_ns < 2_000_000_000
    release.set()
    await asyncio.sleep(0.1)


async def test_an_error_stays_itself():
    async def fails():
        raise LookupError("x")

    with pytest.raises(LookupError):
        await at_most(1.0, fails())
