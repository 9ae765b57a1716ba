"""The dashboard: a client of the engine's feed. It shows, and passes on what the operator does.

It computes nothing clinical and holds nothing that matters: closing it never stops an alarm.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from monitor.clock import NS_PER_S, monotonic_ns
from monitor.feed import Downlink, Hello, History, Log, Reply, Snapshot, Timeline
from tui import wording
from tui.checklist import checklist
from tui.controls import REPLAY, Controls
from tui.link import EndpointProvider, Link
from tui.series import HEART_SCALE, SKIN_SCALE, SPANS_S, Series
from tui.sounding import Bell, bell_interval_s
from tui.themes import DIM, THEMES
from tui.view_state import build
from tui.widgets.alarm_list import TALL, AlarmList
from tui.widgets.banner import Banner
from tui.widgets.ecg_strip import EcgStrip
from tui.widgets.header import Header
from tui.widgets.key_bar import KeyBar
from tui.widgets.replay_bar import ReplayBar
from tui.widgets.sensor_strip import SensorStrip
from tui.widgets.tiny import Tiny
from tui.widgets.trend import Trend
from tui.widgets.vital_panel import VitalPanel

REDRAW_S = 0.25
"""Redraw at most 4 times a second; newer snapshots replace older ones in between."""
HIGH_HALF_TICKS, MEDIUM_HALF_TICKS = 1, 4
"""Ticks of each half of a flash: HIGH 2 Hz (1.4-2.8), MEDIUM 0.5 Hz (0.4-0.8); half of it lit."""


def real_s() -> float:
    """Seconds of the system's monotonic clock."""
    return monotonic_ns() / NS_PER_S


class Failure(Protocol):
    """Something that can sound the engine-failure signal; see `tui.failure_signal`."""

    @property
    def available(self) -> bool:
        """Whether it is known to be heard."""
        ...

    def start(self) -> None:
        """Sound from now on."""
        ...

    def stop(self) -> None:
        """Fall silent."""
        ...


