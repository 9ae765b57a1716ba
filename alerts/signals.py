"""The alarm-signal state machine: what is shown and sounded.

Takes condition edges, operator actions and time; decides presence, hiding, audio and pause.
Conditions depend on data alone; acknowledgements only touch signals.

    onset            -> ON (a new occurrence, unacknowledged; ends an audio pause)
    escalation       -> ON (a new occurrence: an acknowledgement of the milder one does not count)
    acknowledge      ON -> ACKNOWLEDGED; LATCHED, RETURNED -> off
    reminder         ACKNOWLEDGED -> ON, if the condition still holds after a while
    condition clears ACKNOWLEDGED -> off
                     ON -> LATCHED (physiological, HIGH: signalled until acknowledged)
                        -> RETURNED (physiological, MEDIUM: shown, silent)
                        -> off (the rest)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from alerts.catalogue import CATALOGUE
from alerts.model import ConditionEdge, Edge, Kind, Presence, Priority
from devices.model import NS_PER_S

REMINDER_HIGH_S = 180.0
"""An acknowledged HIGH condition that still holds sounds again after 3 min (clinical section 7)."""
REMINDER_S = 900.0
"""Others after 15 min; LOW technical ones never: they are information, and nagging costs trust."""
AUDIO_PAUSE_MAX_S = 120.0
"""Audio pause is at most two minutes (clinical reference, section 3, practice of the field)."""

_SOUNDING = frozenset({Presence.ON, Presence.LATCHED})


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSignal:
    """One alarm signal. Times in session nanoseconds; value and limit in `unit`."""

    condition: str
    occurrence: int
    """Counts onsets and escalations of this condition; an acknowledgement names the one it saw."""
    kind: Kind
    priority: Priority
    presence: Presence
    onset_ns: int
    clear_ns: int | None = None
    value: float = float("nan")
    limit: float = float("nan")
    unit: str = ""
    acknowledged_by: str = ""
    acknowledged_ns: int = 0
    hidden: bool = False
    """A more severe signal of the same vital sign is shown instead; it does not sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A change of an alarm signal or of the audio pause, for the record and the log.

    `what`: onset, escalate, clear, acknowledge, reminder, audio_paused, audio_resumed. For the
    audio pause `condition` is empty and `detail` says why.
    """

    t_ns: int
    what: str
    condition: str = ""
    occurrence: int = 0
    priority: Priority | None = None
    presence: Presence | None = None
    value: float = float("nan")
    limit: float = float("nan")
    unit: str = ""
    detail: str = ""


class RefusedError(Exception):
    """An operator action that cannot be done; the message says why."""


class AlarmSignals:
    """All alarm signals of a session and the audio pause."""

    def __init__(self) -> None:
        self._signals: dict[str, AlarmSignal] = {}
        self._occurrences: dict[str, int] = {}
        self._pause_until_ns: int | None = None

    def edge(self, edge: ConditionEdge) -> list[Transition]:
        """Take one condition edge."""
        if edge.edge is Edge.CLEAR:
            return self._clear(edge)
        return self._raise(edge) + self._end_pause(edge.t_ns, "a new alarm")

    def _raise(self, edge: ConditionEdge) -> list[Transition]:
        before = self._signals.get(edge.condition)
        escalates = edge.edge is Edge.ESCALATE and before is not None
        occurrence = self._occurrences.get(edge.condition, 0) + 1
        self._occurrences[edge.condition] = occurrence
        self._signals[edge.condition] = AlarmSignal(
            condition=edge.condition,
            occurrence=occurrence,
            kind=CATALOGUE[edge.condition].kind,
            priority=edge.priority,
            presence=Presence.ON,
            onset_ns=before.onset_ns if escalates and before is not None else edge.t_ns,
            value=edge.value,
            limit=edge.limit,
            unit=edge.unit,
        )
        return [self._transition(edge.t_ns, edge.edge.value, edge.condition)]

    def _clear(self, edge: ConditionEdge) -> list[Transition]:
        signal = self._signals.get(edge.condition)
        if signal is None:
            return []
        presence = _after_clearing(signal)
        if presence is None:
            gone = self._transition(edge.t_ns, "clear", edge.condition)
            del self._signals[edge.condition]
            return [replace(gone, presence=None, value=edge.value)]
        self._signals[edge.condition] = replace(signal, presence=presence, clear_ns=edge.t_ns)
        return [replace(self._transition(edge.t_ns, "clear", edge.condition), value=edge.value)]

    def acknowledge(
        self, t_ns: int, condition: str, occurrence: int, operator: str
    ) -> list[Transition]:
        """Acknowledge the exact occurrence the operator saw.

        Raises:
            RefusedError: there is no such alarm, it is another occurrence by now, or it is
                acknowledged already.
        """
        signal = self._signals.get(condition)
        if signal is None:
            raise RefusedError(f"no alarm {condition!r} to acknowledge")
        if signal.occurrence != occurrence:
            raise RefusedError(f"{CATALOGUE[condition].title}: this alarm is new; look again")
        if signal.presence is Presence.ACKNOWLEDGED:
            raise RefusedError(f"{CATALOGUE[condition].title}: acknowledged already")
        changes = [self._acknowledged(t_ns, condition, operator, "")]
        if signal.clear_ns is None:
            changes += self._with_it(t_ns, condition, operator)
        return changes

    def _with_it(self, t_ns: int, severe: str, operator: str) -> list[Transition]:
        """The milder signals it hides are seen with it, or its end would alarm again."""
        milder = [m for m in CATALOGUE[severe].hides if m in self._signals]
        unseen = sorted(m for m in milder if self._signals[m].presence is not Presence.ACKNOWLEDGED)
        return [self._acknowledged(t_ns, m, operator, f"with {severe}") for m in unseen]

    def _acknowledged(self, t_ns: int, condition: str, operator: str, detail: str) -> Transition:
        signal = self._signals[condition]
        self._signals[condition] = replace(
            signal,
            presence=Presence.ACKNOWLEDGED,
            acknowledged_by=operator,
            acknowledged_ns=t_ns,
        )
        change = replace(self._transition(t_ns, "acknowledge", condition), detail=detail)
        if signal.presence is Presence.ON:
            return change
        del self._signals[condition]
        return replace(change, presence=None)

    def pause_audio(self, t_ns: int, seconds: float) -> list[Transition]:
        """Silence all alarms for `seconds` (more than 0, at most 120); a new pause replaces one.

        Raises:
            RefusedError: outside that range.
        """
        if not 0 < seconds <= AUDIO_PAUSE_MAX_S:
            raise RefusedError(
                f"audio pause {seconds:g} s: allowed is up to {AUDIO_PAUSE_MAX_S:g} s"
            )
        self._pause_until_ns = t_ns + int(seconds * NS_PER_S)
        return [Transition(t_ns=t_ns, what="audio_paused", detail=f"{seconds:g} s")]

    def resume_audio(self, t_ns: int) -> list[Transition]:
        """End the audio pause early."""
        return self._end_pause(t_ns, "operator")

    def advance(self, t_ns: int) -> list[Transition]:
        """Let time pass: pauses end and reminders come by the clock, not by the next data."""
        changes = [self._remind(*due) for due in self._reminders_due(t_ns)]
        if self._pause_until_ns is not None and t_ns >= self._pause_until_ns:
            changes += self._end_pause(self._pause_until_ns, "time is over")
        return sorted(changes, key=lambda change: change.t_ns)

    def _reminders_due(self, t_ns: int) -> list[tuple[int, str]]:
        due = [(_reminder_ns(signal), name) for name, signal in self._signals.items()]
        return sorted((at_ns, name) for at_ns, name in due if at_ns is not None and at_ns <= t_ns)

    def _remind(self, t_ns: int, condition: str) -> Transition:
        signal = self._signals[condition]
        self._signals[condition] = replace(signal, presence=Presence.ON)
        return self._transition(t_ns, "reminder", condition)

    def _end_pause(self, t_ns: int, why: str) -> list[Transition]:
        if self._pause_until_ns is None:
            return []
        self._pause_until_ns = None
        return [Transition(t_ns=t_ns, what="audio_resumed", detail=why)]

    def _transition(self, t_ns: int, what: str, condition: str) -> Transition:
        signal = self._signals[condition]
        return Transition(
            t_ns=t_ns,
            what=what,
            condition=condition,
            occurrence=signal.occurrence,
            priority=signal.priority,
            presence=signal.presence,
            value=signal.value,
            limit=signal.limit,
            unit=signal.unit,
        )

    def view(self) -> tuple[AlarmSignal, ...]:
        """All signals, most urgent first: shown, unacknowledged, priority, then newest."""
        hidden = _hidden(self._signals)
        shown = [replace(signal, hidden=name in hidden) for name, signal in self._signals.items()]
        return tuple(sorted(shown, key=_urgency))

    def audible(self) -> Priority | None:
        """What sounds now: the highest unacknowledged, shown priority; None while paused."""
        if self._pause_until_ns is not None:
            return None
        sounding = [s.priority for s in self.view() if s.presence in _SOUNDING and not s.hidden]
        return max(sounding, default=None)

    def pause_remaining_s(self, t_ns: int) -> float | None:
        """Seconds left of the audio pause; None when not paused."""
        if self._pause_until_ns is None:
            return None
        return max(0, self._pause_until_ns - t_ns) / NS_PER_S


def _reminder_ns(signal: AlarmSignal) -> int | None:
    if signal.presence is not Presence.ACKNOWLEDGED:
        return None
    if signal.kind is Kind.TECHNICAL and signal.priority is Priority.LOW:
        return None
    after_s = REMINDER_HIGH_S if signal.priority is Priority.HIGH else REMINDER_S
    return signal.acknowledged_ns + int(after_s * NS_PER_S)


def _after_clearing(signal: AlarmSignal) -> Presence | None:
    if signal.presence is not Presence.ON:
        return None
    if signal.kind is not Kind.PHYSIOLOGICAL or signal.priority is Priority.LOW:
        return None
    return Presence.LATCHED if signal.priority is Priority.HIGH else Presence.RETURNED


def _hidden(signals: Mapping[str, AlarmSignal]) -> set[str]:
    """Severe hides mild of the same signal, but only while the severe one holds."""
    holding: Iterable[str] = (name for name, s in signals.items() if s.clear_ns is None)
    return {mild for name in holding for mild in CATALOGUE[name].hides if mild in signals}


def _urgency(signal: AlarmSignal) -> tuple[bool, bool, int, int]:
    return (
        signal.hidden,
        signal.presence not in _SOUNDING,
        -signal.priority,
        -signal.onset_ns,
    )
