"""What a room tells of its session: measurements, states and codes; nothing anybody wrote."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

import msgspec

from alerts.catalogue import CATALOGUE
from alerts.model import Transition
from monitor import feed
from monitor.config_schema import METHODS, SITES
from monitor.rooms.messages import LARGEST, POINTS, AlarmChange, Trend, encode

STATION = "station:"
"""Before the name of a central station, where it stands as the operator."""
_GENERATED_DETAIL = frozenset({"check_overdue"})
"""Alarms whose detail holds nothing but names of checks and numbers."""
_of = msgspec.structs.replace


def snapshot(full: feed.Snapshot, *, notes: bool) -> feed.Snapshot:
    """The snapshot as it leaves the computer; the one given is not changed.

    Never told: where the recording lies. Told only with `notes`: the log, reasons and details,
    the clinic's checklists, the names of its scores, who acknowledged (but for stations).
    """
    session = _of(full.session, recording="")
    if notes:
        return _of(full, session=session)
    return _of(
        full,
        session=_of(session, scales={}),
        alarms=[_alarm(alarm) for alarm in full.alarms],
        sensors=[_of(sensor, detail="") for sensor in full.sensors],
        audio=_of(full.audio, detail=""),
        log=[],
        checks=_checks(full.checks),
        standby=None if full.standby is None else _of(full.standby, reason=""),
    )


def _alarm(alarm: feed.Alarm) -> feed.Alarm:
    by_station = alarm.acknowledged_by.startswith(STATION)
    return _of(
        alarm,
        detail=alarm.detail if alarm.condition in _GENERATED_DETAIL else "",
        checklist="",
        acknowledged_by=alarm.acknowledged_by if by_station else "",
    )


def _checks(checks: feed.Checks) -> feed.Checks:
    """Sites and methods of closed lists stay; others were typed in."""
    site = checks.site if checks.site in SITES else ""
    degc = checks.temperature.partition(" ")[0]
    return _of(
        checks,
        temperature=f"{degc} {site}".rstrip(),
        site=site,
        method=checks.method if checks.method in METHODS else "",
        scores={},
    )


def encoded(told: feed.Snapshot) -> bytes:
    """The snapshot in so many bytes as a station takes; long notes are left out first."""
    line = encode(told)
    if len(line) <= LARGEST:
        return line
    alarms = [_of(alarm, checklist="", detail="") for alarm in told.alarms]
    return encode(_of(told, log=[], ecg=None, alarms=alarms))


def concerns_others(transition: Transition) -> bool:
    """Whether it is of an alarm signal; silences and limits are the room's own."""
    return bool(transition.condition) and transition.what != "limit_changed"


def change(transition: Transition, utc: str, instance: str, seq: int) -> AlarmChange:
    """An alarm transition as it is published. It must concern a condition."""
    return AlarmChange(
        instance=instance,
        seq=seq,
        t_ns=transition.t_ns,
        utc=utc,
        condition=transition.condition,
        occurrence=transition.occurrence,
        priority="" if transition.priority is None else transition.priority.name,
        what=transition.what,
        state="" if transition.presence is None else transition.presence.value,
        message=CATALOGUE[transition.condition].message,
        value=transition.value if math.isfinite(transition.value) else None,
        limit=transition.limit if math.isfinite(transition.limit) else None,
        unit=transition.unit,
    )


Curve = Sequence[float | None]


def trend(
    heart_bpm: Curve, skin_degc: Curve, instance: str, changes: Sequence[AlarmChange]
) -> Trend:
    """Curves of one value a second since second 0, thinned to at most `POINTS` points."""
    step_s = max(1, math.ceil(len(heart_bpm) / POINTS))
    return Trend(
        instance=instance,
        changes=list(changes),
        t0_s=0,
        step_s=step_s,
        heart_rate=_thinned(heart_bpm, step_s, 1),
        skin_temperature=_thinned(skin_degc, step_s, 2),
    )


def _thinned(curve: Curve, step_s: int, decimals: int) -> list[float | None]:
    points: list[float | None] = []
    for start in range(0, len(curve), step_s):
        valid = [value for value in curve[start : start + step_s] if value is not None]
        points.append(round(fmean(valid), decimals) if valid else None)
    return points
