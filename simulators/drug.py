"""The drug: how much of its effect there is at a time, and how far a person responds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from simulators.courses import ramp
from simulators.noise import Floats, Noise

ONSET_H, PLATEAU_H, DECLINE_H, GONE_H = 0.5, 1.25, 2.25, 6.0
"""Hours after one dose: effect begins, is full, declines, is over. Heart rate peaks 1-2 h after
the dose without a second peak (Kolbrich 2008); most of the effect is over 4 h after a single dose
(Straumann 2024). With the half-dose at 1.5-2 h this stretches to 5-6 h, as inferred there."""
RISE_BPM = 28.0
"""Mean rise: +28 bpm (Lester 2000), about +30 (Mas 1999), +23 over placebo (Mitchell 2021)."""
RISE_SYSTOLIC_MMHG, RISE_DIASTOLIC_MMHG = 28.0, 12.0
"""Over placebo (Mitchell 2021); +25/+7 (Lester 2000), about +40 systolic (Mas 1999)."""
RISE_CORE_DEGC = 0.4
"""Own choice between no significant change (Mas 1999, Kolbrich 2008) and a rise of the core in warm
and cool rooms (Freedman 2005); with its spread 38.0 is exceeded about as often as by 19 % of 166
(Vizeli & Liechti 2017)."""
SPREAD_HEART, SPREAD_PRESSURE, SPREAD_CORE = 0.35, 0.6, 1.7
"""SD of the response over people, in shares of the mean one. Own choice: with +28 bpm from 70, and
28 mmHg from 118, about as many exceed 110 bpm and 160 mmHg systolic as are reported (29 % above
100 bpm, 33 % above 160: Vizeli & Liechti 2017, which pools two doses)."""


@dataclass(frozen=True, slots=True)
class Dose:
    """A dose taken at `t_s`; `amount` relative to the first (a supplemental half-dose: 0.5)."""

    t_s: float
    amount: float = 1.0


@dataclass(frozen=True, slots=True)
class Response:
    """How far heart rate, blood pressure, core temperature and distal skin respond; 1 is usual."""

    heart: float = 1.0
    pressure: float = 1.0
    core: float = 1.0
    distal: float = 1.0


RESPONSES: Mapping[str, Response] = MappingProxyType(
    {
        "typical": Response(),
        # Pindolol blunted the heart rate but not the blood pressure (Hysek 2010: from memory,
        # unverified); carvedilol lowered both (Hysek 2012). How far is our own choice.
        "beta_blocked": Response(heart=0.3),
        "non_responder": Response(heart=0.15, pressure=0.15, core=0.0, distal=0.15),
    }
)
"""Word of a scenario file -> response; beside these "drawn", and numbers."""
DRAWN = "drawn"


def response(word: str | float, seed: int) -> Response:
    """The response of a word, of a number (of everything), or drawn for that seed."""
    if isinstance(word, str):
        return _drawn(seed) if word == DRAWN else RESPONSES[word]
    return Response(word, word, word, word)


def _drawn(seed: int) -> Response:
    heart, mmhg, core, distal = Noise(seed, "response").normal(0, 4).clip(-2.0, 2.5).tolist()
    return Response(
        heart=max(0.0, 1.0 + SPREAD_HEART * heart),
        pressure=max(0.0, 1.0 + SPREAD_PRESSURE * mmhg),
        core=max(0.0, 1.0 + SPREAD_CORE * core),
        # Finger skin: 5 +- 4 degrees (Harris 2002).
        distal=max(0.0, 1.0 + 0.8 * distal),
    )


def drug_effect(hours: Floats) -> Floats:
    """Effect of one full dose, 0 to 1, `hours` after it."""
    up = ramp((hours - ONSET_H) / (PLATEAU_H - ONSET_H))
    return up * (1.0 - ramp((hours - DECLINE_H) / (GONE_H - DECLINE_H)))


def effect(doses: Iterable[Dose], t_s: Floats) -> Floats:
    """Effect of all doses at times in seconds; a second dose stretches the plateau, no more."""
    parts = (dose.amount * drug_effect((t_s - dose.t_s) / 3600.0) for dose in doses)
    return np.minimum(sum(parts, np.zeros_like(t_s)), 1.0)
