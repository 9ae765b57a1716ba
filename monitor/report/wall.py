"""Session time in words: by the clock on the wall, since the start, since the dose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from devices.model import NS_PER_S
from monitor.recording.schema import Anchor


def hms(seconds: float) -> str:
    """Hours, minutes and seconds: `1:42:10`; a sign only below zero."""
    whole = round(abs(seconds))
    sign = "-" if seconds < 0 and whole else ""
    return f"{sign}{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def length(seconds: float) -> str:
    """How long something took: `8 s`, `2 min 05 s`, `1 h 12 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02} min"


def _zone(name: str) -> tuple[tzinfo, str]:
    try:
        return ZoneInfo(name), name
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC, "UTC"


@dataclass(frozen=True, slots=True)
class Wall:
    """The wall clock of a recording.

    Attributes:
        anchors: of the recording; none where an import gives no date.
        end_ns: session time of its end.
        doses_ns: session times of the doses.
    """

    anchors: Sequence[Anchor]
    end_ns: int
    doses_ns: Sequence[int] = ()

    @property
    def known(self) -> bool:
        """Whether wall-clock times mean anything: not without a date, nor at another speed."""
        return bool(self.anchors) and all(anchor.rate == 1.0 for anchor in self.anchors)

    @property
    def zone(self) -> str:
        """Name of the time zone the times are told in; "" if none is known."""
        return _zone(self.anchors[0].zone)[1] if self.anchors else ""

    def at(self, t_ns: int) -> datetime | None:
        """The local time at session time `t_ns`, to the second; None where no date is known."""
        if not self.anchors:
            return None
        before = [anchor for anchor in self.anchors if anchor.t_ns <= t_ns]
        anchor = before[-1] if before else self.anchors[0]
        moment = datetime.fromtimestamp(round(anchor.utc_at(t_ns) / NS_PER_S), UTC)
        return moment.astimezone(_zone(anchor.zone)[0])

    @property
    def changes_offset(self) -> bool:
        """Whether the clocks were put forward or back (or the zone was left) meanwhile."""
        first, last = self.at(0), self.at(self.end_ns)
        if not self.known or first is None or last is None:
            return False
        return first.utcoffset() != last.utcoffset()

    def clock(self, t_ns: int) -> str:
        """Local time of day: `23:58:10`; on the next day `00:03:00 +1 d`.

        With its offset from UTC where the clocks were changed within the session; session time
        where no clock is known.
        """
        first, moment = self.at(0), self.at(t_ns)
        if not self.known or first is None or moment is None:
            return hms(t_ns / NS_PER_S)
        days = (moment.date() - first.date()).days
        text = moment.strftime("%H:%M:%S")
        offset = f" {_offset(moment)}" if self.changes_offset else ""
        return text + offset + (f" {days:+d} d" if days else "")

    def since(self, t_ns: int) -> str:
        """Relative to the first dose, `T+1:42:10`; without one, session time."""
        if not self.doses_ns:
            return hms(t_ns / NS_PER_S)
        offset_s = (t_ns - self.doses_ns[0]) / NS_PER_S
        return f"T{'-' if round(offset_s) < 0 else '+'}{hms(abs(offset_s))}"

    def day(self, t_ns: int) -> str:
        """Date and time with offset and zone: `2026-11-25 22:15:00 UTC+01:00 (Europe/Oslo)`."""
        moment = self.at(t_ns)
        if moment is None:
            return "unknown: the file gives no date"
        return f"{moment:%Y-%m-%d %H:%M:%S} {_offset(moment)} ({self.zone})"


def _offset(moment: datetime) -> str:
    text = moment.strftime("%z")
    return f"UTC{text[:3]}:{text[3:5]}"
