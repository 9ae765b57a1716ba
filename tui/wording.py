"""Plain words and numbers for the screen. Pure; no Textual."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

NO_VALUE = "--"
STATEMENT = "Vigil is not a medical device; not for sole reliance."
SYMBOLS = {"HIGH": "***", "MEDIUM": "**", "LOW": "*"}
"""Priority as a symbol, the field's convention; never colour alone (clinical reference 3)."""
UNITS = {
    "degC": "°C",
    "degC/30min": "°C in 30 min",
    "s": "s",
    "bpm": "bpm",
    "%": "%",
    "mmHg": "mmHg",
    "degC per 30 min": "°C/30min",
}
DECIMALS = {"degC": 1, "degC/30min": 1}
PRIORITIES = ("LOW", "MEDIUM", "HIGH")
NEVER_S = 86_400 * 400

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")


@lru_cache(maxsize=1024)
def plain(text: str, limit: int = 200) -> str:
    """Text from devices, notes or files made harmless: one line, no control or hidden characters.

    Names from the air are untrusted: whole escape sequences go, then every character of the
    Unicode categories "other" (controls, bidirectional overrides, zero-width, unassigned).
    """
    spaced = re.sub(r"[\t\r\n]+", " ", _ESCAPES.sub("", text[: limit * 8]))
    clean = "".join(c for c in spaced if unicodedata.category(c)[0] != "C")
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def hms(seconds: float) -> str:
    """Hours, minutes and seconds: `1:42:10`."""
    whole = int(abs(seconds))
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def minutes(seconds: float) -> str:
    """Minutes and seconds: `1:43`; from an hour on `1:42:10`."""
    whole = int(max(0.0, seconds))
    return hms(whole) if whole >= 3600 else f"{whole // 60}:{whole % 60:02}"


def since_dose(t_s: float, doses_s: list[float]) -> str:
    """Session time relative to the first dose: `T+1:42:10`, `T-0:05:00`; `0:05:00` without one."""
    if not doses_s:
        return hms(t_s)
    offset = t_s - doses_s[0]
    return f"T{'-' if offset < 0 else '+'}{hms(offset)}"


def wall_clock(utc: str, zone: str) -> str:
    """Local wall-clock time of an ISO 8601 UTC text; UTC (and said so) if the zone is unknown."""
    try:
        moment = datetime.fromisoformat(utc)
    except ValueError:
        return "--:--:--"
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(ZoneInfo(zone)).strftime("%H:%M:%S")
    except OverflowError:  # within a day of the first or the last year there is
        return "--:--:--"
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return moment.astimezone(UTC).strftime("%H:%M:%SZ")


def number(value: float | None, decimals: int) -> str:
    """A value, or `--`."""
    return NO_VALUE if value is None else f"{value:.{decimals}f}"


def signed(value: float, decimals: int) -> str:
    """A difference with its sign; zero has none."""
    text = f"{value:+.{decimals}f}"
    return text[1:] if float(text) == 0 else text


def quantity(value: float, unit: str) -> str:
    """A value with its unit."""
    shown = UNITS.get(unit, plain(unit, 16))
    return f"{value:.{DECIMALS.get(unit, 0)}f} {shown}".rstrip()


def ago(age_s: float | None) -> str:
    """How old something is: `4 s`, `1:42`; `never` for None."""
    if age_s is None or age_s > NEVER_S:
        return "never"
    if age_s < 1:
        return "<1 s"
    return f"{age_s:.0f} s" if age_s < 100 else minutes(age_s)


def signal(dbm: float | None, age_s: float | None) -> str:
    """How strong a radio signal was, and when, once that is long ago; "" when not known."""
    if dbm is None:
        return ""
    old = "" if age_s is None or age_s < 60 else f" {ago(age_s)} ago"
    return f"signal {dbm:.0f} dBm{old}"


def rate(value: float) -> str:
    """A speed as shown after SIM or REPLAY; nothing at real time."""
    if value == 0:
        return "PAUSED"
    return "" if value == 1 else f"x{value:g}"


def hanging(name: str, text: str, column: int, width: int) -> str:
    """A heading and its text, wrapped to the right of it: what belongs together stays together."""
    lines = textwrap.wrap(text, max(20, width - column)) or [""]
    return name.ljust(column) + f"\n{' ' * column}".join(lines)


def file_name(path: str) -> str:
    """The last part of a path of either system."""
    return plain(re.split(r"[/\\]", path)[-1], 60)
