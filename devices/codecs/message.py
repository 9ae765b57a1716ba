"""Formats that arrive as whole messages: one payload, one decoding."""

from __future__ import annotations

from collections.abc import Callable

from devices.model import Measurement

Read = Callable[[bytes], list[Measurement] | None]
"""Measurements of one payload, oldest first; None if it is malformed."""


class MessageDecoder:
    """Decodes payload by payload and counts what cannot be decoded."""

    __slots__ = ("_read", "malformed")

    def __init__(self, read: Read) -> None:
        self._read = read
        self.malformed = 0

    def feed(self, payload: bytes) -> list[Measurement]:
        """Decode one payload."""
        found = self._read(payload)
        if found is None:
            self.malformed += 1
            return []
        return found
