"""What goes over the broker: the feed's messages, and three of its own (docs/rooms.md).

Everything received is untrusted: `decode` takes one kind of message at a time, of limited size,
and every text in it is shown as plain text only.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping

import msgspec

from monitor import feed
from monitor.rooms.topics import Kind

LARGEST = 64 * 1024
LARGEST_HISTORY = 256 * 1024
"""Bytes of a message; anything larger is dropped unread."""
POINTS = 240
"""Most points of a curve in a `Trend`."""
CHANGES = 100
"""Most alarm changes in a `Trend`: hours of them."""
ID_BITS = 53
"""Command ids are random, so that none comes twice; JSON numbers are exact up to here."""
INSTANCE_LONGEST = 64


class Presence(msgspec.Struct, tag="presence", kw_only=True):
    """Whether a room's engine is there. The broker sends the last one of a room that is lost."""

    online: bool
    session: str = ""
    """Subject code; empty if there is none."""
    instance: str
    """Of this start of the engine: another one begins its `AlarmChange.seq` anew."""
    version: int = feed.FEED_VERSION
    interval_s: float = 1.0
    """Seconds between snapshots."""
    reason: str = ""
    """Why it is not online: "lost" or "ended"."""


class AlarmChange(msgspec.Struct, tag="alarm", kw_only=True):
    """One transition of an alarm signal; may come twice, never out of order.

    `seq` counts from 1 in each instance without holes: a hole is a loss, a number that was there
    already is the same message again.
    """

    instance: str
    seq: int
    t_ns: int
    """Session time."""
    utc: str
    condition: str
    occurrence: int
    priority: str = ""
    """LOW, MEDIUM or HIGH; empty once the signal is gone."""
    what: str
    """onset, escalate, clear, acknowledge, reminder or unanswered."""
    state: str = ""
    """ON, ACKNOWLEDGED, LATCHED or RETURNED from now on; empty: no signal any more."""
    message: str
    """The catalogue's words."""
    value: float | None = None
    limit: float | None = None
    unit: str = ""


class Trend(msgspec.Struct, tag="history", kw_only=True):
    """The displayed vitals so far, thinned, and the newest alarm changes.

    For stations that begin later, or were away for a while, as all are when their broker was
    restarted. Point i is the mean of `step_s` seconds from `t0_s + i * step_s` on; null where there
    was no valid value.
    """

    instance: str
    t0_s: int
    step_s: int
    heart_rate: list[float | None]
    skin_temperature: list[float | None]
    changes: list[AlarmChange] = []
    """The newest that were sent, at most `CHANGES`, oldest first."""


Message = Presence | feed.Snapshot | AlarmChange | Trend | feed.Command | feed.Reply
_DECODERS: Mapping[Kind, Callable[[bytes], Message]] = {
    Kind.PRESENCE: msgspec.json.Decoder(Presence).decode,
    Kind.SNAPSHOT: msgspec.json.Decoder(feed.Snapshot).decode,
    Kind.ALARM: msgspec.json.Decoder(AlarmChange).decode,
    Kind.HISTORY: msgspec.json.Decoder(Trend).decode,
    Kind.COMMAND: msgspec.json.Decoder(feed.Command).decode,
    Kind.REPLY: msgspec.json.Decoder(feed.Reply).decode,
}
encode = msgspec.json.Encoder().encode


class BadMessageError(ValueError):
    """What was received is not a message of its kind; says why, without its content."""


def largest(kind: Kind) -> int:
    """Most bytes a message of this kind may have."""
    return LARGEST_HISTORY if kind is Kind.HISTORY else LARGEST


def decode(kind: Kind, payload: bytes) -> Message:
    """Read what came under a topic of this kind.

    An empty payload is how a retained message is taken back when a session ends; ask before.

    Raises:
        BadMessageError: too large, not JSON, not of this kind, or of another version of the feed.
    """
    if len(payload) > largest(kind):
        raise BadMessageError(f"{kind}: larger than {largest(kind)} bytes")
    try:
        message = _DECODERS[kind](payload)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BadMessageError(f"{kind}: not a message of this kind") from error
    if isinstance(message, Presence) and message.version != feed.FEED_VERSION:
        raise BadMessageError(f"{kind}: version {message.version}, not {feed.FEED_VERSION}")
    return message


def acknowledge(instance: str, condition: str, occurrence: int) -> feed.Command:
    """A station's request to acknowledge one occurrence of an alarm."""
    details: dict[str, str | int | float | bool] = {
        "instance": instance,
        "condition": condition,
        "occurrence": occurrence,
    }
    return feed.Command(id=secrets.randbits(ID_BITS), verb="acknowledge", details=details)
