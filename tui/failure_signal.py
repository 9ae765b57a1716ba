"""The dashboard's own engine-failure signal: it sounds when the engine cannot."""

from __future__ import annotations

import asyncio

from alerts.annunciator.client import Annunciator
from alerts.annunciator.tones import Sound


class FailureSignal:
    """Plays the failure pattern from a sound process of the dashboard's own.

    It sounds until `stop`: an engine that does not come back is never good enough news to fall
    silent, so the at least 120 s of the clinical table (X6) are always given.
    """

    def __init__(self, sound: Annunciator | None = None) -> None:
        self._sound = sound or Annunciator()
        self._task: asyncio.Task[None] | None = None

    @property
    def available(self) -> bool:
        """Whether it is known to be heard."""
        return self._sound.available

    def start(self) -> None:
        """Sound from now on. Call within the dashboard's event loop."""
        self._sound.play(Sound.FAILURE)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._sound.run())

    def stop(self) -> None:
        """Fall silent and let go of the loudspeaker."""
        self._sound.play(None)
        if self._task is not None:
            self._task.cancel()
            self._task = None
