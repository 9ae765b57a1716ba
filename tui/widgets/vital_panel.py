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

    def compose(self) -> ComposeResult:
        """Lay out title, number and facts."""
        yield Static("", classes="vital-title", markup=False)
        with Horizontal(classes="vital-body"):
            yield BigNumber()
            yield Static("", classes="vital-facts", markup=False)

    def show(self, view: VitalView) -> None:
        """Draw the view."""
        title = f"{view.title}   {view.site}".rstrip()
        self.query_one(".vital-title", Static).update(Text(title))
        self.query_one(BigNumber).show(view.number)
        self.query_one(".vital-facts", Static).update(Text("\n").join(self._facts(view)))
        for tone in TONES:
            self.set_class(tone == view.tone, f"tone-{tone}")

    def _facts(self, view: VitalView) -> list[Text]:
        trust = "  ".join(part for part in (view.unit, view.age) if part)
        limits = f"limits {view.limits}" if view.limits else ""
        texts = (trust, view.baseline, view.slope, limits, view.note)
        lines = [Text(text, no_wrap=True, overflow="ellipsis") for text in texts if text]
        # Trouble first when room is short: a note outranks the limits.
        if view.note and self.has_class("-short"):
            lines.insert(1, lines.pop())
        return lines
