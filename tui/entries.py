"""What the operator types in: forms, and what they become as commands."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from monitor.config_schema import OPERATOR, OPERATOR_MAX
from monitor.feed import Entry, Limit, Snapshot
from monitor.model import Verb
from tui import wording
from tui.log_book import LogBook
from tui.screens.form import Field, Form

Details = dict[str, str | float | bool]
SITES = ("ear", "oral", "axilla", "forehead", "rectal")
METHODS = ("infrared", "contact")
USUAL = {"ear": "infrared", "forehead": "infrared"}
"""How a site is usually measured; others by contact."""
DRINKS = ("water", "juice", "tea", "electrolytes")
DRINK_ML = "200"
STANDBY_MIN = "10"
WATER_NOTE = "Too much water without salt lowers the sodium."
"""Atila 2024, clinical reference 1: in 31 % of 96 volunteers."""


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
    """Ask for a clinical temperature, at the site and by the method of the last one."""
    site = "" if snapshot is None else snapshot.checks.site
    method = "" if snapshot is None else snapshot.checks.method
    site = site or SITES[0]
    return Form(
        "Clinical temperature",
        [
            Field("degc", "degrees Celsius, such as 37.2"),
            Field("site", "site: arrows, letters or mouse", site, SITES),
            Field("method", "method", method or USUAL.get(site, METHODS[1]), METHODS),
        ],
    )


def temperature(values: Mapping[str, str]) -> Details | str:
    """The command's details, or what is wrong with them."""
    degc = _number(values["degc"])
    if degc is None:
        return "Temperature: a number, such as 37.2"
    return {"degc": degc, "site": values["site"], "method": values["method"]}


def fluids_form(snapshot: Snapshot | None, book: LogBook) -> Form:
    """Ask for fluids taken; what was drunk before is offered first."""
    total_ml = 0.0 if snapshot is None else snapshot.checks.fluids_ml
    earlier = book.recent(Verb.FLUIDS.value, "what", len(DRINKS))
    offered = tuple(dict.fromkeys([*earlier, *DRINKS]))
    return Form(
        "Fluids",
        [
            Field("ml", "ml", DRINK_ML),
            Field("what", "what", offered[0], offered),
        ],
        f"So far {total_ml:g} ml. {WATER_NOTE}",
    )


def fluids(values: Mapping[str, str]) -> Details | str:
    """The command's details, or what is wrong with them."""
    ml = _number(values["ml"])
    return "Fluids: ml as a number" if ml is None else {"ml": ml, "what": values["what"]}


Scales = Mapping[str, tuple[float, float]]


def score_form(scales: Scales) -> Form:
    """Ask for an observer's score."""
    ranges = ", ".join(f"{name} {low:g} to {high:g}" for name, (low, high) in scales.items())
    names = tuple(scales)
    return Form("Score", [Field("name", "scale", names[0], names), Field("value", ranges)])


def score_reader(scales: Scales) -> Callable[[Mapping[str, str]], Details | str]:
    """Reads a score on one of these scales."""
    return partial(_score, scales)


def _score(scales: Scales, values: Mapping[str, str]) -> Details | str:
    value, name = _number(values["value"]), values["name"]
    low, high = scales.get(name, (float("-inf"), float("inf")))
    if value is None or not low <= value <= high:
        return f"Score: {wording.plain(name, 30)} is a number from {low:g} to {high:g}"
    return {"name": name, "value": value}


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


def take_over_form() -> Form:
    """Ask who takes over."""
    return Form("Taking over", [Field("operator", "your initials or your role, no name")])


def take_over(before: str, values: Mapping[str, str]) -> Details | str:
    """The note of a handover, or what is wrong with the initials."""
    operator = values["operator"]
    if not operator or not re.fullmatch(OPERATOR, operator) or len(operator) > OPERATOR_MAX:
        return f"Initials or role: 1 to {OPERATOR_MAX} letters, digits, spaces, dots, - and _"
    told = f" from {before}" if before else ""
    return {"text": f"handover: {operator} takes over{told}"}


def time_form(doses_s: Sequence[float], length_s: float) -> Form:
    """Ask for a time of a replay."""
    since = ", or T+1:30 since the dose" if doses_s else ""
    return Form(
        "Go to",
        [Field("time", f"h:mm or h:mm:ss of the recording ({wording.hms(length_s)}){since}")],
        record="Go",
    )


_TIME = re.compile(r"(?:(t)\s*([+-]?))?\s*(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?", re.IGNORECASE)


def time_reader(
    doses_s: Sequence[float], length_s: float
) -> Callable[[Mapping[str, str]], Details | str]:
    """Reads a time of a replay of this length."""
    return partial(_time, doses_s, length_s)


def _time(doses_s: Sequence[float], length_s: float, values: Mapping[str, str]) -> Details | str:
    match = _TIME.fullmatch(values["time"])
    if match is None or (match[1] and not doses_s):
        return "Time: h:mm or h:mm:ss, such as 1:30" + (", or T+1:30" if doses_s else "")
    t_s = int(match[3]) * 3600.0 + int(match[4]) * 60.0 + int(match[5] or 0)
    if match[1]:
        t_s = doses_s[0] + (-t_s if match[2] == "-" else t_s)
    if not 0 <= t_s <= length_s:
        return f"Time: the recording goes from 0:00 to {wording.hms(length_s)}"
    return {"t_s": t_s}


def typed(entry: Entry) -> dict[str, str]:
    """What was typed for an entry, for correcting it."""
    values = {key: _shown(value) for key, value in entry.details.items()}
    if entry.verb == Verb.BLOOD_PRESSURE.value:
        values["pressure"] = f"{values.get('systolic', '')}/{values.get('diastolic', '')}"
        values["symptoms"] = values.get("text", "") if entry.details.get("symptoms") else ""
    return values


def _shown(value: str | float | bool) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:g}" if number else str(value)


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
