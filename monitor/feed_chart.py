"""What the feed tells of the charts besides their curves: parts of `monitor.feed.Timeline`."""

from __future__ import annotations

import msgspec


class AlarmSpan(msgspec.Struct, kw_only=True):
    """How long an alarm condition held at one priority."""

    signal: str
    """heart_rate, skin_temperature, or "" for neither."""
    condition: str
    priority: str
    t0_s: float
    t1_s: float | None = None
    """None: it still holds."""


class Gap(msgspec.Struct, kw_only=True, frozen=True):
    """Seconds without a valid value of a signal; shorter than 5 s is not listed."""

    signal: str
    t0_s: int
    t1_s: int | None = None
    """None: it goes on."""
    reason: str = ""


class Mark(msgspec.Struct, kw_only=True):
    """An operator action worth a mark on the chart."""

    t_s: float
    kind: str
    """The verb: dose, note, blood_pressure, temperature, standby."""
    text: str = ""
