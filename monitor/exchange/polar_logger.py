"""Polar Sensor Logger text: semicolons, a phone's time stamp, then one kind of data a file.

`..._ECG.txt` has sensor nanoseconds and microvolts, `..._RR.txt` milliseconds, `..._HR.txt` beats
per minute. A folder, or several files together, is one recording.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

from devices.codecs.sample import encode
from devices.model import NS_PER_S, Frame, Signal
from monitor.errors import ImportFormatError
from monitor.exchange.ecg_column import EcgColumn
from monitor.exchange.imported import Imported, file_sensor, in_order
from monitor.exchange.options import NONE, Options
from monitor.exchange.plausibility import check_frames
from monitor.exchange.text import number, plain_name, read_bytes, text_of
from monitor.exchange.units import Scale, scale
from monitor.exchange.wall_clock import WallClock

FIRST = "Phone timestamp"
_SENSOR_NS = "sensor timestamp [ns]"
_KINDS = {
    "hr": (Signal.HEART_RATE, "logger_heart"),
    "rr-interval": (Signal.RR_INTERVAL, "logger_heart"),
    "ecg": (Signal.ECG, "logger_ecg"),
}
"""First word of a column's name -> what it measures and the alias it is filed under."""
NEAR_NS = 3600 * NS_PER_S


class _Layout(NamedTuple):
    signal: Signal
    alias: str
    value_at: int
    sensor_at: int | None
    unit: Scale
    cells: int


class _File(NamedTuple):
    """One file's samples: UTC nanoseconds, value, line."""

    path: Path
    layout: _Layout
    rows: list[tuple[int, float, int]]


def read(path: Path, options: Options = NONE) -> Imported:
    """Read one file, or the files of one session in a folder.

    Args:
        path: a file, or a folder of them.
        options: `zone` is that of the phone.

    Raises:
        ImportFormatError: not in this format; names file and line.
    """
    paths = [path] if path.is_file() else sorted(p for p in path.iterdir() if is_file(p))
    clocks: list[WallClock] = []
    files = [one for p in paths if (one := _read(p, options, clocks)) is not None]
    if not any(one.rows for one in files):
        raise ImportFormatError(f"{path}: there is no heart rate, RR interval or ECG in it")
    files = [one for one in files if one.rows]
    start_ns = min(one.rows[0][0] for one in files)
    _check_session(path, files, start_ns)
    frames: list[Frame] = []
    warnings = list(dict.fromkeys(w for clock in clocks for w in clock.warnings))
    for one in files:
        frames += _frames(one, start_ns, warnings)
    ordered = in_order(frames, str(path))
    names = {one.layout.alias: (one.layout.signal, one.path) for one in reversed(files)}
    if any(one.layout.signal is Signal.HEART_RATE for one in files):
        names |= {"logger_heart": (Signal.HEART_RATE, paths[0])}
    return Imported(
        name=Path(plain_name(path)).stem,
        sensors=[
            file_sensor(alias, signal, plain_name(file), options.site or "chest")
            for alias, (signal, file) in names.items()
        ],
        frames=ordered,
        start_utc_ns=start_ns,
        end_ns=ordered[-1].t_ns,
        zone=clocks[0].zone,
        warnings=[*warnings, *check_frames(str(path), ordered)],
    )


def is_file(path: Path) -> bool:
    """Whether this is a text file of the logger."""
    if not path.is_file() or plain_name(path)[-4:].lower() not in {".txt", ".csv"}:
        return False
    with path.open("rb") as file:
        return FIRST.encode() in file.read(100)


def _check_session(path: Path, files: Sequence[_File], start_ns: int) -> None:
    if len({one.layout.signal for one in files}) < len(files):
        raise ImportFormatError(f"{path}: holds two files of one kind: one session at a time")
    for one in files:
        if one.rows[0][0] - start_ns > NEAR_NS:
            raise ImportFormatError(f"{one.path}: begins more than an hour after the other files")


def _read(path: Path, options: Options, clocks: list[WallClock]) -> _File | None:
    where = str(path)
    lines = text_of(read_bytes(path), where).splitlines()
    if not lines:
        raise ImportFormatError(f"{where}: the file is empty")
    layout = _layout(where, lines[0])
    if layout is None:
        return None
    clock = WallClock(where, options.zone)
    clocks.append(clock)
    return _File(path, layout, list(_rows(where, lines, layout, clock)))


def _layout(where: str, header: str) -> _Layout | None:
    """What the file holds; None if it is of a kind that is not imported (acceleration, ...)."""
    names = [name.strip() for name in header.rstrip(";").split(";")]
    if names[0] != FIRST:
        raise ImportFormatError(f"{where}, line 1: the first column is not {FIRST!r}")
    for at, name in enumerate(names):
        word, _, unit = name.partition(" ")
        if word.lower() in _KINDS:
            signal, alias = _KINDS[word.lower()]
            known = scale(signal, unit.strip("[]"))
            if known is None:
                raise ImportFormatError(f"{where}, line 1: {name!r} has an unknown unit")
            sensor_at = names.index(_SENSOR_NS) if _SENSOR_NS in names else None
            return _Layout(signal, alias, at, sensor_at, known, len(names))
    return None


def _rows(
    where: str, lines: Sequence[str], layout: _Layout, clock: WallClock
) -> Iterator[tuple[int, float, int]]:
    first: tuple[int, int] | None = None
    for line, text in enumerate(lines[1:], 2):
        cells = text.rstrip(";").split(";")
        if not text.strip():
            continue
        if len(cells) < layout.value_at + 1:
            raise ImportFormatError(
                f"{where}, line {line}: {len(cells)} cells where the header has {layout.cells}"
            )
        utc_ns = clock.utc_ns(_moment(where, cells[0], line), f"line {line}")
        if layout.sensor_at is not None:
            text_ns = cells[layout.sensor_at].strip()
            number(text_ns, where, line)  # a clear refusal; a float would be 100 ns off
            sensor_ns = int(text_ns) if text_ns.isdecimal() else round(float(text_ns))
            first = first or (utc_ns, sensor_ns)
            # The sensor's own clock is regular; the phone's stamp is when a packet came.
            utc_ns = first[0] + sensor_ns - first[1]
        value = number(cells[layout.value_at], where, line)
        if value != 0 or layout.signal is Signal.ECG:
            yield utc_ns, layout.unit.of(value), line


def _moment(where: str, text: str, line: int) -> datetime:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError as fault:
        raise ImportFormatError(
            f"{where}, line {line}: {text[:40]!r} is not a time stamp of the logger"
        ) from fault


def _frames(one: _File, start_ns: int, warnings: list[str]) -> list[Frame]:
    signal, alias = one.layout.signal, one.layout.alias
    if signal is not Signal.ECG:
        return [
            Frame(t_ns=utc_ns - start_ns, source=alias, payload=encode(signal, value))
            for utc_ns, value, _ in one.rows
        ]
    steps = np.diff([utc_ns for utc_ns, _, _ in one.rows])
    if steps.size and int(steps.min()) <= 0:
        line = one.rows[int(np.argmax(steps <= 0)) + 1][2]
        raise ImportFormatError(
            f"{one.path}, line {line}: the sensor's time goes backwards or stands still"
        )
    column = EcgColumn(str(one.path))
    for utc_ns, value, line in one.rows:
        column.add(utc_ns - start_ns, value, line)
    frames = column.frames(alias)
    warnings += column.warnings
    return frames
