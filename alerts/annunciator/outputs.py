"""Ways to a loudspeaker, best first: miniaudio, sounddevice, the system's own player.

Each pulls samples as they are played, so that a standstill can be seen.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from alerts.annunciator.tones import RATE_HZ

PERIOD_MS = 80
"""The device's period; it holds about three, which is how late a command may be heard. With half of
it, a fully loaded machine was heard to split a pulse in two."""
CHUNK = RATE_HZ * PERIOD_MS // 1000
DUMMY = "Dummy Output"
"""What PulseAudio and PipeWire call the sink they make up when there is no sound device."""

SETTLE_S = 1.0
"""A player without a sound device ends within this."""

Take = Callable[[int], NDArray[np.int16]]


class Output(Protocol):
    """A running way to the loudspeaker."""

    @property
    def running(self) -> bool:
        """Whether it still claims to play."""
        ...


def stream(take: Take) -> Generator[bytes, int, None]:
    """What miniaudio pulls from: it sends a count of frames and is handed as many."""
    count = yield b""
    while True:
        count = yield take(count).tobytes()


def default_device_name(miniaudio: Any, device: Any) -> str:
    """The sound system's default output in its own words, "" if it does not say."""
    ffi, lib = miniaudio.ffi, miniaudio.lib
    infos, count = ffi.new("ma_device_info**"), ffi.new("ma_uint32*")
    context = device._context  # noqa: SLF001 - its only way to the device's name
    if lib.ma_context_get_devices(context, infos, count, ffi.NULL, ffi.NULL):
        return ""
    for number in range(count[0]):
        info = infos[0][number]
        if info.isDefault:
            return str(ffi.string(info.name).decode(errors="replace"))
    return ""


def by_miniaudio(take: Take) -> tuple[Output, str]:
    """Play through miniaudio.

    Raises:
        OSError: it is not installed, or there is no sound device that anybody can hear.
    """
    try:
        import miniaudio  # noqa: PLC0415 - after standard error is silenced
    except ImportError as error:
        raise OSError("miniaudio is not installed") from error
    try:
        device = miniaudio.PlaybackDevice(
            nchannels=1, sample_rate=RATE_HZ, buffersize_msec=PERIOD_MS, app_name="Vigil"
        )
        name = default_device_name(miniaudio, device)
        # Where it finds no sound system at all, miniaudio plays to nobody without a word.
        if device.backend == "Null" or name == DUMMY:
            raise OSError(f"no sound device (only {name or device.backend})")
        generator = stream(take)
        next(generator)
        device.start(generator)
    except miniaudio.MiniaudioError as error:
        raise OSError("no sound device") from error
    return device, f"miniaudio: {name or device.backend}"


@dataclass(slots=True)
class _SoundDevice:
    stream: Any

    @property
    def running(self) -> bool:
        return bool(self.stream.active)


def by_sounddevice(take: Take) -> tuple[Output, str]:
    """Play through sounddevice (the extra `sound`).

    Raises:
        OSError: it is not installed, or there is no sound device.
    """
    try:
        import sounddevice  # noqa: PLC0415 - after standard error is silenced
    except (ImportError, OSError) as error:  # OSError: no PortAudio
        raise OSError("sounddevice is not installed") from error

    def fill(out: NDArray[np.int16], frames: int, _: object, __: object) -> None:
        out[:, 0] = take(frames)

    try:
        device = sounddevice.OutputStream(
            samplerate=RATE_HZ, channels=1, dtype="int16", blocksize=CHUNK, callback=fill
        )
        device.start()
        name = str(sounddevice.query_devices(device.device)["name"])
    except Exception as error:
        raise OSError(f"no sound device ({error})") from error
    return _SoundDevice(device), f"sounddevice: {name}"


PLAYERS: tuple[tuple[str, ...], ...] = (
    ("pw-cat", "--playback", "--raw", "--rate", str(RATE_HZ), "--channels", "1", "--format", "s16",
     "-"),
    ("paplay", "--raw", f"--rate={RATE_HZ}", "--format=s16le", "--channels=1",
     "--latency-msec=200"),
    ("aplay", "-q", "-t", "raw", "-f", "S16_LE", "-r", str(RATE_HZ), "-c", "1", "-"),
)  # fmt: skip
"""Programs of the system that play samples from their standard input."""


@dataclass(slots=True)
class Piped:
    """Feeds a player through a pipe, from a thread: a full pipe is what paces it."""

    process: subprocess.Popen[bytes]
    take: Take
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._feed, daemon=True)
        self.thread.start()

    @property
    def running(self) -> bool:
        """Whether the player lives."""
        return self.process.poll() is None

    def close(self) -> None:
        """Stop the player."""
        self.process.kill()
        self.thread.join()
        self.process.wait()
        _close(self.process)

    def _feed(self) -> None:
        pipe = self.process.stdin
        assert pipe is not None  # noqa: S101 - it was asked for
        _short(pipe.fileno())
        try:
            while self.running:
                pipe.write(self.take(CHUNK).tobytes())
                pipe.flush()
        except OSError:
            self.process.kill()


def _close(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()


def _short(descriptor: int) -> None:
    """A short pipe, where the system can: what waits in it is how late a command is heard."""
    try:
        import fcntl  # noqa: PLC0415 - not on Windows

        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, 4096)
    except (ImportError, AttributeError, OSError):
        return


def by_player(take: Take) -> tuple[Output, str]:
    """Play through a program of the system's.

    Raises:
        OSError: there is none.
    """
    tried = []
    for words in PLAYERS:
        program = shutil.which(words[0])
        if program is None:
            continue
        process = subprocess.Popen(  # noqa: S603 - a fixed list
            [program, *words[1:]], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(SETTLE_S)
            _close(process)
            tried.append(words[0])
            continue  # it found no sound device either
        return Piped(process, take), f"player: {words[0]}"
    raise OSError(f"no player ({', '.join(tried)} cannot play)" if tried else "no player program")


def open_output(take: Take) -> tuple[Output, str]:
    """The first way that works.

    Returns:
        The running output and its name.

    Raises:
        OSError: none does; the message says why for each.
    """
    reasons = []
    for way in (by_miniaudio, by_sounddevice, by_player):
        try:
            return way(take)
        except OSError as error:
            reasons.append(str(error))
    raise OSError("; ".join(reasons))
