"""FIT in (sports watches), through fitdecode: heart rates of `record`, RR intervals of `hrv`."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from devices.codecs.sample import encode
from devices.model import NS_PER_S, Frame, Signal
from monitor.errors import ImportFormatError
from monitor.exchange.imported import Imported, file_sensor, in_order
from monitor.exchange.options import NONE, Options
from monitor.exchange.plausibility import check_frames
from monitor.exchange.text import plain_name, read_bytes
from monitor.exchange.wall_clock import EPOCH
from monitor.extras import need

MAGIC_AT, MAGIC = 8, b".FIT"
NO_RR_S = 65.0
"""65.535 s fills the places of an `hrv` message that have no interval (FIT profile)."""
_ALIAS = "fit_heart"
MS_PER_S = 1000.0


def read(path: Path, options: Options = NONE) -> Imported:
    """Read an activity file.

    Args:
        path: the file; it may be compressed.
        options: `site` is used.

    Raises:
        ImportFormatError: garbled, cut short, or without a heart rate.
        MissingExtraError: `fitdecode` is not installed.
    """
    fitdecode = need("fitdecode", "FIT")
    where = str(path)
    samples, ends = _samples(fitdecode, where, read_bytes(path))
    if not samples:
        raise ImportFormatError(f"{where}: there is no heart rate in it")
    start_ns = min(ends[0], *(utc_ns for utc_ns, _, _ in samples))
    frames = in_order(
        [
            Frame(t_ns=utc_ns - start_ns, source=_ALIAS, payload=encode(signal, value))
            for utc_ns, signal, value in samples
        ],
        where,
    )
    rates = any(signal is Signal.HEART_RATE for _, signal, _ in samples)
    measures = Signal.HEART_RATE if rates else Signal.RR_INTERVAL
    name = plain_name(path)
    return Imported(
        name=Path(name).stem,
        sensors=[file_sensor(_ALIAS, measures, name, options.site)],
        frames=frames,
        start_utc_ns=start_ns,
        end_ns=max(ends[-1] - start_ns, frames[-1].t_ns),
        warnings=check_frames(where, frames),
    )


def _samples(
    fitdecode: Any, where: str, raw: bytes
) -> tuple[list[tuple[int, Signal, float]], list[int]]:
    """Samples as (UTC ns, signal, value), and the times of all records."""
    found: list[tuple[int, Signal, float]] = []
    times: list[int] = []
    for i, message in enumerate(_messages(fitdecode, where, raw), 1):
        if message.name == "record":
            moment = message.get_value("timestamp", fallback=None)
            if not isinstance(moment, datetime):
                continue
            utc_ns = _utc_ns(moment)
            if times and utc_ns < times[-1]:
                raise ImportFormatError(f"{where}, message {i}: time goes backwards ({moment})")
            times.append(utc_ns)
            bpm = message.get_value("heart_rate", fallback=None)
            if isinstance(bpm, int | float) and bpm > 0:
                found.append((utc_ns, Signal.HEART_RATE, float(bpm)))
        elif message.name == "hrv" and times:
            # They have no time: they came between the record before and the one after.
            found += [(times[-1], Signal.RR_INTERVAL, s * MS_PER_S) for s in _intervals(message)]
    return found, times


def _intervals(message: Any) -> Iterator[float]:
    values = message.get_value("time", fallback=None)
    for value in values if isinstance(values, tuple | list) else (values,):
        if isinstance(value, int | float) and 0 < value < NO_RR_S:
            yield float(value)


def _messages(fitdecode: Any, where: str, raw: bytes) -> Iterator[Any]:
    number = 0
    try:
        reader = fitdecode.FitReader(
            io.BytesIO(raw), check_crc=fitdecode.CrcCheck.RAISE, keep_raw_chunks=False
        )
        with reader as frames:
            for frame in frames:
                if isinstance(frame, fitdecode.FitDataMessage):
                    number += 1
                    yield frame
    except ImportFormatError:
        raise
    except Exception as fault:  # of the library, on bytes that are not as they should be
        raise ImportFormatError(
            f"{where}, after message {number}: the FIT file is damaged or cut short ({fault})"
        ) from fault


def _utc_ns(moment: datetime) -> int:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int((aware - EPOCH).total_seconds()) * NS_PER_S
