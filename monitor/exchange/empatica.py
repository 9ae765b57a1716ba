"""Empatica E4 exports: a folder, or its zip, with HR.csv, TEMP.csv, IBI.csv and tags.csv.

HR and TEMP: Unix start time, samples per second, then a value a line. IBI: start time, then
"seconds from start, interval in seconds" (info.txt of every export). All times are UTC.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from devices.codecs.sample import encode
from devices.model import NS_PER_S, Frame, SensorSpec, Signal
from monitor.errors import ImportFormatError
from monitor.exchange.imported import Imported, file_sensor, in_order
from monitor.exchange.options import NONE, Options
from monitor.exchange.plausibility import check_frames
from monitor.exchange.text import NUMBER, number, read_bytes, text_of

SAMPLED = {
    "hr.csv": (Signal.HEART_RATE, "e4_heart"),
    "temp.csv": (Signal.SKIN_TEMPERATURE, "e4_skin"),
}
IBI = "ibi.csv"
DATA_FILES = (*SAMPLED, IBI)
SITE = "wrist"
MS_PER_S = 1000.0
APART_S = 600.0
"""The files of one session start within seconds; HR.csv 10 s later than the others."""
LARGEST_BYTES = 50_000_000
"""Largest file taken out of a zip; TEMP.csv of a whole week is 17 MB."""


class Table(NamedTuple):
    """One file's lines: its name for messages, and the text of each line."""

    name: str
    lines: list[str]

    def error(self, line: int, problem: str) -> ImportFormatError:
        """An error at this line, counted from 1."""
        return ImportFormatError(f"{self.name}, line {line}: {problem}")

    def rows(self, first: int) -> Iterator[tuple[int, str]]:
        """Line number and text from line `first` on, blank lines left out."""
        for line, text in enumerate(self.lines[first - 1 :], first):
            if text.strip():
                yield line, text


class _Sample(NamedTuple):
    utc_ns: int
    source: str
    payload: bytes


def is_export(path: Path) -> bool:
    """Whether this is a folder or zip with at least one data file of an E4."""
    if path.is_dir():
        return any(file.name.lower() in DATA_FILES for file in path.iterdir())
    return zipfile.is_zipfile(path) if path.is_file() else False


def read(path: Path, options: Options = NONE) -> Imported:
    """Read an export.

    Args:
        path: the folder or its zip.
        options: `site`, where on the body it was worn, if not at the wrist.

    Raises:
        ImportFormatError: not an E4 export, or garbled; names file and line.
    """
    tables = _zip_tables(path) if path.is_file() else _folder_tables(path)
    if not any(name in tables for name in DATA_FILES):
        raise ImportFormatError(f"{path}: none of HR.csv, TEMP.csv, IBI.csv is in it")
    starts = [_start_ns(tables[name]) for name in DATA_FILES if name in tables]
    if max(starts) - min(starts) > APART_S * NS_PER_S:
        raise ImportFormatError(
            f"{path}: its files start {(max(starts) - min(starts)) / NS_PER_S:.0f} s apart: "
            "they are of different sessions"
        )
    samples = [sample for name in DATA_FILES if name in tables for sample in _samples(tables, name)]
    start_ns = min(starts)
    frames = in_order(
        [Frame(t_ns=s.utc_ns - start_ns, source=s.source, payload=s.payload) for s in samples],
        str(path),
    )
    notes = [note for name in tables if name.startswith("tags") for note in _tags(tables[name])]
    return Imported(
        name=path.stem,
        sensors=_sensors(tables, options.site or SITE),
        frames=frames,
        start_utc_ns=start_ns,
        end_ns=frames[-1].t_ns,
        notes=[_note(utc_ns - start_ns) for utc_ns in sorted(notes)],
        warnings=check_frames(str(path), frames),
    )


def _sensors(tables: Mapping[str, Table], site: str) -> list[SensorSpec]:
    sensors = []
    if "hr.csv" in tables or IBI in tables:
        heart = "HR.csv" if "hr.csv" in tables else "IBI.csv"
        measures = Signal.HEART_RATE if "hr.csv" in tables else Signal.RR_INTERVAL
        sensors.append(file_sensor("e4_heart", measures, heart, site))
    if "temp.csv" in tables:
        sensors.append(file_sensor("e4_skin", Signal.SKIN_TEMPERATURE, "TEMP.csv", site))
    return sensors


