"""The wall in words: how many rooms, what is worst, what sounds. Pure; no Textual."""

from __future__ import annotations

import re
from collections.abc import Iterable

from monitor.central.station import Station
from monitor.central.wall import Wall
from tui import wording
from tui.central.tile_words import (
    CALM_RANK,
    ENDED_RANK,
    NO_ALARM,
    SEEN_RANK,
    WAITING_RANK,
    tile,
)
from tui.central.views import TileView, WallView
from tui.views import BannerView, HeaderView
from tui.wording import plain

BY_NAME, WORST_FIRST = "by name", "worst first"
SHORT_S = 5.0
"""Until then a connection is being made, and nothing is wrong yet."""


def wall_view(
    station: Station, now_s: float, sound: tuple[str, str] = ("", "normal"), *, narrow: bool = False
) -> WallView:
    """The wall as it is now.

    Args:
        station: as it was moved on last.
        now_s: its seconds.
        sound: what is to be said of the sound, and how: normal, paused or bad.
        narrow: fewer words in the first line.
    """
    wall = station.wall
    tiles = tuple(tile(room, now_s, connected=wall.connected) for room in wall.rooms.values())
    worst = min(tiles, key=_urgency, default=None)
    return WallView(
        header=HeaderView(
            mark="CENTRAL",
            subject="" if narrow else plain(wall.clinic, 32),
            clock=_counts(tiles, connected=wall.connected, narrow=narrow),
            recording=_told(wall),
            audio=sound[0],
            audio_tone=sound[1],
        ),
        banner=_banner(wall, tiles, worst, now_s),
        tiles=tiles,
        worst="" if worst is None else worst.room,
    )


def ordered(tiles: Iterable[TileView], order: str) -> tuple[TileView, ...]:
    """The tiles as they stand on the wall."""
    return tuple(sorted(tiles, key=_urgency if order == WORST_FIRST else lambda t: _name(t.room)))


def _urgency(one: TileView) -> tuple[int, list[tuple[int, str]]]:
    return one.rank, _name(one.room)


def _name(room: str) -> list[tuple[int, str]]:
    """Room 2 stands before room 10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", room)]


def _counts(tiles: tuple[TileView, ...], *, connected: bool, narrow: bool) -> str:
    live = sum(t.live for t in tiles) if connected else 0
    unheard = sum(t.tone == "unheard" and not t.live for t in tiles)
    alarming = sum(t.tone in {"high", "medium", "low"} for t in tiles)
    ended = sum(t.rank == ENDED_RANK for t in tiles)
    waiting = sum(t.rank == WAITING_RANK for t in tiles)
    parts = [f"{len(tiles)} room{'s' * (len(tiles) != 1)}", f"{live} fresh", f"{alarming} alarming"]
    parts += [f"{unheard} SILENT"] if unheard else ["0 silent"]
    if not narrow:
        parts += [f"{waiting} waiting"] * bool(waiting) + [f"{ended} ended"] * bool(ended)
    return ", ".join(parts)


def _told(wall: Wall) -> str:
    """Messages that were dropped: somebody sends what no room should."""
    lost = sum(wall.dropped.values())
    return f"{lost} refused (i)" if lost else ""


def dropped(wall: Wall) -> list[str]:
    """How many messages were dropped, by reason."""
    return [f"{count:>7}  {why}" for why, count in wall.dropped.most_common()]


def _banner(
    wall: Wall, tiles: tuple[TileView, ...], worst: TileView | None, now_s: float
) -> BannerView:
    offline_s = wall.offline_s(now_s)
    if offline_s is not None:
        return _offline(wall, offline_s)
    heard = [t for t in tiles if t.live]
    unheard = [t for t in tiles if t.tone == "unheard" and not t.live]
    if len(unheard) > 1 and not heard:
        return BannerView(
            tone="lost",
            flash=any(t.flash for t in unheard),
            heading=f"*** NO ROOM IS HEARD  ({len(unheard)})",
            line="The broker is there, the rooms are not: their network, or all of them at once.",
            advice="Nobody is seen from here. Alarms still sound in the rooms: go and look.",
        )
    if worst is None or worst.rank >= CALM_RANK - 1:
        return _calm(tiles)
    return _worst(worst, tiles)


def _worst(worst: TileView, tiles: tuple[TileView, ...]) -> BannerView:
    others = sum(t.rank < WAITING_RANK for t in tiles) - 1
    more = f"   +{others} more rooms" if others > 1 else "   +1 more room" if others else ""
    here = f"+{worst.more} more here" if worst.more else ""
    parts = (worst.since, here, worst.subject, worst.clock)
    return BannerView(
        tone="lost" if worst.tone == "unheard" and worst.flash else worst.tone,
        flash=worst.flash,
        heading=f"{worst.symbol} {worst.word}  {worst.room}: {worst.line}{more}",
        line="   ".join(part for part in parts if part),
        advice=worst.advice,
    )


def _calm(tiles: tuple[TileView, ...]) -> BannerView:
    calm = [t for t in tiles if t.tone == "calm"]
    if not calm:
        ended = bool(tiles) and all(t.rank == ENDED_RANK for t in tiles)
        heading = "Every session has ended" if ended else "No room is heard yet"
        return BannerView(tone="calm", heading=heading)
    held = sum(t.word != NO_ALARM for t in calm)
    away = f", {held} in standby: alarms are held back there" if held else ""
    heading = f"No alarms in {len(calm)} room{'s' * (len(calm) != 1)}{away}"
    return BannerView(tone="calm", heading=heading)


def _offline(wall: Wall, offline_s: float) -> BannerView:
    why = f": {plain(wall.reason, 120)}" if wall.reason else ""
    if offline_s < SHORT_S and not any(room.heard_s for room in wall.rooms.values()):
        return BannerView(tone="waiting", heading="Connecting to the broker", line=why[2:])
    return BannerView(
        tone="lost",
        flash=True,
        heading="*** NO CONNECTION TO THE BROKER",
        line=f"for {wording.ago(offline_s)}, trying again{why}",
        advice="No room is seen from here. Alarms still sound in the rooms: go and look.",
    )


def elsewhere(view: WallView, room: str) -> tuple[str, str]:
    """What a room's own screen says of all the others, and its tone; empty for nothing."""
    if view.banner.tone == "lost" and not view.banner.heading.startswith("?"):
        return f"{view.banner.heading}  {view.banner.line}", "lost"
    others = [one for one in view.tiles if one.room != room and one.rank < SEEN_RANK]
    worst = min(others, key=_urgency, default=None)
    if worst is None:
        return "", ""
    more = f"   +{len(others) - 1} more" if len(others) > 1 else ""
    heading = f"elsewhere: {worst.symbol} {worst.word}  {worst.room}: {worst.line}{more}"
    return heading, worst.tone
