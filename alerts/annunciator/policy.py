"""When the terminal bell rings in place of sound that does not work."""

from __future__ import annotations

from alerts.model import Priority

BELL_EVERY_S = {Priority.HIGH: 1.0, Priority.MEDIUM: 3.0, Priority.LOW: 15.0}
"""A bell has no pulses or pitch, so only its pace tells priorities apart."""


def bell_due(priority: Priority | None, last_bell_s: float | None, now_s: float) -> bool:
    """Whether to ring now.

    Args:
        priority: what should sound, None for silence.
        last_bell_s: when the bell last rang, None if never.
        now_s: now, on the same clock.
    """
    if priority is None:
        return False
    return last_bell_s is None or now_s - last_bell_s >= BELL_EVERY_S[priority]
