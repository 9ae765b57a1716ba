"""One room in full, in the values the dashboard's own widgets draw. Pure; no Textual."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec

from monitor import feed
from monitor.central.room import Room, Standing
from monitor.feed_chart import Gap, Mark
from tui import view_state
from tui.central.tile_words import aged, tile
from tui.central.views import TileView
from tui.plot import Story
from tui.series import Series
from tui.views import AlarmView, BannerView, HeaderView, ViewState, VitalView
from tui.vital_words import HEART_TITLE, HEART_UNIT, SKIN_TITLE, SKIN_UNIT

NOT_RECEIVED = "not received here"
NOT_HEARD = "the room is not heard now"
GONE_S = 1e6
"""An age at which nothing on a screen is vouched for any more."""
Asked = Callable[[str, str, int], str]
"""How an acknowledgement of room, condition and occurrence stands; empty for none."""


def room_view(room: Room, now_s: float, asked: Asked, *, connected: bool) -> ViewState:
    """What the detail screen shows."""
    one = tile(room, now_s, connected=connected)
    snapshot = shown(room, now_s)
    if snapshot is None:
        return _nothing(room, one)
    live = room.standing(now_s) is Standing.LIVE
    view = view_state.build(snapshot, 0.0 if live else GONE_S)
    alarms = tuple(_with_request(room, alarm, asked) for alarm in view.alarms)
    return replace(
        view,
        header=_header(room, view.header),
        banner=view.banner if live and one.tone != "unheard" else _banner(one),
        alarms=alarms,
    )


def shown(room: Room, now_s: float) -> feed.Snapshot | None:
    """The newest snapshot with the ages of now: the room's own wall clock is left out.

    Of a room that is not heard the alarms stay, as they were last, without their numbers.
    """
    if room.snapshot is None:
        return None
    age_s = room.age_s(now_s) or 0.0
    alarms = room.snapshot.alarms
    if room.standing(now_s) is not Standing.LIVE:
        alarms = [
            msgspec.structs.replace(a, value=None, quality=NOT_HEARD, last_good="") for a in alarms
        ]
    return msgspec.structs.replace(
        room.snapshot,
        alarms=alarms,
        heart_rate=aged(room.snapshot.heart_rate, age_s),
        skin_temperature=aged(room.snapshot.skin_temperature, age_s),
        utc="",
        setup=None,
    )


def load(room: Room, heart: Series, skin: Series) -> Story:
    """Fill the curves from what the room sent; returns what stands beside them."""
    trend = room.trend
    first_s = 0
    if trend is None:
        heart.load(0, [])
        skin.load(0, [])
        first_s = room.recent[0][0] if room.recent else 0
    else:
        heart.load(trend.t0_s, _spread(trend.heart_rate, trend.step_s))
        skin.load(trend.t0_s, _spread(trend.skin_temperature, trend.step_s))
        first_s = trend.t0_s
    for second, beats, degrees in room.recent:
        heart.put(second, beats)
        skin.put(second, degrees)
    gaps = (Gap(signal="", t0_s=0, t1_s=first_s, reason=NOT_RECEIVED),) if first_s else ()
    doses = [] if room.snapshot is None else room.snapshot.doses_s
    return Story(gaps=gaps, marks=tuple(Mark(t_s=t_s, kind="dose") for t_s in doses))


def _spread(points: list[float | None], step_s: int) -> list[float | None]:
    return [value for value in points for _ in range(step_s)]


def _nothing(room: Room, one: TileView) -> ViewState:
    return ViewState(
        header=_header(room, HeaderView(subject=one.subject)),
        banner=_banner(one),
        heart=VitalView(title=HEART_TITLE, unit=HEART_UNIT),
        skin=VitalView(title=SKIN_TITLE, unit=SKIN_UNIT),
    )


def _banner(one: TileView) -> BannerView:
    tones = {"unheard": "lost" if one.flash else "ended", "calm": "calm", "waiting": "waiting"}
    return BannerView(
        tone=tones.get(one.tone, "ended"),
        flash=one.flash,
        heading=f"{one.symbol} {one.word}".strip(),
        line=one.line,
        advice=one.advice,
    )


def _header(room: Room, header: HeaderView) -> HeaderView:
    told = [f"{room.missed} alarm messages missed"] if room.missed else []
    told += [f"in the room: {header.audio}"] if header.audio else []
    mark = f"{room.name.upper()} {header.mark}".strip()
    return replace(
        header, mark=mark, wall="", recording="   ".join(told), audio="", audio_tone="normal"
    )


def _with_request(room: Room, alarm: AlarmView, asked: Asked) -> AlarmView:
    """Say what became of an acknowledgement, until the room itself shows it."""
    state = asked(room.name, alarm.condition, alarm.occurrence)
    if not state or alarm.acknowledged:
        return alarm
    told = f"acknowledgement {state}"
    return replace(alarm, state=f"{told}, {alarm.state}" if alarm.state else told)
