"""What may stand in a scenario file (docs/scenarios.md): its tables, keys and their ranges."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from monitor.model import Verb
from simulators.scenario import FaultKind, SystemFaultKind

LONGEST_S = 86_400.0
"""A simulated session lasts a day at most."""
_CLOCK = re.compile(r"(-?)(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d(?:\.\d+)?)")


class Seconds(float):
    """Session time or a duration: a number of seconds, or text like "1:30" or "1:20:00"."""


class Length(Seconds):
    """How long something takes: 0 or more."""


Bpm = Annotated[float, Meta(ge=20, le=250)]
Change = Annotated[float, Meta(ge=-150, le=150)]
Degc = Annotated[float, Meta(ge=-10, le=60)]
Percent = Annotated[float, Meta(ge=0, le=100)]
PerHour = Annotated[float, Meta(ge=0, le=240)]
Mmhg = Annotated[float, Meta(ge=30, le=250)]
Warming = Annotated[float, Meta(ge=0, le=6)]
Cooling = Annotated[float, Meta(ge=0, le=15)]
Share = Annotated[float, Meta(ge=0, le=3)]
Responds = Literal["typical", "beta_blocked", "non_responder", "drawn"] | Share


class Table(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A table that knows all its keys."""


class Event(Table, kw_only=True):
    """Something at a time; `every` and `until` repeat it."""

    at: Seconds
    every: Length | None = None
    until: Seconds | None = None


class Person(Table, kw_only=True):
    """Who is simulated; see `simulators.physiology.Plan` for the meaning of each key."""

    rest_bpm: Bpm = 70.0
    rest_spread_bpm: Annotated[float, Meta(ge=0, le=30)] = 0.0
    drug_rise_bpm: Change = 28.0
    response: Responds = "typical"
    wander_bpm: Annotated[float, Meta(ge=0, le=20)] = 4.0
    artefacts_per_h: PerHour = 4.0
    skin_degc: Degc = 34.5
    probe_cold_degc: Degc = 27.0
    probe_on: Seconds = Seconds(0)
    room_degc: Degc = 22.0
    cold_hands_degc: Cooling = 5.0
    core_degc: Annotated[float, Meta(ge=30, le=43)] = 36.9
    systolic_mmhg: Mmhg = 118.0
    diastolic_mmhg: Mmhg = 76.0


class Surge(Event, tag="surge", tag_field="what", kw_only=True):
    """A passing rise (or fall) of heart rate by `bpm`: rises, holds, falls."""

    bpm: Change
    rise: Length = Length(20)
    hold: Length = Length(60)
    fall: Length = Length(60)


class ContactLoss(Event, tag="contact_loss", tag_field="what", kw_only=True):
    """The strap loses the skin."""

    lasts: Length


class SkinRise(Event, tag="skin_rise", tag_field="what", kw_only=True):
    """Skin warms by `degc` over a time and stays so."""

    degc: Annotated[float, Meta(ge=-15, le=15)]
    over: Length = Length(3600)


class Passing(Event, kw_only=True):
    """Something of the body that rises, holds and falls."""

    rise: Length = Length(300)
    hold: Length = Length(600)
    fall: Length = Length(1200)


class Hyperthermia(Passing, tag="hyperthermia", tag_field="what", kw_only=True):
    """Core temperature rises while hands grow cold; see `simulators.courses`."""

    degc: Warming = 2.0
    cold_degc: Cooling = 8.0


class SerotoninToxicity(Passing, tag="serotonin_toxicity", tag_field="what", kw_only=True):
    """Heart rate, temperature and blood pressure rise together."""

    severity: Annotated[float, Meta(ge=0, le=1.5)] = 1.0


class Vasovagal(Passing, tag="vasovagal", tag_field="what", kw_only=True):
    """Heart rate and blood pressure fall together."""

    rise: Length = Length(15)
    hold: Length = Length(60)
    fall: Length = Length(60)
    bpm: Annotated[float, Meta(ge=0, le=150)] = 35.0
    mmhg: Annotated[float, Meta(ge=0, le=120)] = 45.0


class PressureSurge(Passing, tag="pressure_surge", tag_field="what", kw_only=True):
    """Blood pressure rises (or falls) by itself; `mmhg` systolic, half of it diastolic."""

    mmhg: Change


class ColdHands(Passing, tag="cold_hands", tag_field="what", kw_only=True):
    """Skin vessels close: a finger cools by `degc`, other distal sites by less."""

    degc: Cooling = 6.0


class Fibrillation(Event, tag="fibrillation", tag_field="what", kw_only=True):
    """Atrial fibrillation: fully irregular, faster by `bpm`."""

    lasts: Length
    bpm: Change = 25.0


class Ectopics(Event, tag="ectopics", tag_field="what", kw_only=True):
    """Premature ventricular beats, one in `one_in` (2: bigeminy)."""

    lasts: Length
    one_in: Annotated[int, Meta(ge=2, le=50)] = 2


