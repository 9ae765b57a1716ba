"""The baseline: median of valid pre-dose data, frozen at dose, never rolling."""

from __future__ import annotations

from collections import deque
from statistics import median

from monitor.signal.hold import Flags
from monitor.signal.window import Ticks, Values

BASELINE_MIN_S = 600
"""At least 10 min of valid pre-dose data (clinical rule 2)."""
BASELINE_WINDOW_S = 1800
"""Only the last half hour of valid data counts: arriving and climbing stairs is not rest."""


class Baseline:
    """Collects until the first dose; `freeze` then fixes the value for the rest of the session."""

    def __init__(self) -> None:
        self._values: deque[float] = deque(maxlen=BASELINE_WINDOW_S)
        self._placement = 0
        self._frozen = False
        self._value: float | None = None

    def step(self, values: Values, usable: Flags, placement: Ticks | None = None) -> None:
        """Take one block of displayed values, one a second; only `usable` ones count.

        A new `placement` of the sensor starts the collection anew: another place on the body, or
        another contact, has another baseline.
        """
        if self._frozen or not values.size:
            return
        if placement is not None:
            newest = int(placement[-1])
            if newest != self._placement:
                self._values.clear()
                self._placement = newest
            usable = usable & (placement == newest)
        self._values.extend(values[usable].tolist())

    @property
    def progress_s(self) -> int:
        """Seconds of valid data collected."""
        return len(self._values)

    @property
    def offered(self) -> float | None:
        """What would be frozen now; None while there is too little data."""
        return median(self._values) if len(self._values) >= BASELINE_MIN_S else None

    @property
    def value(self) -> float | None:
        """The frozen baseline; None before the dose, or if there was none to confirm."""
        return self._value

    @property
    def state(self) -> str:
        """none, collecting, ready or frozen."""
        if self._frozen:
            return "frozen" if self._value is not None else "none"
        if self.offered is not None:
            return "ready"
        return "collecting" if self._values else "none"

    def freeze(self, *, confirmed: bool) -> None:
        """Fix the baseline at the first dose; without confirmation there is none."""
        if not self._frozen:
            self._value = self.offered if confirmed else None
            self._frozen = True
