"""The big number, readable across a room."""

from __future__ import annotations

from rich.style import Style
from rich.text import Text
from textual.renderables.digits import Digits
from textual.widget import Widget

# Seven segments: a top, b and c right, d bottom, e and f left (from below), g middle.
SEGMENTS = {
    "0": "abcdef", "1": "bc", "2": "abged", "3": "abgcd", "4": "fgbc",
    "5": "afgcd", "6": "afgedc", "7": "abc", "8": "abcdefg", "9": "abcdfg", "-": "g",
}  # fmt: skip
ROWS = 5
BLOCK = "█"


def _row(on: str, row: int) -> str:
    """One text row of a digit six columns wide; strokes are two columns and one row thick."""
    if row % 2 == 0:
        name = "agd"[row // 2]
        left, right = (("f", "b"), ("fe", "bc"), ("e", "c"))[row // 2]
        ends = [BLOCK * 2 if name in on or _any(on, side) else "  " for side in (left, right)]
        return ends[0] + (BLOCK * 2 if name in on else "  ") + ends[1]
    left, right = ("f", "b") if row == 1 else ("e", "c")
    return (BLOCK * 2 if left in on else "  ") + "  " + (BLOCK * 2 if right in on else "  ")


def _any(on: str, side: str) -> bool:
    return any(name in on for name in side)


def block_digits(text: str) -> list[str]:
    """Text of digits, point and minus as five rows of blocks."""
    rows = [""] * ROWS
    for character in text:
        for row in range(ROWS):
            if character == ".":
                rows[row] += (BLOCK * 2 if row == ROWS - 1 else "  ") + "  "
            else:
                rows[row] += _row(SEGMENTS.get(character, ""), row) + "  "
    return [line.rstrip() for line in rows]


class BigNumber(Widget):
    """Digits five rows high where there is room, otherwise three."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""

    def show(self, text: str) -> None:
        """Draw this number."""
        if text != self._text:
            self._text = text
            self.refresh()

    def render(self) -> Text | Digits:
        """Draw."""
        style = self.rich_style
        if self.size.height < ROWS:
            return Digits(self._text, style + Style(bold=True))
        return Text("\n".join(block_digits(self._text)), style=style)
