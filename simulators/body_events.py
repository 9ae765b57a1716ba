"""From the body events of a scenario file to what happens to the simulated person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from simulators import courses
from simulators import scenario_schema as schema
from simulators.courses import Channel, Course, Phases
from simulators.person import Activity, ContactLoss, Rhythm, SkinRise, Surge

RHYTHM_S = 5.0
"""Another rhythm brings its rate at once."""
ACTIVE_S, REST_S = 20.0, 60.0
"""How fast the heart follows when somebody gets up, and rests again; own choice."""


def _phases(event: schema.Passing) -> Phases:
    return Phases(float(event.rise), float(event.hold), float(event.fall))


def _rate(t_s: float, event: schema.Fibrillation) -> Course:
    hold_s = max(0.0, float(event.lasts) - RHYTHM_S)
    return Course(Channel.HEART, t_s, RHYTHM_S, hold_s, RHYTHM_S, event.bpm)


def _moving(t_s: float, event: schema.Moving) -> Course:
    hold_s = max(0.0, float(event.lasts) - ACTIVE_S)
    return Course(Channel.HEART, t_s, ACTIVE_S, hold_s, REST_S, event.bpm)


_COURSES: Mapping[type, Callable[[float, Any], Iterable[Course]]] = {
    schema.Hyperthermia: lambda t_s, e: courses.hyperthermia(t_s, _phases(e), e.degc, e.cold_degc),
    schema.SerotoninToxicity: lambda t_s, e: courses.serotonin_toxicity(
        t_s, _phases(e), e.severity
    ),
    schema.Vasovagal: lambda t_s, e: courses.vasovagal(t_s, _phases(e), e.bpm, e.mmhg),
    schema.PressureSurge: lambda t_s, e: courses.pressure(t_s, _phases(e), e.mmhg),
    schema.ColdHands: lambda t_s, e: courses.cold_hands(t_s, _phases(e), e.degc),
    schema.Fibrillation: lambda t_s, e: [_rate(t_s, e)],
    schema.Moving: lambda t_s, e: [_moving(t_s, e)],
    schema.Uncovered: lambda t_s, e: courses.uncovered(t_s, float(e.lasts), e.degc),
}
"""Event of the file -> what it adds to the body."""


def happenings(events: Iterable[tuple[schema.BodyEvent, float]]) -> dict[str, Any]:
    """The fields of a `Plan` that come of these events, each with its session second."""
    surges: list[Surge] = []
    losses: list[ContactLoss] = []
    rises: list[SkinRise] = []
    rhythms: list[Rhythm] = []
    activities: list[Activity] = []
    passing: list[Course] = []
    for event, t_s in events:
        match event:
            case schema.Surge():
                times = float(event.rise), float(event.hold), float(event.fall)
                surges.append(Surge(t_s, *times, event.bpm))
            case schema.ContactLoss():
                losses.append(ContactLoss(t_s, float(event.lasts)))
            case schema.SkinRise():
                rises.append(SkinRise(t_s, float(event.over), event.degc))
            case schema.Fibrillation():
                rhythms.append(Rhythm(t_s, float(event.lasts)))
            case schema.Ectopics():
                rhythms.append(Rhythm(t_s, float(event.lasts), event.one_in))
            case schema.Moving():
                activities.append(Activity(t_s, float(event.lasts)))
            case _:
                pass
        if type(event) in _COURSES:
            passing += _COURSES[type(event)](t_s, event)
    return {
        "surges": tuple(surges),
        "contact_losses": tuple(losses),
        "skin_rises": tuple(rises),
        "rhythms": tuple(rhythms),
        "activities": tuple(activities),
        "courses": tuple(passing),
    }
