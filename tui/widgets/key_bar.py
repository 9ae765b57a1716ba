"""The keys, each of them also a button for the mouse."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.widgets import Static

LIVE_KEYS = (
    ("a", "Ack", "Ack", "acknowledge"),
    ("p", "Pause", "Pause", "pause"),
    ("w", "Why", "Why", "why"),
    ("b", "BP", "BP", "pressure"),
    ("c", "Temp", "Temp", "temperature"),
    ("f", "Fluids", "", "fluids"),
    ("r", "Score", "", "score"),
    ("m", "Note", "Note", "note"),
    ("d", "Dose", "Dose", "dose"),
    ("s", "Away", "Away", "standby"),
    ("h", "Handover", "", "handover"),
    ("l", "Log", "Log", "log"),
    ("i", "Limits", "", "limits"),
    ("t", "Trend", "", "trend"),
    ("n", "", "", "night"),
    ("?", "", "", "help"),
    ("^P", "", "", "command_palette"),
    ("q", "", "", "leave"),
)
_IN_REPLAY = ("why", "log", "limits", "trend", "night", "help", "command_palette", "leave")
REPLAY_KEYS = (
    ("space", "Play", "Play", "replay_pause"),
    ("-", "Slower", "", "slower"),
    ("+", "Faster", "Speed", "faster"),
    ("←", "-60 s", "", "rewind"),
    ("→", "+60 s", "60 s", "forward"),
    ("E", "Event before", "", "previous_event"),
    ("e", "Next event", "Event", "next_event"),
    ("j", "Go to", "Go to", "go_to"),
    *(key for key in LIVE_KEYS if key[3] in _IN_REPLAY),
)
WIDE = 110


class KeyBar(Static):
    """One line of keys; short words where the screen is narrow. A click does what the key does."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"keys--key", "keys--word"}

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._actions: list[str] = []
        """The action under each column."""

    def show(self, *, replay: bool) -> None:
        """Draw the keys that work now."""
        wide = self.app.size.width >= WIDE
        key_style = self.get_component_rich_style("keys--key")
        word_style = self.get_component_rich_style("keys--word")
        line, self._actions = Text(no_wrap=True), []
        for key, long, short, action in REPLAY_KEYS if replay else LIVE_KEYS:
            line.append(key, key_style)
            word = long if wide else short
            line.append(f" {word}" if word else "", word_style)
            line.append(" " if not word or (replay and not wide) else "  ")
            self._actions += [action] * (len(line) - len(self._actions))
        self.update(line, layout=False)

    async def on_click(self, event: events.Click) -> None:
        """Do what the key under the mouse does."""
        offset = event.get_content_offset(self)
        if offset is not None and offset.x < len(self._actions):
            await self.run_action(f"app.{self._actions[offset.x]}")
