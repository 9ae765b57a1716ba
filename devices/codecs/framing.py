"""Finding fixed-size frames in a byte stream that has no checksum."""

from __future__ import annotations

from collections.abc import Callable

from devices.model import Measurement

STX = 0x02
ETX = 0x03


class StreamDecoder:
    """Slides over a serial stream and decodes every frame it finds.

    Chunks may split or join frames anywhere: what comes out, and `malformed`, depend on the bytes
    alone. Never holds on to more than one unfinished frame.

    Args:
        size: bytes of a frame, its first and last bytes included.
        read: the measurements of a frame, or None if it is none after all; the marks occur in
            data, so a look-alike must be tried and left one byte further on.
        start: the bytes every frame begins with.
        end: the bytes every frame ends with; empty if it ends with anything.
    """

    __slots__ = ("_end", "_pending", "_read", "_size", "_skipping", "_start", "malformed")

    def __init__(
        self,
        size: int,
        read: Callable[[bytes], list[Measurement] | None],
        start: bytes = bytes([STX]),
        end: bytes = bytes([ETX]),
    ) -> None:
        self.malformed = 0
        self._size = size
        self._read = read
        self._start, self._end = start, end
        self._pending = b""
        self._skipping = False

    def feed(self, payload: bytes) -> list[Measurement]:
        """Decode what is complete, keep the rest."""
        data = self._pending + payload
        found: list[Measurement] = []
        at = 0
        while at < len(data):
            start = self._next_start(data, at)
            if start > at:
                self._skip()
            at = start
            if len(data) - at < self._size:
                break
            at += self._take(data[at : at + self._size], found)
        self._pending = data[at:]
        return found

    def _next_start(self, data: bytes, at: int) -> int:
        """Where the next frame may begin; the end of the data may hold half a start."""
        found = data.find(self._start, at)
        if found >= 0:
            return found
        for length in range(min(len(self._start) - 1, len(data) - at), 0, -1):
            if data.endswith(self._start[:length]):
                return len(data) - length
        return len(data)

    def _take(self, frame: bytes, found: list[Measurement]) -> int:
        """Read one candidate; returns the bytes it used up."""
        measurements = self._read(frame) if frame.endswith(self._end) else None
        if measurements is None:
            self._skip()
            return 1
        self._skipping = False
        found.extend(measurements)
        return self._size

    def _skip(self) -> None:
        # A run of bytes that fits nowhere counts once, however long and in however many chunks.
        self.malformed += not self._skipping
        self._skipping = True
