"""What the operator types in: forms, and what they become as commands."""

from __future__ import annotations

import re
from collections.abc import Mapping

from monitor.feed import Limit, Snapshot
from tui import wording
from tui.screens.form import Field, Form

Details = dict[str, str | float | bool]
SITE = "ear"
STANDBY_MIN = "10"


def pressure_form() -> Form:
    """Ask for a blood pressure."""
    return Form(
        "Blood pressure",
        [
            Field("pressure", "systolic/diastolic, mmHg, such as 128/81"),
            Field("symptoms", "headache, chest pain, vision, weakness? empty for none"),
        ],
    )


def pressure(values: Mapping[str, str]) -> Details | str:
    """The command's details, or what is wrong with them."""
    match = re.fullmatch(r"\s*(\d{2,3})\s*[/ ]\s*(\d{2,3})\s*", values["pressure"])
    if match is None:
        return "Blood pressure: two numbers, such as 128/81"
    details: Details = {"systolic": float(match[1]), "diastolic": float(match[2])}
    none = values["symptoms"].lower() in {"", "n", "no", "none", "-"}
    return details if none else details | {"symptoms": True, "text": values["symptoms"]}


def temperature_form(snapshot: Snapshot | None) -> Form:
    """Ask for a clinical temperature, at the site of the last one."""
    last = "" if snapshot is None else snapshot.checks.temperature.partition(" ")[2]
    return Form(
        "Clinical temperature",
        [
            Field("degc", "degrees Celsius, such as 37.2"),
            Field("site", "site: ear, oral, rectal, axilla, ...", last or SITE),
        ],
    )


def temperature(values: Mapping[str, str]) -> Details | str:
    """The command's details, or what is wrong with them."""
    degc = _number(values["degc"])
    if degc is None:
        return "Temperature: a number, such as 37.2"
    return {"degc": degc, "site": values["site"]}


def standby_form() -> Form:
    """Ask why the person leaves, and when they should be back."""
    return Form(
        "Standby",
        [
            Field("minutes", "back in how many minutes? 1 to 30", STANDBY_MIN),
            Field("reason", "reason", "toilet"),
        ],
        "Alarms of sensors are held back; HIGH ones of the person still sound.\n"
        "The return time becomes an alarm. Press s again when they are back.",
    )


def standby(values: Mapping[str, str]) -> Details | str:
    """The command's details, or what is wrong with them."""
    minutes = _number(values["minutes"])
    if minutes is None:
        return "Standby: minutes as a number"
    return {"seconds": minutes * 60.0, "reason": values["reason"]}


def limit_form(limit: Limit) -> Form:
    """Ask for the new value of a limit, and why."""
    first = limit.value if limit.offered is None else limit.offered
    unit = wording.UNITS.get(limit.unit, limit.unit)
    return Form(
        f"Limit {limit.condition}.{limit.key}",
        [
            Field("value", f"{limit.low:g} to {limit.high:g} {unit}", f"{first:g}"),
            Field("reason", "why?"),
        ],
        f"Now {limit.value:g} {unit}. The clear limit moves with it.",
    )


def limit(chosen: Limit, values: Mapping[str, str]) -> Details | str:
    """The command's details, or what is wrong with them."""
    value = _number(values["value"])
    if value is None:
        return "Limit: a number"
    named: Details = {"condition": chosen.condition, "key": chosen.key}
    return named | {"value": value, "reason": values["reason"]}


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
