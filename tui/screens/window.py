"""A window over the dashboard: it is answered once, however fast the keys come."""

from __future__ import annotations

from typing import TypeVar

from textual.screen import ModalScreen

Answer = TypeVar("Answer")


class Window(ModalScreen[Answer]):
    """A modal screen whose second answer, from a key pressed twice, is dropped."""

    _answered = False

    def answer(self, value: Answer) -> None:
        """Close with this answer."""
        if not self._answered:
            self._answered = True
            self.dismiss(value)
