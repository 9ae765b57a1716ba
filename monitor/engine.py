"""The engine: one queue into the core, and its output to record, sound and screens.

Nothing in here waits for the disk, the network or a screen: the recorder is a thread, the sound a
process, and dashboards get the newest state when they can take it.
"""

from __future__ import annotations

import asyncio
import logging
import pickle
from collections.abc import Sequence
from dataclasses import replace

from alerts.catalogue import CATALOGUE
from devices.model import NS_PER_S, Frame, LinkState
from monitor import alarm_view, feed, journal, snapshot
from monitor.around import Around, Record, Sound, Watch
from monitor.clock import ScaledClock, monotonic_ns, utc_ns, utc_text
from monitor.core import Core, Event, Output
from monitor.history import History
from monitor.model import Action, Status, Verb
from monitor.phases import phase
from monitor.self_report import NS_PER_MS, SelfReport
from monitor.sensor_view import Said, sensor_view
from monitor.session_log import SessionLog
from monitor.signal.accelerate import accelerate
from monitor.signal.vitals import Vitals
from monitor.timeline import Timeline

logger = logging.getLogger(__name__)

PUBLISH_S = 0.25
TEST_S = 3.0
"""How long the test tone sounds, real seconds."""
OVER = "the session is over"


class Engine:
    """Runs one session until it is ended.

    Args:
        core: fresh, or already stepped through what was recorded before.
        clock: session time.
        session: the feed's description of the session.
        record: where everything goes first.
        sound: plays alarms.
        watched: whether nobody watching is an alarm.
        around: what else the session has.
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
        around: Around | None = None,
    ) -> None:
        self.core = core
        self._around = around or Around()
        self._test_until_ns = 0
        self.clock = clock
        self.session = session
        self.history = History()
        self.timeline = Timeline()
        self._told: tuple[Timeline, int] = (self.timeline, 0)
        """The timeline dashboards have, and its revision."""
        self.ended = asyncio.Event()
        self._record = record
        self._sound = sound
        self.reporting = SelfReport(
            record, sound, self._around, watched=watched, real_time=session.rate <= 1
        )
        self._server: Watch | None = None
        self._events: list[Event] = []
        self._answers: list[tuple[Action, asyncio.Future[str]]] = []
        self.last_ns = -1
        """Session time of the newest event or tick."""
        self.links: dict[str, tuple[LinkState, str]] = {}
        self._losses: dict[str, str] = {}
        """Sensors not streaming since they were told lost: alias -> why."""
        self._said: dict[str, Said] = {}
        self.log = SessionLog()
        self._vitals: Vitals | None = None
        self._seq = 0
        self._faster: asyncio.Future[bool] | None = None

    def attach(self, server: Watch) -> None:
        """Publish to this feed server from now on."""
        self._server = server

    def restore(self, events: Sequence[Event], output: Output, last_ns: int) -> None:
        """Take over what the core derived from an earlier engine's record, without recording it."""
        self._show(events, output)
        self.last_ns = last_ns

    def state(self) -> bytes:
        """All that was derived so far, for `take_state` of the same process."""
        parts = self.core, self.history, self.timeline, self.log, self._vitals
        return pickle.dumps(parts, pickle.HIGHEST_PROTOCOL)

    def take_state(self, state: bytes, last_ns: int) -> None:
        """Take up a state of this very process, of an earlier or later time."""
        self.core, self.history, self.timeline, self.log, self._vitals = pickle.loads(state)  # noqa: S301
        self.last_ns = last_ns

    def offer(self, event: Event) -> None:
        """Queue an event under the next free session time.

        Times only ever increase: that makes the record's order exact. What comes after the end is
        dropped: it is not on record, and must not make the session longer than what was judged.
        """
        if self.ended.is_set():
            return
        t_ns = max(event.t_ns, self.last_ns + 1)
        self.last_ns = t_ns
        self._events.append(event if t_ns == event.t_ns else replace(event, t_ns=t_ns))

    def on_state(self, alias: str, state: LinkState, detail: str) -> None:
        """Note a sensor's link state; trying again for the same reason is told once."""
        if self.ended.is_set():
            return
        self.links[alias] = (state, detail)
        self.timeline.link(alias, state, max(self.clock.now_ns(), 0))
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
        now_ns = max(self.clock.now_ns(), 0)
        if not self.ended.is_set() and self._said.setdefault(alias, Said()).take(
            key, value, now_ns
        ):
            body: dict[str, object] = {"source": alias, "key": key, "value": value}
            self._record.journal(now_ns, "sensor", body)

    def act(self, verb: Verb, operator: str, details: dict[str, object]) -> asyncio.Future[str]:
        """Queue an operator action; the future gives why it was refused, "" when done."""
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        if self.ended.is_set():
            answer.set_result(OVER)
            return answer
        action = Action(t_ns=self.clock.now_ns(), verb=verb, operator=operator, details=details)
        self.offer(action)
        self._answers.append((replace(action, t_ns=self.last_ns), answer))
        return answer

    async def command(self, command: feed.Command) -> feed.Reply:
        """Do what a dashboard asks."""
        if command.verb == "sound_test":
            self._test_until_ns = monotonic_ns() + int(TEST_S * NS_PER_S)
            return feed.Reply(id=command.id, ok=True)
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
        log = feed.Log(lines=self.log.all)
        parts = (hello, history, log, self.timeline.message())
        messages: list[bytes] = [feed.encode(part) for part in parts]
        newest = self.snapshot()
        return messages + ([feed.encode(newest)] if newest else [])

    async def run(self, period_s: float = 0.1) -> None:
        """Step and publish until the session is ended."""
        due_ns = began_ns = monotonic_ns()
        published_ns = 0
        while not self.ended.is_set():
            # From start to start: a stall inside a tick counts like one between ticks.
            self.reporting.measure_lag(monotonic_ns() - began_ns - int(period_s * NS_PER_S))
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
        waiting = len(self._events)
        told = self.reporting.statuses(self.core, self.clock.now_ns(), self._server, waiting)
        for status in told:
            self.offer(status)
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
        self._show(events, output)
        self._annunciate(now_ns)
        self._answer(output)

    def _annunciate(self, now_ns: int) -> None:
        """Sound and remote annunciator, from the very signals the screen shows."""
        signals = self.core.signals
        heard = signals.audible()
        if heard is None and monotonic_ns() < self._test_until_ns:
            self._sound.test()
        else:
            self._sound.set(heard, signals.loudness(now_ns) if heard is not None else 1.0)
        if self._around.remote is not None:
            sounding = sorted(signals.sounding(), key=lambda signal: signal.condition)
            self._around.remote.tell(
                {
                    "priority": None if heard is None else heard.name,
                    "conditions": [signal.condition for signal in sounding],
                    "messages": [CATALOGUE[signal.condition].message for signal in sounding],
                    "unanswered": any(signal.unanswered for signal in sounding),
                    "session": self.session.session_id,
                }
            )

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
            elif isinstance(event, Status):
                self._record.journal(event.t_ns, "status", journal.status_body(event))
        for vitals in output.vitals:
            self._record.vitals(vitals)
        for switch in output.switches:
            self._record.journal(switch.t_ns, "source", journal.switch_body(switch))
        for change in output.transitions:
            self._record.journal(change.t_ns, "alarm", journal.transition_body(change))
            if self._around.rooms is not None:
                self._around.rooms.changed(change)
        if any(change.what == "limit_changed" for change in output.transitions):
            body = journal.limits_body(self.core.settings)
            self._record.journal(self.last_ns, "limits", body)

    def _show(self, events: Sequence[Event], output: Output) -> None:
        self.timeline.take(events, output, self.core)
        for vitals in output.vitals:
            self.history.extend(vitals)
            self._vitals = vitals
        refused = {id(action): why for action, why in output.refused}
        lines = [
            journal.action_line(event, refused.get(id(event), ""))
            for event in events
            if isinstance(event, Action)
        ]
        lines += [journal.switch_line(switch) for switch in output.switches]
        lines += [journal.transition_line(change) for change in output.transitions]
        self.log.extend(lines)

    def _answer(self, output: Output) -> None:
        refused = {action.t_ns: why for action, why in output.refused}
        answers, self._answers = self._answers, []
        for action, answer in answers:
            if not answer.done():
                answer.set_result(refused.get(action.t_ns, ""))
            if action.verb is Verb.END_SESSION and action.t_ns not in refused:
                self.ended.set()

    def snapshot(self) -> feed.Snapshot | None:
        """The newest state; None before the first second is closed."""
        if self._vitals is None:
            return None
        self._seq += 1
        now_ns = self.last_ns
        core = self.core
        room = float(self._vitals.skin.room_degc[-1])
        doses_s = [t_ns / NS_PER_S for t_ns in core.doses_ns]
        return feed.Snapshot(
            seq=self._seq,
            t_s=now_ns / NS_PER_S,
            utc=utc_text(self.utc_ns(now_ns)),
            session=self.session,
            heart_rate=snapshot.heart_view(core, self._vitals, self.history),
            skin_temperature=snapshot.skin_view(core, self._vitals),
            room_degc=snapshot.finite(room),
            ecg=snapshot.ecg_view(core, self._vitals, now_ns),
            doses_s=doses_s,
            phase=phase(now_ns / NS_PER_S, doses_s, self._around.phases),
            alarms=alarm_view.alarms(core, self._vitals, self._around.checklists, now_ns),
            sensors=self.sensors(now_ns),
            audio=self._audio(now_ns),
            checks=alarm_view.checks(core),
            standby=alarm_view.standby(core, now_ns),
            limits=alarm_view.limits(core),
            self_tested=core.self_tested,
            setup=snapshot.setup_view(core, self._around.setup),
            log=self.log.newest,
            lag_ms=self.reporting.lag_ns / NS_PER_MS,
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
                self._said.get(alias, Said()),
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
            level=self.core.signals.loudness(now_ns),
            confirmed=self.core.sound_heard,
            check_due=self._around.sound_check and self.core.sound_heard is None,
        )

    def _publish(self) -> None:
        newest = self.snapshot()
        if newest is not None and self._around.rooms is not None:
            self._around.rooms.newest(newest)
        if newest is None or self._server is None:
            return
        told = self.timeline, self.timeline.revision
        if told != self._told:
            self._told = told
            self._server.tell(feed.encode(self.timeline.message()))
        self._server.publish(feed.encode(newest))
