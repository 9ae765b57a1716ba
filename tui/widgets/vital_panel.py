"""One vital sign: the big number and what is said about it."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from tui.views import VitalView
from tui.widgets.big_number import BigNumber

TONES = ("normal", "grey", "absent", "low", "medium", "high")


class VitalPanel(Vertical):
    """Title and site above; number left; unit, trust, baseline, slope and limits beside it."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's
        super().__init__(id=id)
        self._title = Static("", classes="vital-title", markup=False)
        self._number = BigNumber()
        self._facts = Static("", classes="vital-facts", markup=False)

    def compose(self) -> ComposeResult:
        """Lay out title, number and facts."""
        yield self._title
        yield Horizontal(self._number, self._facts, classes="vital-body")

    def show(self, view: VitalView) -> None:
        """Draw the view."""
        self._title.update(Text(f"{view.title}   {view.site}".rstrip()), layout=False)
        self._number.show(view.number)
        self._facts.update(_facts(view), layout=False)
        for tone in TONES:
            self.set_class(tone == view.tone, f"tone-{tone}")


def _facts(view: VitalView) -> Text:
    """The lines beside the number, trouble first: on a small screen the last ones are cut."""
    trust = "  ".join(part for part in (view.unit, view.age) if part)
    limits = f"limits {view.limits}" if view.limits else ""
    texts = (trust, view.note, view.baseline, view.slope, limits, view.research)
    return Text("\n".join(text for text in texts if text), no_wrap=True, overflow="ellipsis")
