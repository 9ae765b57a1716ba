"""The alarm-signal state machine: what is shown and sounded.

Takes condition edges, operator actions and time; decides presence, hiding, audio and silences.
Conditions depend on data alone; acknowledgements only touch signals.

    onset            -> ON (a new occurrence, unacknowledged; ends an audio pause)
    escalation       -> ON (a new occurrence: an acknowledgement of the milder one does not count)
    acknowledge      ON -> ACKNOWLEDGED; LATCHED, RETURNED -> off
    reminder         ACKNOWLEDGED -> ON, if the condition still holds after a while
    unanswered       ON, MEDIUM -> HIGH, if nobody acknowledges it
    condition clears ACKNOWLEDGED -> off
                     ON -> LATCHED (of the person, HIGH: signalled until acknowledged)
                        -> RETURNED (of the person, MEDIUM: shown, silent)
                        -> off (the rest)
    chatter          many onsets in ten minutes are one alarm with a count (not HIGH ones)

The clocks of reminder and unanswered stand still while an alarm is hidden: behind a more severe
one, behind a lost link, or held back by standby.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from alerts.catalogue import CATALOGUE
from alerts.chatter import CHATTER_ONSETS, CHATTER_QUIET_S, Chatter
from alerts.hiding import behind, in_front_of, masked, milder, raised
from alerts.model import (
    AlarmSignal,
    ConditionEdge,
    Edge,
    Kind,
    Presence,
    Priority,
    RefusedError,
    Transition,
)
from alerts.policy import MAY_SILENCE, Silence
from alerts.silences import AudioPause, Standby
from alerts.spec import Concern
from devices.model import NS_PER_S

REMINDER_HIGH_S = 180.0
"""An acknowledged HIGH condition that still holds sounds again after 3 min (clinical section 7)."""
REMINDER_S = 900.0
"""Others after 15 min; LOW technical ones never: they are information, and nagging costs trust."""
UNANSWERED_S = 180.0
"""A MEDIUM alarm that nobody acknowledges becomes HIGH after 3 min; our own choice."""
LOUDNESS: dict[Priority, tuple[float, float]] = {
    Priority.LOW: (0.5, 0.0),
    Priority.MEDIUM: (0.5, 60.0),
    Priority.HIGH: (0.7, 30.0),
}
"""Share of full loudness at first, and seconds until full loudness while nobody answers (0: it
stays); our own choice, so that a dim room is not startled."""

_SOUNDING = frozenset({Presence.ON, Presence.LATCHED})


class AlarmSignals:
    """All alarm signals of a session, and the silences in force."""

    def __init__(self) -> None:
        self._signals: dict[str, AlarmSignal] = {}
        self._occurrences: dict[str, int] = {}
        self._chatter = Chatter()
        self._stopped: dict[str, int] = {}
        """Since when the clock of a hidden signal stands still."""
        self.pause = AudioPause()
        self.standby = Standby()

    def edge(self, edge: ConditionEdge) -> list[Transition]:
        """Take one condition edge."""
        changes = self._clear(edge) if edge.edge is Edge.CLEAR else self._raise(edge)
        self._run_clocks(edge.t_ns)
        return changes

    def _raise(self, edge: ConditionEdge) -> list[Transition]:
        name, before = edge.condition, self._signals.get(edge.condition)
        self._occurrences[name] = self._occurrences.get(name, 0) + 1
        escalates = edge.edge is Edge.ESCALATE and before is not None
        repeats = self._repeats(edge)
        new = AlarmSignal(
            condition=name,
            occurrence=self._occurrences[name],
            kind=CATALOGUE[name].kind,
            priority=edge.priority,
            presence=Presence.ON,
            onset_ns=before.onset_ns if escalates and before is not None else edge.t_ns,
            value=edge.value,
            limit=edge.limit,
            unit=edge.unit,
            timer_ns=edge.t_ns,
            repeats=repeats,
        )
        again = before is not None and before.clear_ns is not None and _chatters(new)
        if again and before is not None and before.presence is Presence.ACKNOWLEDGED:
            self._signals[name] = replace(
                new,
                presence=Presence.ACKNOWLEDGED,
                acknowledged_by=before.acknowledged_by,
                timer_ns=before.timer_ns,
            )
            return [self._transition(edge.t_ns, edge.edge.value, name, _count(repeats))]
        self._signals[name] = new
        detail = _count(repeats) if _chatters(new) else ""
        change = self._transition(edge.t_ns, edge.edge.value, name, detail)
        if severe := in_front_of(name, self._signals):
            return [change, *self._seen_with(edge.t_ns, name, severe[0])]
        return [change, *self._end_pause(edge.t_ns, "a new alarm")]

    def _seen_with(self, t_ns: int, mild: str, severe: str) -> list[Transition]:
        """What begins behind an acknowledged severe alarm would else sound when that one ends.

        Behind one that is not acknowledged it ends no audio pause either: nothing new is shown.
        """
        before = self._signals[severe]
        if before.presence is not Presence.ACKNOWLEDGED:
            return []
        return [self._acknowledged(t_ns, mild, before.acknowledged_by, f"with {severe}")]

    def _repeats(self, edge: ConditionEdge) -> int:
        if edge.edge is Edge.ONSET:
            return self._chatter.onset(edge.condition, edge.t_ns)
        before = self._signals.get(edge.condition)
        return 1 if before is None else before.repeats

    def _clear(self, edge: ConditionEdge) -> list[Transition]:
        name = edge.condition
        signal = self._signals.get(name)
        if signal is None or signal.clear_ns is not None:
            return []
        presence = _after_clearing(signal)
        if _chatters(signal):
            presence = presence or (
                signal.presence if signal.presence is Presence.ACKNOWLEDGED else Presence.RETURNED
            )
        change = replace(self._transition(edge.t_ns, "clear", name), value=edge.value)
        if presence is None:
            del self._signals[name]
            return [replace(change, presence=None)]
        self._signals[name] = replace(signal, presence=presence, clear_ns=edge.t_ns)
        return [replace(change, presence=presence)]

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
        self._run_clocks(t_ns)
        return changes

    def _with_it(self, t_ns: int, severe: str, operator: str) -> list[Transition]:
        """The milder signals it hides are seen with it, or its end would alarm again."""
        mild = behind(severe, self._signals)
        unseen = sorted(m for m in mild if self._signals[m].presence is not Presence.ACKNOWLEDGED)
        return [self._acknowledged(t_ns, m, operator, f"with {severe}") for m in unseen]

    def _acknowledged(self, t_ns: int, condition: str, operator: str, detail: str) -> Transition:
        signal = self._signals[condition]
        self._signals[condition] = replace(
            signal, presence=Presence.ACKNOWLEDGED, acknowledged_by=operator, timer_ns=t_ns
        )
        change = self._transition(t_ns, "acknowledge", condition, detail)
        if signal.clear_ns is None:
            return change
        del self._signals[condition]
        return replace(change, presence=None)

    def pause_audio(self, t_ns: int, seconds: float) -> list[Transition]:
        """Silence all alarms for `seconds` (more than 0, at most 120); a new pause replaces one.

        Raises:
            RefusedError: outside that range.
        """
        self.pause.begin(t_ns, seconds)
        # Who pauses the sound is there: nothing counts as unanswered until it sounds again.
        self._restart_clocks(self.pause.until_ns or t_ns)
        return [Transition(t_ns=t_ns, what="audio_paused", detail=f"{seconds:g} s")]

    def resume_audio(self, t_ns: int) -> list[Transition]:
        """End the audio pause early."""
        return self._end_pause(t_ns, "operator")

    def begin_standby(self, t_ns: int, seconds: float, reason: str) -> list[Transition]:
        """Hold back what sensors would say, until the operator ends it (see `alerts.policy`).

        Raises:
            RefusedError: no reason, a time out of range, or standby already.
        """
        self.standby.begin(t_ns, seconds, reason)
        self._run_clocks(t_ns)
        return [Transition(t_ns=t_ns, what="standby", detail=f"{reason}, {seconds / 60:g} min")]

    def end_standby(self, t_ns: int) -> list[Transition]:
        """The person is back: what still holds after a minute of settling sounds.

        Raises:
            RefusedError: there is no standby.
        """
        self.standby.end(t_ns)
        return [Transition(t_ns=t_ns, what="standby_ended", detail="60 s to settle")]

    def advance(self, t_ns: int) -> list[Transition]:
        """Let time pass: everything due comes by the clock, in order, not by the next data."""
        changes: list[Transition] = []
        while (due := min(self._due(), default=None)) is not None and due[0] <= t_ns:
            at_ns, what, name = due
            changes += self._do(at_ns, what, name)
            self._run_clocks(at_ns)
        return changes

    def _due(self) -> Iterator[tuple[int, str, str]]:
        if self.pause.until_ns is not None:
            yield self.pause.until_ns, "audio_resumed", ""
        if self.standby.settled_ns is not None:
            yield self.standby.settled_ns, "standby_settled", ""
        for name, signal in self._signals.items():
            what, after_s = _next_step(signal)
            stopped = name in self._stopped and what != "gone"
            if what and not stopped and not (what == "unanswered" and self.pause.until_ns):
                since_ns = signal.clear_ns if what == "gone" else signal.timer_ns
                yield (since_ns or 0) + int(after_s * NS_PER_S), what, name

    def _do(self, t_ns: int, what: str, name: str) -> list[Transition]:
        if what == "audio_resumed":
            return self._end_pause(t_ns, "time is over")
        if what == "standby_settled":
            self.standby.over()
            return [Transition(t_ns=t_ns, what=what)]
        signal = self._signals[name]
        if what == "gone":
            del self._signals[name]
            return []
        again = replace(signal, presence=Presence.ON, timer_ns=t_ns)
        if what == "unanswered":
            again = replace(again, priority=Priority.HIGH, unanswered=True)
        self._signals[name] = again
        return [self._transition(t_ns, what, name)]

    def _end_pause(self, t_ns: int, why: str) -> list[Transition]:
        if not self.pause.end():
            return []
        self._restart_clocks(t_ns)
        return [Transition(t_ns=t_ns, what="audio_resumed", detail=why)]

    def _restart_clocks(self, t_ns: int) -> None:
        for name, signal in self._signals.items():
            if signal.presence in _SOUNDING:
                self._signals[name] = replace(signal, timer_ns=t_ns)

    def _run_clocks(self, t_ns: int) -> None:
        """Stop the clocks of what is hidden now; let those that come out go on where they were."""
        hidden = {s.condition for s in self.view() if s.hidden}
        for name in self._stopped.keys() - hidden:
            since_ns = self._stopped.pop(name)
            if name in self._signals:
                signal = self._signals[name]
                waited_ns = t_ns - max(since_ns, signal.timer_ns)
                self._signals[name] = replace(signal, timer_ns=signal.timer_ns + max(0, waited_ns))
        for name in hidden - self._stopped.keys():
            self._stopped[name] = t_ns

    def _transition(self, t_ns: int, what: str, condition: str, detail: str = "") -> Transition:
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
            detail=detail,
        )

    def view(self) -> tuple[AlarmSignal, ...]:
        """All signals, most urgent first: shown, unacknowledged, priority, then newest."""
        away = self.standby.active
        held = {name for name, s in self._signals.items() if away and _held(s)}
        lost = masked(self._signals, held)
        hidden = milder(self._signals) | lost.keys() | held
        shown = [
            replace(
                signal,
                priority=raised(name, self._signals, lost),
                hidden=name in hidden,
                masked_by=lost.get(name, ""),
                held=name in held,
            )
            for name, signal in self._signals.items()
        ]
        return tuple(sorted(shown, key=_urgency))

    def sounding(self) -> tuple[AlarmSignal, ...]:
        """What sounds now; nothing while audio is paused."""
        if self.pause.until_ns is not None:
            return ()
        return tuple(s for s in self.view() if s.presence in _SOUNDING and not s.hidden)

    def audible(self) -> Priority | None:
        """The highest priority that sounds now, None for silence."""
        return max((signal.priority for signal in self.sounding()), default=None)

    def loudness(self, t_ns: int) -> float:
        """Share of full loudness, in tenths: rising while nobody answers."""
        heard = self.sounding()
        top = max((signal.priority for signal in heard), default=Priority.LOW)
        first, full_s = LOUDNESS[top]
        since_ns = min((s.timer_ns for s in heard if s.priority is top), default=t_ns)
        share = min(1.0, (t_ns - since_ns) / NS_PER_S / full_s) if full_s else 0.0
        return round(first + (1.0 - first) * share, 1)

    def pause_remaining_s(self, t_ns: int) -> float | None:
        """Seconds left of the audio pause; None when not paused."""
        return self.pause.remaining_s(t_ns)

    def reminds_ns(self, condition: str) -> int | None:
        """When an acknowledged alarm sounds again; None: never, or its clock stands still."""
        signal = self._signals.get(condition)
        if signal is None or condition in self._stopped:
            return None
        what, after_s = _next_step(signal)
        return signal.timer_ns + int(after_s * NS_PER_S) if what == "reminder" else None


def _chatters(signal: AlarmSignal) -> bool:
    """HIGH ones never: each of them is told."""
    return signal.repeats >= CHATTER_ONSETS and _own_priority(signal) is not Priority.HIGH


def _own_priority(signal: AlarmSignal) -> Priority:
    return Priority.MEDIUM if signal.unanswered else signal.priority


def _count(repeats: int) -> str:
    return f"{repeats} times in 10 min"


def _held(signal: AlarmSignal) -> bool:
    concern = CATALOGUE[signal.condition].concern
    cell = (Silence.STANDBY, concern, _own_priority(signal), signal.presence)
    return MAY_SILENCE[cell]


def _next_step(signal: AlarmSignal) -> tuple[str, float]:
    """What its clock leads to, and after how many seconds; "" if to nothing."""
    if signal.clear_ns is not None:
        seen = signal.presence is Presence.ACKNOWLEDGED
        fades = seen or _after_clearing_of_kind(signal) is None
        return ("gone", CHATTER_QUIET_S) if fades else ("", 0.0)
    concern = CATALOGUE[signal.condition].concern
    if signal.presence is Presence.ON:
        answered = signal.priority is not Priority.MEDIUM or concern is Concern.ROUTINE
        return ("", 0.0) if answered else ("unanswered", UNANSWERED_S)
    if signal.kind is Kind.TECHNICAL and signal.priority is Priority.LOW:
        return "", 0.0
    return "reminder", REMINDER_HIGH_S if signal.priority is Priority.HIGH else REMINDER_S


def _after_clearing(signal: AlarmSignal) -> Presence | None:
    if signal.presence is not Presence.ON:
        return None
    return _after_clearing_of_kind(signal)


def _after_clearing_of_kind(signal: AlarmSignal) -> Presence | None:
    own = _own_priority(signal)
    if CATALOGUE[signal.condition].concern is not Concern.PERSON or own is Priority.LOW:
        return None
    return Presence.LATCHED if own is Priority.HIGH else Presence.RETURNED


def _urgency(signal: AlarmSignal) -> tuple[bool, bool, int, int]:
    return (
        signal.hidden,
        signal.presence not in _SOUNDING,
        -signal.priority,
        -signal.onset_ns,
    )
