"""Beats: when the heart beat, when we came to know, and the interval before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.signal.window import Times, Values

SHORTEST_RR_MS, LONGEST_RR_MS = 240.0, 2500.0
"""Plausible RR intervals: 250 to 24 beats a minute. The usual 300 ms would throw away a real SVT at
210 (clinical reference, section 5)."""
LONGEST_PAUSE_MS = 6000.0
"""A longer interval up to this is a pause: no normal RR, but it counts for the rate. Beyond it
nothing is known of what happened between."""


@dataclass(frozen=True, slots=True, eq=False)
class Beats:
    """Consecutive beats of one sensor.

    Attributes:
        known_ns: arrival of what told us, session time; not decreasing.
        at_ns: when the heart beat, session time.
        rr_ms: interval since the beat before; NaN for the first beat, and for the first after a
            gap, which has none.
    """

    known_ns: Times
    at_ns: Times
    rr_ms: Values

    @classmethod
    def none(cls) -> Beats:
        """No beat."""
        return cls(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
