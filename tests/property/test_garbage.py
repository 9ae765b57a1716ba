"""Arbitrary and mutated bytes from every kind of sensor at once, through the whole engine."""

import asyncio
import random
import sqlite3
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices import registry
from devices.codecs.plausible import HEART_RATE_BPM, TEMPERATURE_DEGC
from devices.model import NS_PER_S, Frame, SensorSpec, Signal
from monitor import feed
from monitor.clock import ScaledClock
from monitor.core import Core, Setup
from monitor.engine import Engine
from monitor.recording.reader import Recording
from monitor.recording.schema import Mode, NewSession
from monitor.recording.writer import Recorder
from monitor.replay import NoSound
from tests.examples import examples

CODECS = registry.codecs()
VITAL = (Signal.HEART_RATE, Signal.SKIN_TEMPERATURE)
MEASURES = {
    Signal.TEMPERATURE: Signal.SKIN_TEMPERATURE,
    Signal.SYSTOLIC_PRESSURE: Signal.BLOOD_PRESSURE,
}


def measures(codec):
    found = sorted(MEASURES.get(signal, signal) for signal in codec.signals)
    return next((signal for signal in VITAL if signal in found), found[0])


SENSORS = [
    SensorSpec(alias=name, codec=name, measures=measures(codec), site="axilla", transport="file")
    for name, codec in CODECS.items()
]


@st.composite
def mutated(draw, name):
    """A payload of that format with bytes changed, added, taken away, or all of them made up."""
    examples = CODECS[name].examples
    if not examples or draw(st.integers(0, 3)) == 0:
        return draw(st.binary(max_size=80))
    payload = bytearray(draw(st.sampled_from(examples)))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(payload)))
        payload[at : at + draw(st.integers(0, 2))] = draw(st.binary(max_size=2))
    return bytes(payload)


frames = st.sampled_from(sorted(CODECS)).flatmap(
    lambda name: st.tuples(st.just(name), mutated(name))
)
sessions = st.lists(frames, max_size=120)


def plausible(shown, low, high):
    values = shown.value[shown.valid]
    return bool(np.all((values >= low) & (values <= high)))


def survives(session):
    core = Core(Setup(sensors=SENSORS))
    for second, (name, payload) in enumerate(session):
        frame = Frame(t_ns=second * NS_PER_S + 1, source=name, payload=payload)
        output = core.step([frame], second * NS_PER_S + 2)
        for vitals in output.vitals:
            assert plausible(vitals.heart.shown, *HEART_RATE_BPM)
            assert plausible(vitals.skin.shown, *TEMPERATURE_DEGC)
    sent = [name for name, payload in session if payload]
    assert {n: s.packets for n, s in core.intake.sources.items()} == {
        n: sent.count(n) for n in CODECS
    }


@settings(max_examples=examples(60), deadline=None)
@given(session=sessions)
def test_no_bytes_stop_the_core(session):
    survives(session)


@pytest.mark.slow
@pytest.mark.timeout(400)
@settings(max_examples=3000, deadline=None, suppress_health_check=list(HealthCheck))
@given(session=sessions)
def test_no_bytes_stop_the_core_for_long(session):
    survives(session)


def engine_on(path):
    """A whole engine on a real recording, every kind of sensor listed."""
    new = NewSession(subject="FUZZ", software="test", mode=Mode.SIM, config={}, session_id="fuzz")
    recorder = Recorder(path, create=new)
    recorder.sensors(SENSORS)
    session = feed.Session(session_id="fuzz", mode="SIM")
    sound = NoSound("", available=True)
    core = Core(Setup(sensors=SENSORS))
    return Engine(core, ScaledClock(rate=0.0), session, recorder, sound, watched=False), recorder


@settings(max_examples=examples(8), deadline=None)
@given(session=sessions)
def test_what_cannot_be_decoded_is_recorded_byte_for_byte(tmp_path_factory, session):
    path = tmp_path_factory.mktemp("fuzz") / "fuzz.db"

    async def live():
        engine, recorder = engine_on(path)
        for name, payload in session:
            engine.offer(Frame(t_ns=0, source=name, payload=payload))
        engine.tick()
        engine.snapshot()
        sensors = engine.sensors(engine.last_ns)
        await asyncio.to_thread(recorder.close, engine.last_ns)
        return sensors

    sensors = asyncio.run(live())
    with Recording.open(path) as opened:
        kept = [(frame.source, frame.payload) for frame in opened.frames()]
    assert kept == session
    assert {s.alias: s.malformed for s in sensors} == {
        name: counted(name, session) for name in CODECS
    }


def counted(name, session):
    """What decoders count on their own; no bytes: a new link, a new decoder."""
    decoders = [CODECS[name].decoder()]
    for payload in (payload for source, payload in session if source == name):
        if payload:
            decoders[-1].feed(payload)
        else:
            decoders.append(CODECS[name].decoder())
    return sum(decoder.malformed for decoder in decoders)


@pytest.mark.parametrize("minutes_long", [20, pytest.param(60, marks=pytest.mark.slow)])
def test_memory_stays_bounded_under_garbage(minutes_long):
    core = Core(Setup(sensors=SENSORS))
    rng = random.Random(1)  # noqa: S311 - the same garbage each time

    def minutes(first, last):
        for minute in range(first, last):
            sent = [
                Frame(
                    t_ns=(minute * 60 + second) * NS_PER_S + 1,
                    source=rng.choice(SENSORS).alias,
                    payload=rng.randbytes(rng.randrange(1, 200)),
                )
                for second in range(60)
            ]
            core.step(sent, (minute * 60 + 59) * NS_PER_S + 2)

    minutes(0, minutes_long)  # windows and caches fill
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    minutes(minutes_long, 2 * minutes_long)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 1_000_000
    assert sum(source.malformed for source in core.intake.sources.values()) > 15 * minutes_long


def test_stock_sqlite_reads_the_recording_of_garbage(tmp_path):
    engine, recorder = engine_on(tmp_path / "g.db")
    engine.offer(Frame(t_ns=0, source=SENSORS[0].alias, payload=b"\x1b[2J[red]\x00"))
    engine.tick()
    recorder.close(engine.last_ns)
    with sqlite3.connect(tmp_path / "g.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
