"""Seeded noise that can be asked for anywhere, in any order."""

from __future__ import annotations

import math
import zlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BLOCK = 256
"""Values drawn at once; a generator costs as much as some hundred values."""
KINDS = {"uniform": 0, "normal": 1}


@lru_cache(maxsize=512)
def _block(seed: int, stream: int, kind: str, number: int) -> Floats:
    # Philox is counter-based: a key (seed; stream, block) opens its own sequence at once.
    key = [seed % 2**64, (stream << 32 | KINDS[kind] << 31 | number % 2**31)]
    generator = np.random.Generator(np.random.Philox(key=np.array(key, np.uint64)))
    values = generator.random(BLOCK) if kind == "uniform" else generator.standard_normal(BLOCK)
    values.setflags(write=False)
    return values


class Noise:
    """White noise addressed by a whole number (negative ones too); streams are independent."""

    def __init__(self, seed: int, stream: str) -> None:
        self._seed, self._stream = seed, zlib.crc32(stream.encode())

    def normal(self, first: int, count: int) -> Floats:
        """`count` values from index `first` on, mean 0, SD 1."""
        return self._values("normal", first, count)

    def uniform(self, first: int, count: int) -> Floats:
        """`count` values from index `first` on, between 0 and 1."""
        return self._values("uniform", first, count)

    def _values(self, kind: str, first: int, count: int) -> Floats:
        start, stop = first // BLOCK, (first + count - 1) // BLOCK
        blocks = [_block(self._seed, self._stream, kind, n) for n in range(start, stop + 1)]
        offset = first - start * BLOCK
        return np.concatenate(blocks)[offset : offset + count]


class Wander:
    """A slow, bounded, smooth random course: a few sines with seeded phases and periods.

    Args:
        seed: of the person.
        stream: name of this course.
        sd: standard deviation over a long time.
        period_s: (shortest, longest) period of its sines.
    """

    SINES = 6

    def __init__(self, seed: int, stream: str, sd: float, period_s: tuple[float, float]) -> None:
        draw = Noise(seed, stream).uniform(0, 2 * self.SINES)
        shortest, longest = period_s
        # Evenly spread in log period, each a little off, so that the course never repeats.
        place = (np.arange(self.SINES) + draw[: self.SINES]) / self.SINES
        self._omega = 2.0 * np.pi / (shortest * (longest / shortest) ** place)
        self._phase = 2.0 * np.pi * draw[self.SINES :]
        self._amplitude = sd * math.sqrt(2.0 / self.SINES)

    def at(self, t_s: Floats) -> Floats:
        """The course at times in seconds."""
        angle = self._omega[:, None] * t_s[None, :] + self._phase[:, None]
        total: Floats = self._amplitude * np.sin(angle).sum(axis=0)
        return total
