"""Courses: what passes through the body, as sums of smooth rises and falls; dangerous ones too.

Sizes and times of the dangerous courses are our own choice, made to cross the alarm limits in the
order a clinician would expect; the clinical reference (section 2) gives the directions and the
definitions they are built on. They are for training and tests, no model of a disease.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from simulators.noise import Floats


class Channel(StrEnum):
    """What a course acts on."""

    HEART = "heart"
    """Heart rate, bpm."""
    SYSTOLIC = "systolic"
    """mmHg."""
    DIASTOLIC = "diastolic"
    """mmHg."""
    CORE = "core"
    """Core temperature, degrees Celsius."""
    SKIN = "skin"
    """Skin temperature of covered proximal sites, degrees Celsius."""
    DISTAL = "distal"
    """Skin temperature of a finger, degrees Celsius; other distal sites follow in part."""


@dataclass(frozen=True, slots=True)
class Course:
    """Begins at `t_s`, rises to `amount`, holds (for ever if infinite), falls; seconds."""

    channel: Channel
    t_s: float
    rise_s: float
    hold_s: float
    fall_s: float
    amount: float


AT_ONCE_S = 1e-3
"""A rise of no time at all takes this long."""


def ramp(x: Floats) -> Floats:
    """Smooth step: 0 below 0, 1 above 1."""
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)


def level(course: Course, t_s: Floats) -> Floats:
    """What the course adds at times in seconds."""
    since = t_s - course.t_s
    up = course.amount * ramp(since / max(course.rise_s, AT_ONCE_S))
    if math.isinf(course.hold_s):
        return up
    fall_s = max(course.fall_s, AT_ONCE_S)
    return up * (1.0 - ramp((since - course.rise_s - course.hold_s) / fall_s))


def total(courses: Iterable[Course], t_s: Floats) -> Floats:
    """What all these courses add at times in seconds."""
    return sum((level(course, t_s) for course in courses), np.zeros_like(t_s))


BPM_PER_DEGC = 33.0
"""Thermal reactivity of the heart rate (clinical reference, section 2: from memory, unverified)."""
COVERED_SHARE = 0.5
"""Of a rising core temperature at covered proximal skin; own choice. Skin follows core in part at
best: a forehead sensor had no relation to it in the heat (Fisher 2022)."""
COLD_HANDS_DEGC = 5.0
"""Fall of finger skin: about 5 +- 4 degrees after 1.5 mg/kg, not significant (Harris 2002)."""


@dataclass(frozen=True, slots=True)
class Phases:
    """How long a course rises, holds and falls, seconds."""

    rise_s: float
    hold_s: float
    fall_s: float


def _all(t_s: float, phases: Phases, amounts: dict[Channel, float]) -> tuple[Course, ...]:
    times = (phases.rise_s, phases.hold_s, phases.fall_s)
    return tuple(Course(channel, t_s, *times, amount) for channel, amount in amounts.items())


def hyperthermia(t_s: float, phases: Phases, degc: float, cold_degc: float) -> tuple[Course, ...]:
    """Core temperature rises by `degc` while finger skin falls by `cold_degc`.

    The drug constricts skin vessels while it adds heat: cool skin goes with a hot core (Docherty &
    Green; rabbits of Pedersen & Blessing 2001: ear flow down by 80 %, core +2.9 degrees).
    """
    amounts = {
        Channel.CORE: degc,
        Channel.SKIN: COVERED_SHARE * degc,
        Channel.DISTAL: -cold_degc,
        Channel.HEART: BPM_PER_DEGC * degc,
    }
    return _all(t_s, phases, amounts)


def serotonin_toxicity(t_s: float, phases: Phases, severity: float) -> tuple[Course, ...]:
    """Heart rate, temperature and blood pressure rise together; `severity` 1 is an emergency.

    The emergency list of clinicians: fever above 38.5, unstable pressure and rate, rigidity
    (Malcolm, clinical reference section 1). Sizes are ours: 1 reaches 39.7 degrees from 36.9.
    """
    amounts = {
        Channel.HEART: 75.0 * severity,
        Channel.SYSTOLIC: 75.0 * severity,
        Channel.DIASTOLIC: 42.0 * severity,
        Channel.CORE: 2.8 * severity,
        Channel.SKIN: 1.8 * severity,
    }
    return _all(t_s, phases, amounts)


def vasovagal(t_s: float, phases: Phases, bpm: float, mmhg: float) -> tuple[Course, ...]:
    """Heart rate and blood pressure fall together, by `bpm` and `mmhg` systolic; a faint."""
    amounts = {
        Channel.HEART: -bpm,
        Channel.SYSTOLIC: -mmhg,
        Channel.DIASTOLIC: -0.6 * mmhg,
    }
    return _all(t_s, phases, amounts)


def pressure(t_s: float, phases: Phases, mmhg: float) -> tuple[Course, ...]:
    """Blood pressure alone rises by `mmhg` systolic and half of it diastolic, as after the drug."""
    return _all(t_s, phases, {Channel.SYSTOLIC: mmhg, Channel.DIASTOLIC: mmhg / 2.0})


UNCOVERED_S = 600.0
"""How long skin without its blanket takes to cool."""


def uncovered(t_s: float, lasts_s: float, degc: float) -> tuple[Course, ...]:
    """The blanket is off: covered skin cools by `degc`, a finger by twice that."""
    phases = Phases(UNCOVERED_S, max(0.0, lasts_s - UNCOVERED_S), UNCOVERED_S)
    return _all(t_s, phases, {Channel.SKIN: -degc, Channel.DISTAL: -2.0 * degc})


def cold_hands(t_s: float, phases: Phases, degc: float) -> tuple[Course, ...]:
    """Finger skin falls by `degc` and nothing else happens."""
    return _all(t_s, phases, {Channel.DISTAL: -degc})


def of(courses: Sequence[Course], channel: Channel) -> tuple[Course, ...]:
    """Those that act on one channel."""
    return tuple(course for course in courses if course.channel is channel)
