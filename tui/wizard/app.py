"""The wizard in front of a session: three pages, a draft that outlives it, and off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs
from rich.text import Text
from textual.app import App

from devices.model import SensorSpec
from tui.screens.question import Answer, Question
from tui.themes import DIM, THEMES
from tui.wizard import draft as drafts
from tui.wizard.finder import Finder, RealFinder
from tui.wizard.finish import FinishPage
from tui.wizard.page import Page
from tui.wizard.person import PersonPage
from tui.wizard.sensors import SensorsPage
from tui.wizard.words import Scan

START, ATTACH, CLOSED = "start", "attach", "closed"
PAGES: dict[str, type[Page]] = {
    "person": PersonPage,
    "sensors": SensorsPage,
    "finish": FinishPage,
}


def usual_config() -> Path:
    """Where a configuration is offered to be written."""
    return Path(platformdirs.user_config_dir("vigil")) / "vigil.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is around the wizard.

    Attributes:
        finder: finds sensors.
        theme: a key of `tui.themes.THEMES`.
        config_path: where a configuration is offered to be written.
        recordings: where the session will be recorded, in words.
        simulated: whether a sensor's address is simulated.
        running: sessions that run already, in words.
        subject: a code given on the command line.
    """

    finder: Finder = field(default_factory=RealFinder)
    theme: str = "dark"
    config_path: Path = field(default_factory=usual_config)
    recordings: str = ""
    simulated: Callable[[SensorSpec], bool] = lambda _: False
    running: Sequence[str] = ()
    subject: str = ""


class WizardApp(App[str]):
    """Asks what a session needs. `run` returns "start", "attach" or "closed".

    Args:
        kept: the draft's file.
        around: everything else.
    """

    CSS_PATH = ["../vigil.tcss", "wizard.tcss"]  # noqa: RUF012 - as Textual declares it
    TITLE = "Vigil setup"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = [("ctrl+c", "leave", "Leave")]  # noqa: RUF012 - Textual's own form
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-wide")]  # noqa: RUF012

    def __init__(self, kept: Path, around: Surroundings) -> None:
        super().__init__()
        self.draft, self.told = drafts.load(kept)
        self.draft.subject = around.subject or self.draft.subject
        self.scan = Scan()
        self.around, self.finder = around, around.finder
        self._kept = kept

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own colour names, before a theme of ours is set."""
        return DIM.variables

    def on_mount(self) -> None:
        """Set the colours; go on where it was left."""
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = THEMES[self.around.theme].name
        self.push_screen(PAGES[self.draft.page]())
        if self.around.running:
            self.push_screen(_running(self.around.running), self._about_running)

    def _about_running(self, answer: str | None) -> None:
        if answer == ATTACH:
            self.exit(ATTACH)
        elif not answer:
            self.leave()

    def keep(self) -> None:
        """Write the draft down."""
        why = drafts.save(self._kept, self.draft)
        if why:
            self.notify(why, severity="error", markup=False)

    def go(self, page: str) -> None:
        """Show another page."""
        self.draft.page = page
        self.keep()
        self.switch_screen(PAGES[page]())

    def start(self) -> None:
        """Everything is there."""
        self.exit(START)

    def leave(self) -> None:
        """Close; the draft is kept."""
        self.exit(CLOSED)

    def action_leave(self) -> None:
        """Close; the draft is kept."""
        self.leave()

    async def action_quit(self) -> None:
        """Ctrl+Q closes too."""
        self.leave()


def _running(sessions: Sequence[str]) -> Question:
    listed = "\n".join(f"  {one}" for one in sessions)
    text = Text(f"A session is running:\n{listed}\n\nIts alarms sound also without this screen.")
    answers = (
        Answer(("enter", "o"), "o  Open it", ATTACH),
        Answer(("n",), "n  Begin another session", "new"),
    )
    return Question("A session is running", lambda: text, answers)
