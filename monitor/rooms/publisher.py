"""A room's end of the broker: publishes the newest state and every alarm transition.

Runs beside the engine and is never waited for. The engine leaves the newest snapshot in one slot,
which the next one overwrites, and alarm transitions in a queue they leave only when the broker
has confirmed them. What goes wrong here ends in `failure`, an alarm of the room; nothing raises.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import secrets
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

from alerts.model import Transition
from devices.text import clean_text
from monitor import feed
from monitor.clock import NS_PER_S, monotonic_ns, utc_ns, utc_text
from monitor.rooms import broker, told, topics
from monitor.rooms.link import FirstWords, Link, LinkError
from monitor.rooms.messages import Presence
from monitor.rooms.remote import Remote
from monitor.rooms.topics import Kind
from monitor.rooms.unsent import Unsent

logger = logging.getLogger(__name__)

HISTORY_S = 60.0
BACKOFF_S = (1.0, 2.0, 4.0, 8.0, 15.0)
STEADY_S = 20.0
"""A connection that held for so long was a good one: the next attempt comes soon again."""
LAST_WORDS_S = 2.0
"""How long the end of a session waits for the broker at most."""
RIVAL_S = 60.0
"""Another engine that publishes as this room is told of for so long after its last word."""
CUT = "cut off"
Curves = Callable[[], tuple[told.Curve, told.Curve]]


class Publisher:
    """Publishes one session until told to finish.

    Args:
        settings: the broker, the room, what to tell.
        subject: the session's subject code.
        directory: the session's folder; None: nothing is kept for a next engine.

    Attributes:
        failure: why nothing gets through now; empty while it does, or it is not yet known.
        sent: alarm transitions confirmed by the broker.
    """

    def __init__(self, settings: broker.Publish, subject: str, directory: Path | None) -> None:
        self.failure = ""
        self.sent = 0
        self.instance = uuid.uuid4().hex
        self._client_id = f"vigil-{secrets.token_hex(8)}"
        self._settings, self._subject = settings, subject
        self._newest: feed.Snapshot | None = None
        self._told: feed.Snapshot | None = None
        """The snapshot published last."""
        self._unsent = Unsent(self.instance, directory)
        self._wake = asyncio.Event()
        self._ending = asyncio.Event()
        self._over = asyncio.Event()
        self._linked = False
        self._cut = False
        self._presence_due = False
        self._changed_s = -1.0
        """Session time of the newest alarm change published; a state with it is owed at once."""
        self._rival_until_ns = 0
        self._curves: Curves = lambda: ((), ())
        self._remote: Remote | None = None

    def newest(self, snapshot: feed.Snapshot) -> None:
        """Replace the snapshot that waits to be published."""
        self._newest = snapshot
        if self._owed():
            self._wake.set()

    def changed(self, transition: Transition) -> None:
        """Queue an alarm transition, if it is one that concerns others."""
        if told.concerns_others(transition):
            self._unsent.add(transition, utc_text(utc_ns()))
            self._wake.set()

    def catch_up(self, transitions: Sequence[Transition]) -> None:
        """Queue what an earlier engine of this session was killed with, of all there were."""
        for transition in self._unsent.missed(transitions):
            self.changed(transition)

    def cut(self, *, off: bool) -> None:
        """Be without a broker, for scenarios; or no longer."""
        self._cut = off
        self._wake.set()

    async def run(
        self, curves: Curves, command: Callable[[feed.Command], Awaitable[feed.Reply]]
    ) -> None:
        """Publish until `finish`.

        Args:
            curves: displayed heart rate and skin temperature, a value a second since second 0.
            command: the engine's answer to a command, for stations that may acknowledge.
        """
        self._curves = curves
        if self._settings.remote_acknowledge:
            self._remote = Remote(self.instance, self._alarms, command)
        try:
            await self._keep_connected()
        finally:
            self._over.set()

    async def finish(self) -> None:
        """Say the last words and take leave; waits a moment for a broker that answers."""
        self._ending.set()
        self._wake.set()
        with contextlib.suppress(TimeoutError):
            hopeful = self._linked or not self.failure
            async with asyncio.timeout(LAST_WORDS_S if hopeful else 0):
                await self._over.wait()
        await asyncio.to_thread(self._unsent.keep_mark)
        if len(self._unsent):
            logger.warning("%d alarm transitions were not published", len(self._unsent))

    def _alarms(self) -> Sequence[feed.Alarm]:
        return self._newest.alarms if self._newest is not None else ()

    async def _keep_connected(self) -> None:
        attempt = 0
        while not self._ending.is_set():
            began_ns = monotonic_ns()
            try:
                await self._converse()
            except Exception as error:  # noqa: BLE001 - border: library, network, broker
                self._fail(error)
            if monotonic_ns() - began_ns > STEADY_S * NS_PER_S:
                attempt = 0
            if not self._ending.is_set():
                await self._pause(BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)])
            attempt += 1

    def _fail(self, error: Exception) -> None:
        words = clean_text(str(error)) or type(error).__name__
        if not isinstance(error, LinkError):
            logger.error("publishing", exc_info=error)
            words = f"{type(error).__name__}: {words}"
        if words != self.failure:
            logger.warning("not published: %s", words)
        self.failure = words

    async def _pause(self, most_s: float) -> None:
        """Wait at least half of it: rooms that lost one broker do not come back in one moment."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(random.uniform(0.5, 1.0) * most_s):  # noqa: S311 - no secret
                await self._ending.wait()

    def _presence(self, *, online: bool, reason: str = "") -> Presence:
        return Presence(
            online=online,
            session=self._subject,
            instance=self.instance,
            interval_s=self._settings.interval_s,
            reason=reason,
        )

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[Link]:
        if self._cut:
            raise LinkError(CUT)
        words = FirstWords(
            here=self._presence(online=True),
            lost=self._presence(online=False, reason="lost"),
            client_id=self._client_id,
        )
        async with Link.open(self._settings, words) as link:
            if self._told is not None:  # at first it may be that of one that died
                self._mind_rival(there=link.rival)
            yield link

    def _mind_rival(self, *, there: bool) -> None:
        if there:
            self._rival_until_ns = monotonic_ns() + int(RIVAL_S * NS_PER_S)

    async def _converse(self) -> None:
        """One connection, from its first word to its end."""
        async with self._connected() as link:
            reading = asyncio.create_task(self._read(link))
            reading.add_done_callback(lambda _: self._wake.set())
            self._linked = True
            try:
                await self._send(link, reading)
            finally:
                self._linked = False
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    async def _send(self, link: Link, reading: asyncio.Task[None]) -> None:
        history_ns = snapshot_ns = 0
        while True:
            if self._cut:
                raise LinkError(CUT)
            if reading.done():
                reading.result()
            alarms = await self._send_alarms(link, snapshot_ns)
            await self._contradict(link)
            now_ns = monotonic_ns()
            if self._owed() or now_ns >= snapshot_ns or self._ending.is_set():
                await self._send_state(link)
                snapshot_ns = now_ns + int(self._settings.interval_s * NS_PER_S)
            if alarms or now_ns >= history_ns:
                changes = tuple(self._unsent.newest)
                await link.say(Kind.HISTORY, told.trend(*self._curves(), self.instance, changes))
                history_ns = now_ns + int(HISTORY_S * NS_PER_S)
            self.failure = self._doubt(now_ns)
            if self._ending.is_set() and not len(self._unsent):
                await self._take_leave(link)
                return
            await self._rest((snapshot_ns - monotonic_ns()) / NS_PER_S)

    def _doubt(self, now_ns: int) -> str:
        """What is wrong although the broker takes everything."""
        if now_ns < self._rival_until_ns:
            return "another engine publishes as this room"
        dropped = self._unsent.dropped
        return f"{dropped} alarm changes were too many to keep" if dropped else ""

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, seconds)):
                await self._wake.wait()
        self._wake.clear()

    async def _send_alarms(self, link: Link, until_ns: int) -> bool:
        """Send what waits, one after the other; whether anything did.

        At least one; the others only until the next state is due, which a slow broker with a long
        queue would hold up. All of them at the end.
        """
        before = self.sent
        try:
            while (change := self._unsent.first()) is not None:
                late = self.sent > before and monotonic_ns() >= until_ns
                if late and not self._ending.is_set():
                    self._wake.set()
                    break
                await link.say(Kind.ALARM, change)
                self._unsent.confirmed(change)
                self._changed_s = change.t_ns / NS_PER_S
                self.sent += 1
        finally:
            if self.sent != before:
                await asyncio.to_thread(self._unsent.keep_mark)
        return self.sent != before

    def _owed(self) -> bool:
        """Whether there is a state with an alarm change that no published state has."""
        told_s = -1.0 if self._told is None else self._told.t_s
        newest_s = -1.0 if self._newest is None else self._newest.t_s
        return told_s < self._changed_s <= newest_s

    async def _contradict(self, link: Link) -> None:
        if self._presence_due and not self._ending.is_set():
            self._presence_due = False
            await link.say(Kind.PRESENCE, self._presence(online=True))

    async def _send_state(self, link: Link) -> None:
        newest = self._newest
        if newest is None or newest is self._told:
            return
        leaves = told.snapshot(newest, notes=self._settings.notes)
        await link.send(Kind.SNAPSHOT, told.encoded(leaves))
        self._told = newest

    async def _take_leave(self, link: Link) -> None:
        """The broker keeps nothing of a session that is over, but that it is."""
        for kind in (Kind.SNAPSHOT, Kind.HISTORY):
            await link.send(kind, b"")
        await link.say(Kind.PRESENCE, self._presence(online=False, reason="ended"))

    async def _read(self, link: Link) -> None:
        """Take what the broker sends: commands, and what others say of this room."""
        async for message in link.messages:
            topic = topics.parse(message.topic.value)
            if topic is None:
                continue
            if topic.kind is Kind.PRESENCE:
                self._hear_presence(link, message.payload)
            elif topic.kind is Kind.COMMAND and self._remote is not None:
                station, asked = topic.station, message.payload
                reply = await self._remote.answer(station, asked, retained=message.retain)
                if reply is not None:
                    await link.say(Kind.REPLY, reply, station)

    def _hear_presence(self, link: Link, payload: object) -> None:
        """Contradict what others say of this room.

        A will that comes late, of a connection that is gone, at once: it would stay for the truth.
        Another engine when this one has something to say anyway: it contradicts too.
        """
        if link.is_own(payload):
            return
        rival = link.is_rival(payload)
        self._mind_rival(there=rival)
        self._presence_due = True
        if not rival:
            self._wake.set()
