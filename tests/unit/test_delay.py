"""The worst-case delay that limits screen and `vigil config show` promise, against simulation."""

import numpy as np
import pytest

from alerts.catalogue import CATALOGUE
from alerts.delay import worst_case_s
from alerts.model import Edge
from alerts.settings import resolve
from devices.codecs.sample import encode
from devices.model import NS_PER_S, Frame, SensorSpec, Signal
from monitor.core import Core, Setup
from monitor.model import Action, Status, Verb
from simulators.wire import heart_rate_measurement

STEP_S = 2400
END_S = STEP_S + 1400
ROWS = resolve()


def strap(alias="strap"):
    return SensorSpec(alias=alias, codec="hrs_2a37", measures=Signal.HEART_RATE, site="chest")


def probe(alias="patch", site="axilla", measures=Signal.SKIN_TEMPERATURE):
    return SensorSpec(alias=alias, codec="sample", measures=measures, site=site)


def packets(bpm, alias="strap", phase=0.4, *, rr=True, jitter=0.004, until_s=END_S):
    """1 Hz notifications of a heart whose rate is `bpm(t)`; the strap's own number lags 1 s."""
    rng = np.random.default_rng(5)
    beat, beats = 0.0, []
    while beat < until_s:
        beat += 60.0 / bpm(beat) * (1 + rng.normal(0, jitter))
        beats.append(beat)
    times = np.array(beats)
    for second in range(until_s):
        now = second + phase
        here = np.flatnonzero((times > now - 1) & (times <= now))
        here = here[here > 0]
        intervals = [float(times[i] - times[i - 1]) * 1000 for i in here] if rr else []
        payload = heart_rate_measurement(round(bpm(max(0.0, now - 1))), intervals, contact=True)
        yield Frame(t_ns=int(now * NS_PER_S), source=alias, payload=payload)


def skin(degc, alias="patch", until_s=END_S, every=2, signal=Signal.SKIN_TEMPERATURE):
    rng = np.random.default_rng(9)
    for t in range(0, until_s, every):
        value = round(degc(t) + rng.normal(0, 0.01), 2)
        yield Frame(t_ns=t * NS_PER_S + 7, source=alias, payload=encode(signal, value))


def step(before, after):
    return lambda t: before if t < STEP_S else after


def irregular(t):
    return 70.0 if t < STEP_S or int(t * 10) % 3 else 110.0


DOSE = Action(t_ns=1300 * NS_PER_S, verb=Verb.DOSE, details={"confirm_baseline": True})


def at(verb, **details):
    return [Action(t_ns=STEP_S * NS_PER_S, verb=verb, details=details)]


def heart_to(bpm, **more):
    return [strap()], [*packets(step(70.0, bpm), **more), DOSE]


def skin_to(degc, site="axilla"):
    return [probe(site=site)], [*skin(step(34.0, degc)), DOSE]


def gone(sensors, *streams):
    return sensors, [f for s in streams for f in s if f.t_ns <= STEP_S * NS_PER_S] + [DOSE]


def reported(condition):
    status = Status(t_ns=STEP_S * NS_PER_S, condition=condition, active=True)
    return [strap()], [*packets(lambda _: 70.0), status]


def frozen():
    frames = list(packets(lambda _: 70.0))
    last = frames[STEP_S - 1].payload
    return [strap()], [
        Frame(t_ns=f.t_ns, source=f.source, payload=last) if f.t_ns > STEP_S * NS_PER_S else f
        for f in frames
    ]


def two_hearts():
    other = packets(step(70.0, 95.0), "second", 0.7)
    return [strap(), strap("second")], [*packets(lambda _: 70.0), *other]


def two_probes():
    other = skin(step(34.0, 36.0), "second")
    return [probe(), probe("second")], [*skin(lambda _: 34.0), *other]


def cold_hand():
    def falling(t):  # as skin does; a sudden fall is a probe that came off
        return 33.0 - 4.0 * min(max((t - STEP_S + 900) / 800, 0.0), 1.0)

    frames = [*packets(step(70.0, 98.0)), *skin(falling)]
    return [strap(), probe(site="hand")], [*frames, DOSE]


