"""All alarms, seen or not: nothing that holds is out of sight."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.widgets import Static

from tui.views import AlarmView

COLOURS = {"HIGH": "high", "MEDIUM": "medium", "LOW": "low"}


ROOM, ROOM_TALL, TALL = 3, 5, 34
"""Lines for alarms on a low and on a tall screen, as laid out in the style sheet."""


class AlarmList(Static):
    """One line an alarm, most urgent first; when too many fit, it says how many are missing."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "alarm--high",
        "alarm--medium",
        "alarm--low",
        "alarm--faint",
    }

    _rows: tuple[str, ...] = ()
    """Condition of the alarm in each line."""
    _height = -1
    """Lines drawn last; the layout changes only with them."""

    def show(self, alarms: tuple[AlarmView, ...]) -> None:
        """Draw the alarms."""
        room = ROOM_TALL if self.app.size.height >= TALL else ROOM
        shown = alarms if len(alarms) <= room else alarms[: room - 1]
        self._rows = tuple(alarm.condition for alarm in shown)
        lines = [self._line(alarm) for alarm in shown]
        if len(shown) < len(alarms):
            lines.append(Text(f"and {len(alarms) - len(shown)} more"))
        self.update(Text("\n").join(lines), layout=len(lines) != self._height)
        self._height = len(lines)

    async def on_click(self, event: events.Click) -> None:
        """Show why the alarm under the mouse is there; it can be acknowledged there."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y < len(self._rows):
            await self.run_action(f"app.alarm({self._rows[offset.y]!r})")
        elif self._rows:
            await self.run_action("app.why")

    def _line(self, alarm: AlarmView) -> Text:
        quiet = alarm.acknowledged or alarm.hidden
        style = self.get_component_rich_style(f"alarm--{COLOURS[alarm.priority]}")
        faint = self.get_component_rich_style("alarm--faint")
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append(f"{alarm.symbol:<3} {alarm.priority:<6} ", style)
        line.append(f"{alarm.message}  ", faint if quiet else style)
        if alarm.state:
            line.append(f"{alarm.state}  ", faint)
        line.append("  ".join(part for part in (alarm.values, alarm.since) if part), faint)
        return line
