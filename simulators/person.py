"""Who is simulated, and what happens to them: plain data, in seconds of session time."""

from __future__ import annotations

from dataclasses import dataclass

from simulators.courses import COLD_HANDS_DEGC, Course
from simulators.drug import RISE_BPM, Dose


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


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Another rhythm from `t_s` on, for `duration_s` seconds.

    Attributes:
        premature: 0: atrial fibrillation; else every so many beats one is a premature ventricular
            one (2: bigeminy, 3: trigeminy).
    """

    t_s: float
    duration_s: float
    premature: int = 0


@dataclass(frozen=True, slots=True)
class Activity:
    """The person is up and moves from `t_s` on, for `duration_s` seconds."""

    t_s: float
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What happens to the simulated person. Times are seconds of session time.

    Attributes:
        seed: same seed, same person, to the last beat.
        rest_bpm: resting heart rate; `rest_spread_bpm` is its SD over seeds.
        drug_rise_bpm: usual rise on the plateau.
        response: how far this person responds (`simulators.drug.response`).
        wander_bpm: SD of the slow wander.
        artefacts_per_h: movement bursts an hour.
        skin_degc: settled skin temperature at covered proximal sites.
        cold_hands_degc: usual fall of finger skin on the plateau.
        probe_cold_degc: the probe before it touches skin, at `probe_on_s` (negative: before start).
        core_degc: core temperature before the dose.
        systolic_mmhg: blood pressure before the dose, with `diastolic_mmhg`.
        courses: whatever else passes through the body.
        rhythms: other than sinus rhythm.
        activities: when the person moves about.
    """

    seed: int = 1
    rest_bpm: float = 70.0
    rest_spread_bpm: float = 0.0
    doses: tuple[Dose, ...] = ()
    drug_rise_bpm: float = RISE_BPM
    response: str | float = "typical"
    surges: tuple[Surge, ...] = ()
    wander_bpm: float = 4.0
    artefacts_per_h: float = 4.0
    contact_losses: tuple[ContactLoss, ...] = ()
    skin_degc: float = 34.5
    cold_hands_degc: float = COLD_HANDS_DEGC
    probe_cold_degc: float = 27.0
    probe_on_s: float = 0.0
    skin_rises: tuple[SkinRise, ...] = ()
    room_degc: float = 22.0
    core_degc: float = 36.9
    systolic_mmhg: float = 118.0
    diastolic_mmhg: float = 76.0
    courses: tuple[Course, ...] = ()
    rhythms: tuple[Rhythm, ...] = ()
    activities: tuple[Activity, ...] = ()
