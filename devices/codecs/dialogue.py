"""Small talk on serial lines: what to send when, decided by the bytes heard alone."""

from __future__ import annotations


class WhenSilent:
    """Says its words at the start, and again whenever nothing has come since the last turn.

    Args:
        words: what to send, one a turn; after the last the first again.
    """

    def __init__(self, *words: bytes) -> None:
        self._words = words
        self._next = 0

    def say(self, heard: bytes) -> bytes:
        """See `devices.codec.Dialogue`."""
        if heard and self._next == 0:
            return b""
        words = self._words[self._next]
        self._next = (self._next + 1) % len(self._words)
        return words
