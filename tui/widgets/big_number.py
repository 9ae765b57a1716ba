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
BLOCK = "█"
STROKE = 2
SIZES = ((9, 10), (7, 8), (5, 6))
"""Rows and columns of a digit, largest first; strokes are one row and two columns thick."""
GAP = 2


def _row(on: str, row: int, rows: int, columns: int) -> str:
    """One text row of a digit."""
    inner = columns - 2 * STROKE
    half = rows // 2
    if row % half == 0:
        name = "agd"[row // half]
        sides = (("f", "b"), ("fe", "bc"), ("e", "c"))[row // half]
        ends = [BLOCK if name in on or set(side) & set(on) else " " for side in sides]
        middle = BLOCK if name in on else " "
    else:
        ends = [BLOCK if side in on else " " for side in (("f", "b") if row < half else ("e", "c"))]
        middle = " "
    return ends[0] * STROKE + middle * inner + ends[1] * STROKE


def block_digits(text: str, rows: int = 5, columns: int = 6) -> list[str]:
    """Text of digits, point and minus as rows of blocks."""
    lines = [""] * rows
    for character in text:
        for row in range(rows):
            if character == ".":
                dot = BLOCK if row == rows - 1 else " "
                lines[row] += dot * STROKE + " " * GAP
            else:
                lines[row] += _row(SEGMENTS.get(character, ""), row, rows, columns) + " " * GAP
    return [line.rstrip() for line in lines]


def width_of(text: str, columns: int) -> int:
    """Columns a text of digits takes."""
    return sum(STROKE if c == "." else columns for c in text) + GAP * (len(text) - 1)


class BigNumber(Widget):
    """Digits as large as there is room for: nine, seven or five rows of blocks, or three thin."""

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
        style, (width, height) = self.rich_style, self.size
        widest = max(self._text, "000", key=len)
        for rows, columns in SIZES:
            full = width_of(widest, columns)
            if rows <= height and full <= width:
                # To the right: the last digit keeps its place when a first one comes.
                indent = " " * (full - width_of(self._text, columns))
                lines = (indent + line for line in block_digits(self._text, rows, columns))
                return Text("\n".join(lines), style=style)
        if height >= 3 and width >= 3 * len(self._text):
            return Digits(self._text, style + Style(bold=True))
        return Text(self._text, style=style + Style(bold=True))
