"""The checklist before the dose, over the session screen. It shows what the snapshot says."""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.checklist import ChecklistView, StepView
from tui.screens.window import Window

RENEW_S = 0.5
KEYS = "Enter open   s skip or not   a acknowledge   d dose   Esc close"
READY = "Everything is done or skipped. Ready for the dose: key d, when it is given."
DOSE = "dose"
MARKS = {"done": "done", "skipped": "skipped", "open": "OPEN"}


class ChecklistScreen(Window[str]):
    """Shows the steps; returns "dose" when that is next, "" when closed.

    Args:
        newest: gives the checklist of the newest snapshot; None when it is over.
        choose: opens a step.
        skip: marks a step as skipped, or as open again.
        do: runs an action of the session screen, which a window would hide.
    """

    BINDINGS = [  # noqa: RUF012 - Textual's own form
        ("escape,g,q", "close", "Close"),
        ("s", "skip", "Skip"),
        ("d", "dose", "Dose"),
        ("a", "outside('acknowledge')", "Acknowledge"),
        ("p", "outside('pause')", "Pause audio"),
    ]

    def __init__(
        self,
        newest: Callable[[], ChecklistView | None],
        choose: Callable[[str], None],
        skip: Callable[[StepView], None],
        do: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._newest, self._choose, self._skip, self._do = newest, choose, skip, do
        self._shown: ChecklistView | None = newest()

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        steps = self._shown.steps if self._shown else ()
        with Vertical(classes="window") as window:
            window.border_title = "Before the dose"
            yield OptionList(*(Option(row(step), id=step.name) for step in steps), id="steps")
            yield Static(READY if self._ready else "", id="steps-ready", markup=False)
            yield Static(KEYS, id="steps-keys", markup=False)

    @property
    def _ready(self) -> bool:
        return self._shown is not None and self._shown.ready

    def on_mount(self) -> None:
        """Begin at the first step that wants somebody."""
        steps = self.query_one(OptionList)
        steps.highlighted = self._shown.next if self._shown else None
        steps.focus()
        self.set_interval(RENEW_S, self.renew)

    def renew(self) -> None:
        """Show the newest state; close when the setup is over."""
        newest = self._newest()
        if newest is None:
            self.answer("")
        elif newest != self._shown:
            self._shown = newest
            self._redraw(newest)

    def _redraw(self, newest: ChecklistView) -> None:
        steps = self.query_one(OptionList)
        for index, step in enumerate(newest.steps):
            steps.replace_option_prompt_at_index(index, row(step))
        self.query_one("#steps-ready", Static).update(READY if newest.ready else "")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open this step."""
        event.stop()
        self._choose(str(event.option.id))

    def action_skip(self) -> None:
        """Skip the step, or not."""
        at = self.query_one(OptionList).highlighted
        if self._shown is not None and at is not None:
            self._skip(self._shown.steps[at])

    def action_outside(self, action: str) -> None:
        """An alarm does not wait until this window is closed."""
        self._do(action)

    def action_dose(self) -> None:
        """Go on to the dose."""
        self.answer(DOSE)

    def action_close(self) -> None:
        """Close."""
        self.answer("")


def row(step: StepView) -> Text:
    """A step in a line; its state is a word, never a reassuring colour."""
    text = f"{MARKS[step.state]:<9}{step.title:<13}{step.line}"
    style = "bold" if step.state == "open" and not step.waiting else ""
    return Text(text, style=style, no_wrap=True, overflow="ellipsis")
