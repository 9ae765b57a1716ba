"""The engine: one queue into the core, and its output to record, sound and screens.

Nothing in here waits for the disk, the network or a screen: the recorder is a thread, the sound a
process, and dashboards get the newest state when they can take it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from alerts.annunciator.client import STARTING
from alerts.model import Priority
from devices.model import NS_PER_S, Frame, LinkState
from monitor import feed, journal, snapshot
from monitor.clock import ScaledClock, monotonic_ns, utc_ns, utc_text
from monitor.core import Core, Event, Output
from monitor.history import History
from monitor.model import Action, Status, Verb
from monitor.sensor_view import sensor_view
from monitor.signal.ecg_beats import accelerate
from monitor.signal.vitals import Vitals

logger = logging.getLogger(__name__)

PUBLISH_S = 0.25
LOG_LINES = 50
STALL_S = 5.0
"""A loop this late is an alarm of its own (clinical table, X6)."""
UNWATCHED_S = 5.0
"""No dashboard's heartbeat for longer: nobody is watching."""
CLOCK_JUMP_S = 2.0
"""A wall-clock jump beyond this is a technical alarm (clinical table, X7)."""
CLOCK_JUMPED = "the computer's clock jumped"
SHOWN_S = 60.0
"""A stall or a jump is over when it is noticed; the alarm stays this long, real seconds."""
NS_PER_MS = 1_000_000


class Record(Protocol):
    """What the engine needs of a recorder; every call returns at once."""

    error: str | None

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

    def set(self, priority: Priority | None) -> None:
        """Sound this priority's burst from now on, or nothing."""


class Watch(Protocol):
    """What the engine needs of the feed server."""

    def publish(self, line: bytes) -> None:
        """Give every dashboard the newest snapshot."""

    def unwatched_s(self) -> float:
        """Real seconds since a dashboard's last sign of life."""


