"""The keys, each of them also a button for the mouse."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.widgets import Static

LIVE_KEYS = (
    ("a", "Acknowledge", "Ack", "acknowledge"),
    ("p", "Pause audio", "Pause", "pause"),
    ("d", "Dose", "Dose", "dose"),
    ("m", "Note", "Note", "note"),
    ("t", "Trend", "Trend", "trend"),
    ("l", "Log", "Log", "log"),
    ("n", "Night", "Night", "night"),
    ("?", "Help", "Help", "help"),
    ("q", "Leave", "Leave", "leave"),
)
REPLAY_KEYS = (
    ("space", "Pause/play", "Play", "replay_pause"),
    ("-", "Slower", "Slow", "slower"),
    ("+", "Faster", "Fast", "faster"),
    ("←", "Back 60 s", "Back", "back"),
    ("→", "On 60 s", "On", "forward"),
    ("e", "Next event", "Event", "next_event"),
    *LIVE_KEYS[4:],
)
WIDE = 110


class KeyBar(Static):
    """One line of keys; short words where the screen is narrow."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"keys--key", "keys--word"}

    def show(self, *, replay: bool) -> None:
        """Draw the keys that work now."""
        word = 1 if self.app.size.width >= WIDE else 2
        key_style = self.get_component_rich_style("keys--key")
        word_style = self.get_component_rich_style("keys--word")
        line = Text(no_wrap=True)
        for item in REPLAY_KEYS if replay else LIVE_KEYS:
            press = Style(meta={"@click": f"app.{item[3]}"})
            line.append(item[0], key_style + press)
            line.append(f" {item[word]}", word_style + press)
            line.append(" " if replay and word == 2 else "  ")
        self.update(line)
