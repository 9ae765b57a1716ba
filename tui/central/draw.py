"""Tiles as lines of text, in seven sizes. Pure; no Textual but its thin digits."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.renderables.digits import Digits

from tui.central.views import Number, TileView
from tui.widgets.big_number import block_digits
from tui.wording import NO_VALUE

FILLED = ("high", "medium", "low", "unheard")
STATES = ("lit", "dark", "seen")
"""The bright and the dark half of a flash, and what somebody has acknowledged."""
STYLES = (
    *(f"{tone}-{state}" for tone in FILLED for state in STATES),
    *("calm", "waiting", "ended", "number", "grey", "absent", "low", "medium", "high"),
    *("text", "faint", "mark", "edge"),
)
EDGE = "▌"
"""Left of the chosen tile."""
LONG = 26
"""Columns of half a tile from which the names of vital signs are written in full."""
CLOSE = 30
"""Columns below which numbers stand without spaces."""
SHORT = {
    "MEDIUM": "MED", "no alarm": "", "NOT HEARD": "NONE", "TWO ENGINES": "TWO",
    "STANDBY": "AWAY", "SETTLING": "BACK",
}  # fmt: skip

Palette = Mapping[str, Style]


@dataclass(frozen=True, slots=True)
class Size:
    """How tiles are drawn: at least so wide, just so high."""

    width: int
    height: int
    draw: Callable[[TileView, int, Palette, str], list[Text]]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the tiles stand."""

    size: Size
    columns: int
    width: int
    """Of each tile."""


