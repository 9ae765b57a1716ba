"""Recording a dose: what will be frozen as the baseline, said before it is."""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text

from monitor.feed import Snapshot, Vital
from tui import wording
from tui.screens.question import Answer, Question

CONFIRM, WITHOUT = "confirm", "without"
NEEDED_S = 600


def dose_question(newest: Callable[[], Snapshot]) -> Question:
    """Ask about the first dose with its baseline, or about a supplemental one.

    Args:
        newest: gives the newest snapshot, so that the baseline shown is the one to be fixed.
    """
    record = Answer(("enter", "y"), "y  Record dose", CONFIRM)
    if newest().doses_s:
        return Question("Supplemental dose", lambda: _supplemental(newest()), (record,))
    without = Answer(("w",), "w  Dose without baseline", WITHOUT)
    return Question("Dose", lambda: _first(newest()), (record, without))


def _first(snapshot: Snapshot) -> Text:
    lines = "\n".join(_lines(snapshot))
    return Text(f"The baseline of each vital sign is fixed now, for the whole session.\n\n{lines}")


def _supplemental(snapshot: Snapshot) -> Text:
    since = wording.since_dose(snapshot.t_s, snapshot.doses_s)
    return Text(
        f"Supplemental dose at {since}.\nBaselines stay as they were fixed at the first.\n\n"
        + "\n".join([*_fixed(snapshot), "", *_measured(snapshot)])
    )


def _measured(snapshot: Snapshot) -> list[str]:
    """The gate: what was measured last, and what is missing."""
    checks = snapshot.checks
    rate = snapshot.heart_rate.value
    return [
        "Heart rate now: " + ("--" if rate is None else f"{rate:.0f} bpm"),
        _last("Blood pressure", checks.pressure, " mmHg", checks.pressure_s, snapshot),
        _last("Temperature", checks.temperature, "", checks.temperature_s, snapshot),
    ]


def _last(name: str, value: str, unit: str, at_s: float | None, snapshot: Snapshot) -> str:
    if at_s is None or (snapshot.doses_s and at_s < snapshot.doses_s[0]):
        return f"{name}: NOT MEASURED since the dose. Measure it first."
    return f"{name}: {wording.plain(value, 30)}{unit}, {wording.ago(snapshot.t_s - at_s)} ago"


def as_seen(snapshot: Snapshot) -> dict[str, str | float | bool]:
    """What the operator saw when recording the dose, for the record."""
    values: dict[str, float | str | None] = {
        "seen_heart_rate": snapshot.heart_rate.value,
        "seen_skin_temperature": snapshot.skin_temperature.value,
        "seen_pressure": snapshot.checks.pressure or None,
        "seen_temperature": snapshot.checks.temperature or None,
    }
    return {key: value for key, value in values.items() if value is not None}


def _vitals(snapshot: Snapshot) -> tuple[tuple[str, Vital, str], ...]:
    return (
        ("Heart rate", snapshot.heart_rate, "bpm"),
        ("Skin temperature", snapshot.skin_temperature, "degC"),
    )


def _lines(snapshot: Snapshot) -> list[str]:
    lines = []
    for name, vital, unit in _vitals(snapshot):
        if vital.baseline is not None and vital.baseline_state == "ready":
            lines.append(f"{name}: baseline {wording.quantity(vital.baseline, unit)}")
        else:
            got = wording.minutes(vital.baseline_progress_s)
            lines.append(f"{name}: NOT ENOUGH DATA ({got} of {wording.minutes(NEEDED_S)} valid).")
            lines.append('  Alarms relative to baseline will say "no baseline".')
    return lines


def _fixed(snapshot: Snapshot) -> list[str]:
    return [
        f"{name}: no baseline"
        if vital.baseline is None or vital.baseline_state != "frozen"
        else f"{name}: baseline {wording.quantity(vital.baseline, unit)}"
        for name, vital, unit in _vitals(snapshot)
    ]
