"""Starting, finding and reviving engines: each runs in a process of its own.

A session's folder (see `monitor.plan`) outlives its engine. Whoever watches and finds the engine
dead or silent starts a new one in the same folder; a lock lets only one live.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from monitor import child, feed, plan
from monitor.errors import EnvironmentFault
from monitor.feed_client import open_feed
from monitor.model import Verb

READY_S = 20.0
"""A new engine must answer within this; on a slow computer imports alone take seconds."""
ANSWER_S = 3.0
"""A living engine publishes four times a second: silent this long on a fresh connection is hung."""
POLL_S = 0.05
END = feed.Command(id=1, verb=Verb.END_SESSION.value, operator="command line")


class SessionEndedError(Exception):
    """The session is over: its folder is gone."""


@dataclass(frozen=True, slots=True)
class Running:
    """A session that has not ended."""

    directory: Path
    plan: plan.Plan
    alive: bool


def sessions() -> list[Running]:
    """All sessions not ended, live ones first, then the newest; replays are left out."""
    found = []
    for directory in plan.runtime_directory().iterdir():
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            current = plan.load(directory)
            if current.mode != "REPLAY":
                found.append(Running(directory, current, is_alive(directory)))
    return sorted(found, key=lambda r: (r.plan.mode != "LIVE", -r.plan.epoch_utc_ns))


def is_alive(directory: Path) -> bool:
    """Whether an engine holds the session's lock."""
    lock = FileLock(directory / plan.LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def new_directory(session_id: str) -> Path:
    """The private folder of a new session."""
    directory = plan.runtime_directory() / session_id
    directory.mkdir(mode=0o700)
    return directory


def launch(directory: Path) -> subprocess.Popen[bytes]:
    """Start an engine for the session; it detaches from this terminal and logs to its folder."""
    current = plan.load(directory)
    more = {}
    if current.simulation is not None and current.simulation.dbus:
        more["DBUS_SYSTEM_BUS_ADDRESS"] = current.simulation.dbus
    replays = current.mode == "REPLAY"
    module = "monitor.replay_process" if replays else "monitor.engine_process"
    log = os.open(directory / plan.LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return child.spawn(module, [str(directory)], stdout=log, stderr=log, more=more)
    finally:
        os.close(log)


async def first_snapshot(listening: plan.Listening) -> feed.Snapshot | None:
    """Ask the engine for a sign of life; None if it gives none in time."""
    try:
        async with asyncio.timeout(ANSWER_S):
            reader, writer = await open_feed(listening.endpoint)
            with contextlib.closing(writer):
                ping = feed.Ping(token=listening.token, watching=False)
                writer.write(feed.encode(ping) + b"\n")
                while line := await reader.readline():
                    message = feed.decode_downlink(line)
                    if isinstance(message, feed.Snapshot):
                        return message
    except (OSError, TimeoutError, ValueError):
        return None
    return None


async def end(directory: Path) -> None:
    """Ask the session's engine to end it; nothing happens if it is gone already."""
    listening = plan.listening(directory)
    if listening is None:
        return
    with contextlib.suppress(OSError, TimeoutError, ValueError):
        async with asyncio.timeout(ANSWER_S):
            reader, writer = await open_feed(listening.endpoint)
            with contextlib.closing(writer):
                ping = feed.Ping(token=listening.token, watching=False)
                writer.write(feed.encode(ping) + b"\n" + feed.encode(END) + b"\n")
                while line := await reader.readline():
                    if isinstance(feed.decode_downlink(line), feed.Reply):
                        return


async def endpoint(directory: Path) -> plan.Listening:
    """Where the session's engine listens, reviving it if it is dead or hung.

    Raises:
        SessionEndedError: there is no session any more.
        EnvironmentFault: the engine does not come up; the log's last lines say why.
    """
    if not (directory / plan.PLAN).exists():
        raise SessionEndedError
    answering = await _answering(directory)
    if answering is not None:
        return answering
    _kill_hung(directory)
    process = await asyncio.to_thread(launch, directory)
    return await _ready(directory, process)


async def _answering(directory: Path) -> plan.Listening | None:
    listening = plan.listening(directory)
    if listening is None or not is_alive(directory):
        return None
    return listening if await first_snapshot(listening) is not None else None


def _kill_hung(directory: Path) -> None:
    """An engine that holds the lock but gives no sign of life cannot sound an alarm."""
    listening = plan.listening(directory)
    if listening is not None and is_alive(directory):
        with contextlib.suppress(ProcessLookupError):
            os.kill(listening.pid, getattr(signal, "SIGKILL", signal.SIGTERM))


async def _ready(directory: Path, process: subprocess.Popen[bytes]) -> plan.Listening:
    """Wait until the new engine answers; the one before it may still hold the old address."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(READY_S):
            while process.poll() is None:
                listening = plan.listening(directory)
                if listening is not None and listening.pid == process.pid:
                    return listening
                await asyncio.sleep(POLL_S)
    # Another dashboard may have been faster: then that engine holds the lock and answers.
    answering = await _answering(directory)
    if answering is not None:
        return answering
    if not (directory / plan.PLAN).exists():
        raise SessionEndedError
    raise EnvironmentFault(f"the engine did not start: {last_words(directory)}")


def last_words(directory: Path) -> str:
    """The last line of the engine's log: why it ended."""
    try:
        lines = (directory / plan.LOG).read_text(errors="replace").split("\n")
    except OSError:
        lines = []
    return next((line for line in reversed(lines) if line.strip()), "it left no word why")
