"""Changing a limit within a session: inside hard bounds, audited, for this person only."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.catalogue import CATALOGUE
from alerts.model import Presence, Priority, RefusedError
from alerts.policy import MAY_SILENCE, Silence
from alerts.settings import Settings, resolve
from alerts.spec import Value

Rows = Mapping[str, Mapping[str, Value]]


def changeable(condition: str) -> tuple[str, ...]:
    """The keys of a row that may be changed in a session: its limits, not its times or priority."""
    spec = CATALOGUE[condition]
    if not MAY_SILENCE[Silence.LIMITS, spec.concern, Priority.LOW, Presence.ON]:
        return ()
    words = ("limit_", "rise_", "pressure_every", "temperature_every")
    return tuple(key for key in spec.bounds if key.startswith(words))


def changed(
    rows: Rows, in_force: Mapping[str, Settings], age_years: float, wanted: tuple[str, str, float]
) -> dict[str, dict[str, Value]]:
    """The alarm rows with one limit changed; its clear limit moves with it.

    Args:
        rows: rows as configured.
        in_force: settings resolved from them.
        age_years: the person's age, 0 if not given.
        wanted: condition, key, value.

    Raises:
        RefusedError: no such limit, outside its bounds, or lowered by another rule.
    """
    condition, key, value = wanted
    if condition not in in_force:
        raise RefusedError(f"no alarm {condition!r} is in force")
    keys = changeable(condition)
    if key not in keys:
        raise RefusedError(
            f"alarms.{condition}.{key}: cannot be changed in a session"
            + (f"; these can: {', '.join(keys)}" if keys else "")
        )
    low, high = CATALOGUE[condition].bounds[key]
    if not low <= value <= high:
        raise RefusedError(f"alarms.{condition}.{key} = {value:g}: must be {low:g} to {high:g}")
    row = dict(in_force[condition].values)
    _move_clear(row, condition, key, value)
    row[key] = value
    new = {name: dict(values) for name, values in rows.items()} | {condition: row}
    got = resolve(new, age_years)[condition].number(key)
    if got != value:
        raise RefusedError(f"alarms.{condition}.{key} = {value:g}: a rule lowers it to {got:g}")
    return new


def _move_clear(row: dict[str, Value], condition: str, key: str, value: float) -> None:
    clear = key.replace("limit_", "clear_", 1)
    if clear == key or clear not in row:
        return
    low, high = CATALOGUE[condition].bounds[clear]
    moved = round(value - (float(row[key]) - float(row[clear])), 6)
    row[clear] = min(max(moved, low), high)
