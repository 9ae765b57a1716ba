"""All alarms, seen or not: nothing that holds is out of sight. Then the newest of the log."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.widgets import Static

from tui.views import AlarmView

COLOURS = {"HIGH": "high", "MEDIUM": "medium", "LOW": "low"}
LEAST = 3
"""Lines for alarms even on the smallest screen."""
NARROW, TALL = 80, 12
"""Columns below, and lines from which an alarm has two lines."""


class AlarmList(Static):
    """One line an alarm, most urgent first; when too many fit, it says how many are missing.

    Room that alarms leave shows the newest lines of the log.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "alarm--high",
        "alarm--medium",
        "alarm--low",
        "alarm--faint",
        "alarm--log",
    }

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._rows: tuple[str, ...] = ()
        """Condition of the alarm in each line."""
        self._height = -1
        """Lines drawn last; the layout changes only with them."""

    def show(self, alarms: tuple[AlarmView, ...], log: tuple[str, ...]) -> None:
        """Draw the alarms, and as much of the log as there is room for."""
        fixed = not self.styles.is_auto_height
        room = max(LEAST, self.size.height) if fixed else LEAST
        lines = self._alarms(alarms, room)
        if fixed:
            style = self.get_component_rich_style("alarm--log")
            lines += [Text(text, style) for text in log[: room - len(lines)]]
        text = Text("\n").join(lines)
        text.no_wrap, text.overflow = True, "ellipsis"
        self.update(text, layout=not fixed and len(lines) != self._height)
        self._height = len(lines)

    def _alarms(self, alarms: tuple[AlarmView, ...], room: int) -> list[Text]:
        """A line an alarm; two where lines are short and there are enough of them."""
        each = 2 if self.size.width < NARROW and 2 * len(alarms) <= room and room > TALL else 1
        shown = alarms if len(alarms) <= room else alarms[: room - 1]
        lines = [line for alarm in shown for line in self._lines(alarm, each)]
        self._rows = tuple(alarm.condition for alarm in shown for _ in range(each))
        if len(shown) < len(alarms):
            lines.append(Text(f"and {len(alarms) - len(shown)} more"))
        return lines

    async def on_click(self, event: events.Click) -> None:
        """Show why the alarm under the mouse is there; it can be acknowledged there."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y < len(self._rows):
            await self.run_action(f"app.alarm({self._rows[offset.y]!r})")
        else:
            await self.run_action("app.log")

    def _lines(self, alarm: AlarmView, each: int) -> list[Text]:
        quiet = alarm.acknowledged or alarm.hidden
        style = self.get_component_rich_style(f"alarm--{COLOURS[alarm.priority]}")
        faint = self.get_component_rich_style("alarm--faint")
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append(f"{alarm.symbol:<3} {alarm.priority:<6} ", style)
        line.append(f"{alarm.message}  ", faint if quiet else style)
        facts = "  ".join(part for part in (alarm.state, alarm.values, alarm.since) if part)
        if each > 1:
            return [line, Text(f"{'':<11}{facts}", faint)]
        line.append(facts, faint)
        return [line]
