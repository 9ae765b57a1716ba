"""The simulated sensors' own process: `python -m simulators.host`.

A process apart from the engine, as real sensors are: an engine that is killed and comes back finds
them as they were. It ends with its scenario, on SIGTERM or SIGINT, or when the file that says its
owner is alive has been gone for a while; closing a terminal does not end it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from devices.model import NS_PER_S
from monitor.clock import Clock, ScaledClock, monotonic_ns
from monitor.errors import VigilError
from simulators.library import scenario
from simulators.peripheral import Peripheral
from simulators.physiology import Physiology
from simulators.scenario import Scenario
from simulators.sensors import SensorDriver, peripherals
from simulators.tty import SerialSensor, center_answer, serial_sensor

if TYPE_CHECKING:
    from devices.ble import Backend

OWNER_GONE_S = 5.0
"""Real seconds without the owner's file before the host ends; an engine restart takes less."""
CHECK_S = 0.25
Reason = Callable[[], Coroutine[Any, Any, object]]
"""Returns when there is a reason to end."""


@asynccontextmanager
async def serial_thermometer(
    simulated: Scenario, clock: Clock, directory: Path
) -> AsyncIterator[SerialSensor]:
    """The serial thermometer in the simulated person's room."""
    person = Physiology(simulated.plan)
    async with serial_sensor(
        directory, center_answer(lambda: person.room_degc(clock.now_ns() / NS_PER_S))
    ) as sensor:
        yield sensor


@asynccontextmanager
async def driven(
    simulated: Scenario, clock: Clock, bluetooth: dict[str, Peripheral], serial: SerialSensor
) -> AsyncIterator[asyncio.Task[None]]:
    """The sensors send while entered; the task ends with the scenario.

    No task group: a sensor that fails falls silent, it does not end whoever listens to it.
    """
    task = asyncio.create_task(SensorDriver(simulated, clock, bluetooth, serial).run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])
    if not task.cancelled():
        task.result()


async def _owner_gone(owner_file: Path, patience_s: float) -> None:
    """Return when the file has been missing for that many real seconds."""
    seen_ns = monotonic_ns()
    while monotonic_ns() - seen_ns <= patience_s * NS_PER_S:
        await asyncio.sleep(CHECK_S)
        if owner_file.exists():  # noqa: ASYNC240 - one stat call
            seen_ns = monotonic_ns()


class InProcessSensors:
    """The same sensors in the engine's own loop, where there is no `dbus-daemon`.

    An async context manager. Inside it `backend` is what `devices.ble` takes as its back end,
    `serial_url` the serial thermometer's address, and `serial` the plug to pull.
    """

    backend: Backend
    serial: SerialSensor
    serial_url: str

    def __init__(self, simulated: Scenario, clock: Clock, directory: Path) -> None:
        """Prepare; `directory` must exist and be ours alone."""
        self._simulated, self._clock, self._directory = simulated, clock, directory
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Switch the sensors on."""
        # Imports bleak, which the host process has no use for.
        from simulators.bleak_backend import backend  # noqa: PLC0415 - see above

        bluetooth = peripherals()
        self.backend = backend(bluetooth.values())
        async with AsyncExitStack() as stack:
            self.serial = await stack.enter_async_context(
                serial_thermometer(self._simulated, self._clock, self._directory)
            )
            self.serial_url = self.serial.url
            await stack.enter_async_context(
                driven(self._simulated, self._clock, bluetooth, self.serial)
            )
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Switch them off."""
        await self._stack.__aexit__(kind, error, trace)


async def serve(simulated: Scenario, clock: Clock, directory: Path, *ends: Reason) -> None:
    """Run the sensors on a private bus until the scenario or any of `ends` is over.

    Announces them on standard output, in one line; nothing is ever written there again.
    """
    # Needs dbus-fast, which is installed on Linux only.
    from simulators.bluez import FakeBlueZ, PrivateBus  # noqa: PLC0415 - see above

    bluetooth = peripherals()
    async with (
        PrivateBus() as bus,
        FakeBlueZ(bus.address, bluetooth.values()),
        serial_thermometer(simulated, clock, directory) as serial,
        driven(simulated, clock, bluetooth, serial) as session,
    ):
        ready = {"ready": True, "dbus": bus.address, "serial": serial.url}
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        await _first(session, *ends)


async def _first(session: asyncio.Task[None], *ends: Reason) -> None:
    others = [asyncio.create_task(end()) for end in ends]
    try:
        await asyncio.wait([session, *others], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="simulators.host", description=__doc__)
    parser.add_argument("--scenario", required=True, help="name of a scenario")
    parser.add_argument("--epoch-ns", type=int, required=True, help="clock at session time 0")
    parser.add_argument("--rate", type=float, default=1.0, help="session seconds a real second")
    parser.add_argument("--seed", type=int, help="which simulated person")
    parser.add_argument("--directory", type=Path, required=True, help="for the serial port's link")
    parser.add_argument("--owner-file", type=Path, required=True, help="exists while wanted")
    parser.add_argument("--owner-gone-s", type=float, default=OWNER_GONE_S, help="patience")
    return parser.parse_args(argv)


async def _main(arguments: argparse.Namespace, simulated: Scenario) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    clock = ScaledClock(arguments.epoch_ns, arguments.rate)
    gone = partial(_owner_gone, arguments.owner_file, arguments.owner_gone_s)
    await serve(simulated, clock, arguments.directory, stop.wait, gone)


def main(argv: Sequence[str] | None = None) -> int:
    """Run until told to end; the exit code."""
    arguments = _arguments(argv)
    try:
        simulated = scenario(arguments.scenario, arguments.seed)
    except VigilError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        asyncio.run(_main(arguments, simulated))
    except OSError as error:
        sys.stderr.write(f"the simulated sensors cannot run here: {error}\n")
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
