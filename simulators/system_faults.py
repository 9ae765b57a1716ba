"""What goes wrong around the engine, done for real: processes killed, writes refused, locks held.

Played at full speed there is no computer to break: `reports` says what an engine would report.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from devices.model import NS_PER_S
from monitor import clock
from monitor.model import Status
from simulators.scenario import SystemFault, SystemFaultKind

NOTICED_S = 1.0
"""The engine reports within a second."""
SHOWN_S = 60.0
"""How long it shows what is over when it is noticed; see `monitor.self_report.SHOWN_S`."""
ALONE_S = 5.0
"""See `monitor.self_report.UNWATCHED_S`."""
SOUND_BACK_S = 3.0
"""A new sound process and its first samples."""
BROKER_BACK_S = 12.0
"""The next attempt to connect comes so late at most, after a long outage."""
LOCKED_S = 1.5
"""How long the file is held at a time: less than the recorder's patience."""
AGAIN_S = 0.5
CONT = int(getattr(signal, "SIGCONT", 0))


class Screens(Protocol):
    """The feed server, as far as it knows who watches."""

    def peers(self) -> list[int]:
        """Process ids of the dashboards."""


class SoundProcess(Protocol):
    """The annunciator, as far as it can be robbed of its process."""

    def kill(self) -> None:
        """Kill the sound process."""


class Power(Protocol):
    """The self-watch, as far as it sees a battery."""

    def pretend(self, percent: float | None) -> None:
        """See a battery of that charge, unplugged; None for the true one."""


class Rooms(Protocol):
    """The publisher, as far as it can be robbed of its broker."""

    def cut(self, *, off: bool) -> None:
        """Be without a broker, or no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What can be broken around an engine.

    Attributes:
        recording: the session's file.
        directory: the session's folder, which outlives a killed engine.
        screens: the feed server.
        sound: the annunciator; None where sound is off.
        power: the self-watch.
        rooms: the publisher; None where nothing is published.
    """

    recording: Path
    directory: Path
    screens: Screens
    sound: SoundProcess | None
    power: Power | None
    rooms: Rooms | None = None


async def perform(number: int, fault: SystemFault, machine: Machine) -> None:
    """Do the fault, once in a session even if it kills the engine that does it.

    Args:
        number: of the fault in its scenario.
        fault: what to break; its duration is in real seconds.
        machine: what is there to break.
    """
    done = machine.directory / f"fault-{number}"
    if done.exists():
        return
    done.touch(mode=0o600)
    await _DO[fault.kind](fault, machine)


async def _kill_engine(_: SystemFault, __: Machine) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def _suspend_engine(fault: SystemFault, machine: Machine) -> None:
    """Engine and screens stand still, as in a sleeping computer."""
    _stop([*machine.screens.peers(), os.getpid()], fault.duration_s)


def _stop(pids: Sequence[int], seconds: float) -> None:
    """Let these processes stand still, and go on together."""
    wake = f"import os, time; time.sleep({seconds}); [os.kill(pid, {CONT}) for pid in {[*pids]}]"
    subprocess.Popen([sys.executable, "-c", wake], start_new_session=True)  # noqa: S603 - our own
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)


async def _fill_disk(fault: SystemFault, _: Machine) -> None:
    """The kernel refuses every further write to a file, as a full disk does."""
    import resource  # noqa: PLC0415 - POSIX only

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        await asyncio.sleep(fault.duration_s)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def _hold_file(fault: SystemFault, machine: Machine) -> None:
    """Another program writes to the file again and again: every commit has to wait for it."""
    end_ns = clock.monotonic_ns() + int(fault.duration_s * NS_PER_S)
    with contextlib.closing(sqlite3.connect(machine.recording, isolation_level=None)) as other:
        while clock.monotonic_ns() < end_ns:
            with contextlib.suppress(sqlite3.OperationalError):  # the recorder is just writing
                other.execute("BEGIN IMMEDIATE")
                await asyncio.sleep(LOCKED_S)
                other.execute("ROLLBACK")
            await asyncio.sleep(AGAIN_S)


async def _step_clock(fault: SystemFault, _: Machine) -> None:
    clock.step_utc(fault.by_s)


