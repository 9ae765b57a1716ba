"""Quality of an electrocardiogram over the last ten seconds, from 0 to 1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from devices.model import NS_PER_S
from monitor.signal.ecg_pieces import Piece, Pieces, spans
from monitor.signal.window import Ticks, Times, Values, WindowMedian

WINDOW_S = 10.0
"""What matters for an alarm is inside 10 s; longer averages hide it (PMC5965672)."""
CLEAN, HOPELESS = 0.29, 0.38
"""The usual energy of any moment in shares of the usual beat's. 24 annotated records stay below the
one for 99 % of their beats; white noise and muscle noise lie about the other (`docs/signal.md`)."""


class EcgQuality:
    """How much of the window has signal, times how far its beats stand out of the noise."""

    def __init__(self) -> None:
        self._noise = WindowMedian(WINDOW_S)
        self._known: tuple[Times, Values] = (np.empty(0, np.int64), np.empty(0))
        self._t_ns: Times = np.empty(0, np.int64)
        self._long_ns: Times = np.empty(0, np.int64)

    def add(self, pieces: Sequence[Piece | Pieces], known_ns: Times, noise: Values) -> None:
        """Take pieces of ECG and the beats found in them."""
        t_ns, long_ns = spans(pieces)
        self._t_ns = np.concatenate((self._t_ns, t_ns))
        self._long_ns = np.concatenate((self._long_ns, long_ns))
        times, values = self._known
        self._known = np.concatenate((times, known_ns)), np.concatenate((values, noise))

    def step(self, ticks: Ticks) -> Values:
        """The quality at each tick; NaN as long as there never was an ECG."""
        if not self._t_ns.size:
            return np.full(ticks.shape, np.nan)
        noise, _, _ = self._noise.step(*self._known, ticks)
        self._known = (np.empty(0, np.int64), np.empty(0))
        if not ticks.size:
            return np.empty(0)
        now = np.searchsorted(self._t_ns, ticks * NS_PER_S, side="right")
        then = np.searchsorted(self._t_ns, (ticks - WINDOW_S) * NS_PER_S, side="right")
        total = np.concatenate(([0], np.cumsum(self._long_ns)))
        covered = np.minimum((total[now] - total[then]) / (WINDOW_S * NS_PER_S), 1.0)
        clear = np.clip((HOPELESS - noise) / (HOPELESS - CLEAN), 0.0, 1.0)
        # Keep one piece that is out of the window, to know that there was a signal.
        keep = max(int(then[-1]) - 1, 0)
        self._t_ns, self._long_ns = self._t_ns[keep:], self._long_ns[keep:]
        return np.where(now > 0, covered * np.nan_to_num(clear), np.nan)
