"""The limits in force, how late each may be at worst, and changing one for this session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from monitor.feed import Limit
from tui import wording
from tui.screens.window import Window

NOTE = "For this session only, recorded with who and why. Enter: change.\n"
WIDE = 80
"""Columns of a screen on which every column of the list has room."""
NAMES = {True: 27, False: 20}
"""Columns of the names, on a wide and on a narrow screen."""


class LimitsScreen(Window[Limit | None]):
    """Shows every row; returns the one to change, None for none."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,i,q", "cancel", "Close"),
        *Window.TO_READ,
    ]

    def __init__(self, limits: Sequence[Limit]) -> None:
        super().__init__()
        self._limits = list(limits)

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        with Vertical(classes="window page") as window:
            window.border_title = "Limits"
            wide = self.app.size.width >= WIDE
            yield Static(NOTE + heading(wide=wide), markup=False)
            options = (
                Option(line(limit, wide=wide), id=str(i), disabled=limit.low is None)
                for i, limit in enumerate(self._limits)
            )
            yield OptionList(*options, id="limits", markup=False)

    def on_mount(self) -> None:
        """Begin in the list."""
        self.query_one(OptionList).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Change this one."""
        event.stop()
        self.answer(self._limits[int(str(event.option.id))])

    def action_cancel(self) -> None:
        """Change none."""
        self.answer(None)


def heading(*, wide: bool) -> str:
    """Names of the columns; a narrow screen leaves out the former limit and the sustain."""
    more = f"{'was':>7}{'for':>7}" if wide else ""
    return f"{'':{NAMES[wide] + 4}}{'limit':>11}{more}{'delay':>8}  offer"


def line(limit: Limit, *, wide: bool = True) -> Text:
    """One row of the list."""
    value = "-" if limit.value is None else f"{_number(limit.value)} {_unit(limit)}"
    was = "" if limit.default in {None, limit.value} else _number(limit.default or 0.0)
    offered = "" if limit.offered is None else _number(limit.offered)
    more = f"{was:>7}{limit.sustain_s:>5.0f} s" if wide else ""
    size = NAMES[wide]
    text = f"{wording.SYMBOLS.get(limit.priority, ''):<3} {_name(limit):<{size}.{size}}"
    row = f"{text}{value:>11}{more}{limit.delay_s:>6.0f} s  {offered}"
    return Text(row.rstrip(), no_wrap=True)


def _name(limit: Limit) -> str:
    more = limit.key.removeprefix("limit_")
    for unit in ("_mmhg", "_degc", "_bpm", "_s", "mmhg", "degc", "bpm", "pct"):
        more = more.removesuffix(unit)
    return f"{limit.condition} {more.replace('_', ' ')}".rstrip()


def _number(value: float) -> str:
    return f"{value:g}"


def _unit(limit: Limit) -> str:
    return wording.UNITS.get(limit.unit, limit.unit)
