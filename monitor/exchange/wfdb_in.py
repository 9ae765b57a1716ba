"""WFDB in: a record's signals, or the beats of an annotation file as RR intervals.

`100.hea`, `100.dat` or `100` stand for the record's signals; `100.atr`, or any other annotator,
for its beats. The data files may be compressed (`100.dat.xz`).
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from devices.model import NS_PER_S, Signal
from monitor.errors import ImportFormatError
from monitor.exchange import channels
from monitor.exchange.beats_in import rr_frames
from monitor.exchange.channels import Channel
from monitor.exchange.imported import LONGEST_S, Imported, file_sensor, in_order
from monitor.exchange.options import NONE, Options
from monitor.exchange.plausibility import check_frames
from monitor.exchange.text import PACKED_SUFFIXES, read_bytes
from monitor.exchange.wall_clock import WallClock
from monitor.extras import need
from monitor.signal.qrs_design import HIGHEST_HZ

SIGNAL_SUFFIXES = (".hea", ".dat", ".mat")
BEATS = frozenset("NLRBAaJSVrFejnE/fQ?")
"""Annotation codes of beats (wfdb.io.annotation, is_qrs)."""


def header_of(path: Path) -> Path | None:
    """The header a file of a WFDB record belongs to; None if there is none."""
    plain = path.with_suffix("") if path.suffix.lower() in PACKED_SUFFIXES else path
    candidates = (plain, plain.with_suffix(".hea"), plain.with_name(plain.name + ".hea"))
    return next((c for c in candidates if c.suffix == ".hea" and c.is_file()), None)


def read(path: Path, options: Options = NONE) -> Imported:
    """Read a record's signals, or one file of annotations.

    Args:
        path: `.hea`, `.dat` or the record's name; or the file of annotations.
        options: `channels` names the leads to use; `zone` is that of the header's time; `rate_hz`
            of annotations without a header.

    Raises:
        ImportFormatError: missing, garbled, or its samples are not those the header was made of.
        MissingExtraError: `wfdb` is not installed.
    """
    wfdb = need("wfdb", "WFDB")
    plain = path.with_suffix("") if path.suffix.lower() in PACKED_SUFFIXES else path
    header = header_of(path)
    signals = plain.suffix in SIGNAL_SUFFIXES or (header is not None and not path.is_file())
    if signals and header is None:
        raise ImportFormatError(f"{path}: its header ({plain.with_suffix('.hea').name}) is missing")
    with _readable(path):
        if signals and header is not None:
            return _record(wfdb, header, options)
        return _annotations(wfdb, path, plain, header, options)


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Whatever the library stumbles over is a mistake in the file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pandas, about wfdb
            yield
    except (ImportFormatError, MemoryError):
        raise
    except Exception as fault:
        text = " ".join(str(fault).split())[:200]
        raise ImportFormatError(
            f"{path}: not a readable WFDB file ({type(fault).__name__}: {text})"
        ) from fault


def _record(wfdb: Any, header: Path, options: Options) -> Imported:
    where = str(header)
    if not header.stat().st_size:
        raise ImportFormatError(f"{where}: the file is empty")
    head = wfdb.rdheader(str(header.with_suffix("")))
    if (head.sig_len or 0) > LONGEST_S * HIGHEST_HZ:
        raise ImportFormatError(
            f"{where}, line 1: {head.sig_len} samples a signal: more than 7 days at "
            f"{HIGHEST_HZ:g} Hz, and a recording spans at most that"
        )
    with _staged(header, head) as base:
        found = _multi(wfdb, base) if hasattr(head, "seg_name") else _single(wfdb, base, where)
    picked = channels.pick(where, found, options.channels)
    frames, said = channels.frames(where, picked, "wfdb")
    clock = WallClock(where, options.zone)
    start = None if head.base_datetime is None else clock.utc_ns(head.base_datetime, "line 1")
    if start is None:
        said.append(f"{where}: the header gives no date: wall-clock time is unknown")
    ordered = in_order(frames, where)
    return Imported(
        name=header.stem,
        sensors=channels.sensors(picked, "wfdb", header.name, options),
        frames=ordered,
        start_utc_ns=start,
        end_ns=max(int(channel.times()[-1]) for channel in found if channel.values.size),
        zone=clock.zone,
        warnings=[
            *clock.warnings,
            *said,
            *channels.left_out(where, found, picked),
            *check_frames(where, ordered),
        ],
    )


@contextlib.contextmanager
def _staged(header: Path, head: Any) -> Iterator[str]:
    """The record's path without suffix; in a folder of its own if data files must be unpacked."""
    names = sorted({name for name in getattr(head, "file_name", None) or () if name != "~"})
    missing = [name for name in names if not (header.parent / name).is_file()]
    if not missing:
        yield str(header.with_suffix(""))
        return
    with tempfile.TemporaryDirectory(prefix="vigil-") as folder:
        for name in names:
            source = header.parent / name
            packed = [source, *(source.with_name(name + suffix) for suffix in PACKED_SUFFIXES)]
            file = next((one for one in packed if one.is_file()), None)
            if file is None:
                raise ImportFormatError(f"{header}: its data file {name} is missing")
            (Path(folder) / name).write_bytes(read_bytes(file))
        shutil.copy(header, folder)
        yield str(Path(folder) / header.stem)


