"""The engine's own rules, without its processes."""

import pytest

from devices.model import Frame, LinkState, SensorSpec, Signal
from monitor import feed
from monitor.clock import ScaledClock
from monitor.core import Core, Setup
from monitor.engine import Engine
from monitor.model import Verb
from monitor.replay import NoSound

STRAP = SensorSpec(alias="strap", codec="hrs_2a37", measures=Signal.HEART_RATE)


class Record:
    error = None
    lag_s = 0.0

    def __init__(self):
        self.rows, self.framed = [], []

    def frames(self, frames, values):
        self.framed += zip(frames, values, strict=True)

    def vitals(self, vitals):
        pass

    def journal(self, t_ns, kind, body):
        self.rows.append((t_ns, kind, body))

    def of(self, kind):
        return [body for _, name, body in self.rows if name == kind]


class Sound(NoSound):
    heard = level = None

    def set(self, priority, level=1.0):
        self.heard, self.level = priority, level

    def test(self):
        self.heard = "test"


@pytest.fixture
def engine():
    session = feed.Session(session_id="x", mode="SIM")
    core = Core(Setup(sensors=[STRAP]))
    # A clock that stands: what counts is the order of events.
    clock = ScaledClock(rate=0.0)
    return Engine(core, clock, session, Record(), Sound("", available=True), watched=False)


def test_events_get_strictly_increasing_times(engine):
    for _ in range(3):
        engine.offer(Frame(t_ns=0, source="strap", payload=b"\x00\x48"))
    engine.tick()
    times = [frame.t_ns for frame, _ in engine._record.framed]
    assert times == sorted(set(times))
    assert [value for _, value in engine._record.framed] == [72.0] * 3


def test_what_cannot_be_decoded_is_recorded_and_counted(engine):
    engine.offer(Frame(t_ns=0, source="strap", payload=b"\x10"))
    engine.tick()
    assert [value for _, value in engine._record.framed] == [None]
    assert engine.sensors(0)[0].malformed == 1


def states(engine):
    return [(body["state"], body["detail"]) for body in engine._record.of("link")]


def test_trying_again_for_the_same_reason_is_told_once(engine):
    for _ in range(5):
        engine.on_state("strap", LinkState.CONNECTING, "")
        engine.on_state("strap", LinkState.LOST, "not found")
    assert states(engine) == [("connecting", ""), ("lost", "not found")]
    engine.on_state("strap", LinkState.CONNECTING, "")
    engine.on_state("strap", LinkState.LOST, "Bluetooth is switched off")
    engine.on_state("strap", LinkState.CONNECTING, "")
    engine.on_state("strap", LinkState.STREAMING, "")
    engine.on_state("strap", LinkState.LOST, "Bluetooth is switched off")
    assert states(engine)[2:] == [
        ("lost", "Bluetooth is switched off"),
        ("streaming", ""),
        ("lost", "Bluetooth is switched off"),
    ]


async def test_an_action_is_recorded_with_its_refusal(engine):
    answer = engine.act(Verb.ACKNOWLEDGE, "SM", {"condition": "hr_high", "occurrence": 1})
    engine.tick()
    assert "no alarm" in await answer
    (body,) = engine._record.of("action")
    assert body["verb"] == "acknowledge"
    assert "no alarm" in body["refused"]


async def test_an_unknown_verb_is_refused_and_not_recorded(engine):
    reply = await engine.command(feed.Command(id=3, verb="mute"))
    assert (reply.id, reply.ok) == (3, False)
    assert engine._record.rows == []


async def test_ending_the_session_ends_the_engine(engine):
    engine.act(Verb.END_SESSION, "SM", {})
    assert not engine.ended.is_set()
    engine.tick()
    assert engine.ended.is_set()


async def test_what_comes_after_the_end_does_not_make_the_session_longer(engine):
    engine.act(Verb.END_SESSION, "SM", {})
    engine.tick()
    last_ns, rows = engine.last_ns, list(engine._record.rows)
    engine.offer(Frame(t_ns=last_ns + 2_000_000_000, source="strap", payload=b"\x00\x48"))
    engine.on_state("strap", LinkState.STREAMING, "")
    engine.on_info("strap", "battery", 87)
    assert await engine.act(Verb.NOTE, "SM", {"text": "late"}) == "the session is over"
    assert (engine.last_ns, engine._record.rows) == (last_ns, rows)
