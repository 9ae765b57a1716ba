"""The central station's screen. It shows what rooms publish; alarms are decided in the rooms."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from alerts.annunciator.client import Annunciator
from monitor.central.asking import CONFIRMED, UNANSWERED, Request
from monitor.central.station import Station
from tui.central import sound
from tui.central.controls import CentralControls
from tui.central.room_screen import RoomScreen, tone_of
from tui.central.tiles import Tiles
from tui.central.views import WallView
from tui.central.wall_words import ordered, wall_view
from tui.flash import Flash
from tui.sizes import BY_HEIGHT, BY_WIDTH
from tui.sounding import Bell
from tui.themes import THEMES
from tui.widgets.banner import Banner
from tui.widgets.header import Header
from tui.widgets.key_bar import KeyBar
from tui.wording import STATEMENT, plain

REDRAW_S = 0.25
"""Redraw at most 4 times a second, however fast messages come."""
FLASHING = {"high": "high", "medium": "medium", "unheard": "lost"}
"""Tone of a tile -> the rate of `tui.flash` it flashes at."""
NO_ANSWER = "the room, or the broker, may not allow it from here (docs/rooms.md)"
WIDE = 110
"""Columns from which the first line has room for every word."""
KEYS = (
    ("Enter", "Open", "Open", "open"),
    ("w", "Worst", "Worst", "worst"),
    ("o", "Order", "Order", "order"),
    ("a", "Seen", "Seen", "acknowledge"),
    ("p", "Pause sound here", "Pause", "pause"),
    ("i", "Broker", "Broker", "info"),
    ("n", "Night", "Night", "night"),
    ("?", "Help", "Help", "help"),
    ("q", "Leave", "Leave", "leave"),
)


class CentralApp(CentralControls):
    """The wall of rooms, and one room in full.

    Args:
        station: everything behind the screen.
        annunciator: sounds the most urgent of all rooms.
        muted: sound is off on purpose.
        theme: a key of `tui.themes.THEMES`.
        flashing: False keeps flashing tiles lit (for pictures).
        connecting: False leaves the broker alone (for pictures).
    """

    CSS_PATH: ClassVar[list[str]] = ["../vigil.tcss", "central.tcss"]  # type: ignore[assignment]
    TITLE = "Vigil central"
    HORIZONTAL_BREAKPOINTS = BY_WIDTH
    VERTICAL_BREAKPOINTS = BY_HEIGHT
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Show the chosen room in full"),
        Binding("left,h", "move(-1, 0)", "Room to the left", show=False),
        Binding("right,l", "move(1, 0)", "Room to the right", show=False),
        Binding("up,k", "move(0, -1)", "Room above", show=False),
        Binding("down,j", "move(0, 1)", "Room below", show=False),
        Binding("home", "move(-1000, 0)", "First room", show=False),
        Binding("end", "move(1000, 0)", "Last room", show=False),
        Binding("w", "worst", "Go to the worst room"),
        Binding("o", "order", "Worst first, or by name"),
        Binding("a", "acknowledge", "Acknowledge in a room, or: seen that a room is silent"),
        Binding("p", "pause", "Pause the sound of this station for 2 min, or resume it"),
        Binding("y", "why", "Why is it alarming?"),
        Binding("t", "trend", "Charts of a room: 10 min, 1 h, session"),
        Binding("i", "info", "Broker and refused messages"),
        Binding("n", "night", "Night colours, or back"),
        Binding("N,upper_n", "next_theme", "Next colours"),
        Binding("question_mark,f1", "help", "Help"),
        Binding("q,ctrl+c", "leave", "Leave"),
    ]

    def __init__(
        self,
        station: Station,
        annunciator: Annunciator,
        *,
        muted: bool = False,
        theme: str = "dark",
        flashing: bool = True,
        connecting: bool = True,
    ) -> None:
        super().__init__(station, THEMES[theme].name)
        self._annunciator, self._muted = annunciator, muted
        self._flashing, self._connecting = flashing, connecting
        self._flashes = {tone: Flash() for tone in FLASHING}
        self._bell = Bell()
        self._header, self._banner = Header(), Banner("app.worst")
        self._grid, self._keys = Tiles(), KeyBar()
        self.wall: WallView | None = None

    def compose(self) -> ComposeResult:
        """Lay out the wall."""
        with Vertical(id="wall"):
            yield self._header
            yield self._banner
            yield self._grid
            yield self._keys

    def on_mount(self) -> None:
        """Set the colours; connect; sound."""
        self.put_on_colours()
        self.sub_title = STATEMENT
        if self._connecting:
            self.run_worker(self.station.link.run(), name="link")
            self.run_worker(self._annunciator.run(), name="sound")

    def on_ready(self) -> None:
        """Redraw from now on: drawn before the first frame, the first line stayed blank."""
        self.set_interval(REDRAW_S, self.tick)

    def tick(self) -> None:
        """Move the station on, and draw it."""
        for request in self.station.step():
            self._tell(request)
        self._sound()
        self.draw()

    def draw(self) -> None:
        """Draw the newest state."""
        if not (self._keys.is_attached and self._keys.is_mounted):
            return
        now_s = self.station.now_s()
        paused_s = self.station.pause.remaining_s(now_s)
        narrow = self.size.width < WIDE
        short = narrow or bool(self.station.wall.dropped)  # what was refused needs the room
        said = sound.words(self._annunciator, muted=self._muted, paused_s=paused_s, narrow=short)
        view = self.wall = wall_view(self.station, now_s, said, narrow=narrow)
        self.tiles = ordered(view.tiles, self.order)
        if self.chosen not in self.station.wall.rooms and self.tiles:
            self.chosen = self.tiles[0].room
        dark = self._dark(now_s)
        lit = tone_of(view.banner) not in dark
        self._draw_wall(view, dark, lit=lit)  # also behind a window: what stands there stays true
        for screen in self.screen_stack:
            if isinstance(screen, RoomScreen):
                screen.show(view, dark)

    def _draw_wall(self, view: WallView, dark: frozenset[str], *, lit: bool) -> None:
        self._header.show(view.header, "")
        self._banner.show(view.banner, lit=lit)
        self._grid.show(self.tiles, self.chosen, dark)
        self._keys.draw(KEYS)

    def _dark(self, now_s: float) -> frozenset[str]:
        """Tones whose flashing is in its dark half: each priority has its own rate."""
        if not self._flashing:
            return frozenset()
        return frozenset(
            tone for tone, flash in self._flashes.items() if not flash.lit(FLASHING[tone], now_s)
        )

    def _sound(self) -> None:
        urgency = self.station.sounds
        self._annunciator.play(None if urgency is None else sound.SOUNDS[urgency])
        interval_s = None if self._muted else sound.bell_s(self._annunciator, urgency)
        if self._bell.due(self.station.now_s(), interval_s):
            self.bell()

    def _tell(self, request: Request) -> None:
        why = NO_ANSWER if request.state == UNANSWERED else plain(request.reason, 120)
        reason = f": {why}" if why else ""
        what = f"{request.room}: acknowledgement of {request.condition} {request.state}{reason}"
        self._say(what, severe=request.state != CONFIRMED)

    @property
    def columns(self) -> int:
        """Tiles beside each other."""
        return self._grid.columns

    def on_tiles_picked(self, event: Tiles.Picked) -> None:
        """Choose the clicked room; once more opens it."""
        again = event.room == self.chosen
        self.chosen = event.room
        if again:
            self.action_open()
        self.draw()
