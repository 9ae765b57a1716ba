"""Beat times rebuilt from RR intervals, which arrive in bursts and without times of their own."""

from __future__ import annotations

import numpy as np

from monitor.signal.beats import LONGEST_PAUSE_MS, Beats
from monitor.signal.window import NEVER_NS, Times, Values

NS_PER_MS = 1_000_000
LAG_NS = 2_500 * NS_PER_MS
"""A packet brings the beats since the last one, a second before; with the radio's retries its beats
may be this old. Beats reckoned older than that have missing ones between."""


class RrBeats:
    """Lays the intervals end to end and ties the chain to the packets' arrival.

    A beat is never later than its packet, nor earlier by more than `LAG_NS`. Where the chain would
    be, beats are missing: it starts anew at the packet, and the first interval, which spans the
    gap, is dropped. So is one longer than `LONGEST_PAUSE_MS`.
    """

    def __init__(self) -> None:
        self._last_ns = NEVER_NS

    def step(self, t_ns: Times, rr_ms: Values) -> Beats:
        """Take intervals in order of arrival.

        Args:
            t_ns: arrival of each interval's packet; equal within a packet.
            rr_ms: the intervals, milliseconds.
        """
        starts = np.flatnonzero(np.diff(t_ns, prepend=NEVER_NS)).tolist()
        if not starts:
            return Beats.none()
        ends = [*starts[1:], t_ns.size]
        known, spans = t_ns.tolist(), np.rint(rr_ms * NS_PER_MS).astype(np.int64).tolist()
        at: list[int] = []
        gaps: list[int] = []
        for start, end in zip(starts, ends, strict=True):
            if self._packet(known[start], spans[start:end], at):
                gaps.append(start)
        values = np.where(rr_ms > LONGEST_PAUSE_MS, np.nan, rr_ms)
        values[gaps] = np.nan
        return Beats(t_ns, np.array(at, np.int64), values)

    def _packet(self, arrival_ns: int, spans: list[int], at: list[int]) -> bool:
        """Append a packet's beats; returns whether beats are missing before the first."""
        total = sum(spans)
        end = self._last_ns + total
        gap = self._last_ns == NEVER_NS or end < arrival_ns - LAG_NS
        if gap or end > arrival_ns:
            end = arrival_ns
        beat = end - total
        for span in spans:
            beat += span
            at.append(max(beat, self._last_ns + 1))
        self._last_ns = at[-1]
        return gap
