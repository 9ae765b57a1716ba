"""Whether more than one engine speaks for a room: what is shown then belongs to two people."""

from __future__ import annotations

from collections import deque

REMEMBERED = 8
"""Speakers of a room that are remembered."""
TURNS = 2
"""An engine that was started anew goes back in numbers once; two that speak in turn do it again."""
WITHIN_S = 60.0


class Claims:
    """Speakers by name, each with its newest number.

    Three of them in a row, A, B, A, or numbers that go back, are a turn; two turns in a minute are
    a dispute. Its own numbers are all it looks at: the clocks of rooms may be wrong.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._last: dict[str, str] = {}
        self._turns_s: deque[float] = deque(maxlen=TURNS)

    def heard(self, kind: str, speaker: str, number: int, now_s: float) -> None:
        """Somebody spoke.

        Args:
            kind: of the speaker's name; names of different kinds are not compared.
            speaker: a session or the start of an engine.
            number: never falls while one engine speaks; 0 where there is none.
            now_s: the station's own seconds.
        """
        name = f"{kind} {speaker}"
        before = self._numbers.pop(name, None)
        back = before is not None and (self._last.get(kind) != name or number < before)
        if back:
            self._turns_s.append(now_s)
        self._numbers[name], self._last[kind] = number, name
        if len(self._numbers) > REMEMBERED:
            del self._numbers[next(iter(self._numbers))]

    def disputed(self, now_s: float) -> bool:
        """Whether two speak for this room now."""
        return len(self._turns_s) == TURNS and now_s - self._turns_s[0] <= WITHIN_S
