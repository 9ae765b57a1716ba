"""What an engine needs around it: where everything is recorded, what sounds, who watches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from alerts.annunciator.remote import Remote
from alerts.model import Priority, Transition
from devices.model import Frame
from monitor.feed import Snapshot
from monitor.phases import PHASES, PhaseTimes
from monitor.self_watch import SelfWatch
from monitor.signal.vitals import Vitals


class Record(Protocol):
    """What the engine needs of a recorder; every call returns at once."""

    error: str | None

    @property
    def lag_s(self) -> float:
        """Real seconds the oldest entry not yet on disk has been waiting."""
        ...

    def frames(self, frames: Sequence[Frame], values: Sequence[float | None]) -> None:
        """Record frames as received, each with its main decoded value."""

    def vitals(self, vitals: Vitals) -> None:
        """Record displayed vitals."""

    def journal(self, t_ns: int, kind: str, body: dict[str, object]) -> None:
        """Append to the journal."""


class Sound(Protocol):
    """What the engine needs of the annunciator."""

    available: bool
    detail: str

    def set(self, priority: Priority | None, level: float = 1.0) -> None:
        """Sound this priority's burst from now on, or nothing."""

    def test(self) -> None:
        """Sound the test tone from now on."""


class Rooms(Protocol):
    """What the engine needs of the publisher to other rooms; every call returns at once."""

    failure: str
    """Why nothing gets through now; empty while it does."""

    def newest(self, snapshot: Snapshot) -> None:
        """Publish this state, unless a newer one comes first."""

    def changed(self, transition: Transition) -> None:
        """Publish an alarm transition, for sure and in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a session has around its engine.

    Attributes:
        sound_check: a person has to confirm that the sound is heard.
        checklists: the clinic's words, by condition.
        phases: when the phases of the usual course begin.
        watch: looks at disk, power and sleep; None where nobody does.
        remote: the clinic's own annunciator, if there is one.
        setup: steps of the checklist before the dose.
        rooms: publishes to other rooms, where that is configured.
    """

    sound_check: bool = False
    checklists: Mapping[str, str] = field(default_factory=dict)
    phases: PhaseTimes = PHASES
    watch: SelfWatch | None = None
    remote: Remote | None = None
    setup: Sequence[str] = ()
    rooms: Rooms | None = None


class Watch(Protocol):
    """What the engine needs of the feed server."""

    def publish(self, line: bytes) -> None:
        """Give every dashboard the newest snapshot."""

    def tell(self, line: bytes) -> None:
        """Give every dashboard a message that must arrive."""

    def unwatched_s(self) -> float:
        """Real seconds since a dashboard's last sign of life."""
