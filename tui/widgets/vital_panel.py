"""One vital sign: the big number and what is said about it."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.widgets import Static

from tui.views import VitalView
from tui.widgets.big_number import BigNumber

TONES = ("normal", "grey", "absent", "low", "medium", "high")


class VitalPanel(Vertical):
    """Title and site above; number left; trust, delta, slope and limits beside it or below."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"vital--delta", "vital--note"}

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's
        super().__init__(id=id)
        self._title = Static("", classes="vital-title", markup=False)
        self._number = BigNumber()
        self._facts = Static("", classes="vital-facts", markup=False)

    def compose(self) -> ComposeResult:
        """Lay out title, number and facts."""
        yield self._title
        yield Container(self._number, self._facts, classes="vital-body")

    def show(self, view: VitalView) -> None:
        """Draw the view."""
        self._title.update(Text(f"{view.title}   {view.site}".rstrip()), layout=False)
        self._number.show(view.number)
        self._facts.update(self._told(view), layout=False)
        for tone in TONES:
            self.set_class(tone == view.tone, f"tone-{tone}")

    def _told(self, view: VitalView) -> Text:
        """The lines beside the number, trouble first: on a small screen the last ones are cut."""
        trust = Text("  ".join(part for part in (view.unit, view.age) if part))
        delta = Text()
        if view.delta:
            delta.append(view.delta, self.get_component_rich_style("vital--delta"))
            delta.append(" ")
        delta.append(view.baseline)
        note = Text(view.note, self.get_component_rich_style("vital--note"))
        limits = Text(f"limits {view.limits}" if view.limits else "")
        lines = (trust, note, delta, Text(view.slope), limits, Text(view.research))
        text = Text("\n", no_wrap=True, overflow="ellipsis").join(line for line in lines if line)
        text.no_wrap, text.overflow = True, "ellipsis"
        return text
