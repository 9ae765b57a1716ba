"""Frames taken as columns, many at once, give what they give one by one."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.codecs import sample, waveform
from devices.model import NS_PER_S, Frame, SensorSpec, Signal, Waveforms
from monitor import stored
from monitor.core import Core, Setup
from monitor.journal import action_body
from monitor.model import Action, Verb
from monitor.recording.reader import Recording
from monitor.recording.schema import Mode, NewSession
from monitor.recording.writer import Recorder
from monitor.signal.ecg_beats import EcgBeats
from monitor.signal.ecg_pieces import Pieces
from monitor.signal.signal_quality import EcgQuality
from monitor.tape import Tape
from simulators.wire import heart_rate_measurement
from tests.examples import examples

CLIP = np.load(Path(__file__).parents[1] / "data" / "mitdb" / "clips.npz")["uv_203"][: 130 * 40]
SIZE = 73


@st.composite
def pieces(draw):
    """Frames of ECG as (arrival, samples, stamp), and where to cut them into groups."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    bad = draw(st.sampled_from([0.0, 0.05]))
    found, stamp = [], 10 * NS_PER_S
    for start in range(0, CLIP.size - SIZE, SIZE):
        values = CLIP[start : start + SIZE].astype(np.int32)
        stamp += SIZE * NS_PER_S // 130
        what = rng.integers(5) if rng.random() < bad else -1
        if what == 0:
            continue  # lost
        if what == 1:
            values = np.full(SIZE, 7, np.int32)
        if what == 2:
            values = np.where(np.arange(SIZE) % 2, 9000, -9000).astype(np.int32)
        late = stamp - (3 * NS_PER_S if what == 3 else 0)
        found.append((stamp + int(rng.integers(0, 10**7)), values, late))
    cuts = draw(st.lists(st.integers(0, len(found)), max_size=6))
    return found, sorted({0, *cuts, len(found)})


def in_columns(part):
    times, values, stamps = zip(*part, strict=True)
    ends = np.cumsum([v.size for v in values])
    waves = Waveforms(Signal.ECG, 130.0, np.concatenate(values), ends, np.array(stamps))
    return Pieces(np.array(times, np.int64), waves)


@settings(deadline=None, max_examples=examples(40))
@given(pieces())
def test_pieces_of_ecg(case):
    found, cuts = case
    runs = []
    for single in (False, True):
        stage, quality, out = EcgBeats(), EcgQuality(), []
        for start, stop in pairwise(cuts):
            columns = in_columns(found[start:stop])
            given_ = columns.each() if single else [columns]
            beats, noise = stage.step(given_)
            quality.add(given_, beats.known_ns, noise)
            ticks = np.arange(found[start][0], found[stop - 1][0], NS_PER_S) // NS_PER_S
            out += [beats.known_ns, beats.at_ns, beats.rr_ms, noise, quality.step(ticks)]
        state = stage.continuity
        runs.append((out, state.reason, state.refused, state.gaps))
    for one, many in zip(runs[1][0], runs[0][0], strict=True):
        np.testing.assert_array_equal(one, many)
    assert runs[0][1:] == runs[1][1:]


def test_clean_ecg_is_taken_at_once():
    """Guards the property above against always taking pieces one by one."""
    parts = [CLIP[i : i + SIZE].astype(np.int32) for i in range(0, CLIP.size - SIZE, SIZE)]
    step = SIZE * NS_PER_S // 130
    columns = in_columns([(i * step, part, i * step + 1) for i, part in enumerate(parts)])
    EcgBeats().step([columns])
    assert columns.whole
    assert columns.singles is None


SENSORS = [
    SensorSpec(alias="ecg", codec="waveform", measures=Signal.ECG, transport="file"),
    SensorSpec(alias="strap", codec="hrs_2a37", measures=Signal.HEART_RATE),
    SensorSpec(
        alias="patch", codec="sample", measures=Signal.SKIN_TEMPERATURE, site="axilla",
        transport="file",
    ),
]  # fmt: skip


@pytest.fixture
def recording(tmp_path):
    """A quarter of an hour: new links, garbage, frames out of order, a stranger, actions."""
    path, rng = tmp_path / "s.db", np.random.default_rng(11)
    recorder = Recorder(path, create=NewSession(subject="P", software="t", mode=Mode.SIM))
    recorder.sensors(SENSORS)
    frames = []
    for t in range(900):
        at, bpm = t * NS_PER_S, 80 + 60 * (300 < t < 500)
        ecg = CLIP[(t * 130) % 5000 :][:130].astype(np.int32)
        payloads = {
            "ecg": waveform.encode(130.0, at + 1, ecg) if t % 300 else b"",
            "strap": heart_rate_measurement(bpm, [60_000 / bpm], contact=True),
            "patch": sample.encode(Signal.SKIN_TEMPERATURE, 34.0 + t / 1000),
        }
        if t % 97 == 5:
            payloads |= {"patch": b"", "strap": rng.bytes(3), "stranger": b"x"}
        frames += [
            Frame(t_ns=at + int(rng.integers(10**9)), source=source, payload=payload)
            for source, payload in payloads.items()
        ]
    recorder.frames(frames)
    for t in (120, 350, 420):
        verb = Verb.DOSE if t == 120 else Verb.ACKNOWLEDGE
        details = {"confirm_baseline": True, "condition": "hr_high", "occurrence": 1}
        action = Action(t_ns=t * NS_PER_S, verb=verb, operator="SM", details=details)
        recorder.journal(action.t_ns, "action", action_body(action))
    recorder.close(890 * NS_PER_S)  # frames after the end of the session count for nobody
    return path


@pytest.mark.parametrize("block_s", [3600, 100])
def test_a_recording(recording, monkeypatch, block_s):
    monkeypatch.setattr(stored, "BLOCK_S", block_s)
    with Recording.open(recording) as opened:
        single, many = stored.events(opened), stored.columns(opened)
        runs = []
        for events in (single, many):
            core = Core(Setup(sensors=SENSORS))
            output = stored.run(core, events, opened.end_ns)
            sources = [
                (s.packets, s.last_ns, s.malformed, s.note) for s in core.intake.sources.values()
            ]
            shown = [[p.t_ns for p in s.strip] for s in core.intake.sources.values()]
            hearts = np.concatenate([v.heart.shown.value for v in output.vitals])
            skins = np.concatenate([v.skin.shown.value for v in output.vitals])
            texts = [repr(x) for x in (*output.edges, *output.transitions)]
            runs.append((sources, shown, texts, core.intake.unknown, hearts, skins))
        assert Tape.derive(opened).unknown_frames == runs[0][3] == 10
    assert len(many) < len(single) / 10
    assert runs[0][:4] == runs[1][:4]
    for one, columns in zip(runs[0][4:], runs[1][4:], strict=True):
        np.testing.assert_array_equal(one, columns)
    assert any("hr_" in text and "ONSET" in text for text in runs[0][2])
