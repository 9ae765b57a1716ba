"""CSV out: samples in the form `plain_csv` reads; beats, alarms, entries and gaps as tables."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from devices.model import NS_PER_S
from monitor.errors import ExportError
from monitor.exchange import session as s
from monitor.exchange.session import Session
from monitor.exchange.written import Written, about, first_only, t_s

SINGLE = (s.BEATS, s.ALARMS, s.ENTRIES, s.GAPS)
"""Each of these is a table of its own."""
DEFAULT = (s.HEART, s.SKIN)
DICTIONARY = ".dictionary.json"
UV_PER_MV = 1000.0
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""A cell of text that begins so, also in full width, is run as a formula by spreadsheets (OWASP,
CSV Injection)."""


class _Column(NamedTuple):
    """Times in nanoseconds and text of each value of one column."""

    name: str
    times: NDArray[np.int64]
    cells: Callable[[], Iterable[str]]


MEANINGS: Mapping[str, str] = {
    "time_s": "seconds since the start of the recording",
    "heart_rate[/min]": "displayed heart rate, once a second; empty: nothing valid was displayed",
    "skin_temperature[Cel]": "displayed skin temperature, once a second; never core temperature",
    "rr_interval[ms]": "time between two beats as a sensor sent it; time_s is its arrival",
    "ecg[mV]": "electrocardiogram",
    "spo2[%]": "oxygen saturation",
    "clinical_temperature[Cel]": "reading of a clinical thermometer, by hand or by a sensor",
    "systolic_pressure[mm[Hg]]": "systolic blood pressure",
    "diastolic_pressure[mm[Hg]]": "diastolic blood pressure",
    "onset_s": "seconds from the start to the onset of the alarm",
    "clear_s": "seconds to its end; empty: it lasted to the end of the recording",
    "condition": "id of the alarm condition (docs/alarms.md)",
    "kind": "PHYSIOLOGICAL or TECHNICAL",
    "priority": "the highest it reached: LOW, MEDIUM, HIGH",
    "value": "value at the onset, in `unit`",
    "limit": "limit at the onset, in `unit`",
    "unit": "unit of value and limit",
    "verb": "what the operator did (docs/recording.md)",
    "operator": "who; empty if not said",
    "details": "JSON",
    "refused": "why it was not done; empty if it was",
    "became": "corrected or withdrawn by a later entry; empty if it was not",
    "signal": "the signal without valid values",
    "start_s": "seconds from the start to the beginning of the gap",
    "end_s": "seconds to its end; empty: it lasted to the end of the recording",
    "reason": "why there are no values, as far as is known",
}
"""The data dictionary: what each column means."""


def lines(path: Path, signals: Sequence[str]) -> list[str]:
    """The lines of the file, header first.

    Raises:
        RecordingError: the recording cannot be read.
        ExportError: the signals do not go into one file, or there is none of it.
    """
    return text(s.gather(path), signals or DEFAULT, str(path)).splitlines()


def write(session: Session, signals: Sequence[str], where: str) -> Written:
    """The table, and beside it a data dictionary.

    Raises:
        ExportError: the signals do not go into one file, or there is none of it.
    """
    chosen = signals or DEFAULT
    table = text(session, chosen, where)
    notes = first_only(session, [name for name in chosen if name != s.TEMPERATURE], "csv")
    if s.TEMPERATURE in chosen and session.temperatures:
        notes.append("csv: site and method of temperature readings are in the dictionary only")
    return Written(
        files={"": table.encode(), DICTIONARY: _dictionary(session, table, chosen)},
        notes=notes,
        count=table.count("\n") - 1,
    )


def text(session: Session, signals: Sequence[str], where: str) -> str:
    """The table as text."""
    alone = next((name for name in signals if name in SINGLE), None)
    if alone is not None and len(signals) > 1:
        raise ExportError(f"{alone} has times of its own: export it into a file alone")
    if alone == s.BEATS and not session.has(s.BEATS):
        raise ExportError(f"{where}: no beats: it holds neither an ECG nor RR intervals")
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    rows = _TABLES[alone](session) if alone is not None else _samples(session, signals, where)
    writer.writerows(rows)
    return out.getvalue()


def harmless(cell: str) -> str:
    """Text that no spreadsheet runs, on one line."""
    line = "".join(char if char.isprintable() else " " for char in cell)
    return f"'{line}" if line.lstrip().startswith(_FORMULA) else line


def _beats(session: Session) -> Iterator[Sequence[str]]:
    yield ("time_s",)
    yield from ((f"{t_ns / NS_PER_S:.4f}",) for t_ns in session.beats_ns.tolist())


def _alarms(session: Session) -> Iterator[Sequence[object]]:
    names = ("onset_s", "clear_s", "condition", "kind", "priority", "value", "limit", "unit")
    yield names
    yield from ([getattr(alarm, name) for name in names] for alarm in session.alarms)


