"""The first line: mode, subject, session clock, wall clock, recording, state of the sound."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from tui.views import HeaderView

PARTS = ("mark", "subject", "clock", "wall", "recording", "audio")


class Header(Horizontal):
    """One line of tiles; what is empty takes no room."""

    def compose(self) -> ComposeResult:
        """Lay out the tiles."""
        for part in PARTS:
            yield Static("", id=f"header-{part}", markup=False)

    def show(self, view: HeaderView, mode: str) -> None:
        """Draw the view; `mode` colours the mark."""
        texts = {part: getattr(view, part) for part in PARTS}
        for part, text in texts.items():
            tile = self.query_one(f"#header-{part}", Static)
            if tile.content != text:
                tile.update(text)
            tile.display = bool(text) or part == "recording"
        self.query_one("#header-mark").set_classes(f"mode-{mode.lower()}" if mode else "")
        self.query_one("#header-audio").set_classes(f"audio-{view.audio_tone}")
