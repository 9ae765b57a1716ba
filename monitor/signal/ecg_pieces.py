"""Does a piece of electrocardiogram join the one before, and is it one at all?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from devices.model import NS_PER_S, Waveform, Waveforms
from monitor.signal.qrs_design import HIGHEST_HZ, LOWEST_HZ
from monitor.signal.window import Times

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
SMALL_UV, SMALL_S = 150, 6.0
"""A monitor for adults takes nothing up to 0.15 mV for a complex (AAMI EC13, IEC 60601-2-27: from
memory, unverified). After this long, the longest pause between beats, it is an electrode off."""
NOISY_UV, EVERY = 330, 2
"""More than half of the second differences (of every other sample) beyond this: white or muscle
noise of 0.2 mV and more, as of dry electrodes, in which beats come and go. Not one piece in a
hundred of any of the 24 annotated records is like that."""
SET_BACK_S = 3.0
"""Frames behind those before, but in order among themselves for this long, are of a sensor whose
clock was set back; fewer are frames that came twice or late."""
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


@dataclass(slots=True, eq=False)
class Pieces:
    """Many frames' samples as columns; `whole`: all are of use, and each joins the one before."""

    t_ns: Times
    waves: Waveforms
    whole: bool = False
    singles: list[Piece] | None = None

    def each(self) -> list[Piece]:
        """The same pieces one by one; always the same objects."""
        if self.singles is None:
            times = self.t_ns.tolist()
            self.singles = [Piece(t, self.waves.piece(i)) for i, t in enumerate(times)]
        return self.singles

    @property
    def sizes(self) -> Times:
        """Samples of each."""
        return np.diff(self.waves.ends, prepend=0)


def one_by_one(pieces: Sequence[Piece | Pieces]) -> list[Piece]:
    """All pieces, those in columns too."""
    found: list[Piece] = []
    for piece in pieces:
        found += piece.each() if isinstance(piece, Pieces) else [piece]
    return found


def spans(pieces: Sequence[Piece | Pieces]) -> tuple[Times, Times]:
    """Arrival and length, nanoseconds, of the pieces that were of use."""
    if len(pieces) == 1 and isinstance(pieces[0], Pieces) and pieces[0].whole:
        long_ns = np.rint(pieces[0].sizes / pieces[0].waves.rate_hz * NS_PER_S).astype(np.int64)
        return pieces[0].t_ns, long_ns
    good = [piece for piece in one_by_one(pieces) if piece.usable]
    long_s = [round(p.wave.values.size / p.wave.rate_hz * NS_PER_S) for p in good]
    return np.array([p.t_ns for p in good], np.int64), np.array(long_s, np.int64)


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
        self._behind: Piece | None = None
        self._behind_s = 0.0
        self._flat_s, self._small = 0.0, 0
        self._last_uv: int | None = None
        self._broken = True

    def step(self, piece: Piece) -> bool | None:
        """Whether it joins the piece before; None if it is of no use and is a gap."""
        self.reason = self._fault(piece)
        if self.reason:
            self.refused[self.reason] += 1
            # What comes behind the others takes nothing from them: the next one may join.
            self._broken = self._broken or self.reason != "time reversed"
            return None
        piece.usable = True
        piece.joins = not self._broken and self._follows(piece)
        self.gaps += not piece.joins
        self._broken = False
        self._before = piece
        return piece.joins

    def whole(self, pieces: Pieces) -> bool | None:
        """Take many pieces at once; whether the first joins the piece before.

        None, and nothing is taken, if any of them is of no use, stands still, or begins anew: they
        are then to be taken one by one.
        """
        waves, sizes = pieces.waves, pieces.sizes
        before = self._before.wave.sensor_ns if self._before is not None else None
        behind = before is not None and int(waves.sensor_ns[0]) <= before
        small = None if behind else _unbroken(waves, sizes, self._small)
        if small is None or not LOWEST_HZ <= waves.rate_hz <= HIGHEST_HZ:
            return None
        first, last = (Piece(int(pieces.t_ns[i]), waves.piece(i)) for i in (0, sizes.size - 1))
        joins = not self._broken and self._follows(first)
        self.reason = ""
        self.gaps += not joins
        self._broken, self._before, self._behind = False, last, None
        self._flat_s, self._small, self._last_uv = 0.0, small, int(waves.values[-1])
        pieces.whole = True
        return joins

    def _fault(self, piece: Piece) -> str:
        wave = piece.wave
        if not wave.values.size:
            return "empty"
        if not LOWEST_HZ <= wave.rate_hz <= HIGHEST_HZ:
            return "sampling rate"
        if self._reversed(wave) and not self._set_back(piece):
            return "time reversed"
        self._behind = None
        return self._looks(wave, *piece.extremes)

    def _looks(self, wave: Waveform, low: int, high: int) -> str:
        """What is wrong with its samples."""
        if self._flat(wave, constant=low == high):
            return "flat"
        if self._is_small(wave, high - low):
            return "too small"
        if _noisy(wave.values):
            return "noisy"
        return "clipped" if _clipped(wave, low, high) else ""

    def _reversed(self, wave: Waveform) -> bool:
        before = self._before.wave.sensor_ns if self._before is not None else None
        return before is not None and wave.sensor_ns is not None and wave.sensor_ns <= before

    def _set_back(self, piece: Piece) -> bool:
        """Whether pieces behind the others have followed each other for long: begin anew there."""
        goes_on = self._behind is not None and _on_time(self._behind.wave, piece.wave)
        before_s = self._behind_s if goes_on else 0.0
        self._behind_s = before_s + piece.wave.values.size / piece.wave.rate_hz
        self._behind = piece
        back = self._behind_s >= SET_BACK_S
        self._broken = self._broken or back
        return back

    def _is_small(self, wave: Waveform, span_uv: int) -> bool:
        """Whether there was nothing as tall as a complex for longer than any pause."""
        self._small = self._small + wave.values.size if span_uv <= SMALL_UV else 0
        return self._small > SMALL_S * wave.rate_hz

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
            return _on_time(before.wave, piece.wave)
        return (piece.t_ns - before.t_ns) / NS_PER_S <= long_s + LATE_S


