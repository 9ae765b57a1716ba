"""One room in the words of its tile. Pure; no Textual."""

from __future__ import annotations

import msgspec

from monitor.central.room import UNHEARD, Room, Standing
from monitor.central.sounding import Urgency, sounding_alarms, urgency
from monitor.feed import Alarm, Snapshot, Vital
from tui import wording
from tui.care_words import standby_words
from tui.central.views import Number, TileView
from tui.vital_words import HEART_UNIT, SKIN_UNIT, heart_view, skin_view
from tui.wording import PRIORITIES, SYMBOLS, plain

UNHEARD_SYMBOL, NO_ALARM = "?", "no alarm"
_WORDS = {
    Standing.ABSENT: "NOT HEARD",
    Standing.SILENT: "SILENT",
    Standing.LOST: "LOST",
    Standing.WAITING: "waiting",
    Standing.ENDED: "ended",
}
_RANKS = {Urgency.HIGH: 0, Urgency.MEDIUM: 3, Urgency.LOW: 4}
UNHEARD_RANK, DISPUTED_RANK, SEEN_RANK, WAITING_RANK, CALM_RANK, ENDED_RANK = 1, 2, 5, 8, 9, 10
_MARKS = {"SIM": "SIM", "REPLAY": "REPLAY", "LIVE": ""}


def tile(room: Room, now_s: float, *, connected: bool = True) -> TileView:
    """What stands in a room's tile."""
    standing = room.standing(now_s)
    if standing is Standing.LIVE and room.snapshot is not None:
        return _live(room, room.snapshot, now_s, connected=connected)
    if standing in UNHEARD:
        return _unheard(room, standing, now_s)
    rank = WAITING_RANK if standing is Standing.WAITING else ENDED_RANK
    over = standing is Standing.ENDED
    return TileView(
        room=room.name,
        tone="ended" if over else "waiting",
        symbol="-" if over else "…",
        word=_WORDS[standing],
        rank=rank,
        subject=subject(room),
        line="session ended" if over else "nothing heard yet",
    )


def subject(room: Room) -> str:
    """The subject code, as the room says it now."""
    if room.snapshot is not None:
        return plain(room.snapshot.session.subject, 24)
    return "" if room.presence is None else plain(room.presence.session, 24)


def aged(vital: Vital, age_s: float) -> Vital:
    """A vital sign with the time since it arrived added to its age."""
    if vital.age_s is None:
        return vital
    return msgspec.structs.replace(vital, age_s=vital.age_s + age_s)


def top_alarm(snapshot: Snapshot) -> Alarm | None:
    """The alarm a tile shows: the most urgent one nobody has acknowledged, else the first."""
    shown = [alarm for alarm in snapshot.alarms if not alarm.hidden]
    unseen = [alarm for alarm in shown if alarm.presence != "ACKNOWLEDGED"]
    return max(unseen or shown, key=urgency, default=None)


def _live(room: Room, snapshot: Snapshot, now_s: float, *, connected: bool) -> TileView:
    age_s = room.age_s(now_s) or 0.0
    alarm = top_alarm(snapshot)
    told = _alarm(alarm, snapshot, age_s) if alarm else _calm(snapshot)
    if room.claims.disputed(now_s) and told.rank > DISPUTED_RANK:
        told = _disputed()
    heart, skin = aged(snapshot.heart_rate, age_s), aged(snapshot.skin_temperature, age_s)
    views = heart_view(heart, snapshot.alarms), skin_view(skin, snapshot.alarms)
    numbers = [
        Number(
            text=view.number,
            unit=unit,
            age="" if vital.age_s is None else wording.ago(vital.age_s),
            tone=view.tone if connected or view.tone == "absent" else "grey",
        )
        for view, vital, unit in zip(views, (heart, skin), (HEART_UNIT, SKIN_UNIT), strict=True)
    ]
    return TileView(
        room=room.name,
        live=True,
        tone=told.tone,
        symbol=told.symbol,
        word=told.word,
        flash=told.flash,
        rank=told.rank,
        line=told.line,
        since=told.since,
        advice=told.advice,
        more=sum(not other.hidden for other in snapshot.alarms) - 1 if alarm else 0,
        subject=subject(room),
        mark=_mark(snapshot),
        heart=numbers[0],
        skin=numbers[1],
        clock=clock(snapshot),
    )


