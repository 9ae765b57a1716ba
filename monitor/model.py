"""Events that drive the core, besides frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Verb(StrEnum):
    """What an operator can do. Each is recorded with its time and operator.

    `corrects` is the `t_ns` of the entry of the same verb this one stands in the place of; with
    `withdrawn` (bool) there was no such entry at all. The earlier one stays on record.
    """

    DOSE = "dose"
    """details: confirm_baseline (bool), label ("dose" or "supplemental")."""
    NOTE = "note"
    """details: text; corrects."""
    ACKNOWLEDGE = "acknowledge"
    """details: condition (id), occurrence (int): the exact alarm seen; a mismatch is refused."""
    PAUSE_AUDIO = "pause_audio"
    """details: seconds (at most 120)."""
    RESUME_AUDIO = "resume_audio"
    STANDBY = "standby"
    """details: seconds (60 to 1800) until the person should be back, reason."""
    END_STANDBY = "end_standby"
    TEMPERATURE = "temperature"
    """details: degc (34 to 43), site, method; corrects."""
    BLOOD_PRESSURE = "blood_pressure"
    """details: systolic, diastolic (mmHg), symptoms (bool), text (which symptoms); corrects."""
    FLUIDS = "fluids"
    """details: ml (1 to 3000), what; corrects."""
    SCORE = "score"
    """details: name (of a scale in `[scores]`), value (within its range); corrects."""
    RESOLVE = "resolve"
    """details: condition: what only the operator can end is over."""
    SET_LIMIT = "set_limit"
    """details: condition, key, value, reason; of the alarm rows of this session only."""
    SOUND_CHECK = "sound_check"
    """details: heard (bool): whether a person heard the test sound."""
    SELF_TEST = "self_test"
    """details: passed (bool) and what `vigil selftest` saw."""
    SETUP = "setup"
    """details: step (of SETUP_STEPS), state (of SETUP_STATES): what the operator says of a step of
    the checklist before the dose."""
    END_SESSION = "end_session"


SETUP_STEPS = ("sensors", "sound", "baseline", "limits", "self_test")
"""What is to be done between the start of a session and the dose, in that order."""
SETUP_STATES = ("done", "skipped", "open")


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An operator action at session time `t_ns`."""

    t_ns: int
    verb: Verb
    operator: str = ""
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A technical state of the system itself (sound lost, nobody watching), at session time `t_ns`.

    Attributes:
        condition: catalogue id of the technical condition it feeds.
        active: whether the trouble holds from now on.
        detail: a few words for the screen and the log.
        urgent: it is bad enough for the row's higher priority.
        renewed: there is another reason now, which is an alarm of its own.
    """

    t_ns: int
    condition: str
    active: bool
    detail: str = ""
    urgent: bool = False
    renewed: bool = False
