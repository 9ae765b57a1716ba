"""The simulated sensors' own process: `python -m simulators.host`.

A process apart from the engine, as real sensors are: an engine that is killed and comes back finds
them as they were. It ends with its scenario, on SIGTERM or SIGINT, or when the file that says its
owner is alive has been gone for a while; closing a terminal does not end it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from devices.model import NS_PER_S
from monitor.clock import Clock, ScaledClock, monotonic_ns
from monitor.errors import VigilError
from simulators.kinds import named
from simulators.library import scenario
from simulators.room import furnished
from simulators.scenario import Scenario

SCENARIO = "VIGIL_SIMULATED_SCENARIO"
"""Names the scenario where arguments would give it away to a trainee."""
OWNER_GONE_S = 5.0
"""Real seconds without the owner's file before the host ends; an engine restart takes less."""
CHECK_S = 0.25
Reason = Callable[[], Coroutine[Any, Any, object]]
"""Returns when there is a reason to end."""


async def _owner_gone(owner_file: Path, patience_s: float) -> None:
    """Return when the file has been missing for that many real seconds."""
    seen_ns = monotonic_ns()
    while monotonic_ns() - seen_ns <= patience_s * NS_PER_S:
        await asyncio.sleep(CHECK_S)
        if owner_file.exists():  # noqa: ASYNC240 - one stat call
            seen_ns = monotonic_ns()


async def serve(simulated: Scenario, clock: Clock, directory: Path, *ends: Reason) -> None:
    """Run the sensors on a private bus until the scenario or any of `ends` is over.

    Announces them on standard output, in one line; nothing is ever written there again.
    """
    # Needs dbus-fast, which is installed on Linux only.
    from simulators.bluez import FakeBlueZ, PrivateBus  # noqa: PLC0415 - see above

    async with (
        furnished(simulated, clock, named(simulated.sensors), directory) as room,
        PrivateBus() as bus,
        FakeBlueZ(bus.address, room.peripherals()),
    ):
        specs = [one.spec for one in room.sensors.values()]
        ready = {"ready": True, "dbus": bus.address, "sensors": specs}
        sys.stdout.write(msgspec.json.encode(ready).decode() + "\n")
        sys.stdout.flush()
        await _first(room.run(), *(end() for end in ends))


async def _first(session: Coroutine[Any, Any, None], *ends: Coroutine[Any, Any, object]) -> None:
    """Until the scenario is over, or there is a reason to end before."""
    playing = asyncio.create_task(session)
    others = [asyncio.create_task(end) for end in ends]
    try:
        await asyncio.wait([playing, *others], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (playing, *others):
            task.cancel()
        await asyncio.gather(playing, *others, return_exceptions=True)
    if not playing.cancelled():
        playing.result()


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="simulators.host", description=__doc__)
    told = os.environ.get(SCENARIO)
    parser.add_argument("--scenario", default=told, required=told is None, help="its name")
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
