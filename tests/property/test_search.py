"""Searching by the bounds in the seals finds exactly what looking at every second finds."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.model import Frame
from monitor.archive.expression import parse
from monitor.archive.search import find
from monitor.recording.reader import Recording
from monitor.recording.schema import NewSession, VitalsRow
from monitor.recording.store import Batch, Store
from tests.examples import examples

MINUTES = 45
S = 1_000_000_000


def record(path, rng, *, ended):
    """Slow waves with holes and held values; seals every ten minutes, a resume in between."""
    seconds = np.arange(MINUTES * 60)
    bpm = 90 + 40 * np.sin(seconds / rng.uniform(100, 900)) + rng.normal(0, 3, seconds.size)
    rows = [
        VitalsRow(t, None, "NOT_AVAILABLE", 33.0, "VALID")
        if rng.random() < 0.02
        else VitalsRow(t, float(v), "VALID" if rng.random() < 0.95 else "QUESTIONABLE", None, "")
        for t, v in enumerate(bpm)
    ]
    store = Store.create(path, NewSession())
    for minute in range(MINUTES):
        part = rows[minute * 60 : minute * 60 + 60]
        frame = Frame(t_ns=minute * 60 * S, source="strap", payload=b"\0\1")
        store.commit(Batch(frames=[frame], values=[1.0], vitals=part))
        if minute == 25:
            store.close()
            store = Store.open(path)
    if ended:
        store.finish(MINUTES * 60 * S)
    store.close()
    return rows


@pytest.fixture(scope="module", params=[True, False], ids=["ended", "unended"])
def recorded(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("search") / "s.db"
    return path, record(path, np.random.default_rng(7), ended=request.param)


@given(
    op=st.sampled_from([">", ">=", "<", "<="]),
    limit=st.one_of(st.floats(40, 140), st.integers(40, 140)),
    least=st.sampled_from([1, 5, 60]),
    exact=st.booleans(),
    which=st.integers(0, MINUTES * 60 - 1),
)
@settings(max_examples=examples(60), deadline=None)
def test_nothing_is_missed_and_nothing_made_up(recorded, op, limit, least, exact, which):
    path, rows = recorded
    limit = abs(rows[which].heart_rate_bpm or 90.0) if exact else limit
    holds = {">": float.__gt__, ">=": float.__ge__, "<": float.__lt__, "<=": float.__le__}[op]
    seconds = [
        row.t_s
        for row in rows
        if row.heart_rate_validity == "VALID" and holds(row.heart_rate_bpm, float(limit))
    ]
    text = f"heart_rate {op} {np.format_float_positional(limit)} for {least} s".replace(". ", ".0 ")
    found = find(path, parse(text)).matches
    covered = [t for match in found for t in range(match.from_s, match.to_s)]
    runs = np.split(seconds, np.flatnonzero(np.diff(seconds) != 1) + 1) if seconds else []
    assert covered == [int(t) for run in runs if len(run) >= least for t in run]
    for match in found:
        inside = [rows[t].heart_rate_bpm for t in range(match.from_s, match.to_s)]
        assert match.values["heart_rate"] == (min(inside), max(inside))


def test_what_cannot_hold_is_not_looked_at(recorded):
    path, _ = recorded
    with Recording.open(path) as recording:
        spans = recording._reaching("heart_rate_bpm", ">", 300.0)
        assert len(spans) == 1
        assert spans[0][0] >= 2400  # only what no seal covers yet
        assert len(recording._reaching("heart_rate_bpm", ">", 0.0)) > 4


def test_an_empty_recording_holds_nothing():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.db"
        store = Store.create(path, NewSession())
        store.finish(S)
        store.close()
        assert (
            find(path, parse("heart_rate > 0 or skin_temperature < 99 or spo2 > 1")).matches == []
        )
