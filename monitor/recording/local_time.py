"""The local wall clock of a session: where its zone was at any moment, daylight saving included."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitor.clock import NS_PER_S
from monitor.recording.schema import Anchor

AHEAD_H = 7 * 24
"""How far beyond an anchor changes of the offset are looked up: longer than any session."""
S_PER_H = 3600

Offset = tuple[int, int, int, str]
"""Row of the table `offsets`: segment, t_ns, offset_s, zone."""


def offsets(anchor: Anchor) -> list[Offset]:
    """The offset from UTC at an anchor, and each change of it in the days that follow.

    None if this computer does not know the zone.
    """
    try:
        zone = ZoneInfo(anchor.zone)
        start_s = anchor.utc_ns // NS_PER_S
        changes = list(_changes(zone, start_s))
    except (ZoneInfoNotFoundError, ValueError, OSError, OverflowError):
        return []
    rows = [(anchor.segment, anchor.t_ns, _offset_s(zone, start_s), anchor.zone)]
    for at_s, offset_s in changes:
        t_ns = anchor.t_ns + round((at_s * NS_PER_S - anchor.utc_ns) * anchor.rate)
        rows.append((anchor.segment, t_ns, offset_s, anchor.zone))
    return rows


def local_text(utc_ns: int, zone: str) -> str:
    """A moment as people of that zone write it, "2026-10-25 02:30:00+01:00"; UTC if unknown."""
    try:
        known = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = ZoneInfo("UTC")
    moment = datetime.fromtimestamp(utc_ns // NS_PER_S, UTC).astimezone(known)
    return moment.isoformat(sep=" ", timespec="seconds")


def _offset_s(zone: ZoneInfo, utc_s: int) -> int:
    moment = datetime.fromtimestamp(utc_s, UTC).astimezone(zone)
    return int((moment.utcoffset() or timedelta()).total_seconds())


def _changes(zone: ZoneInfo, start_s: int) -> Iterator[tuple[int, int]]:
    """Each second (UTC) from which another offset holds, and that offset in seconds."""
    before_s = start_s
    for after_s in range(start_s + S_PER_H, start_s + AHEAD_H * S_PER_H + 1, S_PER_H):
        if _offset_s(zone, after_s) != _offset_s(zone, before_s):
            yield _exact(zone, before_s, after_s), _offset_s(zone, after_s)
        before_s = after_s


def _exact(zone: ZoneInfo, low_s: int, high_s: int) -> int:
    """The first second with the offset of `high_s`; `low_s` has another."""
    wanted = _offset_s(zone, high_s)
    while high_s - low_s > 1:
        middle_s = (low_s + high_s) // 2
        if _offset_s(zone, middle_s) == wanted:
            high_s = middle_s
        else:
            low_s = middle_s
    return high_s
