"""Plain CSV: a time column, then one column a signal named `signal[unit]` in UCUM.

    time_s,heart_rate[/min],skin_temperature[Cel]
    0,72,33.1
    1,73,

An empty cell is "no sample". `time_s` is seconds from the start, `time` is ISO 8601. In many
countries spreadsheets write semicolons between cells and commas in numbers: that is read too.
"""

from __future__ import annotations

import csv
import difflib
import math
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from devices.codecs.sample import encode
from devices.model import NS_PER_S, Frame, Signal
from monitor.errors import ImportFormatError
from monitor.exchange.ecg_column import HIGHEST_MV, EcgColumn, quick_table
from monitor.exchange.imported import LONGEST_S, Imported, file_sensor, in_order
from monitor.exchange.options import NONE, Options
from monitor.exchange.plausibility import ColumnCheck, swapped
from monitor.exchange.text import number, open_text, plain_name, read_bytes
from monitor.exchange.units import Scale, allowed, scale
from monitor.exchange.wall_clock import WallClock

ECG_ALIAS = "csv_ecg"
COLUMNS = {
    "heart_rate[/min]": (Signal.HEART_RATE, "csv_heart"),
    "rr_interval[ms]": (Signal.RR_INTERVAL, "csv_heart"),
    "skin_temperature[Cel]": (Signal.SKIN_TEMPERATURE, "csv_skin"),
    "ecg[mV]": (Signal.ECG, ECG_ALIAS),
    "spo2[%]": (Signal.SPO2, "csv_spo2"),
    "room_temperature[Cel]": (Signal.ROOM_TEMPERATURE, "csv_room"),
    "clinical_temperature[Cel]": (Signal.CLINICAL_TEMPERATURE, "csv_clinical"),
    "systolic_pressure[mm[Hg]]": (Signal.SYSTOLIC_PRESSURE, "csv_cuff"),
    "diastolic_pressure[mm[Hg]]": (Signal.DIASTOLIC_PRESSURE, "csv_cuff"),
}
"""Column name -> signal and the alias of the sensor it is filed under."""
_BY_NAME = {name.partition("[")[0]: (name, *found) for name, found in COLUMNS.items()}
_HEADER = re.compile(r"([a-z0-9_]+)\[(.*)\]")
_PARTS = (Signal.SYSTOLIC_PRESSURE, Signal.DIASTOLIC_PRESSURE)
"""A cuff's sensor measures blood pressure, of which these are the two numbers."""
_TOGETHER = {Signal.RR_INTERVAL}
"""Several values may have the same time: they arrived together."""
TIME_COLUMNS = ("time_s", "time")
AT_ONCE = 100_000
"""Lines of an ECG that are taken at once; a mistake costs one such stretch of slow reading."""
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+")
"""Where a comma is the decimal sign, this may be thousands or a fraction."""


class _Row(NamedTuple):
    line: int
    cells: list[str]


class _Column:
    """One signal of the file: its unit, and what was seen of it."""

    def __init__(self, where: str, name: str, signal: Signal, alias: str, unit: Scale) -> None:
        self.signal, self.alias, self.name, self.unit = signal, alias, name, unit
        self.check = ColumnCheck(where, name, signal)
        self._where = where
        self._last: tuple[int, int] | None = None

    def once(self, t_ns: int, line: int) -> None:
        """Refuse a second value of the same time."""
        last, self._last = self._last, (t_ns, line)
        if last is not None and last[0] == t_ns and self.signal not in _TOGETHER:
            raise ImportFormatError(
                f"{self._where}, line {line}: {self.name} has a value of this time already "
                f"in line {last[1]}"
            )


