"""Packets that come late, however they are delayed, do not bend the rate: intervals decide."""

from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest

from devices.model import NS_PER_S, Frame
from monitor.core import Core, Setup
from simulators.library import scenario
from simulators.physiology import Physiology
from simulators.playing import frames, specs

SECONDS = 900
MADE = replace(scenario("tachycardia"), duration_s=SECONDS)
SENT = frames(MADE)


def late(seconds, seed):
    """The frames, each held up for a random time that dies away; order within a sensor is kept."""
    chance, found = np.random.default_rng(seed), []
    for _, sent in groupby(sorted(SENT, key=lambda frame: frame.source), lambda f: f.source):
        held_s, last_ns = 0.0, 0
        for frame in sent:
            held_s = held_s * 0.9 + (chance.exponential(seconds) if chance.random() < 0.1 else 0)
            last_ns = max(last_ns, frame.t_ns + int(held_s * NS_PER_S))
            found.append(Frame(t_ns=last_ns, source=frame.source, payload=frame.payload))
    return sorted(found, key=lambda frame: frame.t_ns)


@pytest.mark.parametrize("seconds", [0.3, 1.0, 3.0])
def test_late_packets_do_not_bend_the_rate(seconds):
    output = Core(Setup(sensors=specs(MADE))).step(late(seconds, seed=5), SECONDS * NS_PER_S)
    t_s = np.concatenate([vitals.ticks for vitals in output.vitals])
    shown = np.concatenate([vitals.heart.shown.value for vitals in output.vitals])
    true = Physiology(MADE.plan).expected_bpm(np.arange(-30.0, SECONDS))
    # What is shown is the rate of some moment of the last half minute, give or take its breathing.
    low, high = (
        np.array([pick(true[t : t + 31]) for t in t_s.tolist()]) for pick in (np.min, np.max)
    )
    valid = ~np.isnan(shown)
    assert (shown[valid] > low[valid] - 5).all()
    assert (shown[valid] < high[valid] + 5).all()
    assert valid.mean() > 0.8
