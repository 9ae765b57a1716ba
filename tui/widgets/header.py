"""The first line: mode, subject, session clock, wall clock, recording, state of the sound."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from tui.views import HeaderView

MODES, TONES = ("live", "sim", "replay"), ("normal", "paused", "bad")
PARTS = ("mark", "subject", "clock", "wall", "recording", "audio")


class Header(Horizontal):
    """One line of tiles; what is empty takes no room."""

    def __init__(self) -> None:
        super().__init__()
        self._tiles = {part: Static("", id=f"header-{part}", markup=False) for part in PARTS}

    def compose(self) -> ComposeResult:
        """Lay out the tiles."""
        yield from self._tiles.values()

    def show(self, view: HeaderView, mode: str) -> None:
        """Draw the view; `mode` colours the mark."""
        for part, tile in self._tiles.items():
            text = getattr(view, part)
            if tile.content != text:
                tile.update(text, layout=len(str(tile.content)) != len(text))
            tile.set_class(not text and part != "recording", "none")
        for name in MODES:
            self._tiles["mark"].set_class(name == mode.lower(), f"mode-{name}")
        for name in TONES:
            self._tiles["audio"].set_class(name == view.audio_tone, f"audio-{name}")
