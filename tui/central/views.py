"""The immutable values the wall draws. No Textual here."""

from __future__ import annotations

from dataclasses import dataclass

from tui.views import BannerView, HeaderView
from tui.wording import NO_VALUE


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A vital sign in a tile."""

    text: str = NO_VALUE
    unit: str = ""
    age: str = ""
    """Since it was measured, as far as the station can tell."""
    tone: str = "absent"
    """As of `tui.views.VitalView`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TileView:
    """One room on the wall: symbol, word and colour say the same."""

    room: str
    tone: str
    """high, medium, low, unheard, calm, waiting or ended."""
    symbol: str
    word: str
    live: bool = False
    """Whether its numbers are vouched for."""
    flash: bool = False
    rank: int = 0
    """0 is what needs somebody first."""
    subject: str = ""
    mark: str = ""
    """SIM, TRAINING or REPLAY: not a person now; empty for one."""
    heart: Number = Number()
    skin: Number = Number()
    line: str = ""
    """The most urgent alarm, or why nothing is heard."""
    since: str = ""
    advice: str = ""
    more: int = 0
    """So many further alarms."""
    clock: str = ""
    """Time since the dose, and the phase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WallView:
    """The whole wall but the order of its tiles."""

    header: HeaderView
    banner: BannerView
    tiles: tuple[TileView, ...] = ()
    worst: str = ""
    """The room on the banner."""
