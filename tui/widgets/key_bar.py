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
    ("r", "Rating", "", "score"),
    ("m", "Note", "Note", "note"),
    ("d", "Dose", "Dose", "dose"),
    ("s", "Away", "Away", "standby"),
    ("h", "Handover", "", "handover"),
    ("l", "Log", "", "log"),
    ("i", "", "", "limits"),
    ("t", "", "", "trend"),
    ("n", "", "", "night"),
    ("?", "", "", "help"),
    ("^P", "Menu", "", "command_palette"),
    ("q", "", "", "leave"),
)
SETUP_KEYS = (("g", "Setup", "Setup", "setup"), *LIVE_KEYS)
"""Until the dose: the checklist is what comes next."""
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
PADDING = 4
"""Columns at most that the line cannot use."""

Keys = tuple[tuple[str, str, str, str], ...]
Words = list[tuple[str, str, str]]
"""Key, word and action, as they are shown."""


def fitted(keys: Keys, width: int) -> tuple[Words, int]:
    """The longest words that fit into so many columns, and the space after each."""
    variants = [
        ([(key, (long, short, "")[size], action) for key, long, short, action in keys], space)
        for size in range(3)
        for space in (2, 1)
    ]
    fits = (variant for variant in variants if columns(*variant) <= width)
    return next(fits, variants[-1])


def columns(words: Words, space: int) -> int:
    """How wide it is."""
    return sum(len(_cell(key, word, space)) for key, word, _ in words)


def _cell(key: str, word: str, space: int) -> str:
    return f"{key} {word}{' ' * space}" if word else f"{key} "


class KeyBar(Static):
    """One line of keys, their words as far as they fit. A click does what the key does."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"keys--key", "keys--word"}

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._actions: list[str] = []
        """The action under each column."""

    def show(self, *, replay: bool, setup: bool) -> None:
        """Draw the keys that work now; `setup`: the checklist is open."""
        self.draw(REPLAY_KEYS if replay else SETUP_KEYS if setup else LIVE_KEYS)

    def draw(self, keys: Keys) -> None:
        """Draw these keys."""
        words, space = fitted(keys, self.app.size.width - PADDING)
        key_style = self.get_component_rich_style("keys--key")
        word_style = self.get_component_rich_style("keys--word")
        line, self._actions = Text(no_wrap=True), []
        for key, word, action in words:
            cell = _cell(key, word, space)
            line.append(key, key_style)
            line.append(cell[len(key) :], word_style)
            self._actions += [action] * len(cell)
        self.update(line, layout=False)

    async def on_click(self, event: events.Click) -> None:
        """Do what the key under the mouse does."""
        offset = event.get_content_offset(self)
        if offset is not None and offset.x < len(self._actions):
            await self.run_action(f"app.{self._actions[offset.x]}")
