"""All alarms, seen or not: nothing that holds is out of sight."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
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

    _height = -1
    """Lines drawn last; the layout changes only with them."""

    def show(self, alarms: tuple[AlarmView, ...]) -> None:
        """Draw the alarms."""
        room = ROOM_TALL if self.app.size.height >= TALL else ROOM
        shown = alarms if len(alarms) <= room else alarms[: room - 1]
        lines = [self._line(alarm) for alarm in shown]
        if len(shown) < len(alarms):
            lines.append(Text(f"and {len(alarms) - len(shown)} more"))
        self.update(Text("\n").join(lines), layout=len(lines) != self._height)
        self._height = len(lines)

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
