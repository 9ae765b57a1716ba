"""Sound, screen and log come from one snapshot: they agree at every step of random sessions."""

import numpy as np
import pytest

from alerts.model import Priority
from devices.model import NS_PER_S, Frame, SensorSpec, Signal
from monitor import feed
from monitor.clock import ScaledClock
from monitor.core import Core, Setup
from monitor.engine import Engine
from monitor.model import Verb
from monitor.replay import NoSound
from simulators.wire import heart_rate_measurement
from tests.unit.test_engine import Record
from tui.view_state import build

STRAP = SensorSpec(alias="strap", codec="hrs_2a37", measures=Signal.HEART_RATE)
STATES = {"ON": True, "LATCHED": True, "ACKNOWLEDGED": False, "RETURNED": False}
QUICK = {
    "hr_elevated": {"sustain_s": 5.0, "clear_s": 5.0},
    "hr_high": {"sustain_s": 4.0, "clear_s": 5.0},
    "hr_extreme": {"sustain_s": 3.0, "clear_s": 5.0},
    "hr_lost": {"sustain_s": 10.0},
}


class Hear(NoSound):
    heard, level = None, 1.0

    def set(self, priority, level=1.0):
        self.heard, self.level = priority, level


async def press(engine, rng):
    """Something an operator might do."""
    alarms = engine.snapshot().alarms
    unseen = [a for a in alarms if a.presence != "ACKNOWLEDGED"]
    match int(rng.integers(0, 6)):
        case 0 | 1 if unseen:
            one = unseen[int(rng.integers(0, len(unseen)))]
            details = {"condition": one.condition, "occurrence": one.occurrence}
            engine.act(Verb.ACKNOWLEDGE, "SM", details)
        case 2:
            engine.act(Verb.PAUSE_AUDIO, "SM", {"seconds": int(rng.integers(1, 121))})
        case 3:
            engine.act(Verb.STANDBY, "SM", {"seconds": 60, "reason": "toilet"})
        case 4:
            engine.act(Verb.END_STANDBY, "SM", {})
        case _:
            engine.act(Verb.RESUME_AUDIO, "SM", {})


def rates(rng):
    """A heart that races, rests and loses its strap."""
    while True:
        bpm = float(rng.choice([70, 112, 128, 150, 0]))
        for _ in range(int(rng.integers(5, 40))):
            yield bpm


SEEDS = [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 6))]


@pytest.mark.parametrize("seed", SEEDS)
async def test_what_sounds_is_what_is_shown_and_what_is_logged(seed):
    rng = np.random.default_rng(seed)
    core = Core(Setup(sensors=[STRAP], alarms=QUICK))
    session = feed.Session(session_id="x", mode="SIM")
    sound = Hear("loudspeaker")
    engine = Engine(core, ScaledClock(rate=0.0), session, Record(), sound, watched=False)
    told = {}
    for second, bpm in zip(range(600), rates(rng), strict=False):
        if bpm:
            payload = heart_rate_measurement(round(bpm + rng.normal(0, 1)), [], contact=True)
            engine.offer(Frame(t_ns=second * NS_PER_S + 5, source="strap", payload=payload))
        if second and rng.random() < 0.05:
            await press(engine, rng)
        engine.clock.jump_to(max((second + 1) * NS_PER_S, engine.last_ns + 1))
        engine.tick()
        agree(engine, sound, told)


def agree(engine, sound, told):
    snapshot = engine.snapshot()
    rows = [body for body in engine._record.of("alarm") if body["condition"]]
    told.update({body["condition"]: body["presence"] for body in rows})
    loud = [a for a in snapshot.alarms if STATES[a.presence] and not a.hidden]
    top = max((Priority[a.priority] for a in loud), default=None)
    paused = snapshot.audio.paused_remaining_s is not None
    # sound
    assert sound.heard is (None if paused else top)
    assert snapshot.audio.burst == (None if sound.heard is None else sound.heard.name)
    # screen
    view = build(snapshot, 0.0)
    if top is not None:
        assert view.banner.heading.startswith(f"{'*' * top} {top.name}")
        assert view.banner.flash
    assert (view.to_acknowledge is not None) == any(
        a.presence != "ACKNOWLEDGED" and not a.hidden for a in snapshot.alarms
    )
    # record
    for alarm in snapshot.alarms:
        assert told[alarm.condition] == alarm.presence, alarm
    gone = told.keys() - {a.condition for a in snapshot.alarms}
    assert all(told[name] in {None, "RETURNED", "ACKNOWLEDGED"} for name in gone)
