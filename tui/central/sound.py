"""What the station sounds, and what it says of its sound."""

from __future__ import annotations

from alerts.annunciator.client import Annunciator
from alerts.annunciator.tones import Sound
from monitor.central.sounding import Urgency
from tui import wording
from tui.sounding import BELL_EVERY_S
from tui.wording import plain

SOUNDS = {
    Urgency.LOW: Sound.LOW,
    Urgency.MEDIUM: Sound.MEDIUM,
    Urgency.ROOM: Sound.ROOM,
    Urgency.HIGH: Sound.HIGH,
}
BELLS_S = {
    Urgency.LOW: BELL_EVERY_S["LOW"],
    Urgency.MEDIUM: BELL_EVERY_S["MEDIUM"],
    Urgency.ROOM: 2.0,
    Urgency.HIGH: BELL_EVERY_S["HIGH"],
}
"""Seconds between rings of the terminal's bell, where it stands in."""


def words(
    sound: Annunciator, *, muted: bool, paused_s: float | None, narrow: bool = False
) -> tuple[str, str]:
    """What is to be said of the sound, and how: normal, paused or bad."""
    paused = "" if paused_s is None else f"AUDIO PAUSED {wording.minutes(paused_s)}"
    if muted:
        return f"SOUND OFF  {paused}".rstrip(), "paused"
    if not sound.available:
        why = "" if narrow else f" ({plain(sound.detail, 30)})"
        return f"NO SOUND{why}  {paused}".rstrip(), "bad"
    return paused, "paused" if paused else "normal"


def bell_s(sound: Annunciator, urgency: Urgency | None) -> float | None:
    """Seconds between rings of the bell; None for silence."""
    return None if sound.available or urgency is None else BELLS_S[urgency]
