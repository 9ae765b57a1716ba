"""The dashboard: a client of the engine's feed. It shows, and passes on what the operator does.

It computes nothing clinical and holds nothing that matters: closing it never stops an alarm.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.theme import Theme
from textual.widgets import Static

from monitor.clock import NS_PER_S, monotonic_ns
from monitor.feed import Downlink, Hello, History, Log, Reply, Snapshot, Timeline
from tui.alarm_words import first_of
from tui.checklist import checklist
from tui.controls import REPLAY, Controls
from tui.flash import Flash
from tui.link import EndpointProvider, Link
from tui.plot import HEART_SCALE, SKIN_SCALE, WHOLE
from tui.series import Series
from tui.sizes import BY_HEIGHT, BY_WIDTH
from tui.sounding import Bell, bell_interval_s
from tui.story import Stories
from tui.themes import THEMES
from tui.view_state import build
from tui.widgets.alarm_list import AlarmList
from tui.widgets.banner import Banner
from tui.widgets.care_line import CareLine
from tui.widgets.ecg_strip import EcgStrip
from tui.widgets.header import Header
from tui.widgets.key_bar import KeyBar
from tui.widgets.phase_band import PhaseBand
from tui.widgets.replay_bar import ReplayBar
from tui.widgets.sensor_strip import SensorStrip
from tui.widgets.tiny import Tiny
from tui.widgets.trend import Trend
from tui.widgets.vital_panel import VitalPanel
from tui.wording import STATEMENT

TALL = 34
"""Rows from which the screen has room for everything, as in the style sheet."""
REDRAW_S = 0.25
"""Redraw at most 4 times a second; newer snapshots replace older ones in between."""


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
    HORIZONTAL_BREAKPOINTS = BY_WIDTH
    VERTICAL_BREAKPOINTS = BY_HEIGHT

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
        self._failure = failure
        self._now_s, self._flashing = now_s, flashing
        self._newest: Snapshot | None = None
        self._stories = Stories()
        self._heard_s = now_s()
        self._lost_reason = ""
        self._reminded = False
        self._flash = Flash()
        self._shown: dict[str, object] = {}
        self._bell = Bell()
        self._heart, self._skin = Series(), Series()
        self._make_widgets()

    def _make_widgets(self) -> None:
        self._header, self._banner, self._tiny = Header(), Banner(), Tiny()
        self._replay_bar = ReplayBar(id="replay-bar")
        self._heart_panel, self._skin_panel = VitalPanel(id="heart"), VitalPanel(id="skin")
        heart, skin = (
            ("Heart rate", self._heart, HEART_SCALE),
            ("Skin temperature", self._skin, SKIN_SCALE),
        )
        self._heart_trends = Trend(*heart, id="heart-trend"), Trend(*heart, id="heart-whole")
        self._skin_trends = Trend(*skin, id="skin-trend"), Trend(*skin, id="skin-whole")
        self._phase, self._care = PhaseBand(), CareLine()
        self._alarms, self._sensors, self._keys = AlarmList(), SensorStrip(), KeyBar()
        self._ecg = EcgStrip("", classes="none", markup=False)

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield self._tiny
        with Vertical(id="full"):
            yield self._replay_bar
            yield self._header
            yield self._phase
            yield self._banner
            with Container(id="body"):
                with Vertical(id="main"):
                    yield Horizontal(self._heart_panel, self._skin_panel, id="vitals")
                    yield self._care
                    yield Horizontal(self._heart_trends[0], self._skin_trends[0], id="trends")
                    yield Horizontal(self._heart_trends[1], self._skin_trends[1], id="wholes")
                    yield self._ecg
                with Vertical(id="side"):
                    yield self._alarms
                    yield self._sensors
                    yield Static(STATEMENT, id="statement", markup=False)
            yield self._keys

    def on_mount(self) -> None:
        """Set the colours, start to redraw and to connect."""
        self.put_on_colours()
        self._alarms.border_title = " Alarms and log "
        self.theme_changed_signal.subscribe(self, self._recolour)
        if self.link is not None:
            self.run_worker(self.link.run(), name="link", exclusive=True)

    def on_ready(self) -> None:
        """Redraw from now on: before the first frame a slow computer's widgets have no styles."""
        self.set_interval(REDRAW_S, self._tick)

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
                self._stories.take(message)
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
        lit = self._flash.lit(self.view.banner.tone, self._now_s())
        self._draw(lit=lit or not self._flashing)
        audio = None if self.drawn is None else self.drawn.audio
        interval_s = bell_interval_s(
            audio,
            lost=self.view.lost,
            own_signal=self._failure is not None and self._failure.available,
        )
        if self._bell.due(self._now_s(), interval_s):
            self.bell()

    def _draw(self, *, lit: bool) -> None:
        if not self._whole():
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
        self._show_edge(lit=lit)
        self._draw_trends()
        self._draw_panels()

    def _whole(self) -> bool:
        """Whether everything to draw is there: starting or closing, a part may have no styles."""
        parts = (self._banner, self._phase, self._care, self._alarms, self._sensors, self._keys)
        panels = (self._heart_panel, self._skin_panel, *self._heart_trends, *self._skin_trends)
        return self._sensors.is_mounted and all(p.is_attached for p in (*parts, *panels))

    def _remind(self) -> None:
        """A new screen begins with the checklist, while something on it is open."""
        left = checklist(self.drawn)
        if left is not None and not self._reminded and len(self.screen_stack) == 1:
            self._reminded = True
            if not left.ready:
                self.action_setup()

    def _show_edge(self, *, lit: bool) -> None:
        """What is most urgent also lights the screen's edges, to be seen from another chair."""
        banner = self.view.banner
        urgent = banner.flash and banner.tone in {"high", "lost"} and self.view.mode != REPLAY
        tone = ("high" if lit else "high-fill") if urgent else ""
        if self._changed("edge", tone):
            # Set by hand: a class would look up every widget's style anew, four times a second.
            colour = self.theme_variables[tone] if tone else ""
            styles = self.query_one("#full").styles
            styles.outline_left = ("outer", colour) if tone else None
            styles.outline_right = ("outer", colour) if tone else None

    def _draw_trends(self) -> None:
        for chart, span in zip(self._heart_trends, (self.span, WHOLE), strict=True):
            chart.show(span, self.view.heart.lines, self._stories.heart)
        for chart, span in zip(self._skin_trends, (self.span, WHOLE), strict=True):
            chart.show(span, self.view.skin.lines, self._stories.skin)

    def _draw_panels(self) -> None:
        """Draw what changed since it was drawn last."""
        view = self.view
        parts: tuple[tuple[str, object, Callable[[], None]], ...] = (
            ("frame", view.replay, self._draw_frame),
            ("header", view.header, lambda: self._header.show(view.header, view.mode)),
            ("phase", (view.phase, self._phase.size), lambda: self._phase.show(view.phase)),
            ("heart", view.heart, lambda: self._heart_panel.show(view.heart)),
            ("skin", view.skin, lambda: self._skin_panel.show(view.skin)),
            ("care", view.care, lambda: self._care.show(view.care)),
            ("ecg", view.ecg, lambda: self._ecg.show(view.ecg)),
            ("alarms", (view.alarms, view.log, self._alarms.size), self._draw_alarms),
            ("sensors", (view.sensors, self._sensors.size), self._draw_sensors),
            ("keys", (view.mode, view.care.setup), self._draw_keys),
        )
        for name, value, draw in parts:
            if self._changed(name, value):
                draw()
        if self._tiny.display:
            self._tiny.show(view)

    def _draw_frame(self) -> None:
        self.screen_stack[0].set_class(self.view.mode == REPLAY, "-replay")
        self._replay_bar.show(self.view.replay, self._played())

    def _draw_alarms(self) -> None:
        alarms = self.view.alarms
        if self._low:  # the banner has the first one, and every row counts
            alarms = tuple(alarm for alarm in alarms if alarm is not first_of(alarms))
        self._alarms.set_class(not alarms, "none")
        self._alarms.show(alarms, self.view.log)

    def _draw_sensors(self) -> None:
        beside = self.query_one("#statement").display
        self._sensors.border_title = " Sensors " if beside else f" Sensors   {STATEMENT} "
        self._sensors.show(self.view.sensors, short=self._low)

    @property
    def _low(self) -> bool:
        return self.size.height < TALL

    def _draw_keys(self) -> None:
        self._keys.show(replay=self.view.mode == REPLAY, setup=self.view.care.setup)

    def _recolour(self, _: Theme) -> None:
        """Draw everything anew, once the widgets have the new theme's colours."""
        self.call_after_refresh(self._forget_drawn)

    def _forget_drawn(self) -> None:
        self._shown.clear()

    def _played(self) -> float:
        """Which share of the recording was played."""
        length_s = None if self.drawn is None else self.drawn.replay_length_s
        return 0.0 if self.drawn is None or not length_s else self.drawn.t_s / length_s

    def on_replay_bar_seek(self, event: ReplayBar.Seek) -> None:
        """Go where the bar was clicked."""
        self.seek_share(event.share)

    def _changed(self, part: str, value: object) -> bool:
        """Whether a part has to be drawn anew: it, the size or the colours changed."""
        now = (value, self.size)
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