def read(path: Path, options: Options = NONE) -> Imported:
    """Read a plain CSV file.

    Args:
        path: the file.
        options: `site` and `zone` are used.

    Raises:
        ImportFormatError: not in this format; names file and line.
    """
    raw = read_bytes(path)
    text = open_text(raw, str(path))
    rows = _rows(path, text)
    waveform = EcgColumn(str(path))
    header = next(rows, None)
    if header is None:
        raise ImportFormatError(f"{path}: the file is empty")
    semicolons = ";" in header.cells[0]
    if semicolons:
        rows = _rows(path, open_text(raw, str(path)), delimiter=";")
        header = next(rows)
    columns = _columns(path, header)
    clock = _Clock(path, header.cells[0].strip(), options.zone)
    if not semicolons and _is_only_ecg(header, columns):
        rows = _ecg_rows(path, text, header.line, columns[0], clock, waveform)
    frames: list[Frame] = []
    for row in rows:
        if any(cell.strip() for cell in row.cells):
            frames += _frames(path, row, columns, clock, waveform)
    if clock.last_ns is None:
        raise ImportFormatError(f"{path}: there are no rows below the header")
    aliases = {
        column.alias: Signal.BLOOD_PRESSURE if column.signal in _PARTS else column.signal
        for column in reversed(columns)
    }
    name = plain_name(path)
    frames += waveform.frames(ECG_ALIAS)
    return Imported(
        name=Path(name).stem,
        sensors=[file_sensor(a, aliases[a], name, options.site) for a in reversed(aliases)],
        frames=in_order(frames, str(path)),
        start_utc_ns=clock.start_utc_ns,
        end_ns=clock.last_ns,
        zone=clock.wall.zone,
        warnings=[
            *clock.wall.warnings,
            *(warning for column in columns for warning in column.check.warnings()),
            *waveform.warnings,
        ],
    )


class _Clock:
    """Turns the first cell of each row into session time, which never goes back."""

    def __init__(self, path: Path, column: str, zone: str) -> None:
        self.start_utc_ns: int | None = None
        self.last_ns: int | None = None
        self.wall = WallClock(str(path), zone)
        self._path = path
        self._parse: Callable[[str, int], int] = self._seconds if column == "time_s" else self._date

    def step(self, text: str, line: int) -> int:
        t_ns = self._parse(text.strip(), line)
        if self.last_ns is not None and t_ns < self.last_ns:
            raise ImportFormatError(f"{self._path}, line {line}: time goes backwards ({text})")
        if t_ns > LONGEST_S * NS_PER_S:
            raise ImportFormatError(
                f"{self._path}, line {line}: {text} is more than 7 days after the start; "
                "dates go in a column `time` (ISO 8601)"
            )
        self.last_ns = t_ns
        return t_ns

    def _seconds(self, text: str, line: int) -> int:
        seconds = number(text, str(self._path), line)
        if seconds < 0:
            raise ImportFormatError(f"{self._path}, line {line}: time_s {text} is negative")
        return round(min(seconds, 2.0 * LONGEST_S) * NS_PER_S)

    def _date(self, text: str, line: int) -> int:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as fault:
            raise ImportFormatError(
                f"{self._path}, line {line}: {text[:40]!r} is not an ISO 8601 date and time"
            ) from fault
        utc_ns = self.wall.utc_ns(moment, f"line {line}")
        if self.start_utc_ns is None:
            self.start_utc_ns = utc_ns
        return utc_ns - self.start_utc_ns


def _is_only_ecg(header: _Row, columns: list[_Column]) -> bool:
    """A file of nothing but seconds and an ECG is long, and can be read many lines at once."""
    return [c.signal for c in columns] == [Signal.ECG] and header.cells[0].strip() == "time_s"


def _ecg_rows(
    path: Path,
    text: Iterator[str],
    before: int,
    column: _Column,
    clock: _Clock,
    waveform: EcgColumn,
) -> Iterator[_Row]:
    """Take what can be taken at once; the rows of stretches that need a closer look."""
    while stretch := list(islice(text, AT_ONCE)):
        if not _take_at_once(stretch, before, column, clock, waveform):
            yield from _rows(path, stretch, before)
        before += len(stretch)


def _take_at_once(
    lines: list[str], before: int, column: _Column, clock: _Clock, waveform: EcgColumn
) -> bool:
    table = quick_table(lines, clock.last_ns, LONGEST_S)
    if table is None:
        return False
    table[:, 1] = column.unit.of(table[:, 1])  # type: ignore[arg-type]
    if float(np.abs(table[:, 1]).max()) > HIGHEST_MV:
        return False
    waveform.add_table(table, before + 1)
    clock.last_ns = round(float(table[-1, 0]) * NS_PER_S)
    column.once(clock.last_ns, before + len(lines))
    return True