class Engine:
    """Runs one session until it is ended.

    Args:
        core: fresh, or already stepped through what was recorded before.
        clock: session time.
        session: the feed's description of the session.
        record: where everything goes first.
        sound: plays alarms.
        watched: whether nobody watching is an alarm.
    """

    def __init__(
        self,
        core: Core,
        clock: ScaledClock,
        session: feed.Session,
        record: Record,
        sound: Sound,
        *,
        watched: bool = True,
    ) -> None:
        self.core = core
        self.clock = clock
        self.session = session
        self.history = History()
        self.ended = asyncio.Event()
        self._record = record
        self._sound = sound
        self._watched = watched
        self._server: Watch | None = None
        self._events: list[Event] = []
        self._answers: list[tuple[Action, asyncio.Future[str]]] = []
        self.last_ns = -1
        """Session time of the newest event or tick."""
        self.links: dict[str, tuple[LinkState, str]] = {}
        self._losses: dict[str, str] = {}
        """Sensors not streaming since they were told lost: alias -> why."""
        self._info: dict[str, dict[str, object]] = {}
        self.log: deque[feed.LogLine] = deque(maxlen=LOG_LINES)
        self._vitals: Vitals | None = None
        self._seq = 0
        self._faster: asyncio.Future[bool] | None = None
        self._lag_ns = 0
        self._wall_offset_ns = utc_ns() - monotonic_ns()
        self._jump_until_ns = 0
        self._stall_until_ns = 0
        self._stall_s = 0.0

    def attach(self, server: Watch) -> None:
        """Publish to this feed server from now on."""
        self._server = server

    def restore(self, output: Output, last_ns: int) -> None:
        """Take over what the core derived from an earlier engine's record, without recording it."""
        self._show(output)
        self.last_ns = last_ns

    def offer(self, event: Event) -> None:
        """Queue an event under the next free session time.

        Times only ever increase: that makes the record's order exact.
        """
        t_ns = max(event.t_ns, self.last_ns + 1)
        self.last_ns = t_ns
        self._events.append(event if t_ns == event.t_ns else replace(event, t_ns=t_ns))

    def on_state(self, alias: str, state: LinkState, detail: str) -> None:
        """Note a sensor's link state; trying again for the same reason is told once."""
        self.links[alias] = (state, detail)
        if self._untold_loss(alias, state, detail):
            return
        now_ns = max(self.clock.now_ns(), 0)
        self._record.journal(
            now_ns, "link", {"source": alias, "state": state.value, "detail": detail}
        )
        text = f"{alias}: {state.value}" + (f" ({detail})" if detail else "")
        self.log.append(feed.LogLine(t_s=now_ns / NS_PER_S, kind="system", text=text))

    def _untold_loss(self, alias: str, state: LinkState, detail: str) -> bool:
        """Whether this is one more round of a loss that log and record have already."""
        told = self._losses.get(alias)
        if state is LinkState.STREAMING:
            self._losses.pop(alias, None)
        elif state is LinkState.LOST:
            self._losses[alias] = detail
            return told == detail
        return state is LinkState.CONNECTING and told is not None

    def on_info(self, alias: str, key: str, value: object) -> None:
        """Note what a sensor says of itself; identity goes into the record once."""
        known = self._info.setdefault(alias, {})
        if known.get(key) == value:
            return
        known[key] = value
        body: dict[str, object] = {"source": alias, "key": key, "value": value}
        self._record.journal(max(self.clock.now_ns(), 0), "sensor", body)

    def act(self, verb: Verb, operator: str, details: dict[str, object]) -> asyncio.Future[str]:
        """Queue an operator action; the future gives why it was refused, "" when done."""
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        action = Action(t_ns=self.clock.now_ns(), verb=verb, operator=operator, details=details)
        self.offer(action)
        self._answers.append((replace(action, t_ns=self.last_ns), answer))
        return answer

    async def command(self, command: feed.Command) -> feed.Reply:
        """Do what a dashboard asks."""
        try:
            verb = Verb(command.verb)
        except ValueError:
            return feed.Reply(id=command.id, ok=False, message=f"unknown verb {command.verb!r}")
        refused = await self.act(verb, command.operator, dict(command.details))
        return feed.Reply(id=command.id, ok=not refused, message=refused)

    def greeting(self) -> list[bytes]:
        """The first messages of a new dashboard."""
        hello = feed.Hello(version=feed.FEED_VERSION, session=self.session)
        history = feed.History(
            t0_s=0,
            heart_rate=self.history.heart_bpm,
            skin_temperature=self.history.skin_degc,
        )
        messages: list[bytes] = [feed.encode(hello), feed.encode(history)]
        newest = self.snapshot()
        return messages + ([feed.encode(newest)] if newest else [])

    async def run(self, period_s: float = 0.1) -> None:
        """Step and publish until the session is ended."""
        due_ns = began_ns = monotonic_ns()
        published_ns = 0
        while not self.ended.is_set():
            # From start to start: a stall inside a tick counts like one between ticks.
            self._measure_lag(monotonic_ns() - began_ns - int(period_s * NS_PER_S))
            began_ns = monotonic_ns()
            self.tick()
            now_ns = monotonic_ns()
            if now_ns - published_ns >= PUBLISH_S * NS_PER_S:
                self._publish()
                published_ns = now_ns
            due_ns = max(due_ns + int(period_s * NS_PER_S), now_ns)
            await asyncio.sleep((due_ns - monotonic_ns()) / NS_PER_S)
        self._publish()

    def tick(self) -> None:
        """Give the core what has come in, and its output to everyone."""
        self._report_self()
        now_ns = max(self.clock.now_ns(), self.last_ns)
        events, self._events = self._events, []
        self.absorb(events, now_ns)

    def absorb(self, events: Sequence[Event], now_ns: int) -> None:
        """Step the core through these events up to `now_ns`."""
        output = self.core.step(events, now_ns)
        self.last_ns = now_ns
        if self.core.has_ecg and self._vitals is not None and self._faster is None:
            # After the first frame, and beside the loop: it takes a second when it is new.
            self._faster = asyncio.get_running_loop().run_in_executor(None, accelerate)
        self._keep(events, output)
        self._show(output)
        self._sound.set(self.core.signals.audible())
        self._answer(output)

    def _keep(self, events: Sequence[Event], output: Output) -> None:
        """Record: frames and actions first, then what was derived from them."""
        frames = [event for event in events if isinstance(event, Frame)]
        if frames:
            self._record.frames(frames, output.values)
        refused = {id(action): why for action, why in output.refused}
        for event in events:
            if isinstance(event, Action):
                why = refused.get(id(event), "")
                self._record.journal(event.t_ns, "action", journal.action_body(event, why))
                self.log.append(journal.action_line(event, why))
            elif isinstance(event, Status):
                self._record.journal(event.t_ns, "status", journal.status_body(event))
        for vitals in output.vitals:
            self._record.vitals(vitals)
        for switch in output.switches:
            self._record.journal(switch.t_ns, "source", journal.switch_body(switch))
        for change in output.transitions:
            self._record.journal(change.t_ns, "alarm", journal.transition_body(change))

    def _show(self, output: Output) -> None:
        for vitals in output.vitals:
            self.history.extend(vitals)
            self._vitals = vitals
        self.log.extend(journal.switch_line(switch) for switch in output.switches)
        self.log.extend(journal.transition_line(change) for change in output.transitions)

    def _answer(self, output: Output) -> None:
        refused = {action.t_ns: why for action, why in output.refused}
        answers, self._answers = self._answers, []
        for action, answer in answers:
            if not answer.done():
                answer.set_result(refused.get(action.t_ns, ""))
            if action.verb is Verb.END_SESSION and action.t_ns not in refused:
                self.ended.set()

    def _report_self(self) -> None:
        """Troubles of the system itself become alarms through the core like any other."""
        if self._sound.detail != STARTING:  # not yet known is not broken
            self._status("sound_or_power", not self._sound.available, self._sound.detail)
        error = self._record.error
        jumped = monotonic_ns() < self._jump_until_ns
        self._status("recording_failing", bool(error) or jumped, error or CLOCK_JUMPED)
        if self._watched and self._server is not None:
            alone = self._server.unwatched_s() > UNWATCHED_S
            self._status("unattended", alone, "no dashboard is connected" if alone else "")
        stalled = monotonic_ns() < self._stall_until_ns
        self._status("engine_stalled", stalled, f"it stood still for {self._stall_s:.0f} s")
        self._notice_clock_jump()

    def _status(self, condition: str, active: bool, detail: str) -> None:
        if self.core.reported.get(condition, False) == active:
            return
        self.offer(
            Status(t_ns=self.clock.now_ns(), condition=condition, active=active, detail=detail)
        )

    def _notice_clock_jump(self) -> None:
        offset_ns = utc_ns() - monotonic_ns()
        jump_s = (offset_ns - self._wall_offset_ns) / NS_PER_S
        if abs(jump_s) < CLOCK_JUMP_S:
            return
        self._wall_offset_ns = offset_ns
        self._jump_until_ns = monotonic_ns() + int(SHOWN_S * NS_PER_S)
        self._record.journal(
            max(self.clock.now_ns(), 0),
            "session",
            {"event": "clock_jump", "jump_s": jump_s, "utc_ns": utc_ns()},
        )

    def _measure_lag(self, lag_ns: int) -> None:
        decayed = int(self._lag_ns * 0.9)  # the worst of about the last second stays visible
        self._lag_ns = max(lag_ns, decayed if decayed > NS_PER_MS else 0)
        if lag_ns > STALL_S * NS_PER_S:
            self._stall_s = lag_ns / NS_PER_S
            self._stall_until_ns = monotonic_ns() + int(SHOWN_S * NS_PER_S)

    def snapshot(self) -> feed.Snapshot | None:
        """The newest state; None before the first second is closed."""
        if self._vitals is None:
            return None
        self._seq += 1
        now_ns = self.last_ns
        core = self.core
        room = float(self._vitals.skin.room_degc[-1])
        return feed.Snapshot(
            seq=self._seq,
            t_s=now_ns / NS_PER_S,
            utc=utc_text(self.utc_ns(now_ns)),
            session=self.session,
            heart_rate=snapshot.heart_view(core, self._vitals, self.history),
            skin_temperature=snapshot.skin_view(core, self._vitals, self.history),
            room_degc=snapshot.finite(room),
            ecg=snapshot.ecg_view(core, self._vitals, now_ns),
            doses_s=[t_ns / NS_PER_S for t_ns in core.doses_ns],
            alarms=snapshot.alarms(core),
            sensors=self.sensors(now_ns),
            audio=self._audio(now_ns),
            log=list(self.log),
            lag_ms=self._lag_ns / NS_PER_MS,
            ended=self.ended.is_set(),
            recent=self.history.recent(max(10, int(10 * self.session.rate))),
        )

    def utc_ns(self, t_ns: int) -> int:  # noqa: ARG002 - a replay answers by session time
        """The wall clock to show at this session time."""
        return utc_ns()

    def sensors(self, now_ns: int) -> list[feed.Sensor]:
        """The sensor strip."""
        return [
            sensor_view(
                source,
                self.links.get(alias, (LinkState.INITIAL, "")),
                self._info.get(alias, {}),
                now_ns,
                standing_by=alias in self.core.measure.standing_by,
            )
            for alias, source in self.core.intake.sources.items()
        ]

    def _audio(self, now_ns: int) -> feed.Audio:
        burst = self.core.signals.audible()
        return feed.Audio(
            available=self._sound.available,
            detail=self._sound.detail,
            burst=None if burst is None else burst.name,
            paused_remaining_s=self.core.signals.pause_remaining_s(now_ns),
        )

    def _publish(self) -> None:
        newest = self.snapshot()
        if newest is not None and self._server is not None:
            self._server.publish(feed.encode(newest))
