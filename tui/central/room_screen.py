"""One room in full: the dashboard's own widgets, fed with what the room publishes. Read only."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Static

from monitor.central.room import Room
from monitor.central.station import Station
from tui.central.room_view import load, room_view
from tui.central.views import WallView
from tui.central.wall_words import elsewhere
from tui.plot import HEART_SCALE, NOTHING, SKIN_SCALE
from tui.series import Series
from tui.views import BannerView, ViewState
from tui.widgets.alarm_list import AlarmList
from tui.widgets.banner import Banner
from tui.widgets.care_line import CareLine
from tui.widgets.header import Header
from tui.widgets.key_bar import KeyBar
from tui.widgets.phase_band import PhaseBand
from tui.widgets.sensor_strip import SensorStrip
from tui.widgets.tiny import Tiny
from tui.widgets.trend import Trend
from tui.widgets.vital_panel import VitalPanel
from tui.wording import STATEMENT

KEYS = (
    ("Esc", "All rooms", "Back", "wall"),
    ("a", "Ack", "Ack", "acknowledge"),
    ("y", "Why", "Why", "why"),
    ("t", "Span", "Span", "trend"),
    ("←", "Room before", "", "move(-1, 0)"),
    ("→", "Next room", "Next", "move(1, 0)"),
    ("p", "Pause this station", "Pause", "pause"),
    ("?", "Help", "Help", "help"),
)


def tone_of(banner: BannerView) -> str:
    """The tone of a tile that flashes as a banner does."""
    return "unheard" if banner.tone == "lost" else banner.tone


class Elsewhere(Static):
    """One line of the other rooms; a click goes to the worst."""

    async def on_click(self) -> None:
        """Go there."""
        await self.run_action("app.worst")


class RoomScreen(Screen[None]):
    """A room: values, alarms, sensors, trend.

    Args:
        station: where it is heard.
        room: its name.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter", "app.wall", "All rooms"),
    ]

    def __init__(self, station: Station, room: str) -> None:
        super().__init__()
        self._station, self.room = station, room
        self.view: ViewState | None = None
        self.span = 0
        self._header, self._phase, self._banner = Header(), PhaseBand(), Banner("app.why")
        self._others = Elsewhere("", id="elsewhere", markup=False)
        self._tiny, self._care = Tiny(), CareLine()
        self._vitals = VitalPanel(id="heart"), VitalPanel(id="skin")
        self._series = Series(), Series()
        self._trends = (
            Trend("Heart rate", self._series[0], HEART_SCALE, id="heart-trend"),
            Trend("Skin temperature", self._series[1], SKIN_SCALE, id="skin-trend"),
        )
        self._alarms, self._sensors, self._keys = AlarmList(), SensorStrip(), KeyBar()
        self._story = NOTHING
        self._loaded: object = None
        self._ready = False

    def compose(self) -> ComposeResult:
        """Lay out as the dashboard does."""
        yield self._tiny
        with Vertical(id="full"):
            yield self._header
            yield self._others
            yield self._phase
            yield self._banner
            with Container(id="body"):
                with Vertical(id="main"):
                    yield Horizontal(*self._vitals, id="vitals")
                    yield self._care
                    yield Horizontal(*self._trends, id="trends")
                with Vertical(id="side"):
                    yield self._alarms
                    yield self._sensors
                    yield Static(STATEMENT, id="statement", markup=False)
            yield self._keys

    def on_mount(self) -> None:
        """Name what has a frame."""
        self._alarms.border_title = " Alarms "
        self._sensors.border_title = " Sensors "
        # Before the first frame the widgets have no styles to draw with.
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self._ready = True

    def turn_to(self, room: str) -> None:
        """Show another room."""
        self.room, self._loaded = room, None

    def show(self, wall: WallView, dark: frozenset[str]) -> None:
        """Draw the room as it is now, and what is worst in all the others."""
        room = self._station.wall.rooms.get(self.room)
        if room is None or not self._ready or not self._keys.is_attached:
            return
        view = room_view(
            room,
            self._station.now_s(),
            self._station.requests.state,
            connected=self._station.wall.connected,
        )
        said = replace(view.header, audio=wall.header.audio, audio_tone=wall.header.audio_tone)
        view = replace(view, header=said)
        self._elsewhere(*elsewhere(wall, self.room))
        self._banner.show(view.banner, lit=tone_of(view.banner) not in dark)
        self._keys.draw(KEYS)
        self._draw_trends(room, view)
        if view != self.view or self._tiny.display:
            self.view = view
            self._draw(view)

    def _draw(self, view: ViewState) -> None:
        self._header.show(view.header, view.mode)
        self._phase.show(view.phase)
        self._vitals[0].show(view.heart)
        self._vitals[1].show(view.skin)
        self._care.show(view.care)
        self._alarms.set_class(not view.alarms, "none")
        self._alarms.show(view.alarms, view.log)
        self._sensors.show(view.sensors, short=self.app.size.height < 34)
        if self._tiny.display:
            self._tiny.show(view)

    def _elsewhere(self, text: str, tone: str) -> None:
        if self._others.content != text:
            self._others.update(text)
        self._others.set_classes(f"tone-{tone}" if text else "none")

    def _draw_trends(self, room: Room, view: ViewState) -> None:
        loaded = (self.room, id(room.trend), room.heard_s)
        if loaded != self._loaded:
            self._loaded = loaded
            self._story = load(room, *self._series)
        for trend, lines in zip(self._trends, (view.heart.lines, view.skin.lines), strict=True):
            trend.show(self.span, lines, self._story)
