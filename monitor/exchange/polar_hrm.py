"""Polar HRM: sections of `Key=Value`, then [HRData] with RR intervals or heart rates.

Sections and keys are those of Polar's "HRM files" description (versions 1.05 to 1.07); `Interval`
is the seconds between heart rates, 238 for RR intervals in milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from devices.codecs.sample import encode
from devices.model import NS_PER_S, Frame, Signal
from monitor.errors import ImportFormatError
from monitor.exchange.imported import Imported, file_sensor, in_order
from monitor.exchange.options import NONE, Options
from monitor.exchange.plausibility import check_frames
from monitor.exchange.text import number, plain_name, read_bytes, text_of
from monitor.exchange.wall_clock import WallClock

FIRST = "[Params]"
RR_CODE, MIDDLE_CODE = 238, 204
INTERVALS_S = (1, 2, 5, 15, 30, 60, 120, 240, 480)
NS_PER_MS = 1_000_000
APART_S = 5.0
"""The intervals of a recording add up to its length but for a beat or two."""
_TIME = re.compile(r"(\d{1,2}):(\d{2}):(\d{2}(?:\.\d+)?)")
Section = list[tuple[int, str]]


def read(path: Path, options: Options = NONE) -> Imported:
    """Read an HRM file.

    Args:
        path: the file.
        options: `zone` is that of its start time.

    Raises:
        ImportFormatError: not in this format; names file and line.
    """
    where = str(path)
    sections = _sections(where, text_of(read_bytes(path), where))
    params = _params(where, sections.get("Params", []))
    rows = sections.get("HRData", [])
    if not rows:
        raise ImportFormatError(f"{where}: there is nothing below [HRData]")
    interval = int(number(*_param(where, params, "Interval")))
    frames, end_ns = (
        _intervals(where, rows) if interval == RR_CODE else _rates(where, rows, interval, params)
    )
    clock = WallClock(where, options.zone)
    name = plain_name(path)
    measures = Signal.RR_INTERVAL if interval == RR_CODE else Signal.HEART_RATE
    ordered = in_order(frames, where)
    return Imported(
        name=Path(name).stem,
        sensors=[file_sensor("hrm_heart", measures, name, options.site or "chest")],
        frames=ordered,
        start_utc_ns=clock.utc_ns(_start(where, params), f"line {params['Date'][1]}"),
        end_ns=end_ns,
        zone=clock.zone,
        warnings=[
            *clock.warnings,
            *_length(where, params, end_ns),
            *check_frames(where, ordered),
        ],
    )


def _sections(where: str, text: str) -> dict[str, Section]:
    found: dict[str, Section] = {}
    current: Section | None = None
    for line, row in enumerate(text.splitlines(), 1):
        stripped = row.strip()
        if stripped.startswith("[") and stripped.endswith("]"):
            current = found.setdefault(stripped[1:-1], [])
        elif stripped and current is not None:
            current.append((line, stripped))
        elif stripped:
            raise ImportFormatError(f"{where}, line {line}: an HRM file begins with {FIRST}")
    return found


def _params(where: str, section: Section) -> dict[str, tuple[str, int]]:
    found = {}
    for line, text in section:
        key, equals, value = text.partition("=")
        if not equals:
            raise ImportFormatError(f"{where}, line {line}: {text[:40]!r} is not KEY=VALUE")
        found[key.strip()] = (value.strip(), line)
    return found


def _param(where: str, params: Mapping[str, tuple[str, int]], key: str) -> tuple[str, str, int]:
    if key not in params:
        raise ImportFormatError(f"{where}: [Params] has no {key}")
    value, line = params[key]
    return value, where, line


def _start(where: str, params: Mapping[str, tuple[str, int]]) -> datetime:
    date, _, line = _param(where, params, "Date")
    time, _, time_line = _param(where, params, "StartTime")
    if not re.fullmatch(r"\d{8}", date):
        raise ImportFormatError(f"{where}, line {line}: Date {date[:20]!r} is not YYYYMMDD")
    try:
        day = datetime.strptime(date, "%Y%m%d")  # noqa: DTZ007 - the zone is the user's to say
    except ValueError as fault:
        raise ImportFormatError(f"{where}, line {line}: there is no day {date}") from fault
    passed_s = _seconds(where, time, time_line)
    if passed_s >= timedelta(days=1).total_seconds():
        raise ImportFormatError(f"{where}, line {time_line}: there is no time {time}")
    return day + timedelta(seconds=passed_s)


def _seconds(where: str, text: str, line: int) -> float:
    match = _TIME.fullmatch(text)
    if match is None:
        raise ImportFormatError(f"{where}, line {line}: {text[:20]!r} is not H:MM:SS.T")
    return int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3])


def _intervals(where: str, rows: Section) -> tuple[list[Frame], int]:
    frames, t_ns = [], 0
    for line, text in rows:
        rr_ms = number(text.split("\t")[0], where, line)
        if rr_ms <= 0:
            raise ImportFormatError(f"{where}, line {line}: an interval of {rr_ms:g} ms")
        t_ns += round(rr_ms * NS_PER_MS)
        payload = encode(Signal.RR_INTERVAL, rr_ms)
        frames.append(Frame(t_ns=t_ns, source="hrm_heart", payload=payload))
    return frames, t_ns


def _rates(
    where: str, rows: Section, interval: int, params: Mapping[str, tuple[str, int]]
) -> tuple[list[Frame], int]:
    if interval not in INTERVALS_S:
        line = params["Interval"][1]
        why = "holds averages only" if interval == MIDDLE_CODE else "is not known"
        raise ImportFormatError(f"{where}, line {line}: Interval={interval} {why}")
    frames = []
    for i, (line, text) in enumerate(rows):
        bpm = number(text.split("\t")[0], where, line)
        if bpm != 0:  # 0: no heart rate
            payload = encode(Signal.HEART_RATE, bpm)
            t_ns = i * interval * NS_PER_S
            frames.append(Frame(t_ns=t_ns, source="hrm_heart", payload=payload))
    return frames, (len(rows) - 1) * interval * NS_PER_S


def _length(where: str, params: Mapping[str, tuple[str, int]], end_ns: int) -> list[str]:
    """A recording that is shorter or longer than it says has lost beats, or was cut."""
    if "Length" not in params:
        return []
    text, line = params["Length"]
    stated_s, found_s = _seconds(where, text, line), end_ns / NS_PER_S
    allowed_s = APART_S + max(0.0, 0.01 * stated_s)
    if abs(stated_s - found_s) <= allowed_s:
        return []
    said = (
        f"{where}, line {line}: it says to be {stated_s:.0f} s long; its data are {found_s:.0f} s: "
        "cut short, or beats are missing"
    )
    return [said]
