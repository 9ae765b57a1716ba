"""Heart beats as a process: a rate that the day, the drug and events move, and a rhythm on it.

Beat number n falls where the running count of beats reaches n, give or take what its rhythm does to
it. Beats are made in blocks, so that any second in any order gives the same ones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulators.courses import Channel, Course, of, total
from simulators.drug import Response, effect
from simulators.noise import Floats, Noise, Wander
from simulators.person import Plan

PLAUSIBLE_BPM = (30.0, 220.0)
BREATH_HZ = 0.23
BREATH_BEATS = 0.025
"""Respiratory modulation of beat times at 70 bpm, in beats: about 3 % of each interval, falling
with heart rate, as vagal tone does."""
JITTER_BEATS = 0.006
FIBRILLATION_SPREAD = 0.45
"""In fibrillation intervals are independent of each other, each off by up to so much of the usual
one: an SD of 26 %. Own choice."""
FIBRILLATION_BEATS = 64
"""After so many beats the count is right again: the mean rate is kept."""
PREMATURE_BEATS = 0.38
"""A premature ventricular beat comes so much of an interval early, and a full compensatory pause
follows: the sinus node keeps its time. Own choice."""
COUNT_FROM_S = 8
"""The heart beats before the session too: intervals of its first second need earlier beats."""
COUNT_STEP = 4096
BLOCK_S = 64
GRID_S = 0.05
EARLIER_S, LATER_S = 7.0, 6.0

SINUS, FIBRILLATING, PREMATURE = 0, 1, 2


class Beats(NamedTuple):
    """Beats in order: seconds of session time, the interval before each (ms), and its rhythm."""

    t_s: Floats
    rr_ms: Floats
    rhythm: NDArray[np.int64]


class Heart:
    """The heart of a plan's person."""

    def __init__(self, plan: Plan, response: Response) -> None:
        self._plan = plan
        self._rise_bpm = plan.drug_rise_bpm * response.heart
        surges = (
            Course(Channel.HEART, s.t_s, s.rise_s, s.hold_s, s.fall_s, s.bpm) for s in plan.surges
        )
        self._courses = (*surges, *of(plan.courses, Channel.HEART))
        self._jitter = Noise(plan.seed, "beat")
        self._wild = Noise(plan.seed, "fibrillation")
        self._wander = Wander(plan.seed, "heart", plan.wander_bpm, (90.0, 1500.0))
        spread = plan.rest_spread_bpm * Noise(plan.seed, "rest").normal(0, 1)[0]
        self._rest_bpm = plan.rest_bpm + float(np.clip(spread, -15.0, 15.0))
        self._counted = np.zeros(1)
        self._block = lru_cache(maxsize=32)(self._beats_of)

    def expected_bpm(self, t_s: Floats) -> Floats:
        """Heart rate without beat-to-beat variation or artefact, bpm, at times in seconds."""
        bpm = self._rest_bpm + self._rise_bpm * effect(self._plan.doses, t_s)
        bpm = bpm + total(self._courses, t_s) + self._wander.at(t_s)
        return np.clip(bpm, *PLAUSIBLE_BPM)

    def bpm_of(self, second: int) -> float:
        """Expected heart rate in the middle of a second."""
        low, high = self._counts(np.array([second, second + 1]))
        return float(high - low) * 60.0

    def beats(self, from_s: int, to_s: int) -> Beats:
        """Beats from one second to another; `from_s` is 0 or more."""
        first, last = from_s // BLOCK_S, max(from_s, to_s - 1) // BLOCK_S
        blocks = [self._block(number) for number in range(first, last + 1)]
        t_s, rr_ms, rhythm = blocks[0] if len(blocks) == 1 else _joined(blocks)
        part = slice(*np.searchsorted(t_s, [from_s, to_s]).tolist())
        return Beats(t_s[part], rr_ms[part], rhythm[part])

    def beats_by(self, t_s: Floats) -> Floats:
        """Beats since the count began (fractional), with breathing."""
        whole = np.floor(t_s).astype(np.int64)
        low, high = self._counts(whole), self._counts(whole + 1)
        breath = BREATH_BEATS * (70.0 / ((high - low) * 60.0)) ** 2
        return low + (t_s % 1.0) * (high - low) + breath * np.sin(2.0 * np.pi * BREATH_HZ * t_s)

    def _beats_of(self, block: int) -> Beats:
        """The beats that fall into one block."""
        begin_s = block * BLOCK_S
        steps = np.arange(-round(EARLIER_S / GRID_S), round((BLOCK_S + LATER_S) / GRID_S) + 1)
        grid_s: Floats = begin_s + GRID_S * steps.astype(np.float64)
        count = self.beats_by(grid_s)
        number = np.arange(math.ceil(count[0]), math.floor(count[-1]) + 1)
        moved, rhythm = self._rhythm(number, np.interp(number, count, grid_s))
        t_s = np.interp(number + moved, count, grid_s)
        inside = (t_s[1:] >= begin_s) & (t_s[1:] < begin_s + BLOCK_S)
        return Beats(t_s[1:][inside], np.diff(t_s)[inside] * 1000.0, rhythm[1:][inside])

    def _rhythm(self, number: NDArray[np.int64], at_s: Floats) -> tuple[Floats, NDArray[np.int64]]:
        """How far each beat is off its place, in beats, and its rhythm."""
        first, size = int(number[0]), number.size
        moved = JITTER_BEATS * np.clip(self._jitter.normal(first, size), -3.0, 3.0)
        rhythm = np.full(size, SINUS)
        for one in self._plan.rhythms:
            during = (at_s >= one.t_s) & (at_s < one.t_s + one.duration_s)
            if one.premature:
                during &= number % one.premature == 0
                moved[during] -= PREMATURE_BEATS
            else:
                moved[during] = self._wandering(number)[during]
            rhythm[during] = PREMATURE if one.premature else FIBRILLATING
        return moved, rhythm

    def _wandering(self, number: NDArray[np.int64]) -> Floats:
        """How far fibrillating beats are off their place: a walk, at its start again in time."""
        runs = number // FIBRILLATION_BEATS
        first, last = int(runs[0]) * FIBRILLATION_BEATS, (int(runs[-1]) + 1) * FIBRILLATION_BEATS
        step = FIBRILLATION_SPREAD * (self._wild.uniform(first, last - first) * 2.0 - 1.0)
        step = step.reshape(-1, FIBRILLATION_BEATS)
        walk = np.cumsum(step - step.mean(axis=1, keepdims=True), axis=1).ravel()
        return walk[number - first]

    def _counts(self, whole: NDArray[np.int64]) -> Floats:
        """The running count of beats at whole seconds."""
        index = whole + COUNT_FROM_S
        self._count(int(index.max()))
        return self._counted[index]

    def _count(self, upto: int) -> None:
        """Extend the running count of beats; in fixed steps, so that sums round the same way."""
        while self._counted.size <= upto:
            begin = self._counted.size - 1 - COUNT_FROM_S
            t_s: Floats = begin + 0.5 + np.arange(COUNT_STEP, dtype=np.float64)
            counts = self._counted[-1] + np.cumsum(self.expected_bpm(t_s) / 60.0)
            self._counted = np.concatenate([self._counted, counts])


def _joined(blocks: Sequence[Beats]) -> Beats:
    return Beats(
        np.concatenate([block.t_s for block in blocks]),
        np.concatenate([block.rr_ms for block in blocks]),
        np.concatenate([block.rhythm for block in blocks]),
    )
