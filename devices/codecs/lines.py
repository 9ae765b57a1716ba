"""Text sensors: one reading a line."""

from __future__ import annotations

import re
from collections.abc import Callable

from devices.model import Measurement

LONGEST = 128
"""Characters of a line; a longer one is no reading, whatever it begins with."""
_ENDS = re.compile(rb"[\n\r\0]")


class LineDecoder:
    """Splits a byte stream into lines and decodes each.

    Chunks may split or join lines anywhere: what comes out, and `malformed`, depend on the bytes
    alone. Holds on to at most `LONGEST` bytes.

    Args:
        read: the measurements of a line without its end and outer spaces; None if it is none.
        partial_first: the first line after opening may have lost its beginning ("6.5" of "36.5")
            without showing it, and is dropped.
        ends: matches one byte that ends a line; empty lines are no lines.
    """

    __slots__ = ("_dropping", "_ends", "_pending", "_read", "malformed")

    def __init__(
        self,
        read: Callable[[str], list[Measurement] | None],
        *,
        partial_first: bool = False,
        ends: re.Pattern[bytes] = _ENDS,
    ) -> None:
        self.malformed = 0
        self._read = read
        self._ends = ends
        self._pending = b""
        self._dropping = partial_first

    def feed(self, payload: bytes) -> list[Measurement]:
        """Decode what is complete, keep the rest."""
        *lines, self._pending = self._ends.split(self._pending + payload)
        found: list[Measurement] = []
        for line in lines:
            self._line(line, found)
        if len(self._pending) > LONGEST:
            self.malformed += not self._dropping
            self._dropping = True
        if self._dropping:
            self._pending = b""
        return found

    def _line(self, line: bytes, found: list[Measurement]) -> None:
        if self._dropping:
            self._dropping = False
            return
        text = line.decode("ascii", errors="replace").strip()
        if not text:
            return
        measurements = self._read(text) if len(line) <= LONGEST else None
        if measurements is None:
            self.malformed += 1
        else:
            found.extend(measurements)


def first_line(payload: bytes) -> str:
    """The first line of a payload that is not empty, without outer spaces; "" if there is none."""
    lines = (line.decode("ascii", errors="replace").strip() for line in _ENDS.split(payload))
    return next((line for line in lines if line), "")