def overdue():
    dose = Action(
        t_ns=(STEP_S - 1800) * NS_PER_S, verb=Verb.DOSE, details={"confirm_baseline": True}
    )
    return [strap()], [*packets(lambda _: 70.0), dose]


def clinical():
    name = Signal.CLINICAL_TEMPERATURE
    return [probe(measures=name)], [*skin(step(37.0, 39.8), signal=name), DOSE]


def cuff(*pair):
    return [strap()], at(Verb.BLOOD_PRESSURE, systolic=pair[0], diastolic=pair[1])


def away():
    leave = Action(
        t_ns=(STEP_S - 600) * NS_PER_S,
        verb=Verb.STANDBY,
        details={"seconds": 600, "reason": "toilet"},
    )
    return [strap()], [*packets(lambda _: 70.0), leave]


CASES = {
    "hr_elevated": lambda: heart_to(116.0),
    "hr_high": lambda: heart_to(131.0, rr=False),
    "hr_extreme": lambda: heart_to(150.0),
    "hr_above_baseline": lambda: heart_to(118.0),
    "hr_low": lambda: heart_to(43.0),
    "hr_very_low": lambda: heart_to(33.0),
    "rr_irregular": lambda: ([strap()], list(packets(irregular))),
    "temp_elevated": clinical,
    "temp_high": clinical,
    "temp_critical": clinical,
    "skin_rise": lambda: skin_to(35.3),
    "skin_rise_fast": lambda: skin_to(36.0),
    "skin_high": lambda: skin_to(38.4),
    "skin_cold_hr_high": cold_hand,
    "bp_high": lambda: cuff(165, 90),
    "bp_crisis": lambda: cuff(190, 90),
    "check_overdue": overdue,
    "hr_lost": lambda: gone([strap()], packets(lambda _: 70.0)),
    "temp_lost": lambda: gone([probe()], skin(lambda _: 34.0)),
    "probe_off": lambda: skin_to(28.0),
    "data_frozen": frozen,
    "all_lost": lambda: gone([strap(), probe()], packets(lambda _: 70.0), skin(lambda _: 34.0)),
    "engine_stalled": lambda: reported("engine_stalled"),
    "recording_failing": lambda: reported("recording_failing"),
    "sound_or_power": lambda: reported("sound_or_power"),
    "unattended": lambda: reported("unattended"),
    "engine_slow": lambda: reported("engine_slow"),
    "publish_lost": lambda: reported("publish_lost"),
    "standby_overdue": away,
    "hr_sensors_disagree": two_hearts,
    "skin_sensors_disagree": two_probes,
}


def test_every_row_is_tried():
    assert list(CASES) == list(CATALOGUE)


@pytest.mark.parametrize("name", CASES)
def test_the_alarm_comes_within_its_worst_case(name):
    sensors, events = CASES[name]()
    core = Core(Setup(sensors=sensors))
    output = core.step(sorted(events, key=lambda e: e.t_ns), END_S * NS_PER_S)
    assert output.refused == []
    onsets = [
        edge.t_ns / NS_PER_S
        for edge in output.edges
        if edge.condition == name and edge.edge is Edge.ONSET
    ]
    assert onsets, "it never came"
    after_s = onsets[0] - STEP_S
    assert 0 <= after_s <= worst_case_s(ROWS[name])
    assert after_s >= ROWS[name].number("sustain_s") - 1


@pytest.mark.parametrize("period_s", [5.0, 20.0, 60.0])
def test_a_slow_source_is_later_by_as_much_as_is_told(period_s):
    every = int(period_s)
    sensor = SensorSpec(
        alias="strap", codec="sample", measures=Signal.HEART_RATE, period_s=period_s
    )
    for phase in range(0, every, max(1, every // 4)):
        frames = [
            Frame(
                t_ns=t * NS_PER_S,
                source="strap",
                payload=encode(Signal.HEART_RATE, 70.0 if t < STEP_S else 131.0),
            )
            for t in range(phase, END_S, every)
        ]
        output = Core(Setup(sensors=[sensor])).step(frames, END_S * NS_PER_S)
        onset = next(e.t_ns / NS_PER_S for e in output.edges if e.condition == "hr_high")
        assert onset - STEP_S <= worst_case_s(ROWS["hr_high"], period_s)
