"""A long run: many sensors, random faults, and how soon each was noticed and mended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from devices.ble_air import Backend
from devices.model import NS_PER_S, Frame, LinkState
from devices.supervisor import Supervisor
from devices.transports import transport
from monitor.clock import ScaledClock, monotonic_ns
from simulators import private_bus
from simulators.bleak_backend import backend
from simulators.kinds import named
from simulators.library import scenario
from simulators.room import Room, Simulated, furnished

BLUETOOTH = ("strap", "patch", "core", "oximeter", "ecg", "wrist", "room", "bthome")
SERIAL = ("center-30x", "lutron", "htronic", "arduino")
NOTICE_S = 1.5
"""A broken link must be noticed within this, real seconds; silence within `stale_s` besides."""
VARIABLE = "DBUS_SYSTEM_BUS_ADDRESS"
SPARE_S = 300.0
"""Real seconds after the run in which everything must stream again."""
FAULTS = ("drop", "away", "quiet")


@dataclass
class Loss:
    """One fault, in real nanoseconds; 0: not yet."""

    alias: str
    kind: str
    began_ns: int
    ended_ns: int = 0
    noticed_ns: int = 0
    mended_ns: int = 0

    @property
    def notice_s(self) -> float:
        """From the fault to the supervisor's word."""
        return (self.noticed_ns - self.began_ns) / NS_PER_S

    @property
    def mend_s(self) -> float:
        """From the fault's end to data again."""
        return (self.mended_ns - max(self.ended_ns, self.noticed_ns)) / NS_PER_S


@dataclass
class Endurance:
    """What came of a run."""

    losses: list[Loss] = field(default_factory=list)
    states: dict[str, LinkState] = field(default_factory=dict)
    packets: dict[str, int] = field(default_factory=dict)

    def on_state(self, alias: str, state: LinkState, _detail: str) -> None:
        """A supervisor's word."""
        self.states[alias] = state
        now_ns = monotonic_ns()
        for loss in self.losses:
            if loss.alias != alias or loss.mended_ns:
                continue
            if state in {LinkState.LOST, LinkState.STALE} and not loss.noticed_ns:
                loss.noticed_ns = now_ns
            if state is LinkState.STREAMING and loss.noticed_ns:
                loss.mended_ns = now_ns

    def on_frame(self, frame: Frame) -> None:
        """Bytes arrived."""
        self.packets[frame.source] = self.packets.get(frame.source, 0) + bool(frame.payload)


async def endure(
    seconds: float, rate: float, seed: int = 1, each_hour: Callable[[float], None] | None = None
) -> Endurance:
    """Twelve sensors for so many seconds of session time at `rate` times real speed.

    Args:
        seconds: of session time.
        rate: session seconds a real second.
        seed: which faults.
        each_hour: told at the end of each hour of session time.
    """
    result, clock = Endurance(), ScaledClock(monotonic_ns(), rate)
    # The sensors send for longer than the run, however long the scenario itself is.
    play = replace(scenario("session"), duration_s=seconds + SPARE_S * rate)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="vigil-soak-"))
        kinds = named((*BLUETOOTH, *SERIAL))
        room = await stack.enter_async_context(furnished(play, clock, kinds, Path(folder)))
        radio = await stack.enter_async_context(_radio(room))
        tasks = [asyncio.create_task(room.run())]
        for one in room.sensors.values():
            link = transport(one.spec, rate, radio)
            keeper = Supervisor(one.spec, link, clock, result.on_frame, result.on_state)
            tasks.append(asyncio.create_task(keeper.run()))
        try:
            await _trouble(room, result, clock, seconds, random.Random(seed), each_hour)  # noqa: S311
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    return result


@contextlib.asynccontextmanager
async def _radio(room: Room) -> AsyncIterator[Backend | None]:
    """Unmodified bleak on a private bus where there can be one, else its in-process back end."""
    if not private_bus.available():
        yield backend(room.peripherals())
        return
    from simulators.bluez import FakeBlueZ  # noqa: PLC0415 - needs dbus-fast, Linux only

    before = os.environ.get(VARIABLE)
    async with private_bus.PrivateBus() as bus, FakeBlueZ(bus.address, room.peripherals()):
        os.environ[VARIABLE] = bus.address
        try:
            yield None
        finally:
            os.environ.pop(VARIABLE)
            if before is not None:
                os.environ[VARIABLE] = before


async def _trouble(
    room: Room,
    result: Endurance,
    clock: ScaledClock,
    seconds: float,
    rng: random.Random,
    each_hour: Callable[[float], None] | None,
) -> None:
    """Break something every now and then; leave the last part of the run in peace."""
    await _all_stream(room, result)
    hour = 1
    while clock.now_ns() < seconds * NS_PER_S:
        if each_hour and clock.now_ns() >= hour * 3600 * NS_PER_S:
            each_hour(hour)
            hour += 1
        whole = {a for a, state in result.states.items() if state is LinkState.STREAMING}
        # A fault takes a while to be noticed, and one at a time is enough for a sensor.
        whole -= {loss.alias for loss in result.losses if not (loss.ended_ns and loss.mended_ns)}
        if whole:
            await _break(room.sensors[rng.choice(sorted(whole))], rng, result)
        await asyncio.sleep(rng.uniform(0.2, 1.0))
    await _all_stream(room, result)


async def _break(one: Simulated, rng: random.Random, result: Endurance) -> None:
    """One fault, of a kind its link can have."""
    broadcast = one.peripheral is not None and not one.peripheral.services
    kind = "quiet" if broadcast else rng.choice(FAULTS)
    loss = Loss(one.alias, kind, monotonic_ns())
    result.losses.append(loss)
    if kind == "drop":
        one.drop()
        loss.ended_ns = monotonic_ns()
        return
    if kind == "away":
        one.away()
    else:
        one.quiet(on=True)
    asyncio.get_running_loop().create_task(_end(one, loss, rng.uniform(1.0, 4.0)))


async def _end(one: Simulated, loss: Loss, at_least_s: float) -> None:
    """The fault ends when it has been noticed, as a fault that lasts is."""
    await asyncio.sleep(at_least_s)
    while not loss.noticed_ns:
        await asyncio.sleep(0.05)
    one.quiet(on=False)
    one.back()
    loss.ended_ns = monotonic_ns()


async def _all_stream(room: Room, result: Endurance, limit_s: float = 90.0) -> None:
    """Wait; a TimeoutError names those that do not."""
    until_ns = monotonic_ns() + int(limit_s * NS_PER_S)
    while silent := [a for a in room.sensors if result.states.get(a) is not LinkState.STREAMING]:
        if monotonic_ns() > until_ns:
            raise TimeoutError(f"silent: {', '.join(silent)}")
        await asyncio.sleep(0.05)