def _on_time(before: Waveform, wave: Waveform) -> bool:
    """Whether, by the sensor's clock, no sample is missing between two pieces."""
    if before.sensor_ns is None or wave.sensor_ns is None:
        return False
    passed_s = (wave.sensor_ns - before.sensor_ns) / NS_PER_S
    return abs(passed_s - wave.values.size / wave.rate_hz) * wave.rate_hz <= LOST_SAMPLES


def _unbroken(waves: Waveforms, sizes: Times, small: int) -> int | None:
    """Samples at the end that are small, `small` of them before these pieces.

    None if the pieces do not follow each other, or one is constant, clipped, noisy, or small for
    too long.
    """
    passed_ns = np.diff(waves.sensor_ns)
    missing = np.abs(passed_ns / NS_PER_S - sizes[1:] / waves.rate_hz) * waves.rate_hz
    if (passed_ns <= 0).any() or (missing > LOST_SAMPLES).any():
        return None
    starts = waves.ends - sizes
    low = np.minimum.reduceat(waves.values, starts).astype(np.int64)
    high = np.maximum.reduceat(waves.values, starts).astype(np.int64)
    wide = np.flatnonzero(high - low >= CLIPPED_UV).tolist()
    clipped = (_clipped(waves.piece(i), int(low[i]), int(high[i])) for i in wide)
    tall = np.where(high - low > SMALL_UV, np.cumsum(sizes), -small)
    smalls = np.cumsum(sizes) - np.maximum.accumulate(tall)
    too_small = (smalls > SMALL_S * waves.rate_hz).any()
    if (low == high).any() or too_small or any(clipped) or _any_noisy(waves, starts, sizes):
        return None
    return int(smalls[-1])


def _any_noisy(waves: Waveforms, starts: Times, sizes: Times) -> bool:
    if (sizes == sizes[0]).all():
        return bool(_noisy(waves.values[: waves.ends[-1]].reshape(sizes.size, -1)).any())
    return any(_noisy(waves.values[a:b]) for a, b in zip(starts, waves.ends, strict=True))


def _noisy(values: NDArray[np.int32]) -> NDArray[np.bool_] | np.bool_:
    """Of each piece, along the last axis; fewer than three samples are not."""
    bend = values[..., :-2:EVERY] - 2 * values[..., 1:-1:EVERY] + values[..., 2::EVERY]
    noisy: NDArray[np.bool_] = (np.abs(bend) > NOISY_UV).sum(axis=-1) * 2 > bend.shape[-1]
    return noisy


def _clipped(wave: Waveform, low: int, high: int) -> bool:
    if high - low < CLIPPED_UV:
        return False
    extreme = max(np.count_nonzero(wave.values == low), np.count_nonzero(wave.values == high))
    return bool(extreme > CLIPPED_SHARE * wave.values.size)
