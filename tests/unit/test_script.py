"""What a scenario's operator does, by an engine that was ready late or took over."""

import asyncio

import pytest

from devices.model import NS_PER_S, SensorSpec, Signal
from monitor.clock import ManualClock
from monitor.engine_process import script
from monitor.model import Verb
from monitor.plan import Plan, Simulation

STRAP = SensorSpec(alias="strap", codec="hrs_2a37", measures=Signal.HEART_RATE)
BLIND = Plan(
    session_id="x",
    mode="SIM",
    recording="",
    sensors=[STRAP],
    epoch_ns=0,
    epoch_utc_ns=0,
    simulation=Simulation(scenario="blind", seed=1, operator=True),
)


class Engine:
    """Keeps what it is told to do."""

    def __init__(self, ready_s):
        self.clock, self.done = ManualClock(ready_s * NS_PER_S), []

    def act(self, verb, *_):
        self.done.append((verb, self.clock.now_ns() // NS_PER_S))


@pytest.mark.parametrize(
    ("ready_s", "done_s", "verbs"),
    [
        (5, -1, [(Verb.DOSE, 30)]),
        (130, -1, [(Verb.DOSE, 130)]),
        (130, 20, [(Verb.DOSE, 130)]),
        (130, 100, []),
    ],
)
def test_the_dose_is_never_left_out_and_never_given_twice(ready_s, done_s, verbs):
    engine = Engine(ready_s)
    asyncio.run(script(engine, BLIND, done_s * NS_PER_S))
    assert engine.done[:-1] == verbs
    assert engine.done[-1][0] is Verb.END_SESSION
