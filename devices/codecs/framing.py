"""Finding fixed-size frames between STX and ETX in a byte stream that has no checksum."""

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
        size: bytes of a frame, STX and ETX included.
        read: the measurements of a frame, or None if it is none after all; STX and ETX occur in
            data, so a look-alike must be tried and left one byte further on.
    """

    __slots__ = ("_pending", "_read", "_size", "_skipping", "malformed")

    def __init__(self, size: int, read: Callable[[bytes], list[Measurement] | None]) -> None:
        self.malformed = 0
        self._size = size
        self._read = read
        self._pending = b""
        self._skipping = False

    def feed(self, payload: bytes) -> list[Measurement]:
        """Decode what is complete, keep the rest."""
        data = self._pending + payload
        found: list[Measurement] = []
        at = 0
        while (start := data.find(STX, at)) >= 0:
            if start > at:
                self._skip()
            at = start
            if len(data) - at < self._size:
                break
            at += self._take(data[at : at + self._size], found)
        else:
            if at < len(data):
                self._skip()
            at = len(data)
        self._pending = data[at:]
        return found

    def _take(self, frame: bytes, found: list[Measurement]) -> int:
        """Read one candidate; returns the bytes it used up."""
        measurements = self._read(frame) if frame[-1] == ETX else None
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
