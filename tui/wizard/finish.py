"""Third page: what the session will start with, and off."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textual.widget import Widget
from textual.widgets import Static

from monitor.errors import ConfigError
from tui.screens.form import Field, Form
from tui.wizard import words
from tui.wizard.draft import checked, write
from tui.wizard.page import Key, Page, line


class FinishPage(Page):
    """A summary; Enter starts, w writes a configuration file."""

    NUMBER = 2
    KEYS = (
        Key("Enter Start the session", "start"),
        Key("w Write a configuration", "write"),
        Key("Esc Back", "back"),
    )
    BINDINGS = [  # noqa: RUF012 - Textual's own form
        ("enter", "start", "Start"),
        ("w", "write", "Write"),
        ("escape", "back", "Back"),
    ]

    def body(self) -> Sequence[Widget]:
        """The summary."""
        return (
            Static("", id="summary", markup=False),
            line("says", classes="wizard-bad"),
            Static(words.AFTER, id="after", markup=False),
        )

    def on_mount(self) -> None:
        """Say what there is, and what lacks."""
        wizard = self.wizard
        try:
            settings = checked(wizard.draft)
        except ConfigError as error:  # a draft of another version, say
            self.say("says", str(error))
            return
        fake = {one.alias for one in wizard.draft.sensors if wizard.around.simulated(one)}
        said = words.summary(settings, wizard.draft.simulate, fake, wizard.around.recordings)
        self.query_one("#summary", Static).update("\n".join(said))
        self.say("says", wizard.told if wizard.draft.complete else words.NO_SENSOR)

    def action_start(self) -> None:
        """Start, if there is something to watch."""
        try:
            checked(self.wizard.draft)
        except ConfigError as error:
            self.say("says", str(error))
            return
        if self.wizard.draft.complete:
            self.wizard.start()
        else:
            self.app.bell()

    def action_write(self) -> None:
        """Ask where to, and write."""
        fields = [
            Field("path", "file; what it holds already stays", str(self.wizard.around.config_path)),
            Field("person", "the person's code and age too? y or n", "n"),
        ]
        note = (
            "The next `vigil run --config FILE` begins without these questions.\n"
            "With the person in it, every such session is recorded under\nthat code."
        )
        self.app.push_screen(Form("Write a configuration", fields, note), self._write)

    def _write(self, values: dict[str, str] | None) -> None:
        if values is None:
            return
        path = Path(values["path"]).expanduser()
        try:
            write(path, self.wizard.draft, person=values["person"].lower() in {"y", "yes"})
        except ConfigError as error:
            self.say("says", str(error))
            self.app.bell()
        else:
            self.say("says", "")
            self.query_one("#after", Static).update(
                f"Written. Next time: vigil run --config {path}\n\n{words.AFTER}"
            )

    def action_back(self) -> None:
        """Go back."""
        self.wizard.go("sensors")
