"""How long a sensor has been sending the very same value."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from devices.model import NS_PER_S
from monitor.signal.hold import Flags
from monitor.signal.latest import Latest
from monitor.signal.window import NEVER_NS, Ticks, Times, Values

GAP_S = 60.0
"""Silence this long is a loss (clinical table, X2) and no sign of a wedged driver."""


TENTH = 1e-6
"""In tenths: readings are decimal, their doubles are not."""


class Still(NamedTuple):
    """At each tick: how long, in seconds, and how often the latest value came without a change.

    `fine`: the sensor has shown more than tenths so far.
    """

    seconds: Values
    samples: Ticks
    fine: Flags


class Frozen:
    """Seconds over which the raw value has been bit-identical.

    A wedged driver looks like a calm person (clinical table, X4: 15 min). So does a thermometer
    that shows tenths, in steady air: whoever judges this has to look at `Still.fine`.

    Args:
        gap_s: after this much silence, seconds, counting starts anew.
    """

    def __init__(self, gap_s: float = GAP_S) -> None:
        self._gap_ns = int(gap_s * NS_PER_S)
        self._value = float("nan")
        self._t_ns = self._since_ns = NEVER_NS
        self._count, self._fine = 0, False
        self._latest = Latest((NEVER_NS, NEVER_NS, 0, 0))

    def step(self, t_ns: Times, values: Values, ticks: Ticks) -> Still:
        """Take raw finite values, times not decreasing, and the ticks that passed.

        Returns:
            At each tick the seconds from the first to the newest of the latest equal values, and
            their number; 0 without any, and once the sensor is silent.
        """
        rows = np.column_stack((t_ns, *self._runs(t_ns, values)))
        newest_ns, since_ns, count, fine = self._latest.step(t_ns, rows, ticks).T
        sending = ticks * NS_PER_S - newest_ns <= self._gap_ns
        seconds = np.where(sending, (newest_ns - since_ns) / float(NS_PER_S), 0.0)
        return Still(seconds, np.where(sending, count, 0), fine > 0)

    def _runs(self, t_ns: Times, values: Values) -> tuple[Times, Ticks, Ticks]:
        """For each sample: when its run of equal values began, its place in it, finer than 0.1."""
        if not values.size:
            return t_ns, t_ns, t_ns
        before = np.concatenate(([self._value], values[:-1]))
        before_ns = np.concatenate(([self._t_ns], t_ns[:-1]))
        begins = (values != before) | (t_ns - before_ns > self._gap_ns)
        since = np.maximum.accumulate(np.where(begins, t_ns, self._since_ns))
        index = np.arange(values.size)
        first = np.maximum.accumulate(np.where(begins, index, -1))
        count = np.where(first >= 0, index - first + 1, index + 1 + self._count)
        tenths = np.abs(values * 10 - np.round(values * 10)) < TENTH
        fine = np.logical_or.accumulate(~tenths) | self._fine
        self._value, self._t_ns, self._since_ns = float(values[-1]), int(t_ns[-1]), int(since[-1])
        self._count, self._fine = int(count[-1]), bool(fine[-1])
        return since, count, fine.astype(np.int64)
