"""Files of plain numbers: text with one a line, text of beats, numpy arrays."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from monitor.errors import ImportFormatError
from monitor.exchange import numbers
from monitor.exchange.imported import Imported
from monitor.exchange.numbers import Series
from monitor.exchange.options import NONE, Options
from monitor.exchange.text import LARGEST_BYTES, number, plain_name, read_bytes, text_of
from monitor.exchange.wfdb_in import BEATS

NUMPY_MAGIC = b"\x93NUMPY"
_HEADER = re.compile(r"(rr|rri|nn|nni|ibi|rr_interval|rr-interval)s?\W*(ms|s)?\W*", re.IGNORECASE)
"""A first line that names RR intervals, with or without their unit."""
_BEAT_HEADER = re.compile(r"(time_s|t_s)(,symbol)?")


def read_text(path: Path, options: Options = NONE) -> Imported:
    """Read one number a line; lines that begin with # are left out.

    Args:
        path: the file; it may be compressed.
        options: `column`, `rate_hz` and `site` are used.

    Raises:
        ImportFormatError: not numbers; names file and line.
    """
    where = str(path)
    rows = [
        (line, text.strip())
        for line, text in enumerate(text_of(read_bytes(path), where).splitlines(), 1)
        if text.strip() and not text.lstrip().startswith("#")
    ]
    if not rows:
        raise ImportFormatError(f"{where}: the file is empty")
    header = _HEADER.fullmatch(rows[0][1])
    if header is not None:
        unit = (header[2] or "").lower()
        column = options.column or (f"rr_interval[{unit}]" if unit else "")
        options = Options(
            site=options.site, zone=options.zone, column=column, rate_hz=options.rate_hz
        )
    kept = rows[1:] if header is not None else rows
    values = [number(text, where, line) for line, text in kept]
    return numbers.build(_series(path, values, [line for line, _ in kept]), options)


def read_beats(path: Path, options: Options = NONE) -> Imported:
    """Read times of beats: a header `time_s`, or `t_s,symbol` with WFDB's annotation codes.

    Raises:
        ImportFormatError: not in this format; names file and line.
    """
    where = str(path)
    lines = text_of(read_bytes(path), where).splitlines()
    if not lines or not _BEAT_HEADER.fullmatch(lines[0].strip()):
        raise ImportFormatError(f"{where}, line 1: the header is not time_s or t_s,symbol")
    values: list[float] = []
    kept: list[int] = []
    for line, text in enumerate(lines[1:], 2):
        first, _, symbol = text.strip().partition(",")
        if first and (not symbol or symbol in BEATS):
            values.append(number(first, where, line))
            kept.append(line)
    chosen = Options(site=options.site, zone=options.zone, column="beat[s]")
    return numbers.build(_series(path, values, kept), chosen)


def is_rr_header(first_line: str) -> bool:
    """Whether a line names RR intervals."""
    return _HEADER.fullmatch(first_line.strip()) is not None


def is_beats(first_line: str) -> bool:
    """Whether a file that begins so holds beats beyond doubt."""
    return first_line.strip() in {"t_s,symbol", "time_s,symbol"}


def read_numpy(path: Path, options: Options = NONE) -> Imported:
    """Read a one-dimensional numpy array, alone (.npy) or the only one of an archive (.npz).

    Raises:
        ImportFormatError: garbled, not numbers, several arrays, or of more dimensions.
    """
    array, name = _array(path)
    if array.dtype.kind not in "iuf" or array.ndim != 1:
        raise ImportFormatError(
            f"{path}: holds {array.ndim}-dimensional {array.dtype}; a series of numbers is needed"
        )
    if name in {"hr", "heart_rate"} and not options.column:
        column = "heart_rate[/min]"
        options = Options(site=options.site, column=column, rate_hz=options.rate_hz)
    values = array.astype(np.float64)
    file = plain_name(path)
    return numbers.build(
        Series(str(path), Path(file).stem, file, values, lambda i: f"element {i}"), options
    )


def _array(path: Path) -> tuple[Any, str]:
    raw = read_bytes(path)
    try:
        if raw.startswith(NUMPY_MAGIC):
            return np.load(io.BytesIO(raw), allow_pickle=False), ""
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            name = _only(path, archive)
            data = np.load(io.BytesIO(archive.read(name)), allow_pickle=False)
            return data, name.removesuffix(".npy")
    except ImportFormatError:
        raise
    except Exception as fault:  # numpy parses its header as Python, with all that can go wrong
        raise ImportFormatError(f"{path}: not a readable numpy file ({fault})") from fault


def _only(path: Path, archive: zipfile.ZipFile) -> str:
    """Name of the one array of an archive."""
    infos = [info for info in archive.infolist() if info.filename.endswith(".npy")]
    if len(infos) != 1:
        raise ImportFormatError(f"{path}: holds {len(infos)} arrays, not one")
    if infos[0].file_size > LARGEST_BYTES:
        raise ImportFormatError(f"{path}: {infos[0].filename} is too large")
    return infos[0].filename


def _series(path: Path, values: list[float], lines: list[int]) -> Series:
    file = plain_name(path)
    return Series(str(path), Path(file).stem, file, np.array(values), lambda i: f"line {lines[i]}")
