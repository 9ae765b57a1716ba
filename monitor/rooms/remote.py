"""Acknowledging from a central station: what is let through to the engine."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from alerts.model import Presence
from devices.text import clean_text
from monitor import feed
from monitor.clock import NS_PER_S, monotonic_ns
from monitor.model import Verb
from monitor.rooms import messages
from monitor.rooms.told import STATION
from monitor.rooms.topics import Kind

logger = logging.getLogger(__name__)

BURST, EVERY_S = 5, 0.5
"""A station may send so many commands at once, and one more each so often; no hand is faster."""
STATIONS = 64
ANSWERED = 256
"""Answers kept for commands that come twice, as QoS 1 allows."""
KEYS = {"instance", "condition", "occurrence"}
OTHER_INSTANCE = "it was for another start of this room's engine"
NOT_THERE = "there is no such alarm now"
DONE = "it is acknowledged already"


@dataclass(slots=True)
class _Allowance:
    """How many commands a station may still send."""

    left: float
    at_ns: int

    def take(self, now_ns: int) -> bool:
        gained = (now_ns - self.at_ns) / NS_PER_S / EVERY_S
        self.left, self.at_ns = min(BURST, self.left + gained), now_ns
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Remote:
    """Checks commands and hands on those that mean an alarm that is there now.

    Everything that can be refused without the engine is: the session's record holds what was
    done, not what anybody sent.

    Args:
        instance: of this start of the engine.
        alarms: the alarms as the newest snapshot shows them.
        command: the engine's answer to a command.
        clock_ns: monotonic nanoseconds.

    Attributes:
        dropped: messages that got no answer: unreadable, kept by the broker, or too many.
    """

    def __init__(
        self,
        instance: str,
        alarms: Callable[[], Sequence[feed.Alarm]],
        command: Callable[[feed.Command], Awaitable[feed.Reply]],
        clock_ns: Callable[[], int] = monotonic_ns,
    ) -> None:
        self.dropped = 0
        self._instance, self._alarms, self._command = instance, alarms, command
        self._clock_ns = clock_ns
        self._allowed: OrderedDict[str, _Allowance] = OrderedDict()
        self._answers: OrderedDict[tuple[str, int], feed.Reply] = OrderedDict()

    async def answer(self, station: str, payload: bytes, *, retained: bool) -> feed.Reply | None:
        """The reply to what a station sent; None: it gets none.

        Args:
            station: its name, by the topic, which the broker vouches for.
            payload: what it sent.
            retained: the broker kept it: nobody is asking now.
        """
        if retained or not self._may(station):
            self.dropped += 1
            return None
        try:
            command = messages.decode(Kind.COMMAND, payload)
        except messages.BadMessageError:
            self.dropped += 1
            return None
        assert isinstance(command, feed.Command)  # noqa: S101 - what this kind decodes to
        key = station, command.id
        if key not in self._answers:
            self._answers[key] = await self._judge(station, command)
            if len(self._answers) > ANSWERED:
                self._answers.popitem(last=False)
        return self._answers[key]

    def _may(self, station: str) -> bool:
        now_ns = self._clock_ns()
        allowance = self._allowed.setdefault(station, _Allowance(BURST, now_ns))
        self._allowed.move_to_end(station)
        if len(self._allowed) > STATIONS:
            self._allowed.popitem(last=False)
        return allowance.take(now_ns)

    async def _judge(self, station: str, command: feed.Command) -> feed.Reply:
        refused = self._refusal(command)
        if refused:
            return feed.Reply(id=command.id, ok=False, message=refused)
        details = {key: command.details[key] for key in ("condition", "occurrence")}
        done = await self._command(
            feed.Command(
                id=command.id,
                verb=Verb.ACKNOWLEDGE.value,
                operator=STATION + station,
                details=details,
            )
        )
        logger.info("station %s: %s", station, done.message or "acknowledged")
        return feed.Reply(id=done.id, ok=done.ok, message=clean_text(done.message))

    def _refusal(self, command: feed.Command) -> str:
        """Why a command is not let through; empty if it is."""
        details = command.details
        if command.verb != Verb.ACKNOWLEDGE.value:
            return "a station can only acknowledge"
        if set(details) != KEYS or type(details["occurrence"]) is not int:
            return "it must name instance, condition and occurrence"
        if details["instance"] != self._instance:
            return OTHER_INSTANCE
        shown = {alarm.condition: alarm for alarm in self._alarms()}
        alarm = shown.get(str(details["condition"]))
        if alarm is None or alarm.occurrence != details["occurrence"]:
            return NOT_THERE
        return DONE if alarm.presence == Presence.ACKNOWLEDGED.value else ""
