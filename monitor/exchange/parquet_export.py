"""Parquet out, through pyarrow: one long table, a row a value."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from devices.model import NS_PER_S
from monitor.exchange import jsonl_export
from monitor.exchange import session as s
from monitor.exchange.session import Session
from monitor.exchange.written import Written
from monitor.extras import need

UV_PER_MV = 1000.0
SYSTOLIC, DIASTOLIC = "systolic_pressure", "diastolic_pressure"
MEANINGS = {
    "t_ns": "nanoseconds since the start of the recording",
    "time": "wall-clock time, UTC; null if the recording does not know it",
    "signal": "what it is",
    "source": "alias of the sensor; empty for displayed vitals, beats and entries by hand",
    "value": "in `unit`; null for beats, alarms, entries and gaps",
    "unit": "UCUM",
    "body": "JSON of what is no number: site of a temperature, an alarm, an entry, a gap",
}
"""The data dictionary; it is stored in the file as the metadata of each column."""


class _Part:
    """Rows of one signal from one source."""

    def __init__(
        self,
        signal: str,
        t_ns: NDArray[np.int64],
        values: NDArray[np.float64] | None = None,
        source: str = "",
        bodies: Sequence[str] | None = None,
    ) -> None:
        self.signal, self.source, self.t_ns, self.bodies = signal, source, t_ns, bodies
        self.values = values
        units = s.UNITS | {SYSTOLIC: "mm[Hg]", DIASTOLIC: "mm[Hg]"}
        self.unit = units.get(signal, "")


def write(session: Session, signals: Sequence[str], where: str) -> Written:
    """Everything asked for, or all there is; Parquet holds every signal.

    Raises:
        MissingExtraError: `pyarrow` is not installed.
    """
    del where
    arrow = need("pyarrow", "Parquet")
    parquet = need("pyarrow.parquet", "Parquet")
    parts = [part for name in signals or s.SIGNALS for part in _parts(session, name)]
    kept = [part for part in parts if part.t_ns.size]
    table = _table(arrow, session, kept)
    out = io.BytesIO()
    parquet.write_table(table, out, compression="zstd")
    return Written(files={"": out.getvalue()}, count=table.num_rows, what="rows")


def _table(arrow: Any, session: Session, parts: Sequence[_Part]) -> Any:
    empty = np.empty(0, np.int64)
    t_ns = np.concatenate([part.t_ns for part in parts] or [empty])
    nothing = np.full(t_ns.size, session.start_utc_ns is None)
    times = t_ns + (session.start_utc_ns or 0)
    values = np.concatenate([_values(part) for part in parts] or [np.empty(0)])
    columns = {
        "t_ns": arrow.array(t_ns, arrow.int64()),
        "time": arrow.array(times, arrow.timestamp("ns", tz="UTC"), mask=nothing),
        "signal": _words(arrow, [(part.signal, part.t_ns.size) for part in parts]),
        "source": _words(arrow, [(part.source, part.t_ns.size) for part in parts]),
        "value": arrow.array(values, arrow.float64(), mask=np.isnan(values)),
        "unit": _words(arrow, [(part.unit, part.t_ns.size) for part in parts]),
        "body": arrow.array(list(_bodies(parts)), arrow.string()),
    }
    fields = [
        arrow.field(name, column.type, metadata={"meaning": MEANINGS[name]})
        for name, column in columns.items()
    ]
    header = json.dumps(jsonl_export.header(session), ensure_ascii=False, allow_nan=False)
    schema = arrow.schema(fields, metadata={"vigil": header})
    return arrow.Table.from_arrays(list(columns.values()), schema=schema)


def _words(arrow: Any, runs: Sequence[tuple[str, int]]) -> Any:
    words = list(dict.fromkeys(word for word, _ in runs))
    index = np.repeat([words.index(word) for word, _ in runs], [n for _, n in runs])
    return arrow.DictionaryArray.from_arrays(
        arrow.array(index.astype(np.int32)), arrow.array(words, arrow.string())
    )


def _values(part: _Part) -> NDArray[np.float64]:
    return np.full(part.t_ns.size, np.nan) if part.values is None else part.values


def _bodies(parts: Sequence[_Part]) -> Iterator[str | None]:
    for part in parts:
        yield from part.bodies if part.bodies is not None else [None] * part.t_ns.size


def _parts(session: Session, name: str) -> list[_Part]:
    if name in _PARTS:
        return _PARTS[name](session)
    if name in session.series:
        return [_Part(name, one.t_ns, one.values, one.source) for one in session.series[name]]
    return [_bodied(session, name)]


def _vital(name: str, values: NDArray[np.float64]) -> list[_Part]:
    there = np.flatnonzero(np.isfinite(values))
    return [_Part(name, there.astype(np.int64) * NS_PER_S, values[there])]


def _ecg(session: Session) -> list[_Part]:
    return [_Part(s.ECG, run.times(), run.uv / UV_PER_MV, run.source) for run in session.ecg]


def _temperatures(session: Session) -> list[_Part]:
    return [
        _Part(
            s.TEMPERATURE,
            np.array([one.t_ns], np.int64),
            np.array([one.value]),
            one.source,
            [json.dumps({"site": one.site, "method": one.method})],
        )
        for one in session.temperatures
    ]


def _pressures(session: Session) -> list[_Part]:
    found = []
    for one in session.pressures:
        at = np.array([one.t_ns], np.int64)
        found.append(_Part(SYSTOLIC, at, np.array([one.value]), one.source))
        found.append(_Part(DIASTOLIC, at, np.array([one.diastolic]), one.source))
    return found


def _bodied(session: Session, name: str) -> _Part:
    """Alarms, entries and gaps: their beginning as time, the rest as JSON."""
    rows = list(jsonl_export.rows(session, name))
    begins = {s.ALARMS: "onset_s", s.GAPS: "start_s"}.get(name, "t_s")
    times = np.array([round(row[begins] * NS_PER_S) for row in rows], np.int64)
    bodies = [json.dumps(row, ensure_ascii=False, allow_nan=False) for row in rows]
    return _Part(name, times, bodies=bodies)


_PARTS: Mapping[str, Callable[[Session], list[_Part]]] = {
    s.HEART: lambda session: _vital(s.HEART, session.heart),
    s.SKIN: lambda session: _vital(s.SKIN, session.skin),
    s.ECG: _ecg,
    s.BEATS: lambda session: [_Part(s.BEATS, session.beats_ns)],
    s.PRESSURE: _pressures,
    s.TEMPERATURE: _temperatures,
}
