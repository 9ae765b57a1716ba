"""The monitor watches itself: what is wrong with disk, power and sleep settings of the computer.

Looked at every few seconds in a thread of its own: the alarm path never waits for the system.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

logger = logging.getLogger(__name__)

LOOK_S = 5.0
DISK_LEAST = 0.05
"""Share of the disk that must be free (clinical table, X7) ..."""
DISK_PLENTY = 2_000_000_000
"""... unless so many bytes are: a session with an ECG takes some 100 MB."""
DISK_TIGHT = 200_000_000
"""Fewer bytes are too few on any disk."""
BATTERY_LOW_PCT, BATTERY_EMPTY_PCT = 15.0, 5.0
"""Clinical table, X8."""


class Battery(Protocol):
    """What psutil says of a battery."""

    @property
    def percent(self) -> float:
        """Charge."""
        ...

    @property
    def power_plugged(self) -> bool | None:
        """Whether it is being charged; None if the system does not tell."""
        ...


@dataclass(frozen=True, slots=True)
class Discharging:
    """A battery without its charger."""

    percent: float
    power_plugged: bool | None = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong: a stable key, what the operator is told, how bad it is."""

    key: str
    text: str
    urgent: bool = False


def disk(free: int, total: int) -> list[Trouble]:
    """Whether the disk of the recording has room."""
    scarce = free < DISK_TIGHT or (free < DISK_PLENTY and free < DISK_LEAST * total)
    text = f"disk almost full: {free / 1e6:.0f} MB left"
    return [Trouble("disk", text)] if scarce else []


def power(battery: Battery | None) -> list[Trouble]:
    """Whether the computer will last; None is a computer without a battery."""
    if battery is None or battery.power_plugged:
        return []
    percent = battery.percent
    found = [Trouble("unplugged", f"on battery, {percent:.0f} %; plug in the charger")]
    if percent <= BATTERY_LOW_PCT:
        found.append(Trouble("battery", f"battery at {percent:.0f} %"))
    if percent <= BATTERY_EMPTY_PCT:
        found.append(Trouble("empty", "battery almost empty", urgent=True))
    return found


def read_battery() -> Battery | None:
    """The computer's battery; None where there is none, or the system does not tell."""
    import psutil  # noqa: PLC0415 - only a live session needs it

    try:
        found: Battery | None = psutil.sensors_battery()
    except (OSError, RuntimeError, AttributeError, NotImplementedError):
        return None
    return found


class Awake:
    """Keeps the computer from sleeping, as far as the system lets it."""

    def __init__(self) -> None:
        self.trouble: list[Trouble] = []
        self._mode: object = None

    def hold(self) -> None:
        """Ask for it; may take a second."""
        from wakepy import keep  # noqa: PLC0415 - only a live session needs it

        mode = keep.running(on_fail="pass")
        mode.__enter__()
        self._mode = mode
        if not mode.active:
            self.trouble = [Trouble("sleep", "the computer may fall asleep; switch that off")]

    def release(self) -> None:
        """Let it sleep again."""
        if self._mode is not None:
            self._mode.__exit__(None, None, None)  # type: ignore[attr-defined]
            self._mode = None


class SelfWatch:
    """Looks at the computer until cancelled; `disk` and `power` are the newest troubles.

    Args:
        recording: the file whose disk matters.
        awake: keeps the computer from sleeping; None for simulated sessions.
        battery: where the battery's state comes from.
    """

    def __init__(
        self,
        recording: Path,
        awake: Awake | None = None,
        battery: Callable[[], Battery | None] = read_battery,
    ) -> None:
        self.disk: list[Trouble] = []
        self.power: list[Trouble] = []
        self._pretended: list[Trouble] | None = None
        self._recording, self._awake, self._battery = recording, awake, battery

    def pretend(self, percent: float | None) -> None:
        """See a battery of that charge, unplugged; None for the true one again."""
        self._pretended = None if percent is None else power(Discharging(percent))
        self.power = self._pretended or []

    async def run(self) -> None:
        """Look at once, then every few seconds; a system that does not answer holds up nobody."""
        over = threading.Event()
        threading.Thread(target=self._watch, args=(over,), name="self-watch", daemon=True).start()
        try:
            await asyncio.Event().wait()
        finally:
            over.set()

    def _watch(self, over: threading.Event) -> None:
        self.look()
        if self._awake is not None:
            self._hold(self._awake)
        while not over.wait(LOOK_S):
            self.look()
        if self._awake is not None:
            self._awake.release()

    def _hold(self, awake: Awake) -> None:
        try:
            awake.hold()
        except Exception:  # border: a desktop's bus may answer anything
            logger.exception("keeping the computer awake")
            awake.trouble = [Trouble("sleep", "the computer may fall asleep")]

    def look(self) -> None:
        """See how things are now."""
        try:
            usage = shutil.disk_usage(self._recording.parent)
            self.disk = disk(usage.free, usage.total)
        except OSError as error:
            self.disk = [Trouble("disk", f"disk cannot be seen: {error.strerror}")]
        if self._pretended is not None:
            self.power = self._pretended
        elif self._awake is not None:
            self.power = [*power(self._battery()), *self._awake.trouble]
