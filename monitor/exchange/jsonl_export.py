"""JSON lines out: a header, then one object a value, in time order within each signal."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from monitor.exchange import session as s
from monitor.exchange.session import Reading, Session
from monitor.exchange.written import Written, about, t_s

Row = dict[str, Any]


def write(session: Session, signals: Sequence[str], where: str) -> Written:
    """Everything asked for, or all there is; JSON lines hold every signal."""
    del where
    found = [header(session)]
    for name in signals or s.SIGNALS:
        found += [{"signal": name, **row} for row in rows(session, name)]
    text = "".join(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in found)
    return Written(files={"": text.encode()}, count=len(found))


def rows(session: Session, name: str) -> Iterator[Row]:
    """The objects of one signal, without its name."""
    return _ROWS[name](session)


def header(session: Session) -> Row:
    """What is true of the whole export."""
    return {
        "vigil_export": 1,
        **about(session),
        "units": dict(s.UNITS),
        "alarms": "derived for this export" if session.derived else "as recorded",
    }


def _beats(session: Session) -> Iterator[Row]:
    return ({"t_s": t_s(t_ns)} for t_ns in session.beats_ns.tolist())


def _vital(name: str) -> Callable[[Session], Iterator[Row]]:
    def _rows(session: Session) -> Iterator[Row]:
        values = session.heart if name == s.HEART else session.skin
        for t, value in enumerate(values.tolist()):
            if not math.isnan(value):
                yield {"t_s": t, "value": round(value, 2), "unit": s.UNITS[name]}

    return _rows


def _series(name: str) -> Callable[[Session], Iterator[Row]]:
    def _rows(session: Session) -> Iterator[Row]:
        for one in session.series.get(name, ()):
            for t_ns, value in zip(one.t_ns.tolist(), one.values.tolist(), strict=True):
                told = {"value": value, "unit": s.UNITS[name], "source": one.source}
                yield {"t_s": t_s(t_ns), **told}

    return _rows


def _ecg(session: Session) -> Iterator[Row]:
    """A line a second of samples, in microvolts."""
    for run in session.ecg:
        size = max(1, round(run.rate_hz))
        times = run.times()
        for i in range(0, run.uv.size, size):
            yield {
                "t_s": t_s(int(times[i])),
                "rate_hz": run.rate_hz,
                "uv": run.uv[i : i + size].tolist(),
                "source": run.source,
            }


def _temperatures(session: Session) -> Iterator[Row]:
    for one in session.temperatures:
        yield {"t_s": t_s(one.t_ns), "value": one.value, "unit": "Cel", **_of(one)}


def _pressures(session: Session) -> Iterator[Row]:
    for one in session.pressures:
        values = {"systolic": one.value, "diastolic": one.diastolic, "unit": "mm[Hg]"}
        yield {"t_s": t_s(one.t_ns), **values, "source": one.source}


def _of(reading: Reading) -> Row:
    return {"site": reading.site, "method": reading.method, "source": reading.source}


def _entries(session: Session) -> Iterator[Row]:
    for one in session.entries:
        row = {"t_s": t_s(one.t_ns), "verb": one.verb, "operator": one.operator}
        told = {"details": dict(one.details), "refused": one.refused, "became": one.became}
        yield row | told


def _gaps(session: Session) -> Iterator[Row]:
    for gap in session.gaps:
        yield {"of": gap.signal, "start_s": gap.start_s, "end_s": gap.end_s, "reason": gap.reason}


_ROWS: Mapping[str, Callable[[Session], Iterator[Row]]] = {
    s.BEATS: _beats,
    s.HEART: _vital(s.HEART),
    s.SKIN: _vital(s.SKIN),
    s.RR: _series(s.RR),
    s.ECG: _ecg,
    s.SPO2: _series(s.SPO2),
    s.PRESSURE: _pressures,
    s.TEMPERATURE: _temperatures,
    s.ALARMS: lambda session: (asdict(alarm) for alarm in session.alarms),
    s.ENTRIES: _entries,
    s.GAPS: _gaps,
}
