"""EDF and EDF+ in, through edfio: signals of known kind, annotations as notes."""

from __future__ import annotations

import datetime as dt
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from devices.model import NS_PER_S
from monitor.errors import ImportFormatError
from monitor.exchange import channels
from monitor.exchange.channels import Channel
from monitor.exchange.imported import Imported, in_order
from monitor.exchange.options import NONE, Options
from monitor.exchange.plausibility import check_frames
from monitor.exchange.text import plain_name, read_bytes
from monitor.exchange.wall_clock import WallClock
from monitor.extras import need

NO_DATE = dt.date(1985, 1, 1)
"""What EDF files carry whose date is not known (edfplus.info, EDF FAQ)."""
NO_DATA = "no data: "
"""How our own exports mark a stretch without samples; followed by the channel's label."""
HEADER, PER_SIGNAL = 256, 256


class _Content(NamedTuple):
    """What is taken out of a file; the library parses only when asked."""

    channels: list[Channel]
    start: dt.datetime | None
    end_ns: int
    notes: list[tuple[int, str]]
    continuous: bool


def read(path: Path, options: Options = NONE) -> Imported:
    """Read an EDF or EDF+ file.

    Args:
        path: the file; it may be compressed.
        options: `channels` and `zone` are used.

    Raises:
        ImportFormatError: garbled, cut short, discontinuous, or nothing in it can be used.
        MissingExtraError: `edfio` is not installed.
    """
    edfio = need("edfio", "EDF")
    where, raw = str(path), read_bytes(path)
    _check_size(where, raw)
    content, said = _parsed(edfio, where, raw)
    picked = channels.pick(where, content.channels, options.channels)
    frames, told = channels.frames(where, picked, "edf")
    clock = WallClock(where, options.zone)
    name = plain_name(path)
    ordered = in_order(frames, where)
    return Imported(
        name=Path(name).stem,
        sensors=channels.sensors(picked, "edf", name, options),
        frames=ordered,
        start_utc_ns=None if content.start is None else clock.utc_ns(content.start, "header"),
        end_ns=content.end_ns,
        zone=clock.zone,
        notes=content.notes,
        warnings=[
            *said,
            *clock.warnings,
            *told,
            *([f"{where}: the header gives no date"] if content.start is None else []),
            *channels.left_out(where, content.channels, picked),
            *check_frames(where, ordered),
        ],
    )


def _check_size(where: str, raw: bytes) -> None:
    """What the header promises must be there (edfplus.info, EDF specification)."""
    try:
        records, signals = int(raw[236:244]), int(raw[252:256])
        at = HEADER + signals * 216
        counts = [int(raw[at + 8 * i : at + 8 * i + 8]) for i in range(signals)]
    except ValueError as fault:
        raise ImportFormatError(f"{where}: not an EDF file, or its header is cut short") from fault
    size = 2 * sum(counts)
    there = len(raw) - HEADER - PER_SIGNAL * signals
    if records >= 0 and there < records * size:
        raise ImportFormatError(
            f"{where}: cut short in data record {max(there, 0) // max(size, 1) + 1} of {records}"
        )
    if records == 0 or size == 0:
        raise ImportFormatError(f"{where}: there is no data record in it")


def _parsed(edfio: Any, where: str, raw: bytes) -> tuple[_Content, list[str]]:
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            content = _content(edfio, edfio.read_edf(raw))
    except Exception as fault:
        text = " ".join(str(fault).split())[:200]
        raise ImportFormatError(f"{where}: not a readable EDF file ({text})") from fault
    if not content.continuous:
        raise ImportFormatError(
            f"{where}: a discontinuous recording (EDF+D) is not read; split it at its interruptions"
        )
    return content, [f"{where}: {one.message}" for one in caught]


def _content(edfio: Any, edf: Any) -> _Content:
    notes = [
        (max(0, round(float(a.onset) * NS_PER_S)), a.text)
        for a in edf.annotations
        if a.text.strip() and not a.text.startswith(NO_DATA)
    ]
    end_ns = round(float(edf.duration) * NS_PER_S)
    return _Content(_channels(edf), _start(edfio, edf), end_ns, notes, edf.is_continuous)


def _channels(edf: Any) -> list[Channel]:
    gaps = [a for a in edf.annotations if a.text.startswith(NO_DATA)]
    found = []
    for signal in edf.signals:
        values = np.array(signal.data, np.float64)
        for gap in gaps:
            if gap.text == NO_DATA + signal.label:
                first = round(float(gap.onset) * signal.sampling_frequency)
                values[first : first + round(float(gap.duration) * signal.sampling_frequency)] = (
                    np.nan
                )
        rate = float(signal.sampling_frequency)
        found.append(Channel(signal.label, signal.physical_dimension, rate, values))
    return found


def _start(edfio: Any, edf: Any) -> dt.datetime | None:
    try:
        date = edf.startdate
    except edfio.AnonymizedDateError:
        return None
    return None if date == NO_DATE else dt.datetime.combine(date, edf.starttime)
