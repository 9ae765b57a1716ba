"""The sensors: name, SIM, link, and how fresh their data is."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.widgets import Static

from tui.views import SensorView

ROWS = 7
"""Lines the screen has for sensors at 120x40."""


class SensorStrip(Static):
    """One line a sensor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "sensor--warn",
        "sensor--bad",
        "sensor--sim",
        "sensor--faint",
    }

    _height = -1
    """Lines drawn last; the layout changes only with them."""

    def show(self, sensors: tuple[SensorView, ...], room: str) -> None:
        """Draw the sensors and the room temperature."""
        shown, more = _fitting(sensors)
        lines = [self._line(sensor) for sensor in shown]
        if more:
            style = self.get_component_rich_style("sensor--faint")
            lines.append(Text(f"and {more} more, streaming", style))
        if room and lines:
            lines[-1].append(f"   {room}", self.get_component_rich_style("sensor--faint"))
        text = Text("\n").join(lines) if lines else Text("not known")
        self.update(text, layout=len(lines) != self._height)
        self._height = len(lines)

    def _line(self, sensor: SensorView) -> Text:
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append(f"{sensor.name:<12} ")
        if sensor.simulated:
            line.append("SIM", self.get_component_rich_style("sensor--sim"))
            line.append(" ")
        tone = "faint" if sensor.tone == "normal" else sensor.tone
        style = self.get_component_rich_style(f"sensor--{tone}")
        line.append(f"{sensor.state}  ", style)
        line.append(sensor.facts, style)
        return line


def _fitting(sensors: tuple[SensorView, ...]) -> tuple[list[SensorView], int]:
    """The sensors there is room for, those in trouble never left out, and how many are."""
    if len(sensors) <= ROWS:
        return list(sensors), 0
    well = [sensor for sensor in sensors if sensor.tone == "normal"]
    kept = max(ROWS - 1 - (len(sensors) - len(well)), 0)
    hidden = well[kept:]
    return [sensor for sensor in sensors if sensor not in hidden], len(hidden)
