"""The session's log as the screen shows it: every line, numbered, in the order of time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import msgspec

from monitor.feed import LogLine

LONGEST = 5000
"""Lines kept; an eventful session of 8 h has some hundreds."""
NEWEST = 50
"""Lines in every snapshot: more than ever come between two that a dashboard takes."""


class SessionLog:
    """Grows at its end; numbers go on when it is cleared, so that a line is never mistaken."""

    def __init__(self) -> None:
        self._lines: deque[LogLine] = deque(maxlen=LONGEST)
        self._number = 0

    def append(self, line: LogLine) -> None:
        """Add a line at the end."""
        self._number += 1
        self._lines.append(msgspec.structs.replace(line, n=self._number))

    def extend(self, lines: Iterable[LogLine]) -> None:
        """Add lines of one step, by their times."""
        for line in sorted(lines, key=lambda line: line.t_s):
            self.append(line)

    def clear(self) -> None:
        """Begin anew."""
        self._lines.clear()

    @property
    def all(self) -> list[LogLine]:
        """Every line that is kept, oldest first."""
        return list(self._lines)

    @property
    def newest(self) -> list[LogLine]:
        """The newest lines, oldest first."""
        return list(self._lines)[-NEWEST:]
