"""Recording a dose: what will be frozen as the baseline, said before it is."""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text

from monitor.feed import Snapshot, Vital
from tui import gate, wording
from tui.screens.question import Answer, Question

CONFIRM, WITHOUT, UNEXPECTED = "confirm", "without", "unexpected"
NEEDED_S = 600


def dose_question(newest: Callable[[], Snapshot]) -> Question:
    """Ask about the first dose with its baseline, or about a supplemental one.

    Args:
        newest: gives the newest snapshot, so that the baseline shown is the one to be fixed.
    """
    record = Answer(("enter", "y"), "y  Record dose", CONFIRM)
    if newest().doses_s:
        return Question("Supplemental dose", lambda: _supplemental(newest()), (record,), UNEXPECTED)
    without = Answer(("w",), "w  Dose without baseline", WITHOUT)
    return Question("Dose", lambda: _first(newest()), (record, without), UNEXPECTED)


def _first(snapshot: Snapshot) -> Text:
    fixed = "The baseline of each vital sign is fixed now, for the whole session."
    return Text("\n".join([*gate.lines(snapshot), "", fixed, *_lines(snapshot)]))


def _supplemental(snapshot: Snapshot) -> Text:
    since = wording.since_dose(snapshot.t_s, snapshot.doses_s)
    stay = f"{since}. Baselines stay: {', '.join(_fixed(snapshot))}."
    return Text("\n".join([*gate.lines(snapshot), "", stay]))


def as_seen(snapshot: Snapshot) -> dict[str, str | float | bool]:
    """What the operator saw when recording the dose, for the record."""
    return gate.as_seen(snapshot)


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
    if any("NOT ENOUGH" in line for line in lines):
        lines.append('Alarms relative to baseline will say "no baseline".')
    return lines


def _fixed(snapshot: Snapshot) -> list[str]:
    return [
        f"{name.lower()} none"
        if vital.baseline is None or vital.baseline_state != "frozen"
        else f"{name.lower()} {wording.quantity(vital.baseline, unit)}"
        for name, vital, unit in _vitals(snapshot)
    ]