class Moving(Event, tag="activity", tag_field="what", kw_only=True):
    """The person is up and moves: a faster heart, a shaken strap."""

    lasts: Length
    bpm: Annotated[float, Meta(ge=0, le=150)] = 25.0


class Uncovered(Event, tag="uncovered", tag_field="what", kw_only=True):
    """The blanket is off: covered skin cools by `degc`."""

    lasts: Length
    degc: Cooling = 1.2


BY: Mapping[FaultKind, tuple[float, float]] = {
    FaultKind.DELAY: (1, 3600),
    FaultKind.BURST: (1, 3600),
    FaultKind.LATE_BEATS: (1, 30),
    FaultKind.BIAS: (-100, 100),
    FaultKind.DRIFT: (-100, 100),
    FaultKind.CLOCK: (-1000, 1000),
    FaultKind.BATTERY: (0, 100),
}
"""Range of `by` of the faults that need one."""

_ENTRY = ("corrects", "withdrawn")
DETAILS: Mapping[Verb, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Verb.DOSE: ((), ("confirm_baseline", "label")),
    Verb.NOTE: (("text",), _ENTRY),
    Verb.ACKNOWLEDGE: (("condition", "occurrence"), ()),
    Verb.PAUSE_AUDIO: ((), ("seconds",)),
    Verb.RESUME_AUDIO: ((), ()),
    Verb.STANDBY: (("seconds",), ("reason",)),
    Verb.END_STANDBY: ((), ()),
    Verb.TEMPERATURE: (("degc", "site"), ("method", *_ENTRY)),
    Verb.BLOOD_PRESSURE: (("systolic", "diastolic"), ("symptoms", "text", *_ENTRY)),
    Verb.FLUIDS: (("ml",), ("what", *_ENTRY)),
    Verb.SCORE: (("name", "value"), _ENTRY),
    Verb.RESOLVE: (("condition",), ()),
    Verb.SET_LIMIT: (("condition", "key", "value", "reason"), ()),
    Verb.SOUND_CHECK: (("heard",), ()),
    Verb.SELF_TEST: (("passed",), ("seen",)),
    Verb.SETUP: (("step", "state"), ()),
    Verb.END_SESSION: ((), ()),
}
"""Details of an operator's action: those it needs, and those it may have."""

BodyEvent = (
    Surge
    | ContactLoss
    | SkinRise
    | Hyperthermia
    | SerotoninToxicity
    | Vasovagal
    | PressureSurge
    | ColdHands
    | Fibrillation
    | Ectopics
    | Uncovered
    | Moving
)


class Fault(Event, kw_only=True):
    """A sensor's link fails."""

    sensor: str
    kind: FaultKind
    lasts: Length = Length(0)
    by: Seconds = Seconds(0)
    share_pct: Percent = 100.0


class System(Event, kw_only=True):
    """Something goes wrong around the engine; `lasts` is in real seconds."""

    what: SystemFaultKind
    lasts: Length = Length(0)
    by: Annotated[float, Meta(ge=-86400, le=86400)] = 0.0


class Expect(Table, kw_only=True):
    """An alarm that must begin."""

    alarm: str
    at: Seconds | None = None
    within: Length = Length(15)
    priority: Literal["LOW", "MEDIUM", "HIGH"] | None = None
    clears: Seconds | None = None


class File(Table, kw_only=True):
    """A scenario file; without a recording it says how long it lasts."""

    title: Annotated[str, Meta(min_length=1, max_length=100)]
    lasts: Length | None = None
    seed: int = 1
    recording: str | None = None
    sensors: Annotated[tuple[str, ...], Meta(min_length=1, max_length=16)] | None = None
    person: Person | None = None
    body: list[BodyEvent] = []
    operator: list[dict[str, Any]] = []
    faults: list[Fault] = []
    system: list[System] = []
    expect: list[Expect | str] = []


def seconds(value: object) -> Seconds:
    """Seconds of a number, or of text like "1:30" (minutes) or "1:20:00" (hours).

    Raises:
        ValueError: it is neither, or beyond a day.
    """
    if isinstance(value, str) and (match := _CLOCK.fullmatch(value.strip())):
        sign, hours, minutes, rest = match.groups()
        number = int(hours or 0) * 3600 + int(minutes) * 60 + float(rest)
        value = -number if sign else number
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(  # noqa: TRY004 - msgspec adds the path to a ValueError
            'must be seconds, or text like "1:30" (m:ss) or "1:20:00" (h:mm:ss)'
        )
    if not -LONGEST_S <= value <= LONGEST_S:
        raise ValueError(f"must be within a day, {LONGEST_S:g} s")
    return Seconds(value)


def convert(kind: type, value: object) -> object:
    """Our own types of a value, for msgspec.

    Raises:
        ValueError: the value is not allowed.
    """
    if not issubclass(kind, Seconds):
        raise NotImplementedError(kind)
    number = seconds(value)
    if kind is Length and number < 0:
        raise ValueError("must be 0 or more")
    return kind(number)
