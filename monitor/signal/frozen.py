"""How long a sensor has been sending the very same value."""

from __future__ import annotations

import numpy as np

from devices.model import NS_PER_S
from monitor.signal.latest import Latest
from monitor.signal.window import NEVER_NS, Ticks, Times, Values

GAP_S = 60.0
"""Silence this long is a loss (clinical table, X2) and no sign of a wedged driver."""


class Frozen:
    """Seconds over which the raw value has been bit-identical.

    A wedged driver looks like a calm person (clinical table, X4: 15 min). So does a thermometer
    that shows tenths, in steady air: whoever judges this has to know the sensor's resolution.

    Args:
        gap_s: after this much silence, seconds, counting starts anew.
    """

    def __init__(self, gap_s: float = GAP_S) -> None:
        self._gap_ns = int(gap_s * NS_PER_S)
        self._value = float("nan")
        self._t_ns = self._since_ns = NEVER_NS
        self._latest = Latest((NEVER_NS, NEVER_NS))

    def step(self, t_ns: Times, values: Values, ticks: Ticks) -> Values:
        """Take raw finite values, times not decreasing, and the ticks that passed.

        Returns:
            At each tick the seconds from the first to the newest of the latest equal values; 0
            without any, and once the sensor is silent.
        """
        rows = np.column_stack((t_ns, self._runs(t_ns, values)))
        newest_ns, since_ns = self._latest.step(t_ns, rows, ticks).T
        sending = ticks * NS_PER_S - newest_ns <= self._gap_ns
        return np.where(sending, (newest_ns - since_ns) / float(NS_PER_S), 0.0)

    def _runs(self, t_ns: Times, values: Values) -> Times:
        """For each sample, when its run of equal values began."""
        if not values.size:
            return t_ns
        before = np.concatenate(([self._value], values[:-1]))
        before_ns = np.concatenate(([self._t_ns], t_ns[:-1]))
        begins = (values != before) | (t_ns - before_ns > self._gap_ns)
        since = np.maximum.accumulate(np.where(begins, t_ns, self._since_ns))
        self._value, self._t_ns, self._since_ns = float(values[-1]), int(t_ns[-1]), int(since[-1])
        return since