def _entries(session: Session) -> Iterator[Sequence[object]]:
    yield ("time_s", "verb", "operator", "details", "refused", "became")
    for one in session.entries:
        details = json.dumps(dict(one.details), ensure_ascii=False, allow_nan=False)
        text = (one.verb, one.operator, details, one.refused)
        yield (t_s(one.t_ns), *(harmless(cell) for cell in text), one.became)


def _gaps(session: Session) -> Iterator[Sequence[object]]:
    yield ("signal", "start_s", "end_s", "reason")
    for gap in session.gaps:
        yield gap.signal, gap.start_s, gap.end_s, harmless(gap.reason)


_TABLES: Mapping[str, Callable[[Session], Iterator[Sequence[object]]]] = {
    s.BEATS: _beats,
    s.ALARMS: _alarms,
    s.ENTRIES: _entries,
    s.GAPS: _gaps,
}


def _samples(session: Session, signals: Sequence[str], where: str) -> Iterator[Sequence[str]]:
    vitals = [name for name in signals if name in DEFAULT]
    columns = [column for name in signals for column in _columns(session, name)]
    if not vitals and not any(column.times.size for column in columns):
        raise ExportError(f"{where}: there is no {', '.join(signals)} in it")
    yield ("time_s", *(column.name for column in columns))
    yield from _merged(columns)


def _columns(session: Session, name: str) -> list[_Column]:
    if name in DEFAULT:
        values = session.heart if name == s.HEART else session.skin
        ticks = np.arange(values.size, dtype=np.int64) * NS_PER_S
        return [_Column(f"{name}[{s.UNITS[name]}]", ticks, lambda: _cells(values, 2))]
    if name == s.ECG:
        times = np.concatenate([run.times() for run in session.ecg] or [np.empty(0, np.int64)])
        parts = [run.uv for run in session.ecg] or [np.empty(0, np.int32)]
        return [_Column("ecg[mV]", times, lambda: _cells(np.concatenate(parts) / UV_PER_MV, 3))]
    if name == s.TEMPERATURE:
        temperatures = session.temperatures
        return [_column("clinical_temperature[Cel]", [(r.t_ns, r.value) for r in temperatures])]
    if name == s.PRESSURE:
        found = session.pressures
        upper = [(r.t_ns, r.value) for r in found]
        lower = [(r.t_ns, r.diastolic) for r in found]
        return [
            _column("systolic_pressure[mm[Hg]]", upper),
            _column("diastolic_pressure[mm[Hg]]", lower),
        ]
    # Of several sensors the first: two people's worth of intervals would be no series.
    samples = next((one for one in session.series.get(name, ()) if one.t_ns.size), None)
    pairs = [] if samples is None else zip(samples.t_ns, samples.values, strict=True)
    return [_column(f"{name}[{s.UNITS[name]}]", [(int(t), float(v)) for t, v in pairs])]


def _column(name: str, pairs: Sequence[tuple[int, float]]) -> _Column:
    times = np.array([t_ns for t_ns, _ in pairs], np.int64)
    return _Column(name, times, lambda: (f"{value:.10g}" for _, value in pairs))


def _cells(values: NDArray[np.float64], decimals: int) -> Iterator[str]:
    return ("" if math.isnan(v) else f"{v:.{decimals}f}" for v in values.tolist())


def _merged(columns: Sequence[_Column]) -> Iterator[Sequence[str]]:
    """Rows by time; values that arrived together in one column follow each other."""
    times = np.concatenate([column.times for column in columns])
    places = np.repeat(np.arange(len(columns)), [column.times.size for column in columns])
    order = np.argsort(times, kind="stable")
    cells = [iter(column.cells()) for column in columns]
    row: list[str] = []
    at = -1
    for t_ns, place in zip(times[order].tolist(), places[order].tolist(), strict=True):
        if t_ns != at or row[place + 1]:
            if row:
                yield row
            at, row = t_ns, [_time(t_ns), *[""] * len(columns)]
        row[place + 1] = next(cells[place])
    if row:
        yield row


def _time(t_ns: int) -> str:
    """Whole seconds as they are, others to the microsecond."""
    whole, rest = divmod(t_ns, NS_PER_S)
    return str(whole) if not rest else f"{t_ns / NS_PER_S:.6f}"


def _dictionary(session: Session, table: str, signals: Sequence[str]) -> bytes:
    header = next(csv.reader(io.StringIO(table)))
    told: dict[str, object] = {
        "columns": {name: MEANINGS[name] for name in header},
        "units": "UCUM, in square brackets behind the name",
        **about(session),
    }
    if s.ALARMS in signals:
        told["alarms"] = "derived for this export" if session.derived else "as recorded"
    if s.TEMPERATURE in signals:
        told["temperature_readings"] = [
            {"time_s": t_s(r.t_ns), "degc": r.value, "site": r.site, "method": r.method}
            for r in session.temperatures
        ]
    return (json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()
