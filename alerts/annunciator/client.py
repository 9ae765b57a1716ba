"""The engine's side of sound: keeps a sound process alive and knows whether it is really heard.

Never blocks and never raises into the engine. A device can claim to run while nothing plays
(measured: miniaudio does, when its sound server dies), so what counts is progress: samples pulled.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from alerts.annunciator.tones import Sound
from alerts.model import Priority
from monitor import child

POLL_S = 0.5
STALL_POLLS = 4
"""Polls, not seconds of a clock: an engine that was itself held up must not blame the sound."""
START_POLLS = 20
"""A busy machine may take some seconds to start the process and open the device."""
BACK_OFF_S = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Real seconds before each new attempt; from the start again once there was sound."""
REAP_S = 2.0

STARTING = "sound is starting"
STALLED = "sound stalled"
ENDED = "sound process ended"
OFF = "sound off"

_log = logging.getLogger(__name__)


PLAYER = "alerts.annunciator.player"


@dataclass(slots=True)
class _Progress:
    """What the present sound process said last."""

    frames: int = 0
    device: str = ""
    error: str = ""

    def take_in(self, line: bytes) -> None:
        """Read a report; anything else changes nothing."""
        with contextlib.suppress(ValueError, TypeError, KeyError):
            report = json.loads(line)
            self.error = str(report["error"] or "")
            self.device = str(report["device"])
            self.frames = int(report["frames"])


class Annunciator:
    """Sounds the highest priority, in a process of its own.

    Args:
        on_change: told `available` and `detail` whenever either changes.
        muted: never start a process; for what must not sound as live.
        command: the sound process, for tests.
    """

    def __init__(
        self,
        on_change: Callable[[bool, str], None] | None = None,
        *,
        muted: bool = False,
        command: Sequence[str] | None = None,
    ) -> None:
        self.available = muted
        """Whether the device is known to be pulling samples."""
        self.detail = OFF if muted else STARTING
        """Which device plays, or why none does."""
        self._muted = muted
        self._on_change = on_change
        self._command = child.command(PLAYER) if command is None else list(command)
        self._wanted: Sound | None = None
        self._level = 1.0
        self._process: Process | None = None

    def set(self, priority: Priority | None, level: float = 1.0) -> None:
        """Sound this priority's burst from now on, or nothing; `level` is its loudness, 0 to 1."""
        self.play(None if priority is None else Sound[priority.name], level)

    def test(self) -> None:
        """Sound the test tone from now on."""
        self.play(Sound.TEST)

    def kill(self) -> None:
        """Kill the sound process, as a scenario does to see it replaced."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    def play(self, sound: Sound | None, level: float = 1.0) -> None:
        """Sound this from now on, or nothing. Must be called in the event loop's thread."""
        if (sound, level) != (self._wanted, self._level):
            self._wanted, self._level = sound, level
            self._send()

    def _send(self) -> None:
        stdin = self._process.stdin if self._process else None
        if stdin is not None and not stdin.is_closing():
            stdin.write(json.dumps({"play": self._wanted, "level": self._level}).encode() + b"\n")

    async def run(self) -> None:
        """Keep a sound process playing until cancelled; returns at once when muted."""
        failures = 0
        while not self._muted:
            try:
                why = await self._attend()
            except Exception as error:  # noqa: BLE001 - border: sound never takes the engine down
                _log.exception("sound")
                why = f"no sound: {error}"
            failures = 0 if self.available else failures
            self._become(available=False, detail=why)
            await asyncio.sleep(BACK_OFF_S[min(failures, len(BACK_OFF_S) - 1)])
            failures += 1

    async def _attend(self) -> str:
        """Start a sound process and watch it to its end; returns why it ended."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                env=child.environment(),
                start_new_session=True,
            )
        except OSError as error:
            return f"no sound process: {error}"
        self._process = process
        try:
            self._send()
            return await self._watch(process)
        finally:
            self._process = None
            await _end(process)

    async def _watch(self, process: Process) -> str:
        progress = _Progress()
        async with asyncio.TaskGroup() as group:
            reading = group.create_task(_read(process, progress))
            why = await self._until_stalled(reading, progress)
            reading.cancel()
        return why

    async def _until_stalled(self, reading: asyncio.Task[None], progress: _Progress) -> str:
        frames, polls_left = 0, START_POLLS
        while polls_left:
            await asyncio.wait({reading}, timeout=POLL_S)
            if reading.done():
                return progress.error or ENDED
            polls_left -= 1
            if progress.frames > frames:
                # The first samples only fill the device's buffer; that proves nothing.
                if frames:
                    polls_left = STALL_POLLS
                    self._become(available=True, detail=progress.device)
                frames = progress.frames
        return progress.error or STALLED

    def _become(self, *, available: bool, detail: str) -> None:
        if (available, detail) == (self.available, self.detail):
            return
        self.available, self.detail = available, detail
        if self._on_change is not None:
            self._on_change(available, detail)


async def _read(process: Process, progress: _Progress) -> None:
    """Take in reports until the process closes its output or writes nonsense without end."""
    if process.stdout is None:
        return
    with contextlib.suppress(ValueError):
        while line := await process.stdout.readline():
            progress.take_in(line)


async def _end(process: Process) -> None:
    """Kill and reap; a process stuck in a driver is left behind rather than waited for."""
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(REAP_S):
            await process.wait()
