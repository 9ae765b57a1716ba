"""EDF+ out, through edfio: ECG at its rate, vitals once a second, the rest as annotations."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from devices.model import NS_PER_S
from monitor.errors import ExportError
from monitor.exchange import session as s
from monitor.exchange.edf_in import NO_DATA
from monitor.exchange.grids import ecg_grid, per_second
from monitor.exchange.marks import Mark, marks
from monitor.exchange.session import Session
from monitor.exchange.written import Written, first_only
from monitor.extras import need

LABELS = {s.HEART: ("HeartRate", "bpm"), s.SKIN: ("SkinTemperature", "degC"), s.SPO2: ("SpO2", "%")}
ECG_LABEL = "ECG"
ZERO = "0: no value"
STEPS = 100.0
"""Vitals are held to the hundredth."""
LARGEST = 32_767
ANNOTATED = (s.ALARMS, s.ENTRIES, s.GAPS, s.TEMPERATURE, s.PRESSURE, s.BEATS)
LONGEST_CODE = 40
"""The header has 80 characters for code, sex, birthday and name together."""
BEAT = "beat"
YEARS = (1985, 2084)
"""What EDF+ can name (edfplus.info, specification, additional 2)."""


def write(session: Session, signals: Sequence[str], where: str) -> Written:
    """One EDF+ file.

    Raises:
        ExportError: there is no signal for it.
        MissingExtraError: `edfio` is not installed.
    """
    edfio = need("edfio", "EDF")
    wanted = list(signals or [n for n in s.SIGNALS if n not in {s.RR, s.BEATS}])
    notes = ["edf does not hold rr_interval; beats are annotations"] if s.RR in wanted else []
    notes += first_only(session, [s.SPO2] if s.SPO2 in wanted else [], "edf")
    said: list[Mark] = []
    made = _vitals(edfio, session, wanted, notes)
    if s.ECG in wanted and session.ecg:
        made.insert(0, _ecg(edfio, session, said, notes))
    if not made:
        raise ExportError(f"{where}: EDF needs a signal: ECG, heart rate, temperature or SpO2")
    if s.BEATS in wanted:
        said += [Mark(t_ns, None, BEAT) for t_ns in session.beats_ns.tolist()]
    said += marks(session, wanted)
    start = _start(session, notes)
    edf = edfio.Edf(
        made,
        recording=edfio.Recording(
            startdate=None if start is None else start.date(),
            equipment_code="Vigil",
        ),
        patient=edfio.Patient(code=_code(session.subject, notes)),
        starttime=dt.time() if start is None else start.time(),
        annotations=[
            edfio.EdfAnnotation(m.t_ns / NS_PER_S, m.duration_s, _plain(m.text))
            for m in sorted(said, key=lambda mark: mark.t_ns)
        ],
    )
    out = io.BytesIO()
    edf.write(out)
    return Written(files={"": out.getvalue()}, notes=notes, count=len(made), what="signals")


def _start(session: Session, notes: list[str]) -> dt.datetime | None:
    """Start as EDF+ can say it."""
    if session.start_utc_ns is None:
        notes.append("edf: the recording knows no date; the header says so")
        return None
    moment = dt.datetime.fromtimestamp(session.start_utc_ns // NS_PER_S, dt.UTC)
    if not YEARS[0] <= moment.year <= YEARS[1]:
        notes.append(f"edf: the year {moment.year} cannot be said in EDF+; the date is left out")
        return None
    micro = session.start_utc_ns % NS_PER_S // 1000
    notes.append("edf: the start is in UTC; EDF+ has no time zone")
    return moment.replace(microsecond=micro, tzinfo=None)


def _vitals(edfio: Any, session: Session, wanted: Sequence[str], notes: list[str]) -> list[Any]:
    """Signals at 1 Hz; EDF has no "missing", so 0 stands for it, which none of these can be."""
    found = []
    for name, (label, unit) in LABELS.items():
        if name not in wanted or not session.has(name):
            continue
        values = np.nan_to_num(per_second(session, name))
        found.append(
            edfio.EdfSignal(
                np.round(values, 2), 1, label=label, physical_dimension=unit,
                physical_range=(-(LARGEST + 1) / STEPS, LARGEST / STEPS), prefiltering=ZERO,
            )
        )  # fmt: skip
        if not np.all(values):
            notes.append(f"edf: where there is no {name} it is 0")
    return found


def _ecg(edfio: Any, session: Session, said: list[Mark], notes: list[str]) -> Any:
    rate, grid, holes = ecg_grid(session.ecg, session.end_ns // NS_PER_S + 1)
    rate = _whole_rate(rate, notes)
    for first, last in holes:
        at_ns = round(first * NS_PER_S / rate)
        said.append(Mark(at_ns, (last - first) / rate, NO_DATA + ECG_LABEL))
    values = np.nan_to_num(_padded(grid, rate, session.end_ns // NS_PER_S + 1))
    step = max(1.0, float(np.ceil(np.abs(values).max(initial=0.0) / LARGEST)))
    if step > 1:
        notes.append(f"edf: the ECG is held in steps of {step:g} uV, not 1")
    return edfio.EdfSignal(
        values, rate, label=ECG_LABEL, physical_dimension="uV",
        physical_range=(-(LARGEST + 1) * step, LARGEST * step),
    )  # fmt: skip


def _whole_rate(rate: float, notes: list[str]) -> float:
    """EDF holds a whole number of samples in each record, here a second."""
    if rate == round(rate):
        return rate
    near = float(Fraction(rate).limit_denominator(1))
    notes.append(f"edf: {rate:g} samples a second are told as {near:g}: times drift by that much")
    return near


def _padded(grid: NDArray[np.float64], rate: float, seconds: int) -> NDArray[np.float64]:
    """Exactly as long as the signals at 1 Hz."""
    size = round(rate * seconds)
    return np.concatenate((grid[:size], np.full(max(0, size - grid.size), np.nan)))


def _code(subject: str, notes: list[str]) -> str:
    """The subject as a subfield of the header: ASCII without spaces, and not long."""
    kept = "".join(c if c.isascii() and c.isprintable() and c != " " else "_" for c in subject)
    code = kept[:LONGEST_CODE] or "X"
    if subject and code != subject:
        notes.append(f"edf: the subject is called {code} there")
    return code


def _plain(text: str) -> str:
    """EDF+ separates annotations with control characters."""
    return "".join(char if char.isprintable() else " " for char in text)
