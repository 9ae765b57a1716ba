"""Every control of the central station by key, by mouse and by name."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from rich.text import Text
from textual.app import SystemCommand
from textual.binding import Binding
from textual.screen import Screen

from monitor.central.room import UNHEARD, Room
from monitor.central.station import Station
from monitor.feed import Alarm, Snapshot
from tui import wording
from tui.central import room_view
from tui.central.help_text import HELP
from tui.central.room_screen import RoomScreen
from tui.central.tile_words import top_alarm
from tui.central.views import TileView
from tui.central.wall_words import BY_NAME, WORST_FIRST, dropped
from tui.control.colours import Coloured
from tui.plot import SPANS_S
from tui.screens.page import Page
from tui.screens.question import Answer, Question
from tui.screens.why import WhyPage


class CentralControls(Coloured):
    """The actions. A subclass draws."""

    def __init__(self, station: Station, start_theme: str) -> None:
        super().__init__(start_theme)
        self.station = station
        self.order = BY_NAME
        self.tiles: tuple[TileView, ...] = ()
        """As they stand on the wall."""
        self.chosen = ""
        """Name of the chosen room."""

    @property
    def columns(self) -> int:
        """Tiles beside each other."""
        return 1

    def draw(self) -> None:
        """Draw the newest state."""

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002 - Textual's signature
        """What the command palette offers: our own controls."""
        for binding in self.BINDINGS:
            if isinstance(binding, Binding) and binding.show:
                run = partial(self.run_action, f"app.{binding.action}")
                key = binding.key.split(",")[0].replace("question_mark", "?")
                yield SystemCommand(binding.description, f"key {key}", run)

    def action_move(self, right: int, down: int) -> None:
        """Choose another room; in a room, turn to it."""
        names = [tile.room for tile in self.tiles]
        if self.chosen not in names:
            return
        detail = self._detail()
        step = right + down * (1 if detail else self.columns)
        at = names.index(self.chosen)
        if abs(down) == 1 and not detail and not 0 <= at + step < len(names):
            return
        self.chosen = names[min(max(at + step, 0), len(names) - 1)]
        if detail is not None:
            detail.turn_to(self.chosen)
        self.draw()

    def action_open(self) -> None:
        """Show the chosen room in full."""
        if self.chosen and len(self.screen_stack) == 1:
            self.push_screen(RoomScreen(self.station, self.chosen))

    def action_wall(self) -> None:
        """Show the wall again."""
        if isinstance(self.screen, RoomScreen):
            self.pop_screen()

    def action_worst(self) -> None:
        """Choose the room that needs somebody first."""
        worst = min(self.tiles, key=lambda tile: tile.rank, default=None)
        if worst is not None:
            self.chosen = worst.room
            detail = self._detail()
            if detail is not None:
                detail.turn_to(worst.room)
            self.draw()

    def action_order(self) -> None:
        """Put the worst first, or go by name."""
        self.order = BY_NAME if self.order == WORST_FIRST else WORST_FIRST
        self._say(f"Rooms {self.order}.")
        self.draw()

    def action_pause(self) -> None:
        """Pause the sound of this station, or sound again."""
        self.station.toggle_pause()
        self.draw()

    async def action_acknowledge(self) -> None:
        """Seen that a room is silent; in a room's own screen, acknowledge its alarm."""
        room = self._room()
        if room is None:
            return
        if room.standing(self.station.now_s()) in UNHEARD:
            room.seen = True
            self._say(f"{room.name}: seen. Quiet here until it is heard again.")
            return
        alarm = None if room.snapshot is None else top_alarm(room.snapshot)
        if alarm is None or alarm.presence == "ACKNOWLEDGED":
            self._say(f"{room.name}: no alarm to acknowledge.")
        elif self._detail() is None:
            self._say(f"Enter shows {room.name}; a acknowledges there.")
        else:
            await self.acknowledge(room, alarm)

    async def action_acknowledge_one(self, condition: str) -> None:
        """Acknowledge the alarm of this condition in the room on the screen."""
        room = self._room()
        alarms = [] if room is None or room.snapshot is None else room.snapshot.alarms
        found = [alarm for alarm in alarms if alarm.condition == condition]
        if room is not None and found and self._detail() is not None:
            await self.acknowledge(room, found[0])

    async def acknowledge(self, room: Room, alarm: Alarm) -> None:
        """Ask the room to acknowledge this very occurrence."""
        why = await self.station.acknowledge(room, alarm)
        if why:
            self._say(why, severe=True)
        else:
            self._say(f"{room.name}: asked to acknowledge {wording.plain(alarm.message, 40)}.")
        self.draw()

    def action_why(self) -> None:
        """Show why the room alarms."""
        self.push_screen(WhyPage(self._snapshot))

    def action_alarm(self, condition: str) -> None:
        """Show why this alarm is there, and offer to acknowledge it."""
        self.push_screen(WhyPage(self._snapshot, condition))

    def action_log(self) -> None:
        """Show the alarm changes that this station received."""
        self.push_screen(Page("Changes received here", self._changes))

    def action_trend(self) -> None:
        """Show the next span of time in the charts."""
        detail = self._detail()
        if detail is not None:
            detail.span = (detail.span + 1) % len(SPANS_S)
            self.draw()

    def action_info(self) -> None:
        """Show how the broker is reached, and which messages were refused."""
        self.push_screen(Page("Broker", lambda: Text("\n".join(self.facts()))))

    def action_help(self) -> None:
        """Show the help."""
        self.push_screen(Page("Help", lambda: Text(f"{HELP}{wording.STATEMENT}")))

    def action_leave(self) -> None:
        """Ask whether nobody needs this screen any more."""
        if isinstance(self.screen, RoomScreen):
            self.pop_screen()
            return
        if len(self.screen_stack) > 1:
            return
        text = Text("This station will show and sound nothing any more. The rooms go on.")
        answers = (Answer(("y", "q"), "y  Yes, leave", "leave"),)

        def answered(answer: str | None) -> None:
            if answer == "leave":
                self.exit("closed")

        self.push_screen(Question("Leave", lambda: text, answers), answered)

    async def action_quit(self) -> None:
        """Ctrl+Q asks too."""
        self.action_leave()

    def facts(self) -> list[str]:
        """How the broker is reached, and what was refused."""
        wall, settings = self.station.wall, self.station.settings
        offline_s = wall.offline_s(self.station.now_s())
        state = "connected" if offline_s is None else f"not reached for {wording.ago(offline_s)}"
        why = [f"because     {wording.plain(wall.reason, 200)}"] if wall.reason else []
        allowed = "asked for" if settings.remote_acknowledge else "off at this station"
        secure = "TLS" if settings.tls else "NOT ENCRYPTED"
        refused = dropped(wall) or ["      0"]
        return [
            f"broker      {wording.plain(settings.host, 60)}:{settings.port}, {secure}, {state}",
            *why,
            f"clinic      {wall.clinic}   station {wall.station}",
            f"silent      after {wall.stale_s:g} s without a word",
            f"acknowledge {allowed}",
            "",
            "Messages refused, and why:",
            *refused,
        ]

    def _detail(self) -> RoomScreen | None:
        """The room's screen, if one is open, also behind a window."""
        return next((s for s in self.screen_stack if isinstance(s, RoomScreen)), None)

    def _room(self) -> Room | None:
        detail = self._detail()
        return self.station.wall.rooms.get(self.chosen if detail is None else detail.room)

    def _snapshot(self) -> Snapshot | None:
        room = self._room()
        return None if room is None else room_view.shown(room, self.station.now_s())

    def _changes(self) -> Text:
        room = self._room()
        changes = [] if room is None else list(room.changes)[::-1]
        if not changes:
            return Text("None since this station was started.")
        return Text("\n").join(
            Text(
                f"{wording.hms(change.t_ns / 1e9)}  {change.priority:<6} {change.what:<12} "
                f"{wording.plain(change.message, 40)}",
                no_wrap=True,
                overflow="ellipsis",
            )
            for change in changes
        )
