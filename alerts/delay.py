"""Worst-case detection delay of each row, from its parameters."""

from __future__ import annotations

from alerts.settings import Settings
from devices.model import LOST_PERIODS

TICK_S = 1.0
"""Conditions are judged on whole seconds."""
WINDOW_PERIODS = 2.2
"""A slow source's median holds as many of its readings (`monitor.signal.hold`)."""
AGE_ROWS = frozenset({"hr_lost", "temp_lost", "all_lost", "data_frozen"})
"""Rows whose sustain is the age of data itself."""


def worst_case_s(settings: Settings, period_s: float = 0.0) -> float:
    """Seconds from the moment something holds, for good, to the alarm, at most.

    Args:
        settings: the row.
        period_s: seconds between readings of a slow sensor, else 0.
    """
    name, sustain_s = settings.spec.id, settings.number("sustain_s")
    if name == "data_frozen":
        longest = max(settings.number(key) for key in ("frozen_s", "rate_frozen_s"))
        return sustain_s + max(longest, 4.0 * settings.number("skin_frozen_s")) + TICK_S
    if name in AGE_ROWS:
        return max(sustain_s, LOST_PERIODS * period_s) + TICK_S
    return settings.spec.estimator_s + sustain_s + WINDOW_PERIODS * period_s + TICK_S
