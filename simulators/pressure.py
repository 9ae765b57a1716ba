"""Blood pressure of a simulated person, and what a cuff makes of it."""

from __future__ import annotations

import math

import numpy as np

from simulators.courses import Channel, of, total
from simulators.drug import RISE_DIASTOLIC_MMHG, RISE_SYSTOLIC_MMHG, Response, effect
from simulators.noise import Noise, Wander
from simulators.person import Plan

READING_SD_MMHG = 2.0
"""Scatter of readings one after another; own choice."""


class Pressure:
    """The blood pressure of a plan's person."""

    def __init__(self, plan: Plan, response: Response) -> None:
        self._plan, self._response = plan, response
        self._systolic = of(plan.courses, Channel.SYSTOLIC)
        self._diastolic = of(plan.courses, Channel.DIASTOLIC)
        self._wander = Wander(plan.seed, "pressure", 2.5, (300.0, 3000.0))
        self._reading = Noise(plan.seed, "cuff")

    def true_mmhg(self, t_s: float) -> tuple[float, float]:
        """Systolic and diastolic."""
        at = np.array([t_s])
        share = self._response.pressure * float(effect(self._plan.doses, at)[0])
        wander = float(self._wander.at(at)[0])
        systolic = self._plan.systolic_mmhg + RISE_SYSTOLIC_MMHG * share + wander
        diastolic = self._plan.diastolic_mmhg + RISE_DIASTOLIC_MMHG * share + wander / 2.0
        systolic += float(total(self._systolic, at)[0])
        return systolic, diastolic + float(total(self._diastolic, at)[0])

    def read_mmhg(self, t_s: float) -> tuple[int, int]:
        """What a cuff reads, whole numbers; the diastolic one always below."""
        errors = READING_SD_MMHG * self._reading.normal(2 * math.floor(t_s), 2).clip(-3.0, 3.0)
        systolic, diastolic = (
            round(v + e) for v, e in zip(self.true_mmhg(t_s), errors.tolist(), strict=True)
        )
        return max(systolic, 30), max(10, min(diastolic, systolic - 5))
