"""The self-test: an alarm drilled through the whole path, step by step as it goes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button, Static

from monitor.drill import Step, passed
from tui.screens.window import Window
from tui.wording import plain

Tester = Callable[[Callable[[Step], None]], Awaitable[Sequence[Step]]]
"""Does the drill; tells every step as it is known; returns all."""
TEXT = (
    "A simulated alarm goes its whole way: bytes, alarm, this screen's words, sound, "
    "acknowledgement, record. It takes about 20 seconds and SOUNDS; the session goes on beside it. "
    "What it cannot prove: the radio link of your sensors, and that somebody hears it."
)
NAMES = ("alarm", "screen", "sound", "acknowledge", "clear", "record")
Details = dict[str, str | float | bool]


class SelfTestScreen(Window[Details | None]):
    """Does the self-test; returns what is to be recorded, None when it was not done."""

    AUTO_FOCUS = ""  # Enter is the screen's own
    BINDINGS = [  # noqa: RUF012 - Textual's own form
        ("escape", "cancel", "Cancel"),
        ("enter", "go", "Start"),
    ]

    def __init__(self, tester: Tester) -> None:
        super().__init__()
        self._tester = tester
        self._steps: list[Step] = []
        self._begun = self._over = False
        self._failure = ""

    def compose(self) -> ComposeResult:
        """Lay out what it does, how far it is, and the buttons."""
        with VerticalScroll(classes="window", can_focus=False) as window:
            window.border_title = "Self-test"
            yield Static(TEXT, id="drill", classes="window-text", markup=False)
            with Horizontal(classes="window-buttons"):
                yield Button("Enter  Start", id="go", compact=True)
                yield Button("Esc  Cancel", id="cancel", compact=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Start, or not."""
        event.stop()
        if event.button.id == "go":
            self.action_go()
        else:
            self.action_cancel()

    def action_go(self) -> None:
        """Start; when it is over, take the result."""
        if self._over:
            self.answer(self._details())
        elif not self._begun:
            self._begun = True
            self._draw()
            self.run_worker(self._drill(), exclusive=True)

    def action_cancel(self) -> None:
        """Stop it; what was not finished is not recorded."""
        self.answer(self._details() if self._over else None)

    async def _drill(self) -> None:
        try:
            self._steps = list(await self._tester(self._told))
        except Exception as error:  # noqa: BLE001 - whatever stops it is the test's result
            self._failure = f"{type(error).__name__}: {error}"
        self._over = True
        self._draw()

    def _told(self, step: Step) -> None:
        self._steps.append(step)
        self._draw()

    def _passed(self) -> bool:
        return not self._failure and passed(self._steps)

    def _details(self) -> Details:
        seen = {step.name: plain(step.saw) for step in self._steps}
        more = {"failure": plain(self._failure)} if self._failure else {}
        return {"passed": self._passed(), **seen, **more}

    def _draw(self) -> None:
        known = {step.name: step for step in self._steps}
        lines = [_line(name, known.get(name)) for name in NAMES]
        lines += [_line(s.name, s) for s in self._steps if s.name not in NAMES]
        if self._over:
            lines += ["", self._verdict()]
            self.query_one("#go", Button).label = "Enter  Record the result"
        self.query_one("#drill", Static).update(Text("\n".join(lines)))

    def _verdict(self) -> str:
        if self._failure:
            return f"FAILED: {plain(self._failure)}"
        return "Passed." if self._passed() else "FAILED. Mend it, or do not rely on it."


def _line(name: str, step: Step | None) -> str:
    if step is None:
        return f"...     {name}"
    return f"{'ok' if step.passed else 'FAILED':<8}{name:<13}{plain(step.saw, 60)}"
