"""The rooms as plain values, for other programs: `vigil central --once --json`. Pure."""

from __future__ import annotations

from typing import Any

from monitor.central.room import UNHEARD, Room, Standing
from monitor.central.wall import Wall
from monitor.feed import Alarm, Vital


def told(wall: Wall, now_s: float) -> dict[str, Any]:
    """Everything a station knows now. No number of a room that is not heard is in it."""
    return {
        "clinic": wall.clinic,
        "station": wall.station,
        "connected": wall.connected,
        "reason": wall.reason,
        "rooms": [_room(room, now_s) for _, room in sorted(wall.rooms.items())],
        "refused": dict(wall.dropped),
    }


def findings(wall: Wall, now_s: float) -> list[str]:
    """Names of rooms that alarm, were not heard, or are spoken for twice.

    One that is still waited for counts: who listens only once does not come to know it later.
    """
    return [name for name, room in sorted(wall.rooms.items()) if _found(room, now_s)]


def _found(room: Room, now_s: float) -> bool:
    standing = room.standing(now_s)
    live = standing is Standing.LIVE and room.snapshot is not None
    alarms = room.snapshot.alarms if live and room.snapshot is not None else []
    shown = any(not alarm.hidden for alarm in alarms)
    unheard = standing in UNHEARD or standing is Standing.WAITING
    return unheard or shown or (live and room.claims.disputed(now_s))


def _room(room: Room, now_s: float) -> dict[str, Any]:
    standing = room.standing(now_s)
    snapshot = room.snapshot if standing is Standing.LIVE else None
    age_s = room.age_s(now_s)
    shown = [] if snapshot is None else [a for a in snapshot.alarms if not a.hidden]
    return {
        "room": room.name,
        "standing": standing.value,
        "disputed": room.claims.disputed(now_s),
        "heard_s_ago": None if age_s is None else round(age_s, 1),
        "subject": None if snapshot is None else snapshot.session.subject,
        "mode": None if snapshot is None else snapshot.session.mode,
        "heart_rate_bpm": None if snapshot is None else _value(snapshot.heart_rate),
        "skin_temperature_degc": None if snapshot is None else _value(snapshot.skin_temperature),
        "standby": None if snapshot is None else snapshot.standby is not None,
        "alarms": [] if snapshot is None else [_alarm(a, snapshot.t_s) for a in shown],
        "missed": room.missed,
    }


def _value(vital: Vital) -> float | None:
    return vital.value if vital.validity == "VALID" else None


def _alarm(alarm: Alarm, t_s: float) -> dict[str, Any]:
    return {
        "condition": alarm.condition,
        "occurrence": alarm.occurrence,
        "priority": alarm.priority,
        "presence": alarm.presence,
        "since_s": round(max(0.0, t_s - alarm.onset_s), 1),
    }
