"""When a flashing alarm is lit. By style alone, and never faster than the field allows."""

from __future__ import annotations

HALF_S = {"high": 0.25, "lost": 0.25, "medium": 1.0}
"""Half a period: HIGH 2 Hz (1.4 to 2.8), MEDIUM 0.5 Hz (0.4 to 0.8); LOW is steady."""
FASTEST_HZ = 2.8
EARLY_S = 0.05
"""A redraw comes on time or late, seldom early; so much early still counts as on time."""


class Flash:
    """Turns on and off by the clock; late redraws make it slower, never faster."""

    def __init__(self) -> None:
        self._lit = True
        self._turned_s: float | None = None

    def lit(self, tone: str, now_s: float) -> bool:
        """Whether the bright half is on now; what does not flash is lit."""
        half_s = HALF_S.get(tone)
        if half_s is None:
            return True
        if self._turned_s is None:
            self._turned_s = now_s
        elif now_s - self._turned_s >= half_s - EARLY_S:
            self._lit, self._turned_s = not self._lit, now_s
        return self._lit
