"""The alarm banner: the most urgent thing now, across the whole width."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from tui.views import BannerView

PARTS = ("heading", "line", "advice")
TONES = ("calm", "waiting", "lost", "ended", "low", "medium", "high")


class Banner(Vertical):
    """Heading (symbol, word, message), facts and advice. A click acknowledges, or does `action`."""

    def __init__(self, action: str = "app.acknowledge") -> None:
        super().__init__()
        self._action = action
        self._tiles = {part: Static("", id=f"banner-{part}", markup=False) for part in PARTS}

    def compose(self) -> ComposeResult:
        """Lay out the three lines."""
        yield from self._tiles.values()

    def show(self, view: BannerView, *, lit: bool) -> None:
        """Draw the view; `lit` is the bright half of a flash."""
        for part, tile in self._tiles.items():
            text = getattr(view, part)
            if tile.content != text:
                tile.update(text, layout=False)
        for tone in TONES:
            self.set_class(tone == view.tone, f"tone-{tone}")
        self.set_class(view.flash and not lit, "dark")
        self.set_class(not view.flash and view.tone in {"low", "medium", "high"}, "seen")

    async def on_click(self) -> None:
        """Acknowledge, as the key does, or what stands in its place."""
        await self.run_action(self._action)
