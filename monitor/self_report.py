"""Troubles of the system itself, told to the core as statuses when they begin, end or change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alerts.annunciator.client import STARTING
from devices.model import NS_PER_S
from monitor.around import Around, Record, Sound, Watch
from monitor.clock import monotonic_ns, utc_ns
from monitor.core import Core
from monitor.model import Status
from monitor.self_watch import Trouble

STALL_S = 5.0
"""A loop this late is an alarm of its own (clinical table, X6)."""
UNWATCHED_S = 5.0
"""No dashboard's heartbeat for longer: nobody is watching."""
CLOCK_JUMP_S = 2.0
"""A wall-clock jump beyond this is a technical alarm (clinical table, X7)."""
CLOCK_JUMPED = "the computer's clock jumped"
SHOWN_S = 60.0
"""A stall or a jump is over when it is noticed; the alarm stays this long, real seconds."""
SLOW_NS = 1_000_000_000
"""A loop this late is told before alarms come seriously late."""
WAITING_S = 10.0
"""Data waiting this long for the disk, or so many events for the core, mean a slow computer."""
WAITING_EVENTS = 5000
SOUND_OFF = "sound is switched off in the configuration"
NS_PER_MS = 1_000_000


class SelfReport:
    """Judges loop, clock, record, sound, power and screens, several times a second.

    Args:
        record: where everything goes.
        sound: plays alarms.
        around: what else the session has.
        watched: whether nobody watching is a trouble.
        real_time: whether a slow computer is one: a session at speed 60 is not for anybody's
            safety.
    """

    def __init__(
        self, record: Record, sound: Sound, around: Around, *, watched: bool, real_time: bool
    ) -> None:
        self.lag_ns = 0
        """Worst delay of the loop over about the last second."""
        self._record, self._sound, self._around = record, sound, around
        self._watched, self._real_time = watched, real_time
        self._keys: dict[str, frozenset[str]] = {}
        """Why each trouble holds, as last reported."""
        self._wall_offset_ns = utc_ns() - monotonic_ns()
        self._slow_until_ns = self._jump_until_ns = self._stall_until_ns = 0
        self._stall_s = 0.0

    def measure_lag(self, lag_ns: int) -> None:
        """Note how late the loop came."""
        decayed = int(self.lag_ns * 0.9)  # the worst of about the last second stays visible
        self.lag_ns = max(lag_ns, decayed if decayed > NS_PER_MS else 0)
        if lag_ns > STALL_S * NS_PER_S:
            self._stall_s = lag_ns / NS_PER_S
            self._stall_until_ns = monotonic_ns() + int(SHOWN_S * NS_PER_S)

    def statuses(
        self, core: Core, t_ns: int, server: Watch | None, waiting_events: int
    ) -> list[Status]:
        """What has to be told at session time `t_ns`.

        Args:
            core: what was told before is in there.
            t_ns: now.
            server: the feed server, once there is one.
            waiting_events: events not yet given to the core.
        """
        found = []
        for condition, troubles in self._troubles(core, server, waiting_events):
            status = self._news(core, t_ns, condition, troubles)
            found += [status] if status is not None else []
        self._notice_clock_jump(max(t_ns, 0))
        return found

    def _troubles(
        self, core: Core, server: Watch | None, waiting_events: int
    ) -> Iterator[tuple[str, Sequence[Trouble]]]:
        watch, now_ns = self._around.watch, monotonic_ns()
        if self._sound.detail != STARTING:  # not yet known is not broken
            power = watch.power if watch else []
            yield "sound_or_power", [*self._sound_troubles(core), *power]
        error = self._record.error
        failing = [Trouble("write", error)] if error else []
        if now_ns < self._jump_until_ns:
            failing.append(Trouble("clock", CLOCK_JUMPED))
        yield "recording_failing", [*failing, *(watch.disk if watch else [])]
        if self._watched and server is not None:
            alone = server.unwatched_s() > UNWATCHED_S
            yield "unattended", [Trouble("alone", "no dashboard is connected")][: int(alone)]
        stall = Trouble("stall", f"it stood still for {self._stall_s:.0f} s")
        yield "engine_stalled", [stall] if now_ns < self._stall_until_ns else []
        yield "engine_slow", self._slowness(waiting_events)
        if self._around.rooms is not None:
            why = self._around.rooms.failure
            yield "publish_lost", [Trouble("broker", why)] if why else []

    def _sound_troubles(self, core: Core) -> list[Trouble]:
        around, found = self._around, []
        remote = around.remote
        told = remote is not None and remote.proven and self._sound.detail == SOUND_OFF
        if not self._sound.available and not told:
            found.append(Trouble("sound", self._sound.detail))
        elif around.sound_check and core.sound_heard is None:
            found.append(Trouble("unconfirmed", "nobody has confirmed hearing it: press v"))
        elif around.sound_check and not core.sound_heard:
            found.append(Trouble("unheard", "the test sound was not heard"))
        if remote is not None and remote.failure:
            found.append(Trouble("remote", f"remote annunciator {remote.failure}"))
        return found

    def _slowness(self, waiting_events: int) -> list[Trouble]:
        if not self._real_time:
            return []
        waiting = self._record.lag_s > WAITING_S or waiting_events > WAITING_EVENTS
        if waiting or self.lag_ns > SLOW_NS:
            self._slow_until_ns = monotonic_ns() + int(SHOWN_S * NS_PER_S)
        text = "data are waiting" if waiting else "the loop came late"
        return [Trouble("slow", text)] if monotonic_ns() < self._slow_until_ns else []

    def _news(
        self, core: Core, t_ns: int, condition: str, troubles: Sequence[Trouble]
    ) -> Status | None:
        """A status when the trouble begins, ends, or has other reasons than before."""
        keys = frozenset(trouble.key for trouble in troubles)
        reported = core.reported.get(condition, False)
        # After a restart the reasons are not known: what holds on is no new alarm.
        before = self._keys.get(condition, keys if reported else frozenset())
        self._keys[condition] = keys
        if keys == before and bool(keys) == reported:
            return None
        return Status(
            t_ns=t_ns,
            condition=condition,
            active=bool(keys),
            detail="; ".join(trouble.text for trouble in troubles),
            urgent=any(trouble.urgent for trouble in troubles),
            renewed=reported and bool(keys - before),
        )

    def _notice_clock_jump(self, t_ns: int) -> None:
        offset_ns = utc_ns() - monotonic_ns()
        jump_s = (offset_ns - self._wall_offset_ns) / NS_PER_S
        if abs(jump_s) < CLOCK_JUMP_S:
            return
        self._wall_offset_ns = offset_ns
        self._jump_until_ns = monotonic_ns() + int(SHOWN_S * NS_PER_S)
        body: dict[str, object] = {"event": "clock_jump", "jump_s": jump_s, "utc_ns": utc_ns()}
        self._record.journal(t_ns, "session", body)
