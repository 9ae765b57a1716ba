"""Temperatures of a simulated person: skin by its site, the core, and the room around them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from simulators.courses import Channel, Course, of, total
from simulators.drug import RISE_CORE_DEGC, Response, effect
from simulators.noise import Noise, Wander
from simulators.person import Plan

WARM_UP_S = 240.0
"""Time constant of the skin probe's warm-up."""
SKIN_NOISE_DEGC = 0.03
ROOM_NOISE_DEGC = 0.05
ROOM_DEGC = 22.0
"""The room that the usual skin temperatures belong to."""
READING_SD_DEGC = 0.08
"""Scatter of a clinical thermometer's readings; +- 0.3 is allowed (ISO 80601-2-56)."""


@dataclass(frozen=True, slots=True)
class Site:
    """What skin does at a site; our own choice within the ranges of the clinical reference.

    Attributes:
        below_degc: colder than covered trunk skin. Bare skin at comfort: trunk 33-35, forearm
            31-33, hand and finger 24-34 degrees (section 2: from memory, unverified).
        room: share of a change of the room that it follows.
        finger: share of a finger's fall that it follows.
    """

    below_degc: float
    room: float
    finger: float


COVERED = Site(0.0, 0.08, 0.0)
SITES: Mapping[str, Site] = MappingProxyType(
    {
        "forearm": Site(2.5, 0.3, 0.4),
        "wrist": Site(2.5, 0.35, 0.6),
        "ear_lobe": Site(4.0, 0.5, 0.7),
        "ankle": Site(3.5, 0.4, 0.6),
        "foot": Site(5.0, 0.5, 0.8),
        "hand": Site(4.0, 0.5, 0.8),
        "finger": Site(5.0, 0.6, 1.0),
        "toe": Site(6.0, 0.6, 1.0),
    }
)
"""Distal sites; all others are covered and proximal."""


class Warmth:
    """The temperatures of a plan's person."""

    def __init__(self, plan: Plan, response: Response) -> None:
        self._plan, self._response = plan, response
        rises = (
            Course(Channel.SKIN, r.t_s, r.over_s, math.inf, 1.0, r.degc) for r in plan.skin_rises
        )
        self._skin = (*rises, *of(plan.courses, Channel.SKIN))
        self._distal = of(plan.courses, Channel.DISTAL)
        self._core = of(plan.courses, Channel.CORE)
        self._room_noise = Noise(plan.seed, "room")
        self._reading = Noise(plan.seed, "thermometer")
        self._skin_drift = Wander(plan.seed, "skin drift", 0.04, (1500.0, 6000.0))
        self._core_drift = Wander(plan.seed, "core drift", 0.05, (3000.0, 12_000.0))
        self._room_drift = Wander(plan.seed, "room drift", 0.3, (1800.0, 9000.0))

    def _effect(self, t_s: float) -> float:
        return float(effect(self._plan.doses, np.array([t_s]))[0])

    def skin_degc(self, t_s: float, site: str) -> float:
        """Skin under a settled probe at that site, degrees Celsius, without its noise."""
        plan, at = self._plan, np.array([t_s])
        where = SITES.get(site, COVERED)
        skin = plan.skin_degc - where.below_degc + where.room * (plan.room_degc - ROOM_DEGC)
        skin += float(self._skin_drift.at(at)[0])
        if not where.finger:
            return skin + float(total(self._skin, at)[0])
        cold = plan.cold_hands_degc * self._response.distal * self._effect(t_s)
        fallen = skin + where.finger * (float(total(self._distal, at)[0]) - cold)
        return max(fallen, min(plan.room_degc, skin))

    def probe_degc(self, t_s: float, site: str) -> float:
        """A probe on that skin, as its thermometer would report it."""
        plan, skin = self._plan, self.skin_degc(t_s, site)
        on_s = max(0.0, t_s - plan.probe_on_s)
        cold = (plan.skin_degc - plan.probe_cold_degc) * math.exp(-on_s / WARM_UP_S)
        noise = Noise(plan.seed, f"skin {site}" if site in SITES else "skin")
        return skin - cold + SKIN_NOISE_DEGC * float(noise.normal(math.floor(t_s), 1)[0])

    def core_degc(self, t_s: float) -> float:
        """Core temperature: the truth, which no skin sensor sees."""
        at = np.array([t_s])
        drug = RISE_CORE_DEGC * self._response.core * self._effect(t_s)
        course = float(total(self._core, at)[0])
        return self._plan.core_degc + drug + course + float(self._core_drift.at(at)[0])

    def thermometer_degc(self, t_s: float) -> float:
        """What a clinical thermometer reads, to 0.1 degrees."""
        error = float(self._reading.normal(math.floor(t_s), 1).clip(-3.0, 3.0)[0])
        return round(self.core_degc(t_s) + READING_SD_DEGC * error, 1)

    def room_degc(self, t_s: float) -> float:
        """Air temperature of the room, degrees Celsius, as a thermometer would report it."""
        drift = float(self._room_drift.at(np.array([t_s]))[0])
        noise = ROOM_NOISE_DEGC * float(self._room_noise.normal(math.floor(t_s), 1)[0])
        return self._plan.room_degc + drift + noise