def _note(t_ns: int) -> tuple[int, str]:
    """A press of the button; the button works before the first sample, session time does not."""
    if t_ns >= 0:
        return t_ns, "tag"
    return 0, f"tag ({-t_ns / NS_PER_S:.0f} s before the first data)"


def _samples(tables: Mapping[str, Table], name: str) -> Iterator[_Sample]:
    table = tables[name]
    return _beats(table) if name == IBI else _sampled(table, *SAMPLED[name])


def _sampled(table: Table, signal: Signal, source: str) -> Iterator[_Sample]:
    start_ns = _start_ns(table)
    if len(table.lines) < 2:
        raise table.error(2, "the sample rate is missing")
    rate_hz = number(table.lines[1], table.name, 2)
    if rate_hz <= 0:
        raise table.error(2, f"a sample rate of {rate_hz:g} Hz")
    for line, text in table.rows(3):
        utc_ns = start_ns + round((line - 3) * NS_PER_S / rate_hz)
        yield _Sample(utc_ns, source, encode(signal, number(text, table.name, line)))


def _beats(table: Table) -> Iterator[_Sample]:
    start_ns = _start_ns(table)
    last_s = -1.0
    for line, text in table.rows(2):
        cells = text.split(",")
        if len(cells) != 2:
            raise table.error(line, f"{text.strip()[:40]!r} is not a time and an interval")
        at_s, interval_s = (number(cell, table.name, line) for cell in cells)
        if at_s < last_s:
            raise table.error(line, f"time goes backwards ({cells[0].strip()})")
        if at_s == last_s:
            raise table.error(line, f"the time {cells[0].strip()} is there twice")
        last_s = at_s
        payload = encode(Signal.RR_INTERVAL, interval_s * MS_PER_S)
        yield _Sample(start_ns + round(at_s * NS_PER_S), "e4_heart", payload)


def _tags(table: Table) -> Iterator[int]:
    for line, text in table.rows(1):
        yield _unix_ns(table, line, text)


def _start_ns(table: Table) -> int:
    if not table.lines:
        raise table.error(1, "the start time is missing (the file is empty)")
    return _unix_ns(table, 1, table.lines[0].split(",")[0])


def _unix_ns(table: Table, line: int, text: str) -> int:
    """Nanoseconds since 1970 of Unix seconds; exact, where a float would be 200 ns off."""
    if not NUMBER.fullmatch(text.strip()) or number(text, table.name, line) < 0:
        raise table.error(line, f"{text.strip()[:40]!r} is not a Unix time")
    return int(Decimal(text.strip()) * NS_PER_S)


def is_wanted(name: str) -> bool:
    """Whether a file of this name (lower case) is a part of an export that is read."""
    return name in DATA_FILES or (name.startswith("tags") and name.endswith(".csv"))


def _table(name: str, raw: bytes) -> Table:
    return Table(name, text_of(raw, name).splitlines())


def _folder_tables(path: Path) -> dict[str, Table]:
    try:
        files = sorted(file for file in path.iterdir() if is_wanted(file.name.lower()))
    except OSError as fault:
        raise ImportFormatError(f"{path}: cannot be read ({fault.strerror})") from fault
    return {file.name.lower(): _table(str(file), read_bytes(file)) for file in files}


def _zip_tables(path: Path) -> dict[str, Table]:
    tables: dict[str, Table] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                name = Path(info.filename).name.lower()
                if not is_wanted(name):
                    continue
                if name in tables:
                    raise ImportFormatError(f"{path}: holds {info.filename} more than once")
                tables[name] = _table(f"{path}:{info.filename}", _extract(archive, info, path))
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as fault:
        # zipfile raises the last two for a password and for an unknown compression.
        raise ImportFormatError(f"{path}: not a readable zip file ({fault})") from fault
    return tables


def _extract(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> bytes:
    if info.file_size > LARGEST_BYTES:
        raise ImportFormatError(f"{path}: {info.filename} is too large ({info.file_size} bytes)")
    return archive.read(info)
