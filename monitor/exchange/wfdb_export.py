"""WFDB out, through wfdb: a record of the ECG, one of vitals once a second, annotations."""

from __future__ import annotations

import datetime as dt
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from devices.model import NS_PER_S
from monitor.errors import ExportError
from monitor.exchange import session as s
from monitor.exchange.grids import ecg_grid, per_second
from monitor.exchange.marks import Mark, marks
from monitor.exchange.session import Session
from monitor.exchange.written import Written, first_only
from monitor.extras import need

NUMERICS = {
    s.HEART: ("HR", "bpm", 100.0),
    s.SKIN: ("SkinTemperature", "degC", 100.0),
    s.SPO2: ("SpO2", "%", 100.0),
}
"""Name, unit and steps a unit of the vitals; MIMIC's numerics records name them so."""
UV_PER_MV = 1000.0
LARGEST_16 = 32_767
BEATS, EVENTS = "qrs", "alm"
"""Annotators: beats, and everything that is a text at a time."""
NOTE = '"'
"""WFDB's code of a comment annotation; the text goes with it."""
MARK_HZ = 1000


def write(session: Session, signals: Sequence[str], name: str) -> Written:
    """`NAME.hea/.dat` with the ECG, `NAMEn.hea/.dat` with vitals, `NAME.qrs`, `NAME.alm`.

    Args:
        session: the recording.
        signals: what to export; empty: all there is.
        name: of the record: letters, digits, - and _.

    Raises:
        ExportError: the name cannot be a record's, or there is nothing to write.
        MissingExtraError: `wfdb` is not installed.
    """
    wfdb = need("wfdb", "WFDB")
    if (
        not name.replace("-", "").replace("_", "").isascii()
        or not name.replace("-", "").replace("_", "").isalnum()
    ):
        raise ExportError(f"{name!r}: a WFDB record's name has letters, digits, - and _ only")
    wanted = list(signals or [n for n in s.SIGNALS if n != s.RR])
    notes = ["wfdb: RR intervals are held as the beats"] if s.RR in wanted else []
    notes += first_only(session, [s.SPO2] if s.SPO2 in wanted else [], "wfdb")
    if session.start_utc_ns is not None:
        notes.append("wfdb: the start is in UTC; the header has no time zone")
    with tempfile.TemporaryDirectory(prefix="vigil-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pandas, about wfdb
        if s.ECG in wanted and session.ecg:
            _ecg(wfdb, session, folder, name)
        _numerics(wfdb, session, wanted, folder, f"{name}n")
        if s.BEATS in wanted or s.RR in wanted:
            _beats(wfdb, session, folder, name)
        _events(wfdb, marks(session, wanted), folder, name)
        files = {path.name.removeprefix(name): path.read_bytes() for path in Path(folder).iterdir()}
    if not files:
        raise ExportError(f"{name}: there is nothing to write")
    return Written(files=files, notes=notes, count=len(files), what="files")


def _base(session: Session) -> dict[str, Any]:
    if session.start_utc_ns is None:
        return {}
    whole, rest = divmod(session.start_utc_ns, NS_PER_S)
    moment = dt.datetime.fromtimestamp(whole, dt.UTC).replace(tzinfo=None)
    return {"base_datetime": moment.replace(microsecond=rest // 1000)}


def _comments(session: Session) -> list[str]:
    subject = f"subject {session.subject}" if session.subject else "subject not named"
    shifted = ", dates shifted" if session.shifted else ""
    text = f"Vigil {session.software}, {session.mode}, {subject}{shifted}"
    return [text.encode("ascii", "replace").decode()]  # header(5) knows nothing else


def _ecg(wfdb: Any, session: Session, folder: str, name: str) -> None:
    rate, grid, _ = ecg_grid(session.ecg, 0)
    wide = bool(np.nanmax(np.abs(grid), initial=0.0) > LARGEST_16)
    wfdb.wrsamp(
        name, fs=_plain(rate), units=["mV"], sig_name=["ECG"],
        p_signal=(grid / UV_PER_MV)[:, np.newaxis], fmt=["32" if wide else "16"],
        adc_gain=[UV_PER_MV], baseline=[0], comments=_comments(session), write_dir=folder,
        **_base(session),
    )  # fmt: skip


def _numerics(wfdb: Any, session: Session, wanted: Sequence[str], folder: str, name: str) -> None:
    kept = [n for n in NUMERICS if n in wanted and session.has(n)]
    if not kept:
        return
    labels, units, gains = zip(*(NUMERICS[n] for n in kept), strict=True)
    values = np.column_stack([np.round(per_second(session, n), 2) for n in kept])
    wfdb.wrsamp(
        name, fs=1, units=list(units), sig_name=list(labels), p_signal=values,
        fmt=["16"] * len(kept), adc_gain=list(gains), baseline=[0] * len(kept),
        comments=_comments(session), write_dir=folder, **_base(session),
    )  # fmt: skip


def _beats(wfdb: Any, session: Session, folder: str, name: str) -> None:
    if not session.beats_ns.size:
        return
    rate = session.ecg[0].rate_hz if session.ecg else float(MARK_HZ)
    samples = np.unique(np.rint(session.beats_ns * (rate / NS_PER_S)).astype(np.int64))
    wfdb.wrann(name, BEATS, samples, symbol=["N"] * samples.size, fs=_plain(rate), write_dir=folder)


def _events(wfdb: Any, found: Sequence[Mark], folder: str, name: str) -> None:
    """Two at one time would be one annotation: later ones move by a millisecond."""
    samples: list[int] = []
    for mark in found:
        at = mark.t_ns * MARK_HZ // NS_PER_S
        samples.append(max(at, samples[-1] + 1) if samples else at)
    if samples:
        wfdb.wrann(
            name, EVENTS, np.array(samples), symbol=[NOTE] * len(samples),
            aux_note=[_aux(mark) for mark in found], fs=MARK_HZ, write_dir=folder,
        )  # fmt: skip


def _aux(mark: Mark) -> str:
    lasting = "" if mark.duration_s is None else f" ({mark.duration_s:.0f} s)"
    text = f"{mark.text}{lasting}"
    # One byte a character, at most 255 (annot(5)); an odd length is padded by the library.
    return text.encode("ascii", "replace").decode()[:250]


def _plain(rate: float) -> float | int:
    return int(rate) if rate == int(rate) else rate
