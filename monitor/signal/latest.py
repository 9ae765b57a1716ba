"""What the newest sample says, at given ticks; any chunking, same output."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from devices.model import NS_PER_S
from monitor.signal.window import NEVER_NS, Ticks, Times

Rows = NDArray[np.int64]
"""One row of whole numbers a sample, or a tick."""


class Latest:
    """At each tick, the row of the newest sample at or before it.

    `first`: the row before any sample.
    """

    def __init__(self, first: Sequence[int]) -> None:
        self._t_ns: Times = np.array([NEVER_NS], np.int64)
        self._rows: Rows = np.array([first], np.int64)

    def step(self, t_ns: Times, rows: Rows, ticks: Ticks) -> Rows:
        """Take samples (times not decreasing, a row each) and the ticks that passed.

        Returns:
            A row a tick, shape (ticks, columns).
        """
        times = np.concatenate((self._t_ns, t_ns))
        known = np.concatenate((self._rows, rows))
        newest = np.searchsorted(times, ticks * NS_PER_S, side="right") - 1
        keep = int(newest[-1]) if ticks.size else 0
        self._t_ns, self._rows = times[keep:], known[keep:]
        found: Rows = known[newest]
        return found