def _single(wfdb: Any, base: str, where: str) -> list[Channel]:
    record = wfdb.rdrecord(base, physical=False, smooth_frames=False)
    _verify(record, where)
    physical = record.dac(expanded=True)
    return [
        Channel(name, unit or "", float(record.fs) * per_frame, np.asarray(values, np.float64))
        for name, unit, per_frame, values in zip(
            record.sig_name, record.units, record.samps_per_frame, physical, strict=True
        )
    ]


def _verify(record: Any, where: str) -> None:
    """The header holds a checksum of each signal (header(5)): a cut or changed file shows."""
    sums = record.calc_checksum(expanded=True)
    rows = zip(record.sig_name, sums, record.checksum, record.skew, strict=True)
    for name, found, stated, skew in rows:
        # A skewed signal has been shifted against the others: its sum is that of other samples.
        if stated is not None and not skew and (int(found) - int(stated)) % 65536:
            raise ImportFormatError(
                f"{where}: the samples of {name} do not fit the header's checksum: "
                "the data file is damaged, cut short or another one"
            )


def _multi(wfdb: Any, base: str) -> list[Channel]:
    """A record of several segments; where a segment lacks a signal there are no samples."""
    record = wfdb.rdrecord(base, physical=True)
    return [
        Channel(name, unit or "", float(record.fs), record.p_signal[:, i].astype(np.float64))
        for i, (name, unit) in enumerate(zip(record.sig_name, record.units, strict=True))
    ]


def _annotations(
    wfdb: Any, path: Path, plain: Path, header: Path | None, options: Options
) -> Imported:
    with tempfile.TemporaryDirectory(prefix="vigil-") as folder:
        (Path(folder) / plain.name).write_bytes(read_bytes(path))
        found = wfdb.rdann(str(Path(folder) / plain.stem), plain.suffix[1:])
    head = None if header is None else wfdb.rdheader(str(header.with_suffix("")))
    rate_hz = float(found.fs or (head.fs if head is not None else 0) or options.rate_hz)
    if rate_hz <= 0:
        raise ImportFormatError(
            f"{path}: samples a second are not known (no header); say them: --rate HZ"
        )
    at_ns = [round(int(sample) * NS_PER_S / rate_hz) for sample in found.sample]
    marked = list(zip(at_ns, found.symbol, found.aux_note, strict=True))
    beats = sorted({t_ns for t_ns, symbol, _ in marked if symbol in BEATS and t_ns >= 0})
    notes = [(max(t_ns, 0), _words(symbol, aux)) for t_ns, symbol, aux in marked if aux]
    clock = WallClock(str(path), options.zone)
    date = None if head is None else head.base_datetime
    frames = in_order(rr_frames(beats, "wfdb_beats"), str(path))
    return Imported(
        name=plain.stem,
        sensors=[file_sensor("wfdb_beats", Signal.RR_INTERVAL, plain.name, options.site)],
        frames=frames,
        start_utc_ns=None if date is None else clock.utc_ns(date, "line 1 of the header"),
        end_ns=max(frames[-1].t_ns, *at_ns),
        zone=clock.zone,
        notes=notes,
        warnings=[*clock.warnings, *check_frames(str(path), frames)],
    )


def _words(symbol: str, aux: str) -> str:
    """An annotation's text, such as "+ (AFIB"."""
    return f"{symbol} {aux}".replace("\x00", "").strip()
