"""Acknowledgements asked of rooms, and what came of them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from monitor import feed
from monitor.central.room import Room, Standing
from monitor.rooms import messages

ANSWER_S = 5.0
"""A room that has not answered by then will not."""
KEPT = 100
"""Requests remembered; the oldest go first."""
PENDING, CONFIRMED, REFUSED, UNANSWERED = "pending", "confirmed", "refused", "no answer"


@dataclass(frozen=True, slots=True)
class Request:
    """One acknowledgement that was asked for."""

    room: str
    condition: str
    occurrence: int
    asked_s: float
    state: str = PENDING
    reason: str = ""
    """Why the room refused, in its own, untrusted words."""


class Requests:
    """Requests by the id of their command."""

    def __init__(self) -> None:
        self._asked: dict[int, Request] = {}

    def ask(self, room: Room, alarm: feed.Alarm, operator: str, now_s: float) -> feed.Command | str:
        """The command that acknowledges this very occurrence; text says why there is none."""
        if room.standing(now_s) is not Standing.LIVE or not room.instance:
            return "Not sent: this room is not heard now."
        command = messages.acknowledge(room.instance, alarm.condition, alarm.occurrence)
        command.operator = operator
        if len(self._asked) >= KEPT:
            del self._asked[next(iter(self._asked))]
        self._asked[command.id] = Request(room.name, alarm.condition, alarm.occurrence, now_s)
        return command

    def failed(self, command: feed.Command) -> None:
        """It could not be sent."""
        self._asked.pop(command.id, None)

    def answered(self, room: str, reply: feed.Reply) -> Request | None:
        """A reply came; None if this room was asked no such thing, or has answered already."""
        request = self._asked.get(reply.id)
        if request is None or request.room != room or request.state == CONFIRMED:
            return None
        state = CONFIRMED if reply.ok else REFUSED
        return self._put(reply.id, replace(request, state=state, reason=reply.message))

    def expire(self, now_s: float) -> list[Request]:
        """Those that wait in vain from now on."""
        late = [
            (id_, request)
            for id_, request in self._asked.items()
            if request.state == PENDING and now_s - request.asked_s > ANSWER_S
        ]
        return [self._put(id_, replace(request, state=UNANSWERED)) for id_, request in late]

    def state(self, room: str, condition: str, occurrence: int) -> str:
        """How the newest request for this occurrence stands; empty for none."""
        wanted = (room, condition, occurrence)
        found = (r for r in self._asked.values() if (r.room, r.condition, r.occurrence) == wanted)
        return next((request.state for request in reversed(list(found))), "")

    def _put(self, id_: int, request: Request) -> Request:
        self._asked[id_] = request
        return request