class VigilApp(Controls):
    """The dashboard. `run` returns "closed" (the session goes on) or "ended".

    Args:
        endpoint_provider: says where the engine listens, for every attempt to connect; it may
            restart the engine.
        operator: who acts, for the record.
        failure: sounds the engine-failure signal; while it cannot, the terminal bell rings.
        theme: a key of `tui.themes.THEMES`.
        now_s: real seconds, for staleness.
        flashing: False keeps flashing alarms lit (for pictures).
    """

    CSS_PATH = "vigil.tcss"
    TITLE = "Vigil"
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (110, "-wide")]  # noqa: RUF012 - as Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (18, "-low"), (TALL, "-tall")]  # noqa: RUF012 - as Textual declares it

    def __init__(
        self,
        endpoint_provider: EndpointProvider,
        operator: str = "",
        failure: Failure | None = None,
        *,
        theme: str = "dark",
        now_s: Callable[[], float] = real_s,
        flashing: bool = True,
    ) -> None:
        super().__init__(build(None, 0.0), operator, THEMES[theme].name)
        self.link = Link(endpoint_provider, self.receive, self._on_lost, self._on_gone)
        self._start_theme = THEMES[theme].name
        self._failure = failure
        self._now_s, self._flashing = now_s, flashing
        self._newest: Snapshot | None = None
        self._timeline = Timeline()
        self._heard_s = now_s()
        self._lost_reason = ""
        self._ticks = 0
        self._reminded = False
        self._shown: dict[str, object] = {}
        self._bell = Bell()
        self._heart, self._skin = Series(), Series()
        self._make_widgets()

    def _make_widgets(self) -> None:
        self._header, self._banner, self._tiny = Header(), Banner(), Tiny()
        self._replay_bar = ReplayBar(id="replay-bar")
        self._heart_panel, self._skin_panel = VitalPanel(id="heart"), VitalPanel(id="skin")
        self._heart_trend = Trend(self._heart, HEART_SCALE, id="heart-trend")
        self._skin_trend = Trend(self._skin, SKIN_SCALE, id="skin-trend")
        self._alarms, self._sensors, self._keys = AlarmList(), SensorStrip(), KeyBar()
        self._ecg = EcgStrip("", classes="none", markup=False)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own colour names, before a theme of ours is set."""
        return DIM.variables

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield self._tiny
        with Vertical(id="full"):
            yield self._replay_bar
            yield self._header
            yield self._banner
            yield Horizontal(self._heart_panel, self._skin_panel, id="vitals")
            yield Horizontal(self._heart_trend, self._skin_trend, id="trends")
            yield self._ecg
            yield self._alarms
            yield self._sensors
            yield Static(wording.STATEMENT, id="statement", markup=False)
            yield self._keys

    def on_mount(self) -> None:
        """Set the colours, start to redraw and to connect."""
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = self._start_theme
        self._alarms.border_title = " Alarms "
        self.set_interval(REDRAW_S, self._tick)
        if self.link is not None:
            self.run_worker(self.link.run(), name="link", exclusive=True)

    def receive(self, message: Downlink) -> None:
        """Take a message of the engine; the newest snapshot replaces all before it."""
        match message:
            case Hello():
                self._lost_reason = ""
            case History():
                self._load(message)
            case Log():
                self.book.load(message.lines)
            case Timeline():
                self._timeline = message
            case Snapshot():
                self.book.extend(message.log)
                self._newest, self._heard_s, self._lost_reason = message, self._now_s(), ""
                self._extend(message)
            case Reply():
                self.answered(message)

    def redraw(self) -> None:
        """Draw the newest state now."""
        self._draw(lit=True)

    def _load(self, history: History) -> None:
        self._heart.load(history.t0_s, history.heart_rate)
        self._skin.load(history.t0_s, history.skin_temperature)
        self._heart_trend.invalidate()
        self._skin_trend.invalidate()

    def _extend(self, snapshot: Snapshot) -> None:
        for second, heart, skin in snapshot.recent:
            self._heart.put(second, heart)
            self._skin.put(second, skin)
        if snapshot.session.mode == REPLAY:
            self._heart.cut(int(snapshot.t_s) + 1)
            self._skin.cut(int(snapshot.t_s) + 1)

    def _on_lost(self, reason: str) -> None:
        self._lost_reason = reason

    def _on_gone(self) -> None:
        """There is no session any more: say so until the screen is closed."""
        if self._newest is None or self.ending or self.view.mode == REPLAY:
            self.exit("ended")
        else:
            self._newest = msgspec.structs.replace(self._newest, ended=True)

    def _tick(self) -> None:
        self._ticks += 1
        half = MEDIUM_HALF_TICKS if self.view.banner.tone == "medium" else HIGH_HALF_TICKS
        self._draw(lit=not self._flashing or self._ticks // half % 2 == 0)
        audio = None if self.drawn is None else self.drawn.audio
        interval_s = bell_interval_s(
            audio,
            lost=self.view.lost,
            own_signal=self._failure is not None and self._failure.available,
        )
        if self._bell.due(self._now_s(), interval_s):
            self.bell()

    def _draw(self, *, lit: bool) -> None:
        if not self._banner.is_attached:  # starting or closing
            return
        before = self.view
        self.drawn = self._newest
        self.view = build(self.drawn, self._now_s() - self._heard_s, self._lost_reason)
        self._tell_loss(before.lost)
        if self.view.ended and self.ending:
            self.exit("ended")
            return
        self._remind()
        self._banner.show(self.view.banner, lit=lit)
        self._draw_trends()
        self._draw_panels()

    def _remind(self) -> None:
        """A new screen begins with the checklist, while something on it is open."""
        left = checklist(self.drawn)
        if left is not None and not self._reminded and len(self.screen_stack) == 1:
            self._reminded = True
            if not left.ready:
                self.action_setup()

    def _draw_trends(self) -> None:
        doses_s = [] if self.drawn is None else self.drawn.doses_s
        self._heart_trend.border_title = f" Heart rate, {SPANS_S[self.span][0]} "
        self._skin_trend.border_title = f" Skin temperature, {SPANS_S[self.span][0]} "
        self._heart_trend.show(self.span, self.view.heart.lines, doses_s)
        self._skin_trend.show(self.span, self.view.skin.lines, doses_s)

    def _draw_panels(self) -> None:
        view, replay = self.view, self.view.mode == REPLAY
        if self._changed("frame", view.replay):
            self.screen_stack[0].set_class(replay, "-replay")
            self._replay_bar.show(view.replay, self._played())
        if self._changed("header", view.header):
            self._header.show(view.header, view.mode)
        if self._changed("heart", view.heart):
            self._heart_panel.show(view.heart)
        if self._changed("skin", view.skin):
            self._skin_panel.show(view.skin)
        if self._changed("ecg", view.ecg):
            self._ecg.show(view.ecg)
        if self._changed("alarms", view.alarms):
            self._alarms.set_class(not view.alarms, "none")
            self._alarms.show(view.alarms)
        if self._changed("sensors", (view.sensors, view.room)):
            low = self.size.height < TALL
            self._sensors.border_title = f" Sensors   {wording.STATEMENT} " if low else " Sensors "
            self._sensors.show(view.sensors, view.room)
        if self._changed("keys", replay):
            self._keys.show(replay=replay)
        if self._tiny.display:
            self._tiny.show(view)

    def _played(self) -> float:
        """Which share of the recording was played."""
        length_s = None if self.drawn is None else self.drawn.replay_length_s
        return 0.0 if self.drawn is None or not length_s else self.drawn.t_s / length_s

    def on_replay_bar_seek(self, event: ReplayBar.Seek) -> None:
        """Go where the bar was clicked."""
        self.seek_share(event.share)

    def _changed(self, part: str, value: object) -> bool:
        """Whether a part has to be drawn anew: it, the size or the colours changed."""
        now = (value, self.size, self.theme)
        if self._shown.get(part) == now:
            return False
        self._shown[part] = now
        return True

    def _tell_loss(self, before: bool) -> None:
        if self._failure is None or self.view.lost == before:
            return
        if self.view.lost:
            self._failure.start()
        else:
            self._failure.stop()
