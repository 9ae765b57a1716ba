"""Events that drive the core, besides frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Verb(StrEnum):
    """What an operator can do. Each is recorded with its time and operator."""

    DOSE = "dose"
    """details: confirm_baseline (bool), label ("dose" or "supplemental")."""
    NOTE = "note"
    """details: text."""
    ACKNOWLEDGE = "acknowledge"
    """details: condition (id), occurrence (int): the exact alarm seen; a mismatch is refused."""
    PAUSE_AUDIO = "pause_audio"
    """details: seconds (at most 120)."""
    RESUME_AUDIO = "resume_audio"
    END_SESSION = "end_session"


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
    """

    t_ns: int
    condition: str
    active: bool
    detail: str = ""
