"""What the wizard's pages have in common: where one is, the keys, and the way on and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Button, Static

from tui.wizard.words import head

if TYPE_CHECKING:
    from tui.wizard.app import WizardApp


@dataclass(frozen=True, slots=True)
class Key:
    """A key, what its button says, and the action both do."""

    label: str
    action: str


class Page(Screen[None]):
    """A page: head, body, buttons. `NUMBER` is its place among the three."""

    NUMBER = 0
    KEYS: Sequence[Key] = ()

    @property
    def wizard(self) -> WizardApp:
        """The app, as what it is."""
        return cast("WizardApp", self.app)

    def compose(self) -> ComposeResult:
        """Lay out head, body and buttons."""
        yield Static(head(self.NUMBER), id="wizard-head", markup=False)
        with VerticalScroll(id="wizard-body", can_focus=False):
            yield from self.body()
        with Horizontal(id="wizard-keys"):
            for key in self.KEYS:
                button = Button(key.label, id=f"do-{key.action}", compact=True)
                button.can_focus = False
                yield button

    def body(self) -> Sequence[Widget]:
        """The page's own widgets."""
        return ()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Do what the key does."""
        event.stop()
        self.call_later(self.run_action, str(event.button.id).removeprefix("do-"))

    def say(self, where: str, text: str) -> None:
        """Put words into one of the page's lines."""
        line = self.query_one(f"#{where}", Static)
        line.update(text)
        line.display = bool(text)


def line(where: str, **more: Any) -> Static:
    """A line that is filled in later, and takes no room until then."""
    made = Static("", id=where, markup=False, **more)
    made.display = False
    return made
