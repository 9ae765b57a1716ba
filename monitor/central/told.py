"""The rooms as plain values, for other programs: `vigil central --once --json`. Pure."""

from __future__ import annotations

from typing import Any

from monitor.central.room import UNHEARD, Room, Standing
from monitor.central.wall import Wall
from monitor.feed import Alarm, Snapshot, Vital


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
    standing, snapshot = room.standing(now_s), _vouched(room, now_s)
    unheard = standing in UNHEARD or standing is Standing.WAITING
    return unheard or (
        snapshot is not None and (bool(_shown(snapshot)) or room.claims.disputed(now_s))
    )


def _vouched(room: Room, now_s: float) -> Snapshot | None:
    """Its snapshot, if it is heard now."""
    return room.snapshot if room.standing(now_s) is Standing.LIVE else None


def _shown(snapshot: Snapshot) -> list[Alarm]:
    return [alarm for alarm in snapshot.alarms if not alarm.hidden]


def _room(room: Room, now_s: float) -> dict[str, Any]:
    snapshot = _vouched(room, now_s)
    age_s = room.age_s(now_s)
    return {
        "room": room.name,
        "standing": room.standing(now_s).value,
        "disputed": room.claims.disputed(now_s),
        "heard_s_ago": None if age_s is None else round(age_s, 1),
        "subject": None if snapshot is None else snapshot.session.subject,
        "mode": None if snapshot is None else snapshot.session.mode,
        "heart_rate_bpm": None if snapshot is None else _value(snapshot.heart_rate),
        "skin_temperature_degc": None if snapshot is None else _value(snapshot.skin_temperature),
        "standby": None if snapshot is None else snapshot.standby is not None,
        "alarms": [] if snapshot is None else [_alarm(a, snapshot.t_s) for a in _shown(snapshot)],
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
