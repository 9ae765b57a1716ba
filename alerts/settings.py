"""Alarm settings in force: the catalogue's rows with a clinic's values, resolved for one person."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from alerts.catalogue import CATALOGUE
from alerts.model import Priority
from alerts.spec import ConditionSpec, Value

EXTREME_FLOOR_BPM = 120.0
"""`hr_extreme` is never lowered below this by age (clinical table, P3)."""
EXTREME_AGE_FRACTION = 0.85
"""`hr_extreme` is at most this share of 220 - age (clinical table, P3)."""
HIGH_BELOW_EXTREME_BPM = 10.0
"""`hr_high` stays this far below `hr_extreme` (clinical table, P2)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One enabled condition's parameters.

    `values` holds every key of `[alarms.<id>]`: limits in the unit of their name, times in seconds.
    """

    spec: ConditionSpec
    priority: Priority
    values: Mapping[str, Value]

    def number(self, key: str) -> float:
        """A numeric key's value."""
        return float(self.values[key])

    @property
    def escalate_after_s(self) -> float | None:
        """Seconds from onset to the higher priority; None if this condition never escalates."""
        if "escalate_s" not in self.values:
            return None
        return max(0.0, self.number("escalate_s") - self.number("sustain_s"))

    @property
    def escalate_priority(self) -> Priority:
        """Priority after escalation."""
        return Priority[str(self.values.get("escalate_priority", self.priority.name))]


def defaults() -> dict[str, dict[str, Value]]:
    """The catalogue's own values, by condition id."""
    return {spec.id: dict(spec.defaults) for spec in CATALOGUE.values()}


def _lower(row: dict[str, Value], limit_bpm: float) -> None:
    """Lower a high-limit row to `limit_bpm`, keeping its hysteresis."""
    old = float(row["limit_bpm"])
    if limit_bpm < old:
        row["clear_bpm"] = limit_bpm - (old - float(row["clear_bpm"]))
        row["limit_bpm"] = limit_bpm


def for_person(
    alarms: Mapping[str, Mapping[str, Value]], age_years: float
) -> dict[str, dict[str, Value]]:
    """Every row's values, with the heart-rate limits lowered by age (0: age not given)."""
    rows = {name: {**row, **alarms.get(name, {})} for name, row in defaults().items()}
    extreme = rows["hr_extreme"]
    if age_years > 0:
        cap_bpm = EXTREME_AGE_FRACTION * (220.0 - age_years)
        _lower(extreme, max(EXTREME_FLOOR_BPM, cap_bpm))
    if extreme["enabled"]:
        _lower(rows["hr_high"], float(extreme["limit_bpm"]) - HIGH_BELOW_EXTREME_BPM)
    return rows


def lowered(alarms: Mapping[str, Mapping[str, Value]], age_years: float) -> list[str]:
    """Configured limits that are not in force as written, each with what is and why."""
    given = {name: {**row, **alarms.get(name, {})} for name, row in defaults().items()}
    in_force = for_person(alarms, age_years)
    reasons = {
        "hr_extreme": f"85 % of 220 minus age {age_years:g}",
        "hr_high": f"{HIGH_BELOW_EXTREME_BPM:g} below hr_extreme",
    }
    return [
        f"alarms.{name}.limit_bpm = {float(given[name]['limit_bpm']):g} is lowered to "
        f"{float(in_force[name]['limit_bpm']):g}: {why}"
        for name, why in reasons.items()
        if in_force[name]["limit_bpm"] != given[name]["limit_bpm"]
    ]


def resolve(
    alarms: Mapping[str, Mapping[str, Value]] | None = None, age_years: float = 0.0
) -> dict[str, Settings]:
    """Settings of the enabled conditions, in catalogue order.

    Args:
        alarms: configured values by condition id; missing keys take the catalogue's.
        age_years: the person's age, 0 if not given.
    """
    rows = for_person(alarms or {}, age_years)
    return {
        name: Settings(CATALOGUE[name], Priority[str(row["priority"])], row)
        for name, row in rows.items()
        if row["enabled"]
    }


def limits_hash(settings: Mapping[str, Settings]) -> str:
    """SHA-256 (hex) of the limits in force, canonical: equal for equal alarms."""
    rows = {name: dict(row.values) for name, row in settings.items()}
    text = json.dumps(rows, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
