"""The sound process: `python -m alerts.annunciator.player`.

A process of its own, so that a crash or a hang of the sound system never touches the alarms, and
because ALSA writes to file descriptor 2, which would tear the screen.

Standard input, one JSON object a line: `{"play": "HIGH" | "MEDIUM" | "LOW" | "FAILURE" | "TEST" |
null}`, what to repeat from now on. Null lets the pulse in progress end; another sound starts its
burst at once. Lines that are not a command are counted and skipped.

Standard output, one JSON object a line, four a second: `{"frames": samples the device has pulled so
far, "device": name, "playing": sound or null, "ignored": bad lines, "error": text or null}`. The
device runs always, on silence too: `frames` that stand still mean that nothing is heard, whatever
the device claims.

Ends with code 0 when standard input closes: nobody is left to silence it. Code 3 after an `error`
report: no miniaudio, or no sound device.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alerts.annunciator.tones import RATE_HZ, Sound, cycle, pulse_ranges

REPORT_S = 0.25
PERIOD_MS = 80
"""The device's period; it holds about three, which is how late a command may be heard. With half of
it, a fully loaded machine was heard to split a pulse in two."""

DUMMY = "Dummy Output"
"""What PulseAudio and PipeWire call the sink they make up when there is no sound device."""

NO_DEVICE_CODE = 3


class Voice:
    """The samples that come next.

    Shared by the command reader and the device's own thread without a lock: each attribute is
    written by one of them only, and the device's thread must never wait.
    """

    def __init__(self, rate: int = RATE_HZ) -> None:
        self._cycles = {sound: cycle(sound, rate) for sound in Sound}
        self._pulses = {sound: pulse_ranges(sound, rate) for sound in Sound}
        self._wanted: Sound | None = None
        self._at = 0
        self.playing: Sound | None = None
        self.frames = 0
        """Samples taken so far."""

    def set(self, wanted: Sound | None) -> None:
        """Repeat this from now on; None is silence."""
        self._wanted = wanted

    def take(self, count: int) -> NDArray[np.int16]:
        """The next `count` samples, mono."""
        wanted = self._wanted
        if wanted is not None and wanted is not self.playing:
            self.playing, self._at = wanted, 0
        self.frames += count
        if self.playing is None:
            return np.zeros(count, np.int16)
        samples = self._repeat(self.playing, count)
        if wanted is None:
            samples[self._left_of_pulse(self.playing) :] = 0
        self._go_on(wanted, count)
        return samples

    def _repeat(self, sound: Sound, count: int) -> NDArray[np.int16]:
        places = np.arange(self._at, self._at + count)
        return self._cycles[sound].take(places, mode="wrap")

    def _left_of_pulse(self, sound: Sound) -> int:
        """Samples until the pulse in progress ends, 0 between pulses."""
        for first, end in self._pulses[sound]:
            if first <= self._at < end:
                return end - self._at
        return 0

    def _go_on(self, wanted: Sound | None, count: int) -> None:
        if self.playing is None:
            return
        if wanted is None and self._left_of_pulse(self.playing) <= count:
            self.playing = None
            return
        self._at = (self._at + count) % len(self._cycles[self.playing])


def stream(voice: Voice) -> Generator[bytes, int, None]:
    """What miniaudio pulls from: it sends a count of frames and is handed as many."""
    count = yield b""
    while True:
        count = yield voice.take(count).tobytes()


class Commands:
    """Obeys lines of commands."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self.ignored = 0
        """Lines that were no command."""

    def obey(self, lines: Iterable[str]) -> None:
        """Follow every line until there are no more."""
        for line in lines:
            try:
                name = json.loads(line)["play"]
                self._voice.set(None if name is None else Sound(name))
            except (ValueError, TypeError, KeyError):
                self.ignored += 1


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


def open_device(voice: Voice) -> tuple[Any, str]:
    """Start the default output on `voice`.

    Returns:
        The running device and its name.

    Raises:
        ImportError: miniaudio is not installed.
        OSError: there is no sound device, or only one that nobody can hear.
    """
    import miniaudio  # noqa: PLC0415 - after standard error is silenced

    try:
        device = miniaudio.PlaybackDevice(
            nchannels=1, sample_rate=RATE_HZ, buffersize_msec=PERIOD_MS, app_name="Vigil"
        )
        name = default_device_name(miniaudio, device)
        # Where it finds no sound system at all, miniaudio plays to nobody without a word.
        if device.backend == "Null" or name == DUMMY:
            raise OSError(f"no sound device (only {name or device.backend})")
        generator = stream(voice)
        next(generator)
        device.start(generator)
    except miniaudio.MiniaudioError as error:
        raise OSError("no sound device") from error
    return device, name or str(device.backend)


def report_until(
    stop: threading.Event, report: Callable[[], dict[str, object]], write: Callable[[str], object]
) -> None:
    """Write a report four times a second until `stop` is set or nobody reads."""
    with contextlib.suppress(OSError):
        while not stop.wait(REPORT_S):
            write(json.dumps(report()) + "\n")


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _prepare() -> None:
    """Silence descriptor 2, and outlive Ctrl-C and a closing terminal: alarms go on."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _obey_standard_input(commands: Commands, stop: threading.Event) -> None:
    try:
        commands.obey(sys.stdin)
    finally:
        stop.set()


def main() -> int:
    """Play until standard input closes."""
    _prepare()
    voice = Voice()
    commands = Commands(voice)
    try:
        device, name = open_device(voice)
    except (ImportError, OSError) as error:
        text = "miniaudio is not installed" if isinstance(error, ImportError) else str(error)
        _write(json.dumps({"frames": 0, "device": "", "playing": None, "error": text}) + "\n")
        return NO_DEVICE_CODE
    stop = threading.Event()
    threading.Thread(target=_obey_standard_input, args=(commands, stop), daemon=True).start()

    def report() -> dict[str, object]:
        error = None if device.running else "the sound device stopped"
        told = {"playing": voice.playing, "ignored": commands.ignored, "error": error}
        return {"frames": voice.frames, "device": name} | told

    report_until(stop, report, _write)
    return 0


if __name__ == "__main__":
    # Closing a device whose sound server hangs can take for ever; the system closes it at once.
    os._exit(main())
