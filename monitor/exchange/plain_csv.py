"""Plain CSV: a time column, then one column a signal named `signal[unit]` in UCUM.

    time_s,heart_rate[/min],skin_temperature[Cel]
    0,72,33.1
    1,73,

An empty cell is "no sample". `time_s` is seconds from the start, `time` is ISO 8601.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from devices.codecs.sample import encode
from devices.model import NS_PER_S, Frame, Signal
from monitor.errors import ImportFormatError
from monitor.exchange.ecg_column import EcgColumn
from monitor.exchange.imported import Imported, file_sensor, in_order
from monitor.exchange.text import number, read_bytes, text_of

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
_PARTS = {Signal.SYSTOLIC_PRESSURE, Signal.DIASTOLIC_PRESSURE}
"""A cuff's sensor measures blood pressure, of which these are the two numbers."""
TIME_COLUMNS = ("time_s", "time")
LONGEST_S = 7 * 86_400
"""A time beyond a week is a date in disguise (seconds since 1970, say), not a session."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Row(NamedTuple):
    line: int
    cells: list[str]


def read(path: Path, site: str = "") -> Imported:
    """Read a plain CSV file.

    Args:
        path: the file.
        site: where on the body its sensors were ("" unknown).

    Raises:
        ImportFormatError: not in this format; names file and line.
    """
    rows = _rows(path)
    waveform = EcgColumn(str(path))
    header = next(rows, None)
    if header is None:
        raise ImportFormatError(f"{path}: the file is empty")
    columns = _columns(path, header)
    clock = _Clock(path, header.cells[0].strip())
    frames: list[Frame] = []
    for row in rows:
        if any(cell.strip() for cell in row.cells):
            frames += _frames(path, row, columns, clock, waveform)
    if clock.last_ns is None:
        raise ImportFormatError(f"{path}: there are no rows below the header")
    aliases = {
        alias: Signal.BLOOD_PRESSURE if signal in _PARTS else signal
        for signal, alias in reversed(columns)
    }
    sensors = [file_sensor(a, aliases[a], path.name, site) for a in reversed(aliases)]
    return Imported(
        name=path.stem,
        sensors=[*sensors],
        frames=in_order(frames + waveform.frames(ECG_ALIAS), str(path)),
        start_utc_ns=clock.start_utc_ns,
        end_ns=clock.last_ns,
    )


class _Clock:
    """Turns the first cell of each row into session time, which never goes back."""

    def __init__(self, path: Path, column: str) -> None:
        self.start_utc_ns: int | None = None
        self.last_ns: int | None = None
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
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        utc_ns = (aware - EPOCH) // timedelta(microseconds=1) * 1000
        if self.start_utc_ns is None:
            self.start_utc_ns = utc_ns
        return utc_ns - self.start_utc_ns


def _rows(path: Path) -> Iterator[_Row]:
    text = text_of(read_bytes(path), str(path))
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        for cells in reader:
            if cells:
                yield _Row(reader.line_num, cells)
    except csv.Error as fault:
        raise ImportFormatError(f"{path}, line {reader.line_num}: {fault}") from fault


def _columns(path: Path, header: _Row) -> list[tuple[Signal, str]]:
    names = [cell.strip() for cell in header.cells]
    where = f"{path}, line {header.line}"
    for delimiter, word in ((";", "semicolons"), ("\t", "tabs")):
        if delimiter in names[0]:
            raise ImportFormatError(
                f"{where}: columns are separated by {word}; save it with commas "
                "(and a point in decimal numbers)"
            )
    if names[0] not in TIME_COLUMNS:
        raise ImportFormatError(f"{where}: the first column is {names[0]!r}, not time_s or time")
    if len(names) == 1:
        raise ImportFormatError(f"{where}: there is no signal beside {names[0]}")
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ImportFormatError(f"{where}: column {twice!r} is there twice")
    for name in names[1:]:
        if name not in COLUMNS:
            nearest = difflib.get_close_matches(name, COLUMNS, n=1, cutoff=0)[0]
            raise ImportFormatError(
                f"{where}: unknown column {name!r}; the nearest is {nearest} "
                f"(known: {', '.join(COLUMNS)})"
            )
    return [COLUMNS[name] for name in names[1:]]


def _frames(
    path: Path,
    row: _Row,
    columns: list[tuple[Signal, str]],
    clock: _Clock,
    waveform: EcgColumn,
) -> Iterator[Frame]:
    if len(row.cells) != len(columns) + 1:
        raise ImportFormatError(
            f"{path}, line {row.line}: {len(row.cells)} cells where the header has "
            f"{len(columns) + 1}"
        )
    t_ns = clock.step(row.cells[0], row.line)
    for (signal, alias), cell in zip(columns, row.cells[1:], strict=True):
        if cell.strip():
            value = number(cell, str(path), row.line)
            if signal is Signal.ECG:
                waveform.add(t_ns, value, row.line)
                continue
            yield Frame(t_ns=t_ns, source=alias, payload=encode(signal, value))
