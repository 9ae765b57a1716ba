"""Does a piece of electrocardiogram join the one before, and is it one at all?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from devices.model import NS_PER_S, Waveform
from monitor.signal.qrs_design import HIGHEST_HZ, LOWEST_HZ

LOST_SAMPLES = 3.0
"""By its own clock the sensor has lost samples when more than this are missing."""
LATE_S = 2.0
"""Without a sensor clock: a frame this much later than its samples is long says that some are
missing; the radio's retries delay by less."""
FLAT_S = 0.5
"""The same value for this long is an electrode off, or a wedged sensor."""
CLIPPED_SHARE, CLIPPED_UV = 0.2, 5_000
"""So many samples at the extremes of a piece that spans more than 5 mV: the amplifier is at its
end, and no complex can be seen."""
SHORT = 200
"""Samples; two of Polar's frames."""


@dataclass(slots=True, eq=False)
class Piece:
    """One frame's samples: when it arrived; whether it is of use and joins the one before."""

    t_ns: int
    wave: Waveform
    joins: bool = False
    usable: bool = False
    _extremes: tuple[int, int] | None = None

    @property
    def extremes(self) -> tuple[int, int]:
        """Lowest and highest sample, microvolts; there must be one."""
        if self._extremes is None:
            self._extremes = _extremes(self.wave)
        return self._extremes


def _extremes(wave: Waveform) -> tuple[int, int]:
    """Of a single frame faster in plain Python than in numpy."""
    if wave.values.size > SHORT:
        return int(wave.values.min()), int(wave.values.max())
    values = wave.values.tolist()
    return min(values), max(values)


class Continuity:
    """Judges pieces in order of arrival.

    Attributes:
        reason: why the newest piece was not usable; "" when it was.
        refused: pieces not used, by reason.
        gaps: times the signal began anew.
    """

    def __init__(self) -> None:
        self.reason = ""
        self.refused: Counter[str] = Counter()
        self.gaps = 0
        self._before: Piece | None = None
        self._flat_s = 0.0
        self._last_uv: int | None = None
        self._broken = True

    def step(self, piece: Piece) -> bool | None:
        """Whether it joins the piece before; None if it is of no use and is a gap."""
        self.reason = self._fault(piece)
        if self.reason:
            self.refused[self.reason] += 1
            self._broken = True
            return None
        piece.usable = True
        piece.joins = not self._broken and self._follows(piece)
        self.gaps += not piece.joins
        self._broken = False
        self._before = piece
        return piece.joins

    def _fault(self, piece: Piece) -> str:
        wave = piece.wave
        if not wave.values.size:
            return "empty"
        if not LOWEST_HZ <= wave.rate_hz <= HIGHEST_HZ:
            return "sampling rate"
        if self._reversed(wave):
            return "time reversed"
        low, high = piece.extremes
        if self._flat(wave, constant=low == high):
            return "flat"
        return "clipped" if _clipped(wave, low, high) else ""

    def _reversed(self, wave: Waveform) -> bool:
        before = self._before.wave.sensor_ns if self._before is not None else None
        return before is not None and wave.sensor_ns is not None and wave.sensor_ns <= before

    def _flat(self, wave: Waveform, *, constant: bool) -> bool:
        first, last = int(wave.values[0]), int(wave.values[-1])
        before_s = self._flat_s if first == self._last_uv else 0.0
        self._flat_s = before_s + wave.values.size / wave.rate_hz if constant else 0.0
        self._last_uv = last
        return self._flat_s >= FLAT_S

    def _follows(self, piece: Piece) -> bool:
        before = self._before
        if before is None or before.wave.rate_hz != piece.wave.rate_hz:
            return False
        long_s = piece.wave.values.size / piece.wave.rate_hz
        if before.wave.sensor_ns is not None and piece.wave.sensor_ns is not None:
            passed_s = (piece.wave.sensor_ns - before.wave.sensor_ns) / NS_PER_S
            return abs(passed_s - long_s) * piece.wave.rate_hz <= LOST_SAMPLES
        return (piece.t_ns - before.t_ns) / NS_PER_S <= long_s + LATE_S


def _clipped(wave: Waveform, low: int, high: int) -> bool:
    if high - low < CLIPPED_UV:
        return False
    extreme = max(np.count_nonzero(wave.values == low), np.count_nonzero(wave.values == high))
    return bool(extreme > CLIPPED_SHARE * wave.values.size)