def _alarm(alarm: Alarm, snapshot: Snapshot, age_s: float) -> TileView:
    seen = alarm.presence == "ACKNOWLEDGED"
    priority = alarm.priority if alarm.priority in PRIORITIES else "HIGH"
    over = "over, " if alarm.presence in {"LATCHED", "RETURNED"} else ""
    answer = "acknowledged" if seen else "NOT ack"
    until_s = (snapshot.t_s + age_s) if alarm.clear_s is None else alarm.clear_s
    return TileView(
        room="",
        tone=priority.lower(),
        symbol=SYMBOLS[priority],
        word=f"{priority} ack" if seen else priority,
        flash=not seen and not alarm.hidden,
        rank=SEEN_RANK + 2 - PRIORITIES.index(priority) if seen else _RANKS[urgency(alarm)],
        line=plain(alarm.message, 60),
        since=f"{wording.minutes(until_s - alarm.onset_s)} {over}{answer}",
        advice=plain(alarm.advice),
    )


def _calm(snapshot: Snapshot) -> TileView:
    # Grey, never green: no alarm is not the same as all is well. In standby alarms are held back.
    held = standby_words(snapshot.standby).partition(" ")[0]
    return TileView(room="", tone="calm", symbol="", word=held or NO_ALARM, rank=CALM_RANK)


def _disputed() -> TileView:
    return TileView(
        room="",
        tone="unheard",
        symbol=UNHEARD_SYMBOL,
        word="TWO ENGINES",
        flash=True,
        rank=DISPUTED_RANK,
        line="two engines speak for this room",
        advice="The numbers may be of two people. Go and look; stop one of the two.",
    )


def _unheard(room: Room, standing: Standing, now_s: float) -> TileView:
    last = [] if room.heard_s is None else sounding_alarms(room)
    worst = max(last, key=urgency, default=None)
    was = ""
    if worst is not None:
        was = f"was {SYMBOLS.get(worst.priority, '***')} {plain(worst.message, 40)}"
    age_s = room.age_s(now_s)
    high = worst is not None and urgency(worst) is Urgency.HIGH and not room.seen
    rank = SEEN_RANK if room.seen else 0 if high else UNHEARD_RANK
    return TileView(
        room=room.name,
        tone="unheard",
        symbol=UNHEARD_SYMBOL,
        word=f"{_WORDS[standing]} ack" if room.seen else _WORDS[standing],
        flash=not room.seen,
        rank=rank,
        subject=subject(room),
        mark="" if room.snapshot is None else _mark(room.snapshot),
        line="never heard" if age_s is None else f"not heard for {wording.ago(age_s)}",
        since=was,
        advice="Nobody sees this room from here. Go and look, or call.",
    )


def _mark(snapshot: Snapshot) -> str:
    if snapshot.session.training:
        return "TRAINING"
    simulated = any(sensor.simulated for sensor in snapshot.sensors)
    mode = snapshot.session.mode
    return "SIM" if mode == "LIVE" and simulated else _MARKS.get(mode, plain(mode, 10))


def clock(snapshot: Snapshot) -> str:
    """Standby; time since the dose and the phase, that of the session before one."""
    away = standby_words(snapshot.standby)
    phase = "" if snapshot.phase is None else plain(snapshot.phase.name, 16)
    told = wording.since_dose(snapshot.t_s, snapshot.doses_s)
    since = f"{told} {phase}".rstrip() if snapshot.doses_s else f"{told} no dose"
    return f"{away}  {since}" if away else since
