"""Bluetooth Date Time (0x2A08) and Current Time (0x2A2B): data, never a time base.

Sensors' clocks reset and drift; nothing in Vigil is dated by them.
"""

from __future__ import annotations

import struct

DATE_TIME_SIZE = 7
CURRENT_TIME_SIZE = 10

_DATE_TIME = struct.Struct("<HBBBBB")
_NAMES = ("year", "month", "day", "hour", "minute", "second")


def date_time(payload: bytes, at: int = 0) -> dict[str, int]:
    """The fields of a Date Time at that offset; 0 for an unknown year, month or day.

    Raises:
        struct.error: there are fewer than 7 bytes; callers check the length first.
    """
    return dict(zip(_NAMES, _DATE_TIME.unpack_from(payload, at), strict=True))


def explain(payload: bytes) -> dict[str, object]:
    """The fields of a Date Time; trailing bytes are ignored."""
    if len(payload) < DATE_TIME_SIZE:
        return {"error": "truncated"}
    return {**date_time(payload)}


def explain_current_time(payload: bytes) -> dict[str, object]:
    """The fields of a Current Time: fractions in 1/256 s, adjust reasons as sent."""
    if len(payload) < CURRENT_TIME_SIZE:
        return {"error": "truncated"}
    day_of_week, fractions, reason = payload[DATE_TIME_SIZE:CURRENT_TIME_SIZE]
    return {
        **date_time(payload),
        "day_of_week": day_of_week,
        "fractions256": fractions,
        "adjust_reason": reason,
    }
