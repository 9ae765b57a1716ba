"""What every full screen of Vigil has: its colours, and a few words that pass."""

from __future__ import annotations

from typing import Literal

from textual.app import App

from tui.themes import DIM, NIGHT, THEMES

PASSING_S, SEVERE_S = 3.0, 6.0
"""How long a few words stay."""


class Coloured(App[str]):
    """Themes, the keys for them, and a few words.

    Args:
        start_theme: name of the theme to begin with.
    """

    def __init__(self, start_theme: str) -> None:
        super().__init__()
        self._start_theme = start_theme
        self.day_theme = DIM.name if start_theme == NIGHT.name else start_theme
        """What the night key goes back to."""

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own colour names, before a theme of ours is set."""
        return DIM.variables

    def put_on_colours(self) -> None:
        """Set the first theme."""
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = self._start_theme

    def action_next_theme(self) -> None:
        """Change to the next colours, and name them."""
        names = list(dict.fromkeys(theme.name for theme in THEMES.values()))
        self.theme = names[(names.index(self.theme) + 1) % len(names)]
        if self.theme != NIGHT.name:
            self.day_theme = self.theme
        self._say(f"Colours: {self.theme.removeprefix('vigil-').replace('-', ' ')}")

    def action_night(self) -> None:
        """Change between the dim and the night colours."""
        self.theme = self.day_theme if self.theme == NIGHT.name else NIGHT.name

    def _say(self, message: str, *, severe: bool = False) -> None:
        """A few words that pass."""
        severity: Literal["error", "information"] = "error" if severe else "information"
        timeout_s = SEVERE_S if severe else PASSING_S
        self.notify(message, severity=severity, timeout=timeout_s, markup=False)
