"""When the terminal bell rings. A bell is a last resort and no alarm signal of any standard."""

from __future__ import annotations

from monitor.feed import Audio

BELL_EVERY_S = {"HIGH": 1.0, "MEDIUM": 3.0, "LOW": 15.0}
"""Faster for the more urgent, so that the ear can tell them apart by one tone alone."""
ENGINE_LOST_EVERY_S = 1.0


def bell_interval_s(audio: Audio | None, *, lost: bool, own_signal: bool) -> float | None:
    """Seconds between rings; None for silence.

    Args:
        audio: as the engine tells it; None before the first snapshot.
        lost: the engine does not respond.
        own_signal: the engine-failure signal is known to be heard from the loudspeaker.
    """
    if lost:
        # For as long as it lasts: at least 120 s are asked for (clinical reference, section 3).
        return None if own_signal else ENGINE_LOST_EVERY_S
    if audio is None or audio.available or audio.burst is None:
        return None
    return BELL_EVERY_S.get(audio.burst, BELL_EVERY_S["HIGH"])


class Bell:
    """Rings at an interval that may change at any time."""

    def __init__(self) -> None:
        self._rang_s: float | None = None

    def due(self, now_s: float, interval_s: float | None) -> bool:
        """Whether to ring now; a new sound rings at once."""
        if interval_s is None:
            self._rang_s = None
            return False
        if self._rang_s is not None and now_s - self._rang_s < interval_s:
            return False
        self._rang_s = now_s
        return True
