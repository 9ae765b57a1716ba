"""The sound process: `python -m alerts.annunciator.player`.

A process of its own, so that a crash or a hang of the sound system never touches the alarms, and
because ALSA writes to file descriptor 2, which would tear the screen.

Standard input, one JSON object a line: `{"play": "HIGH" | "MEDIUM" | "LOW" | "FAILURE" | "TEST" |
null, "level": 0 to 1}`, what to repeat from now on, and how loud (1 if left out). Null lets the
pulse in progress end; another sound starts its burst at once. Lines that are not a command are
counted and skipped.

Standard output, one JSON object a line, four a second: `{"frames": samples the device has pulled so
far, "device": name, "playing": sound or null, "ignored": bad lines, "error": text or null}`. The
device runs always, on silence too: `frames` that stand still mean that nothing is heard, whatever
the device claims.

Ends with code 0 when standard input closes: nobody is left to silence it. Code 3 after an `error`
report: no way to a sound device.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from alerts.annunciator.outputs import open_output
from alerts.annunciator.tones import RATE_HZ, Sound, cycle, pulse_ranges

REPORT_S = 0.25
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
        self.level = 1.0
        """Share of full loudness."""

    def set(self, wanted: Sound | None, level: float = 1.0) -> None:
        """Repeat this from now on; None is silence."""
        self.level, self._wanted = level, wanted

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
        return samples if self.level == 1.0 else (samples * self.level).astype(np.int16)

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
                order = json.loads(line)
                name, level = order["play"], float(order.get("level", 1.0))
                level = min(max(level, 0.0), 1.0)
                self._voice.set(None if name is None else Sound(name), level)
            except (AttributeError, ValueError, TypeError, KeyError):
                self.ignored += 1


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
        device, name = open_output(voice.take)
    except OSError as error:
        told = {"frames": 0, "device": "", "playing": None, "error": str(error)}
        _write(json.dumps(told) + "\n")
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
