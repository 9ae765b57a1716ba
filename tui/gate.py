"""The gate before a dose: what was measured last, how old it is, what is missing; no Textual."""

from __future__ import annotations

from monitor.feed import Snapshot, Vital
from tui import wording

Details = dict[str, str | float | bool]


def lines(snapshot: Snapshot) -> list[str]:
    """The last measurements with their ages, then what is missing or overdue."""
    checks = snapshot.checks
    taken = " ".join(part for part in (checks.temperature, checks.method) if part)
    told = [
        f"Heart rate      {_vital(snapshot.heart_rate, 'bpm')}",
        f"Blood pressure  {_hand(snapshot, checks.pressure, 'mmHg', checks.pressure_s)}",
        f"Temperature     {_hand(snapshot, taken, '', checks.temperature_s)}",
        f"Skin (no core)  {_vital(snapshot.skin_temperature, 'degC')}",
    ]
    lacking = missing(snapshot)
    return [*told, *(f"!! {text}" for text in lacking)]


def _vital(vital: Vital, unit: str) -> str:
    if vital.value is None:
        return "no value now"
    held = "" if vital.validity == "VALID" else f", unsure, {wording.ago(vital.age_s)} old"
    return f"{wording.quantity(vital.value, unit)} now{held}"


def _hand(snapshot: Snapshot, value: str, unit: str, at_s: float | None) -> str:
    if at_s is None:
        return "not measured"
    shown = f"{wording.plain(value, 40)} {unit}".rstrip()
    return f"{shown}, {wording.ago(max(0.0, snapshot.t_s - at_s))} ago"


def missing(snapshot: Snapshot) -> list[str]:
    """What a dose should wait for, in words."""
    checks = snapshot.checks
    found = [
        _late(snapshot, "Blood pressure", checks.pressure_s, checks.pressure_every_s),
        _late(snapshot, "Temperature", checks.temperature_s, checks.temperature_every_s),
        ""
        if snapshot.heart_rate.value is not None
        else "NO HEART RATE now: take the pulse by hand",
        _alarming(snapshot),
    ]
    return [text for text in found if text]


def _late(snapshot: Snapshot, name: str, at_s: float | None, every_s: float | None) -> str:
    first_s = snapshot.doses_s[0] if snapshot.doses_s else None
    if at_s is None:
        return f"{name} NOT MEASURED"
    if first_s is not None and at_s < first_s:
        return f"{name} NOT MEASURED since the dose"
    age_s = snapshot.t_s - at_s
    if every_s is None or age_s <= every_s:
        return ""
    return f"{name} OVERDUE: due every {every_s / 60:.0f} min"


def _alarming(snapshot: Snapshot) -> str:
    holding = [a for a in snapshot.alarms if a.clear_s is None and a.kind == "PHYSIOLOGICAL"]
    if not holding:
        return ""
    first = wording.plain(holding[0].message, 40)
    return f"ALARM: {first}" + (f" and {len(holding) - 1} more" if len(holding) > 1 else "")


def as_seen(snapshot: Snapshot) -> Details:
    """What the operator saw when recording the dose, for the record."""
    checks, now_s = snapshot.checks, snapshot.t_s
    heart, skin = snapshot.heart_rate, snapshot.skin_temperature
    values: dict[str, float | str | None] = {
        "seen_heart_rate": heart.value,
        "seen_heart_rate_age_s": _rounded(heart.age_s) if heart.value is not None else None,
        "seen_skin_temperature": skin.value,
        "seen_skin_temperature_age_s": _rounded(skin.age_s) if skin.value is not None else None,
        "seen_pressure": checks.pressure or None,
        "seen_pressure_age_s": _age_s(checks.pressure_s, now_s),
        "seen_temperature": checks.temperature or None,
        "seen_temperature_age_s": _age_s(checks.temperature_s, now_s),
        "seen_missing": "; ".join(missing(snapshot)) or None,
    }
    return {key: value for key, value in values.items() if value is not None}


def _age_s(at_s: float | None, now_s: float) -> float | None:
    return None if at_s is None else _rounded(max(0.0, now_s - at_s))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
