"""Why is it alarming? Everything known about the alarms, the most urgent first."""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Button

from monitor.feed import Alarm, Snapshot
from tui import wording
from tui.screens.page import Page

HEADINGS = 12
"""Columns of the headings."""


class WhyPage(Page[None]):
    """The alarms on the screen; with a condition that one alone, to be acknowledged here."""

    def __init__(self, newest: Callable[[], Snapshot | None], condition: str = "") -> None:
        self._newest, self._condition = newest, condition
        super().__init__("Why", self._why)

    def _why(self) -> Text:
        snapshot = self._newest()
        alarms = [] if snapshot is None else snapshot.alarms
        if self._condition:
            alarms = [alarm for alarm in alarms if alarm.condition == self._condition]
        if snapshot is None or not alarms:
            return Text("This alarm is over." if self._condition else "No alarm.")
        return Text("\n\n").join(_alarm(alarm, snapshot, self.text_width) for alarm in alarms)

    def buttons(self) -> ComposeResult:
        """One alarm can be acknowledged by mouse; the key `a` acknowledges the most urgent one."""
        if self._condition:
            yield Button("Acknowledge", id="acknowledge", compact=True)
        yield from super().buttons()

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """Acknowledge this alarm, or close."""
        event.stop()
        if event.button.id == "acknowledge":
            await self.run_action(f"app.acknowledge_one({self._condition!r})")
        self.answer(None)


def _alarm(alarm: Alarm, snapshot: Snapshot, width: int) -> Text:
    mark = wording.SYMBOLS.get(alarm.priority, "")
    text = Text(f"{mark} {alarm.priority}  {wording.plain(alarm.message, 60)}\n", style="bold")
    for name, value in _facts(alarm, snapshot):
        if value:
            told = wording.hanging(name, value, HEADINGS, width)
            text.append(f"{told}\n", style="not bold")
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
        ("signal now", wording.plain(alarm.quality, 80)),
        ("last good", wording.plain(alarm.last_good, 80)),
        ("seen by", wording.plain(alarm.acknowledged_by, 40)),
        ("do", wording.plain(alarm.advice)),
        ("checklist", wording.plain(alarm.checklist, 400)),
        (
            "to end it",
            "key o, after a reading below the limit; a slip of the finger: key l, correct it"
            if alarm.manual_clear
            else "",
        ),
    ]
