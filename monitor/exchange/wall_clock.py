"""Times of a file into nanoseconds since 1970; zones, midnight, daylight saving."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitor.errors import ImportFormatError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR = timedelta(hours=1)


class WallClock:
    """Takes the times of one file in order; they never go back.

    Times that name an offset are instants. Others are in `zone`, or in UTC if none is given; an
    hour that a zone has twice is taken as what lets time go on.
    """

    def __init__(self, where: str, zone: str = "") -> None:
        self._where, self._name = where, zone
        self._zone: tzinfo = _zone(where, zone) if zone else UTC
        self._named: bool | None = None
        self._offsets: list[timedelta] = []
        self._last: datetime | None = None
        self._local: datetime | None = None
        self.warnings: list[str] = []

    @property
    def zone(self) -> str:
        """IANA name to record."""
        if self._name:
            return self._name
        whole = [offset // _HOUR for offset in self._offsets if not offset % _HOUR]
        if len(self._offsets) == 1 and whole and whole[0]:
            return f"Etc/GMT{-whole[0]:+d}"  # POSIX sign: west is positive
        return "UTC"

    def utc_ns(self, moment: datetime, place: str, *, ordered: bool = True) -> int:
        """Nanoseconds since 1970.

        Raises:
            ImportFormatError: it goes back, does not exist in its zone, or names an offset where
                others do not.
        """
        self._check_named(moment, place)
        aware = moment if moment.tzinfo else self._placed(moment, place)
        if ordered and self._last is not None and aware < self._last:
            raise self._error(place, f"time goes backwards ({moment}){self._hint(moment)}")
        self._last, self._local = aware, moment.replace(tzinfo=None)
        return (aware - EPOCH) // timedelta(microseconds=1) * 1000

    def _check_named(self, moment: datetime, place: str) -> None:
        named = moment.tzinfo is not None
        if self._named is None and not named and not self._name:
            self.warnings.append(
                f"{self._where}: its times name no zone; taken as UTC (--zone says otherwise)"
            )
        if self._named not in (None, named):
            words = "names a zone, those before do not" if named else "names no zone, unlike others"
            raise self._error(place, f"mixed time zones: {moment} {words}")
        self._named = named
        offset = moment.utcoffset()
        if offset is not None and offset not in self._offsets:
            if self._offsets:
                before, now = (_offset_text(o) for o in (self._offsets[-1], offset))
                self.warnings.append(
                    f"{self._where}, {place}: the offset changes from {before} to {now}; "
                    "the instants are used"
                )
            self._offsets.append(offset)

    def _placed(self, moment: datetime, place: str) -> datetime:
        early, late = (
            moment.replace(tzinfo=self._zone, fold=fold).astimezone(UTC) for fold in (0, 1)
        )
        if early > late:  # in the hour that is left out, fold 0 and 1 are the wrong way round
            raise self._error(
                place, f"{moment} does not exist in {self._name}: clocks were put forward"
            )
        if early == late:
            return early
        if self._last is None:
            self.warnings.append(
                f"{self._where}, {place}: {moment} is there twice in {self._name}; "
                "taken as the first"
            )
            return early
        return early if early >= self._last else late

    def _hint(self, moment: datetime) -> str:
        forward = self._local is not None and moment.replace(tzinfo=None) >= self._local
        if moment.tzinfo is not None:
            return ": its offset differs from those before" if forward else ""
        if self._name or self._local is None or self._local - moment > 2 * _HOUR:
            return ""
        return ": if clocks were put back here, say where with --zone"

    def _error(self, place: str, problem: str) -> ImportFormatError:
        return ImportFormatError(f"{self._where}, {place}: {problem}")


def _offset_text(offset: timedelta) -> str:
    sign, size = ("-", -offset) if offset < timedelta() else ("+", offset)
    return f"{sign}{size // _HOUR:02d}:{size % _HOUR // timedelta(minutes=1):02d}"


def _zone(where: str, name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
        raise ImportFormatError(
            f"{where}: {name[:40]!r} is no time zone; a name is such as Europe/Berlin"
        ) from fault
