"""The wall itself: all tiles in a grid, drawn line by line, scrolled when too many."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.central.draw import STYLES, Layout, layout, lines
from tui.central.views import TileView


class Tiles(ScrollView, can_focus=False):
    """The tiles in their order; one is chosen. What did not change is not drawn anew."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"tile--{name}" for name in STYLES}

    class Picked(Message):
        """A tile was clicked."""

        def __init__(self, room: str) -> None:
            super().__init__()
            self.room = room

    def __init__(self) -> None:
        super().__init__()
        self._tiles: tuple[TileView, ...] = ()
        self._chosen = ""
        self._dark: frozenset[str] = frozenset()
        self._place = layout(0, 80, 20)
        self._palette: dict[str, Style] = {}
        self._drawn: dict[tuple[TileView, Layout, bool, bool], list[Strip]] = {}

    @property
    def columns(self) -> int:
        """Tiles beside each other."""
        return self._place.columns

    def show(self, tiles: tuple[TileView, ...], chosen: str, dark: frozenset[str]) -> None:
        """Draw the tiles; those that flash in a tone of `dark` are in the dark half of it."""
        size = self.scrollable_content_region.size
        place = layout(len(tiles), size.width, size.height)
        now = (tiles, chosen, dark, place)
        if now == (self._tiles, self._chosen, self._dark, self._place) and self._drawn:
            return
        moved = chosen != self._chosen or place != self._place
        self._tiles, self._chosen, self._dark, self._place = now
        rows = -(-len(tiles) // place.columns)
        self.virtual_size = Size(size.width, rows * place.size.height)
        self._forget()
        if moved:
            self._scroll_to_chosen()
        self.refresh()

    def notify_style_update(self) -> None:
        """Other colours: draw anew."""
        self._palette, self._drawn = {}, {}
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """One line of the screen: a line of each tile in a row of them."""
        _, scrolled = self.scroll_offset
        row, line = divmod(y + scrolled, self._place.size.height)
        first = row * self._place.columns
        found = self._tiles[first : first + self._place.columns]
        strips = [self._strips(tile)[line] for tile in found]
        width = self.size.width
        return Strip.join([*strips]).adjust_cell_length(width, self.rich_style).crop(0, width)

    def on_click(self, event: events.Click) -> None:
        """Choose the tile under the mouse."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        row = (offset.y + self.scroll_offset.y) // self._place.size.height
        column = offset.x // self._place.width
        at = row * self._place.columns + column
        if column < self._place.columns and at < len(self._tiles):
            self.post_message(self.Picked(self._tiles[at].room))

    def _strips(self, tile: TileView) -> list[Strip]:
        chosen = tile.room == self._chosen
        key = (tile, self._place, not (tile.flash and tile.tone in self._dark), chosen)
        if key not in self._drawn:
            if not self._palette:
                self._palette = {n: self.get_component_rich_style(f"tile--{n}") for n in STYLES}
            drawn = lines(tile, self._place, self._palette, lit=key[2], chosen=chosen)
            console, width = self.app.console, self._place.width
            self._drawn[key] = [
                Strip(text.render(console), width).apply_style(self.rich_style) for text in drawn
            ]
        return self._drawn[key]

    def _forget(self) -> None:
        """Drop what was drawn of tiles that have changed since: the memory stays small."""
        shown = set(self._tiles)
        self._drawn = {
            key: strips
            for key, strips in self._drawn.items()
            if key[0] in shown and key[1] == self._place
        }

    def _scroll_to_chosen(self) -> None:
        at = next((i for i, tile in enumerate(self._tiles) if tile.room == self._chosen), None)
        if at is not None:
            height = self._place.size.height
            top = at // self._place.columns * height
            self.scroll_to_region(Region(0, top, 1, height), animate=False)
