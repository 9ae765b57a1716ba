"""Why is it alarming? Everything known about the alarms, the most urgent first."""

from __future__ import annotations

from rich.text import Text

from monitor.feed import Alarm, Snapshot
from tui import wording
from tui.screens.page import Page


def why_page(snapshot: Snapshot | None) -> Page:
    """The page of the alarms on the screen."""
    alarms = [] if snapshot is None else snapshot.alarms
    if snapshot is None or not alarms:
        return Page("Why", Text("No alarm."))
    return Page("Why", Text("\n\n").join(_alarm(alarm, snapshot) for alarm in alarms))


def _alarm(alarm: Alarm, snapshot: Snapshot) -> Text:
    mark = wording.SYMBOLS.get(alarm.priority, "")
    text = Text(f"{mark} {alarm.priority}  {wording.plain(alarm.message, 60)}\n", style="bold")
    for name, value in _facts(alarm, snapshot):
        if value:
            text.append(f"{name:<11} {value}\n", style="not bold")
    text.rstrip()
    return text


def _facts(alarm: Alarm, snapshot: Snapshot) -> list[tuple[str, str]]:
    onset = wording.since_dose(alarm.onset_s, snapshot.doses_s)
    lasted = wording.minutes(snapshot.t_s - alarm.onset_s)
    over = (
        ""
        if alarm.clear_s is None
        else ", over for " + wording.minutes(snapshot.t_s - alarm.clear_s)
    )
    repeats = f", {alarm.repeats} times in 10 min" if alarm.repeats > 1 else ""
    return [
        ("value", "" if alarm.value is None else wording.quantity(alarm.value, alarm.unit)),
        ("limit", "" if alarm.limit is None else wording.quantity(alarm.limit, alarm.unit)),
        ("since", f"{onset} ({lasted}{over}{repeats})"),
        ("because", wording.plain(alarm.detail)),
        ("rule", wording.plain(alarm.rule, 400)),
        ("signal now", alarm.quality),
        ("last good", alarm.last_good),
        ("seen by", wording.plain(alarm.acknowledged_by, 40)),
        ("do", wording.plain(alarm.advice)),
        ("checklist", wording.plain(alarm.checklist, 400)),
        ("to end it", "key o, after a reading below the limit" if alarm.manual_clear else ""),
    ]
