"""Conditions that come and go: summarised as one alarm, not repeated."""

from __future__ import annotations

from collections import deque

from devices.model import NS_PER_S

CHATTER_ONSETS = 4
"""As many onsets within the window are chatter: one alarm with a count. Ours, no standard's."""
CHATTER_WINDOW_S = 600.0
CHATTER_QUIET_S = 120.0
"""A chattering alarm is over after so long without an onset."""


class Chatter:
    """Counts the onsets of each condition over the last ten minutes."""

    def __init__(self) -> None:
        self._onsets: dict[str, deque[int]] = {}

    def onset(self, condition: str, t_ns: int) -> int:
        """Note an onset; returns how many there were within the window, this one included."""
        times = self._onsets.setdefault(condition, deque())
        times.append(t_ns)
        while t_ns - times[0] > CHATTER_WINDOW_S * NS_PER_S:
            times.popleft()
        return len(times)