async def _lose_sound(fault: SystemFault, machine: Machine) -> None:
    end_ns = clock.monotonic_ns() + int(fault.duration_s * NS_PER_S)
    while machine.sound is not None and clock.monotonic_ns() < end_ns:
        machine.sound.kill()
        await asyncio.sleep(AGAIN_S)


async def _kill_screens(_: SystemFault, machine: Machine) -> None:
    for pid in machine.screens.peers():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


async def _stop_screens(fault: SystemFault, machine: Machine) -> None:
    """A terminal that takes nothing any more, or a computer at the other end that sleeps."""
    _stop(machine.screens.peers(), fault.duration_s)


async def _drain_battery(fault: SystemFault, machine: Machine) -> None:
    if machine.power is None:
        return
    machine.power.pretend(fault.by_s)
    try:
        await asyncio.sleep(fault.duration_s)
    finally:
        machine.power.pretend(None)


async def _lose_broker(fault: SystemFault, machine: Machine) -> None:
    if machine.rooms is None:
        return
    machine.rooms.cut(off=True)
    try:
        await asyncio.sleep(fault.duration_s)
    finally:
        machine.rooms.cut(off=False)


_K = SystemFaultKind
_DO: Mapping[SystemFaultKind, Callable[[SystemFault, Machine], Awaitable[None]]] = {
    _K.ENGINE_KILLED: _kill_engine,
    _K.ENGINE_SUSPENDED: _suspend_engine,
    _K.DISK_FULL: _fill_disk,
    _K.DISK_SLOW: _hold_file,
    _K.CLOCK_STEP: _step_clock,
    _K.SOUND_LOST: _lose_sound,
    _K.SCREEN_KILLED: _kill_screens,
    _K.SCREEN_STUCK: _stop_screens,
    _K.BATTERY_LOW: _drain_battery,
    _K.BROKER_LOST: _lose_broker,
}

_TOLD: Mapping[SystemFaultKind, tuple[str, float, float]] = {
    _K.ENGINE_SUSPENDED: ("engine_stalled", 0.0, SHOWN_S),
    _K.DISK_FULL: ("recording_failing", NOTICED_S, NOTICED_S),
    _K.CLOCK_STEP: ("recording_failing", NOTICED_S, SHOWN_S),
    _K.SOUND_LOST: ("sound_or_power", 0.0, SOUND_BACK_S),
    _K.SCREEN_STUCK: ("unattended", ALONE_S, NOTICED_S),
    _K.BATTERY_LOW: ("sound_or_power", NOTICED_S, NOTICED_S),
    _K.BROKER_LOST: ("publish_lost", NOTICED_S, BROKER_BACK_S),
}
"""Kind -> condition, seconds from the beginning to the report, and from the end to its end."""
_WITH_IT: Mapping[SystemFaultKind, tuple[str, ...]] = {_K.ENGINE_SUSPENDED: ("engine_slow",)}
EMPTY_PCT = 5.0


def reports(fault: SystemFault, end_s: float) -> Iterator[Status]:
    """What an engine at real speed reports of the fault until the session's end, second `end_s`."""
    begin_s, over_s = fault.t_s, fault.t_s + fault.duration_s
    if fault.kind is _K.SCREEN_KILLED:  # nobody opens another one
        yield _status(begin_s + ALONE_S, "unattended", active=True)
        return
    if fault.kind not in _TOLD:
        return
    condition, late_s, stays_s = _TOLD[fault.kind]
    # A process that stands still can say nothing until it goes on.
    seen_s = over_s if fault.kind is _K.ENGINE_SUSPENDED else begin_s + late_s
    urgent = fault.kind is _K.BATTERY_LOW and fault.by_s <= EMPTY_PCT
    for name in (condition, *_WITH_IT.get(fault.kind, ())):
        yield _status(seen_s, name, active=True, urgent=urgent)
        if over_s + stays_s < end_s:
            yield _status(over_s + stays_s, name, active=False)


def _status(t_s: float, condition: str, *, active: bool, urgent: bool = False) -> Status:
    t_ns = int(t_s * NS_PER_S)
    return Status(t_ns=t_ns, condition=condition, active=active, urgent=urgent, detail="scenario")
