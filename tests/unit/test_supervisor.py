"""The state machine over one link, with a transport that does as it is told."""

import asyncio
import contextlib

import pytest

import devices.supervisor
from devices.model import LinkState, SensorSpec, Signal
from devices.supervisor import Supervisor
from devices.transport import Reason, TransportError
from monitor.clock import ManualClock, ScaledClock, monotonic_ns

SPEC = SensorSpec(alias="s", codec="sample", measures=Signal.HEART_RATE, stale_s=10)


class Wire:
    """A transport held in the hand: `links` are its callbacks, newest last."""

    def __init__(self, *failures):
        self.failures = list(failures)
        self.links, self.closed = [], 0
        self.hang = False

    @contextlib.asynccontextmanager
    async def open(self, on_payload, on_lost, on_info):
        try:
            if self.hang:
                await asyncio.Event().wait()
            if self.failures:
                raise self.failures.pop(0)
            on_info("battery", 50)
            self.links.append((on_payload, on_lost))
            yield
        finally:
            self.closed += 1

    def send(self, payload=b"x", link=-1):
        self.links[link][0](payload)

    def lose(self):
        self.links[-1][1]("gone")


class Bench:
    def __init__(self, wire, clock):
        self.wire, self.frames, self.states, self.info = wire, [], [], []
        self.supervisor = Supervisor(
            SPEC,
            wire,
            clock,
            self.frames.append,
            lambda _alias, state, detail: self.states.append((state, detail)),
            lambda *told: self.info.append(told),
        )

    async def links(self, count):
        await eventually(lambda: len(self.wire.links) == count)

    async def state(self, state):
        await eventually(lambda: self.supervisor.state is state)


async def eventually(holds):
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0.001)


@contextlib.asynccontextmanager
async def running(wire, clock=None):
    bench = Bench(wire, clock or ManualClock(5))
    task = asyncio.create_task(bench.supervisor.run())
    try:
        yield bench
        assert not task.done()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def min_silence_s(monkeypatch):
    monkeypatch.setattr(devices.supervisor, "MIN_SILENCE_S", 1.5)
    return 1.5


@pytest.fixture(autouse=True)
def attempts(monkeypatch):
    """No waiting between attempts; which attempts were waited for."""
    seen = []
    monkeypatch.setattr(devices.supervisor, "backoff_s", lambda n: seen.append(n) or 0.001)
    return seen


async def test_the_first_packet_makes_it_stream():
    async with running(Wire()) as bench:
        await bench.links(1)
        assert bench.supervisor.state is LinkState.CONNECTING
        bench.wire.send(b"ab")
        bench.wire.send(b"cd")
        assert bench.states == [(LinkState.CONNECTING, ""), (LinkState.STREAMING, "")]
        assert [(f.t_ns, f.source, f.payload) for f in bench.frames] == [
            (5, "s", b""),
            (5, "s", b"ab"),
            (5, "s", b"cd"),
        ]
        assert bench.info == [("s", "battery", 50)]
        assert bench.supervisor.packets == 2


async def test_a_loss_closes_the_link_before_the_next_is_opened():
    async with running(Wire()) as bench:
        await bench.links(1)
        bench.wire.send()
        bench.wire.lose()
        await bench.links(2)
        assert bench.wire.closed == 1
        assert bench.states[2:] == [(LinkState.LOST, "gone"), (LinkState.CONNECTING, "")]


@pytest.mark.parametrize(
    ("failure", "detail"),
    [
        (TransportError(Reason.ABSENT, "no strap"), "not found: no strap"),
        (ValueError("odd"), "ValueError: odd"),
        (TimeoutError(), "connection failed: no answer"),
        (ExceptionGroup("many", [OSError("a")]), "ExceptionGroup: many (1 sub-exception)"),
    ],
)
async def test_whatever_a_transport_raises_it_is_retried(failure, detail, attempts):
    async with running(Wire(failure, failure)) as bench:
        await bench.links(1)
        assert bench.states[1] == (LinkState.LOST, detail)
        assert attempts == [1, 2]


async def test_an_opening_that_hangs_is_given_up(monkeypatch):
    monkeypatch.setattr(devices.supervisor, "OPEN_LIMIT_S", 0.05)
    wire = Wire()
    wire.hang = True
    async with running(wire) as bench:
        await bench.state(LinkState.LOST)
        wire.hang = False
        await bench.links(1)


async def test_attempts_count_from_zero_again_once_data_streamed_for_a_while(attempts, monkeypatch):
    monkeypatch.setattr(devices.supervisor, "STEADY_S", 0.05)
    async with running(Wire(OSError(), OSError())) as bench:
        await bench.links(1)
        bench.wire.send()
        bench.wire.lose()  # at once: not a good link
        await bench.links(2)
        bench.wire.send()
        await asyncio.sleep(0.06)
        bench.wire.send()
        bench.wire.lose()
        await bench.links(3)
        assert attempts == [1, 2, 3, 0]


async def test_a_closed_link_is_not_listened_to_any_more():
    async with running(Wire()) as bench:
        await bench.links(1)
        bench.wire.lose()
        await bench.links(2)
        bench.wire.send(link=0)
        assert bench.frames == []
        assert bench.supervisor.state is LinkState.CONNECTING


@pytest.mark.parametrize("hang", [True, False])
async def test_cancelling_closes_the_link_and_is_no_loss(hang):
    wire = Wire()
    wire.hang = hang
    bench = Bench(wire, ManualClock())
    task = asyncio.create_task(bench.supervisor.run())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert wire.closed == 1
    assert bench.states == [(LinkState.CONNECTING, "")]


async def test_silence_is_judged_by_session_time_and_by_real_time(min_silence_s):
    """At 60x, ten session seconds of silence last 0.17 s: too short to mean anything."""
    async with running(Wire(), ScaledClock(rate=60)) as bench:
        await bench.links(1)
        for _ in range(3):
            bench.wire.send()
            await asyncio.sleep(0.25)
        assert bench.supervisor.state is LinkState.STREAMING
        start = monotonic_ns()
        bench.wire.send()
        await eventually(lambda: (LinkState.STALE, "no data for 10 s") in bench.states)
        assert (monotonic_ns() - start) / 1e9 >= min_silence_s


async def test_standing_session_time_is_no_silence(min_silence_s):
    async with running(Wire(), ManualClock()) as bench:
        await bench.links(1)
        bench.wire.send()
        await asyncio.sleep(min_silence_s + 0.5)
        assert bench.supervisor.state is LinkState.STREAMING


async def test_a_silent_link_is_rebuilt_at_once_however_poor_the_ones_before(
    min_silence_s, attempts
):
    async with running(Wire(OSError(), OSError()), ScaledClock(rate=60)) as bench:
        await bench.links(1)
        bench.wire.send()
        await bench.links(2)
        assert (LinkState.STALE, "no data for 10 s") in bench.states
        assert attempts == [1, 2, 0]
