"""A recording played through the same core and feed, marked REPLAY, never sounding."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence

from alerts.model import Priority
from devices.model import NS_PER_S, Frame, LinkState
from monitor import feed, stored
from monitor.around import Around
from monitor.clock import ScaledClock
from monitor.core import Core, Event
from monitor.engine import Engine
from monitor.model import Action, Verb
from monitor.recording.reader import Recording
from monitor.signal.vitals import Vitals

RATE_MAX = 1000.0
LEAD_S = 5.0
"""Jumping to an event stops this long before it, so that it is seen to happen."""


SAVE_S = 900
"""A jump derives at most so much anew; a saved state of 8 h is below 1 MB."""
AGAIN_S = 3.0
"""So long after a jump, real seconds, another one back goes on from where that one went."""
APART_NS = 10 * NS_PER_S
_MARKED = frozenset({Verb.DOSE, Verb.NOTE})


def _apart(marks: Sequence[int]) -> list[int]:
    """Events without those that come right after another."""
    kept: list[int] = []
    for mark in marks:
        if not kept or mark - kept[-1] > APART_NS:
            kept.append(mark)
    return kept


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
        stored.explain_gaps(recording, self.timeline)
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
        self._saved: list[tuple[int, bytes]] = [(-1, self.state())]
        """Time and state of the whole pipeline every so often, so that no jump takes long."""
        self._marks_ns: list[int] = []
        self._surveyed = False
        self.moved = False
        """Set when time was moved: dashboards need the history anew."""

    def _load(self, saved: tuple[int, bytes]) -> None:
        """Take up the state of an earlier or later time: exactly what playing would have made."""
        self.take_state(saved[1], saved[0])
        self.links.clear()
        self._next = bisect.bisect_right(self._stored, saved[0], key=lambda event: event.t_ns)

    def survey(self) -> Iterator[None]:
        """Play it all through once beside, a part at a time: what is worth jumping to, and how.

        Between two parts other things go on: what plays does not wait for it.
        """
        scout = Engine(self.core, self.clock, self.session, NoRecord(), NoSound(), watched=False)
        scout.take_state(self._saved[0][1], -1)
        for part, until_ns in stored.blocks(self._stored, self._end_ns, SAVE_S):
            output = scout.core.step(part, until_ns)
            scout.restore(part, output, until_ns)
            marks = [change.t_ns for change in output.transitions if change.what == "onset"]
            marks += [e.t_ns for e in part if isinstance(e, Action) and e.verb in _MARKED]
            self._marks_ns = _apart([*self._marks_ns, *sorted(marks)])
            self._saved.append((until_ns, scout.state()))
            yield
        self._surveyed = True

    def tick(self) -> None:
        """Play what is due."""
        now_ns = min(self.clock.now_ns(), self._end_ns)
        nearest = max(saved for saved in self._saved if saved[0] <= now_ns)
        if now_ns < self.last_ns or self.last_ns < nearest[0] - SAVE_S * NS_PER_S:
            self._load(nearest)
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

    async def command(self, command: feed.Command) -> feed.Reply:
        """Pause, speed and time; live controls are refused."""
        number = {k: v for k, v in command.details.items() if isinstance(v, int | float)}
        if command.verb == "set_rate" and 0 <= number.get("rate", -1) <= RATE_MAX:
            self.clock.set_rate(number["rate"])
            self.session.rate = float(number["rate"])
        elif command.verb == "seek" and "t_s" in number:
            self._move(int(number["t_s"] * NS_PER_S))
        elif command.verb in {"next_event", "previous_event"}:
            if not self._move_to_mark(later=command.verb == "next_event"):
                none = "there is none" if self._surveyed else "none yet; still looking"
                return feed.Reply(id=command.id, ok=False, message=none)
        elif command.verb == Verb.END_SESSION:
            self.ended.set()
        else:
            return feed.Reply(id=command.id, ok=False, message="REPLAY: live controls are off")
        return feed.Reply(id=command.id, ok=True)

    def _move(self, t_ns: int) -> None:
        self.clock.jump_to(min(max(0, t_ns), self._end_ns))
        self.tick()
        self.moved = True

    def _move_to_mark(self, *, later: bool) -> bool:
        """Go shortly before the next event or the one before; False if there is none."""
        starts = [max(0, mark - int(LEAD_S * NS_PER_S)) for mark in self._marks_ns]
        # Played on a little since the last jump, "before" still means the event before that one.
        back_ns = self.last_ns - int(max(1.0, self.session.rate) * AGAIN_S * NS_PER_S)
        found = [t for t in starts if (t > self.last_ns if later else t < back_ns)]
        if found:
            self._move(found[0] if later else found[-1])
        return bool(found)

    def utc_ns(self, t_ns: int) -> int:
        """Wall-clock time then, not now."""
        return self._start_utc_ns + t_ns

    def snapshot(self) -> feed.Snapshot | None:
        """The newest state, with the recording's length."""
        newest = super().snapshot()
        if newest is not None:
            newest.replay_length_s = self._end_ns / NS_PER_S
        return newest
