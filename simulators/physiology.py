"""A person in a session: heart rate and temperatures as pure, seeded functions of session time.

Any second can be asked for in any order and always gives the same answer: noise is keyed by
(seed, stream, block), never by what was asked before. A restarted process therefore continues the
very same person. The course follows the project's clinical reference, section 1; no claim is made
that a real person's will.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from simulators.noise import Floats, Noise, Wander

ONSET_H, PLATEAU_H, DECLINE_H, GONE_H = 0.5, 1.25, 2.25, 6.0
"""Hours after one dose: effect begins, is full, declines, is over. Heart rate peaks 1-2 h after
the dose without a second peak (Kolbrich 2008); most of the effect is over 4 h after a single dose
(Straumann 2024). With the half-dose at 1.5-2 h this stretches to 5-6 h, as inferred there."""
DRUG_RISE_BPM = 28.0
"""Mean rise: +28 bpm (Lester 2000), about +30 (Mas 1999), +23 over placebo (Mitchell 2021)."""
PLAUSIBLE_BPM = (38.0, 190.0)
BREATH_HZ = 0.23
BREATH_BEATS = 0.025
"""Respiratory modulation of beat times at 70 bpm, in beats: about 3 % of each interval, falling
with heart rate, as vagal tone does."""
BEAT_JITTER_BEATS = 0.006
ARTEFACT_S = (2.0, 8.0)
"""Length of a movement burst; about one in 15 min (the clinical reference's synthetic set)."""
ARTEFACT_BPM = (35.0, 70.0)
WARM_UP_S = 240.0
"""Time constant of the skin probe's warm-up."""
COUNT_FROM_S = 8
"""The heart beats before the session too: intervals of its first second need earlier beats."""
COUNT_STEP = 4096
SKIN_NOISE_DEGC = 0.03
ROOM_NOISE_DEGC = 0.05


@dataclass(frozen=True, slots=True)
class Dose:
    """A dose taken at `t_s`; `amount` relative to the first (a supplemental half-dose: 0.5)."""

    t_s: float
    amount: float = 1.0


@dataclass(frozen=True, slots=True)
class Surge:
    """A passing rise of heart rate by `bpm`: begins at `t_s`, rises, holds, falls (seconds)."""

    t_s: float
    rise_s: float
    hold_s: float
    fall_s: float
    bpm: float


@dataclass(frozen=True, slots=True)
class ContactLoss:
    """The strap loses the skin at `t_s` for `duration_s` seconds."""

    t_s: float
    duration_s: float


@dataclass(frozen=True, slots=True)
class SkinRise:
    """The skin warms by `degc` from `t_s` on, over `over_s` seconds, and stays so."""

    t_s: float
    over_s: float
    degc: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What happens to the simulated person. Times are seconds of session time.

    Attributes:
        seed: same seed, same person, to the last beat.
        rest_bpm: resting heart rate; `rest_spread_bpm` is its SD over seeds.
        drug_rise_bpm: rise on the plateau.
        wander_bpm: SD of the slow wander.
        artefacts_per_h: movement bursts an hour.
        skin_degc: settled skin temperature at the probe's site.
        probe_cold_degc: the probe before it touches skin, at `probe_on_s` (negative: before start).
    """

    seed: int = 1
    rest_bpm: float = 70.0
    rest_spread_bpm: float = 0.0
    doses: tuple[Dose, ...] = ()
    drug_rise_bpm: float = DRUG_RISE_BPM
    surges: tuple[Surge, ...] = ()
    wander_bpm: float = 4.0
    artefacts_per_h: float = 4.0
    contact_losses: tuple[ContactLoss, ...] = ()
    skin_degc: float = 34.5
    probe_cold_degc: float = 27.0
    probe_on_s: float = 0.0
    skin_rises: tuple[SkinRise, ...] = ()
    room_degc: float = 22.0


@dataclass(frozen=True, slots=True)
class HeartSecond:
    """What the strap says at one second.

    Attributes:
        bpm: the strap's own number; 0 when it has none.
        rr_ms: intervals of the beats that fell into this second, oldest first; may be empty.
        contact: whether the strap feels skin; None: it cannot tell.
        artefact: whether movement corrupts bpm and rr_ms.
    """

    bpm: int
    rr_ms: list[float] = field(default_factory=list)
    contact: bool | None = True
    artefact: bool = False


def _ramp(x: Floats) -> Floats:
    """Smooth step: 0 below 0, 1 above 1."""
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)


def drug_effect(hours: Floats) -> Floats:
    """Effect of one full dose, 0 to 1, `hours` after it."""
    up = _ramp((hours - ONSET_H) / (PLATEAU_H - ONSET_H))
    return up * (1.0 - _ramp((hours - DECLINE_H) / (GONE_H - DECLINE_H)))


def _surge(surge: Surge, t_s: Floats) -> Floats:
    since = t_s - surge.t_s
    fall = (since - surge.rise_s - surge.hold_s) / surge.fall_s
    return surge.bpm * _ramp(since / surge.rise_s) * (1.0 - _ramp(fall))


class Physiology:
    """The simulated person. Every method is a pure function of its arguments and the plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._beat = Noise(plan.seed, "beat")
        self._burst = Noise(plan.seed, "burst")
        self._flicker = Noise(plan.seed, "flicker")
        self._skin_noise = Noise(plan.seed, "skin")
        self._room_noise = Noise(plan.seed, "room")
        self._wander = Wander(plan.seed, "heart", plan.wander_bpm, (90.0, 1500.0))
        self._skin_drift = Wander(plan.seed, "skin drift", 0.04, (1500.0, 6000.0))
        self._room_drift = Wander(plan.seed, "room drift", 0.3, (1800.0, 9000.0))
        spread = plan.rest_spread_bpm * Noise(plan.seed, "rest").normal(0, 1)[0]
        self._rest_bpm = plan.rest_bpm + float(np.clip(spread, -15.0, 15.0))
        self._counted = np.zeros(1)

    def expected_bpm(self, t_s: Floats) -> Floats:
        """Heart rate without beat-to-beat variation or artefact, bpm, at times in seconds."""
        effect = np.zeros_like(t_s)
        for dose in self.plan.doses:
            effect += dose.amount * drug_effect((t_s - dose.t_s) / 3600.0)
        bpm = self._rest_bpm + self.plan.drug_rise_bpm * np.minimum(effect, 1.0)
        for surge in self.plan.surges:
            bpm += _surge(surge, t_s)
        return np.clip(bpm + self._wander.at(t_s), *PLAUSIBLE_BPM)

    def heart_at(self, second: int) -> HeartSecond:
        """The strap at one whole second of session time (0 or more)."""
        if any(c.t_s <= second < c.t_s + c.duration_s for c in self.plan.contact_losses):
            return HeartSecond(0, [], contact=False)
        bpm = float(self.expected_bpm(np.array([second + 0.5]))[0])
        rr_ms = self._rr_ms(second)
        jump_bpm = self._artefact_bpm(second)
        if jump_bpm == 0.0:
            return HeartSecond(round(bpm), rr_ms)
        shaken = float(np.clip(bpm + jump_bpm, 30.0, 220.0))
        contact = bool(self._flicker.uniform(second, 1)[0] > 0.3)
        return HeartSecond(
            round(shaken), [rr * bpm / shaken for rr in rr_ms], contact, artefact=True
        )

    def _artefact_bpm(self, second: int) -> float:
        """What movement adds to the strap's number; 0 when it lies still."""
        if self.plan.artefacts_per_h <= 0.0:
            return 0.0
        slot_s = 3600.0 / self.plan.artefacts_per_h
        slot = int(second // slot_s)
        start, length, size, down = self._burst.uniform(4 * slot, 4)
        shortest, longest = ARTEFACT_S
        lasts_s = shortest + length * (longest - shortest)
        begins_s = slot * slot_s + start * (slot_s - longest)
        if not begins_s <= second < begins_s + lasts_s:
            return 0.0
        smallest, largest = ARTEFACT_BPM
        jump = smallest + float(size) * (largest - smallest)
        return -jump / 2.0 if down < 0.25 else jump

    def _rr_ms(self, second: int) -> list[float]:
        """Beat n falls where the count of beats reaches n, give or take its own jitter."""
        grid_s: Floats = second + np.arange(-80, 21, dtype=np.float64) * 0.05
        count = self.beats_by(grid_s)
        first, last = math.ceil(count[0]), math.floor(count[-1])
        number = np.arange(first, last + 1)
        jitter = BEAT_JITTER_BEATS * np.clip(self._beat.normal(first, number.size), -3.0, 3.0)
        beats_s = np.interp(number + jitter, count, grid_s)
        interval_ms = np.diff(beats_s) * 1000.0
        falls_here = (beats_s[1:] >= second) & (beats_s[1:] < second + 1)
        return [float(rr) for rr in interval_ms[falls_here]]

    def beats_by(self, t_s: Floats) -> Floats:
        """Beats since the count began (fractional), with breathing."""
        whole = np.floor(t_s).astype(np.int64) + COUNT_FROM_S
        self._count(int(whole[-1]) + 1)
        low, high = self._counted[whole], self._counted[whole + 1]
        breath = BREATH_BEATS * (70.0 / ((high - low) * 60.0)) ** 2
        return low + (t_s % 1.0) * (high - low) + breath * np.sin(2.0 * np.pi * BREATH_HZ * t_s)

    def _count(self, upto: int) -> None:
        """Extend the running count of beats; in fixed steps, so that sums round the same way."""
        while self._counted.size <= upto:
            begin = self._counted.size - 1 - COUNT_FROM_S
            t_s: Floats = begin + 0.5 + np.arange(COUNT_STEP, dtype=np.float64)
            counts = self._counted[-1] + np.cumsum(self.expected_bpm(t_s) / 60.0)
            self._counted = np.concatenate([self._counted, counts])

    def skin_degc(self, t_s: float) -> float:
        """Temperature under the skin probe, degrees Celsius, as a thermometer would report it."""
        plan = self.plan
        on_s = max(0.0, t_s - plan.probe_on_s)
        at = np.array([t_s])
        skin = plan.skin_degc
        for rise in plan.skin_rises:
            skin += rise.degc * float(_ramp((at - rise.t_s) / rise.over_s)[0])
        skin += float(self._skin_drift.at(at)[0])
        cold = (plan.skin_degc - plan.probe_cold_degc) * math.exp(-on_s / WARM_UP_S)
        noise = SKIN_NOISE_DEGC * float(self._skin_noise.normal(math.floor(t_s), 1)[0])
        return skin - cold + noise

    def room_degc(self, t_s: float) -> float:
        """Air temperature of the room, degrees Celsius, as a thermometer would report it."""
        drift = float(self._room_drift.at(np.array([t_s]))[0])
        noise = ROOM_NOISE_DEGC * float(self._room_noise.normal(math.floor(t_s), 1)[0])
        return self.plan.room_degc + drift + noise