def layout(count: int, width: int, height: int) -> Layout:
    """The largest tiles of which all fit, as wide as they can be; else the smallest, to scroll."""
    for size in SIZES:
        rows, most = max(1, height // size.height), width // size.width
        columns = max(1, math.ceil(count / rows))
        if columns <= most and size.height <= height:
            return Layout(size, columns, width // columns)
    columns = max(1, width // SIZES[-1].width)
    return Layout(SIZES[-1], columns, width // columns)


def lines(
    tile: TileView, place: Layout, palette: Palette, *, lit: bool, chosen: bool
) -> list[Text]:
    """One tile, as many lines as its size says, each as wide as the layout says."""
    state = "seen" if not tile.flash else "lit" if lit else "dark"
    inner = place.width - 2
    drawn = place.size.draw(tile, inner, palette, state)
    drawn += [Text()] * (place.size.height - len(drawn))
    edge, none = Text(EDGE, palette["edge"]), Text(" ")
    return [
        (edge if chosen and line else none) + fitted(line, inner) + none
        for line in drawn[: place.size.height]
    ]


def fitted(line: Text, width: int) -> Text:
    """A line cut or filled to so many columns."""
    line = line.copy()
    line.truncate(width, overflow="ellipsis", pad=True)
    return line


def _fill(tile: TileView, palette: Palette, state: str) -> Style:
    return palette[f"{tile.tone}-{state}" if tile.tone in FILLED else tile.tone]


def _tail(name: str, width: int) -> str:
    """A name too long keeps its end: that is where names of rooms differ."""
    return name if len(name) <= width else f"…{name[1 - width :]}" if width > 1 else "…"


def _sides(left: str, right: str, width: int) -> str:
    """Two texts at the ends of a line; the right one is kept whole."""
    room = max(0, width - len(right) - 1)
    return f"{left[:room]:<{room}} {right}" if right else left


def _title(tile: TileView, width: int, palette: Palette, state: str) -> Text:
    word = f"{tile.mark} {tile.word}".strip()
    room = width - len(word) - 7
    who = _tail(tile.room, max(4, room))
    if tile.subject and len(who) + len(tile.subject) + 2 <= room:
        who = f"{who}  {tile.subject}"
    return Text(_sides(f" {tile.symbol:<3} {who}", f"{word} ", width), _fill(tile, palette, state))


def _number(number: Number, palette: Palette, *, close: bool) -> Text:
    text = Text()
    text.append(number.text, _of(number, palette))
    gap = "" if close and number.unit.startswith("°") else " "
    text.append(f"{gap}{number.unit} ", palette["text"])
    text.append(number.age.replace(" ", "") if close else f"{number.age:<4} ", palette["faint"])
    return text


def _of(number: Number, palette: Palette) -> Style:
    return palette["number" if number.tone == "normal" else number.tone]


def _numbers(tile: TileView, width: int, palette: Palette) -> Text:
    """Both numbers with their ages; why there are none."""
    if not tile.live:
        return Text(f" {tile.line}", palette["text" if tile.tone in FILLED else "faint"])
    close = width < CLOSE
    both = (_number(number, palette, close=close) for number in (tile.heart, tile.skin))
    return Text(" ").join((Text(), *both))


def _said(tile: TileView, palette: Palette) -> Text:
    """The alarm, in words; else the clock."""
    if tile.tone not in FILLED:
        return Text(f" {tile.clock}", palette["faint"])
    return Text(f" {tile.line if tile.live else tile.since}", palette["text"])


def _when(tile: TileView, palette: Palette) -> Text:
    parts = [tile.since, tile.clock] if tile.live and tile.tone in FILLED else []
    return Text(" " + "  ".join(part for part in parts if part), palette["faint"])


def _line(tile: TileView, width: int, palette: Palette, state: str) -> list[Text]:
    """Everything in one line."""
    word = "ack" if tile.word.endswith(" ack") else SHORT.get(tile.word, tile.word)
    values = "" if not tile.live else f"{tile.heart.text:>3} {tile.skin.text:>4}"
    room = width - 3 - (len(values) + 1 if values else 0) - (len(word) + 1 if word else 0)
    head = f"{tile.symbol:<3}" + (f"{word} " if word else "")
    name = f"{_tail(tile.room, max(3, room)):<{max(3, room)}}"
    text = Text(head + name, _fill(tile, palette, state))
    if values:
        text.append(f" {tile.heart.text:>3}", _of(tile.heart, palette))
        text.append(f" {tile.skin.text:>4}", _of(tile.skin, palette))
    return [text]


def _brief(tile: TileView, width: int, palette: Palette, state: str) -> list[Text]:
    return [_title(tile, width, palette, state), _numbers(tile, width, palette)]


def _small(tile: TileView, width: int, palette: Palette, state: str) -> list[Text]:
    said = _said(tile, palette)
    if tile.live and tile.since:
        said.append(f" {tile.since}", palette["faint"])
    return [*_brief(tile, width, palette, state), said]


def _medium(tile: TileView, width: int, palette: Palette, state: str) -> list[Text]:
    return [*_brief(tile, width, palette, state), _said(tile, palette), _when(tile, palette)]


def _large(tile: TileView, width: int, palette: Palette, state: str) -> list[Text]:
    return _with_digits(tile, width, palette, state, thin)


def _huge(tile: TileView, width: int, palette: Palette, state: str) -> list[Text]:
    return _with_digits(tile, width, palette, state, block_digits)


def _grand(tile: TileView, width: int, palette: Palette, state: str) -> list[Text]:
    title, *rest = _huge(tile, width, palette, state)
    return [title, Text(), *rest, Text(f" {tile.advice}", palette["text"])]


def thin(text: str) -> list[str]:
    """Digits of thin lines, three rows high."""
    segments = [part for part in Digits(text).render(Style(bold=True)) if isinstance(part, Segment)]
    return [segment.text for segment in segments[::2]]


def _with_digits(
    tile: TileView,
    width: int,
    palette: Palette,
    state: str,
    digits: Callable[[str], list[str]],
) -> list[Text]:
    half = width // 2
    heart, skin = digits(tile.heart.text), digits(tile.skin.text)
    if not tile.live:  # nothing to be seen from afar, so nothing large
        blank = [""] * (len(heart) // 2)
        heart = skin = [*blank, NO_VALUE, *blank]
    drawn = [_title(tile, width, palette, state)]
    for left, right in zip(heart, skin, strict=True):
        row = fitted(Text(f" {left}", _of(tile.heart, palette)), half)
        drawn.append(row + Text(f" {right}", _of(tile.skin, palette)))
    names = ("HEART RATE", "SKIN (not core)") if half >= LONG else ("HR", "SKIN")
    labels = zip(names, (tile.heart, tile.skin), strict=True)
    texts = [
        Text(f" {name} {number.unit}  {number.age}".rstrip(), palette["faint"])
        for name, number in labels
    ]
    drawn.append(fitted(texts[0], half) + texts[1])
    if not tile.live:
        drawn.append(_numbers(tile, width, palette))
    return [*drawn, _said(tile, palette), _when(tile, palette)]


SIZES = (
    Size(64, 12, _grand),
    Size(58, 10, _huge),
    Size(39, 8, _large),
    Size(32, 5, _medium),
    Size(26, 3, _small),
    Size(26, 2, _brief),
    Size(26, 1, _line),
)
"""Largest first."""
