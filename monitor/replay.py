"""A recording played through the same core and feed, marked REPLAY, never sounding."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from copy import deepcopy

from alerts.model import Priority
from devices.model import NS_PER_S, Frame, LinkState
from monitor import feed, stored
from monitor.clock import ScaledClock
from monitor.core import Core, Event
from monitor.engine import Around, Engine
from monitor.history import History
from monitor.model import Action, Verb
from monitor.recording.reader import Recording
from monitor.signal.vitals import Vitals
from monitor.timeline import Timeline

RATE_MAX = 1000.0
LEAD_S = 5.0
"""Jumping to an event stops this long before it, so that it is seen to happen."""


class NoRecord:
    """A replay records nothing."""

    error: str | None = None
    lag_s = 0.0

    def frames(self, frames: Sequence[Frame], values: Sequence[float | None]) -> None:
        """Nothing."""

    def vitals(self, vitals: Vitals) -> None:
        """Nothing."""

    def journal(self, t_ns: int, kind: str, body: dict[str, object]) -> None:
        """Nothing."""


class NoSound:
    """A replay never sounds as live; a clinic may switch sound off, which `available` then says."""

    def __init__(self, detail: str = "replay: sound off", *, available: bool = True) -> None:
        self.available = available
        self.detail = detail

    def set(self, priority: Priority | None, level: float = 1.0) -> None:
        """Nothing."""

    def test(self) -> None:
        """Nothing."""


class Replay(Engine):
    """Plays one recording; its clock can be paused, sped up and moved."""

    def __init__(self, recording: Recording, clock: ScaledClock, session: feed.Session) -> None:
        self._setup = stored.setup(recording)
        around = Around(phases=stored.phases(recording))
        core = Core(self._setup)
        super().__init__(core, clock, session, NoRecord(), NoSound(), watched=False, around=around)
        self._explained = Timeline()
        stored.explain_gaps(recording, self._explained)
        self.timeline = deepcopy(self._explained)
        self._stored = stored.events(recording)
        self._end_ns = recording.end_ns
        self._start_utc_ns = recording.start_utc_ns or 0
        self._links_stored = [
            (
                row.t_ns,
                str(row.body["source"]),
                LinkState(str(row.body["state"])),
                str(row.body["detail"]),
            )
            for row in recording.journal(["link"])
        ]
        self._next = 0
        self._marks_ns = self._find_marks()
        self.moved = False
        """Set when time was moved: dashboards need the history anew."""

    def _find_marks(self) -> list[int]:
        """Alarm onsets and doses: what is worth jumping to."""
        output = stored.run(Core(self._setup), self._stored, self._end_ns)
        onsets = [change.t_ns for change in output.transitions if change.what == "onset"]
        doses = [e.t_ns for e in self._stored if isinstance(e, Action) and e.verb is Verb.DOSE]
        return sorted(onsets + doses)

    def tick(self) -> None:
        """Play what is due."""
        now_ns = min(self.clock.now_ns(), self._end_ns)
        if now_ns < self.last_ns:
            self._restart()
        events = self._due(now_ns)
        self.absorb(events, now_ns)
        for alias, source in self.core.intake.sources.items():
            if source.spec.transport == "file" and source.packets:
                self.links[alias] = (LinkState.STREAMING, "")
        for at_ns, alias, state, detail in self._links_stored:
            if at_ns <= now_ns:
                self.links[alias] = (state, detail)

    def _due(self, now_ns: int) -> Sequence[Event]:
        stop = bisect.bisect_right(self._stored, now_ns, key=lambda event: event.t_ns)
        events, self._next = self._stored[self._next : stop], stop
        return events

    def _restart(self) -> None:
        """Going back means deriving again from the start: nothing is remembered wrongly."""
        self.core, self.history = Core(self._setup), History()
        self.timeline = deepcopy(self._explained)
        self.log.clear()
        self.links.clear()
        self._next, self.last_ns = 0, -1

    async def command(self, command: feed.Command) -> feed.Reply:
        """Pause, speed and time; live controls are refused."""
        number = {k: v for k, v in command.details.items() if isinstance(v, int | float)}
        if command.verb == "set_rate" and 0 <= number.get("rate", -1) <= RATE_MAX:
            self.clock.set_rate(number["rate"])
            self.session.rate = float(number["rate"])
        elif command.verb == "seek" and "t_s" in number:
            self._move(int(number["t_s"] * NS_PER_S))
        elif command.verb == "next_event":
            self._move_to_next_mark()
        elif command.verb == Verb.END_SESSION:
            self.ended.set()
        else:
            return feed.Reply(id=command.id, ok=False, message="REPLAY: live controls are off")
        return feed.Reply(id=command.id, ok=True)

    def _move(self, t_ns: int) -> None:
        self.clock.jump_to(min(max(0, t_ns), self._end_ns))
        self.tick()
        self.moved = True

    def _move_to_next_mark(self) -> None:
        lead_ns = int(LEAD_S * NS_PER_S)
        later = [mark for mark in self._marks_ns if mark - lead_ns > self.last_ns]
        if later:
            self._move(later[0] - lead_ns)

    def utc_ns(self, t_ns: int) -> int:
        """Wall-clock time then, not now."""
        return self._start_utc_ns + t_ns

    def snapshot(self) -> feed.Snapshot | None:
        """The newest state, with the recording's length."""
        newest = super().snapshot()
        if newest is not None:
            newest.replay_length_s = self._end_ns / NS_PER_S
        return newest
