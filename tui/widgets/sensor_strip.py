"""The sensors: name, SIM, link, contact, battery, signal, and how fresh their data are."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.widgets import Static

from tui.views import SensorView

ROWS = 7
"""Lines the screen has for sensors."""
NAME, STATE = 12, 10
NARROW = 70
"""Columns from which a sensor has one line, cut if need be."""


class SensorStrip(Static):
    """One line a sensor, in columns where the screen is wide enough."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "sensor--warn",
        "sensor--bad",
        "sensor--sim",
        "sensor--faint",
    }

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._height = -1
        """Lines drawn last; the layout changes only with them."""

    def show(self, sensors: tuple[SensorView, ...], *, short: bool = False) -> None:
        """Draw the sensors; `short`: those that are well share a line."""
        if short:
            lines = self._short(sensors)
        else:
            shown, more = _fitting(sensors)
            widths = self._widths(shown)
            lines = [line for sensor in shown for line in self._lines(sensor, widths)]
            lines += [Text(f"and {more} more, streaming", self._style("faint"))] if more else []
        text = Text("\n").join(lines) if lines else Text("not known")
        text.no_wrap, text.overflow = True, "ellipsis"
        self.update(text, layout=len(lines) != self._height)
        self._height = len(lines)

    def _style(self, tone: str) -> Style:
        return self.get_component_rich_style(f"sensor--{tone}")

    def _short(self, sensors: tuple[SensorView, ...]) -> list[Text]:
        """Those in trouble in lines of their own, first; the others together."""
        lines = [self._line(sensor, None) for sensor in sensors if sensor.tone != "normal"]
        well = [sensor for sensor in sensors if sensor.tone == "normal"]
        together = Text(no_wrap=True, overflow="ellipsis")
        for sensor in well:
            together.append(sensor.name)
            together.append(" SIM " if sensor.simulated else " ", self._style("sim"))
            together.append(f"{', '.join(filter(None, sensor.brief))}   ", self._style("faint"))
        return [*lines, *([together] if well else [])]

    def _widths(self, sensors: list[SensorView]) -> list[int] | None:
        """How wide each column is; None if they do not fit beside the name."""
        if not sensors:
            return None
        columns = zip(*(sensor.columns for sensor in sensors), strict=True)
        widths = [max(map(len, column)) for column in columns]
        used = NAME + STATE + 6 + sum(width + 2 for width in widths if width)
        return widths if used <= self.size.width else None

    def _lines(self, sensor: SensorView, widths: list[int] | None) -> list[Text]:
        """One line, or two where the columns do not fit beside the name."""
        if widths is not None or self.size.width >= NARROW:
            return [self._line(sensor, widths)]
        facts = ", ".join(cell for cell in (*sensor.columns, sensor.more) if cell)
        return [self._who(sensor), Text(f"  {facts}", self._tone(sensor))]

    def _tone(self, sensor: SensorView) -> Style:
        return self._style("faint" if sensor.tone == "normal" else sensor.tone)

    def _who(self, sensor: SensorView) -> Text:
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append(f"{sensor.name:<{NAME}} ")
        if sensor.simulated:
            line.append("SIM ", self._style("sim"))
        line.append(f"{sensor.state:<{STATE}} ", self._tone(sensor))
        return line

    def _line(self, sensor: SensorView, widths: list[int] | None) -> Text:
        line = self._who(sensor)
        cells = sensor.columns
        if widths is not None:
            cells = tuple(f"{c:<{width}}" for c, width in zip(cells, widths, strict=True))
        parts = (cell for cell in (*cells, sensor.more) if cell)
        line.append(
            "  ".join(parts) if widths is not None else ", ".join(parts), self._tone(sensor)
        )
        return line


def _fitting(sensors: tuple[SensorView, ...]) -> tuple[list[SensorView], int]:
    """The sensors there is room for, those in trouble never left out, and how many are."""
    if len(sensors) <= ROWS:
        return list(sensors), 0
    well = [sensor for sensor in sensors if sensor.tone == "normal"]
    kept = max(ROWS - 1 - (len(sensors) - len(well)), 0)
    hidden = well[kept:]
    return [sensor for sensor in sensors if sensor not in hidden], len(hidden)