def _rows(
    path: Path, lines: Iterable[str], before: int = 0, delimiter: str = ","
) -> Iterator[_Row]:
    """The rows of lines, `before` of which came earlier; numbers have points."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            line = before + reader.line_num
            if cells and delimiter == ";":
                yield _Row(line, [_pointed(cell, path, line) for cell in cells])
            elif cells:
                yield _Row(line, cells)
    except csv.Error as fault:
        raise ImportFormatError(f"{path}, line {before + reader.line_num}: {fault}") from fault


def _pointed(cell: str, path: Path, line: int) -> str:
    """A cell of a file with semicolons, whose decimal sign is the comma or the point."""
    if _GROUPED.fullmatch(cell.strip()):
        raise ImportFormatError(
            f"{path}, line {line}: {cell.strip()[:40]!r} between semicolons may be thousands or a "
            "fraction; write it without points, or put commas between the columns"
        )
    return cell.replace(",", ".")


def _columns(path: Path, header: _Row) -> list[_Column]:
    names = [cell.strip() for cell in header.cells]
    where = f"{path}, line {header.line}"
    if "\t" in names[0]:
        raise ImportFormatError(f"{where}: columns are separated by tabs; save it with commas")
    if names[0] not in TIME_COLUMNS:
        raise ImportFormatError(f"{where}: the first column is {names[0]!r}, not time_s or time")
    if len(names) == 1:
        raise ImportFormatError(f"{where}: there is no signal beside {names[0]}")
    columns = [_column(path, where, name) for name in names[1:]]
    seen: set[Signal] = set()
    for column in columns:
        if column.signal in seen:
            raise ImportFormatError(f"{where}: column {column.name!r} is there twice")
        seen.add(column.signal)
    return columns


def _column(path: Path, where: str, name: str) -> _Column:
    match = _HEADER.fullmatch(name)
    if match is None or match[1] not in _BY_NAME:
        nearest = difflib.get_close_matches(name, COLUMNS, n=1, cutoff=0)[0]
        raise ImportFormatError(
            f"{where}: unknown column {name!r}; the nearest is {nearest} "
            f"(known: {', '.join(COLUMNS)})"
        )
    ours, signal, alias = _BY_NAME[match[1]]
    unit = scale(signal, match[2], ucum_only=True)
    if unit is None:
        raise ImportFormatError(
            f"{where}: unknown unit of {name!r}; the nearest is {ours} "
            f"(UCUM codes that are converted: {allowed(signal)})"
        )
    return _Column(str(path), name, signal, alias, unit)


def _frames(
    path: Path,
    row: _Row,
    columns: list[_Column],
    clock: _Clock,
    waveform: EcgColumn,
) -> Iterator[Frame]:
    if len(row.cells) != len(columns) + 1:
        raise ImportFormatError(
            f"{path}, line {row.line}: {len(row.cells)} cells where the header has "
            f"{len(columns) + 1}"
        )
    t_ns = clock.step(row.cells[0], row.line)
    pressures: dict[Signal, float] = {}
    for column, cell in zip(columns, row.cells[1:], strict=True):
        if cell.strip():
            value = column.unit.of(number(cell, str(path), row.line))
            column.once(t_ns, row.line)
            if column.signal is Signal.ECG:
                waveform.add(t_ns, value, row.line)
                continue
            column.check.add(value, f"line {row.line}")
            if column.signal in _PARTS:
                pressures[column.signal] = value
            yield Frame(t_ns=t_ns, source=column.alias, payload=encode(column.signal, value))
    upper, lower = (pressures.get(signal, math.nan) for signal in _PARTS)
    if swapped(upper, lower):
        raise ImportFormatError(
            f"{path}, line {row.line}: blood pressure {upper:g}/{lower:g}: the diastolic must be "
            "below the systolic"
        )
