"""Beats from an electrocardiogram, piece by piece as its frames arrive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from devices.model import NS_PER_S
from monitor.signal import fast, qrs_kernel
from monitor.signal.beats import LONGEST_PAUSE_MS, Beats
from monitor.signal.ecg_pieces import Continuity, Piece, Pieces, one_by_one
from monitor.signal.qrs_design import LOWEST_HZ, RINGS, design
from monitor.signal.window import NEVER_NS, Times, Values

MS_PER_S = 1000.0
Samples = NDArray[np.int32]


_NOTHING = Beats.none(), np.empty(0)


def trial() -> tuple[Any, ...]:
    """Arguments to try a compiled detector on."""
    lengths = np.array(design(LOWEST_HZ), np.int64)
    begin = np.zeros(1, np.int64)
    return begin, LOWEST_HZ, lengths, *_state(), np.zeros(1, np.int64), np.zeros((3, 1))


def _state() -> tuple[Any, Any, Any, Any]:
    """The kernel's state at the beginning: integers, floats, rings, ring of energies."""
    return np.zeros(10, np.int64), np.zeros(5), np.zeros((3, RINGS), np.int64), np.zeros(RINGS)


class _Run(NamedTuple):
    """Pieces that join each other; whether the first joins the one before."""

    joins: bool
    rate_hz: float
    t_ns: Times
    ends: Times
    values: Samples

    @classmethod
    def of(cls, pieces: Sequence[Piece]) -> _Run:
        parts = [piece.wave.values for piece in pieces]
        values = parts[0] if len(parts) == 1 else np.concatenate(parts)
        ends = np.cumsum([part.size for part in parts], dtype=np.int64)
        t_ns = np.array([piece.t_ns for piece in pieces], np.int64)
        return cls(pieces[0].joins, pieces[0].wave.rate_hz, t_ns, ends, values)


class EcgBeats:
    """Finds QRS complexes; carries its state from call to call.

    Attributes:
        continuity: which pieces could not be used, and why.
    """

    def __init__(self) -> None:
        self.continuity = Continuity()
        self._rate_hz = 0.0
        self._lengths = np.empty(0, np.int64)
        self._last_ns = NEVER_NS
        self._known, self._out = np.empty(0, np.int64), np.empty((3, 0))
        self._reset()

    def _reset(self) -> None:
        """Begin anew: what comes does not join what was before."""
        self._ints, self._floats, self._rings, self._energy = _state()
        self._plain = False
        self._seen = 0
        self._place = np.nan

    def step(self, pieces: Sequence[Piece | Pieces]) -> tuple[Beats, Values]:
        """Take pieces in order of arrival.

        Returns:
            The beats decided by them, and for each the usual noise peak in shares of the usual
            beat: 0.1 is clean, beyond 0.7 beats can hardly be told from noise.
        """
        found = [self._run(run) for run in self._runs(pieces)]
        if len(found) == 1:
            return found[0]
        every = [_NOTHING[0], *(beats for beats, _ in found)]
        known, at, rr = (
            np.concatenate([getattr(beats, name) for beats in every])
            for name in ("known_ns", "at_ns", "rr_ms")
        )
        return Beats(known, at, rr), np.concatenate([np.empty(0), *(noise for _, noise in found)])

    def _runs(self, pieces: Sequence[Piece | Pieces]) -> list[_Run]:
        """Group pieces that join."""
        if len(pieces) == 1 and isinstance(pieces[0], Pieces):
            joins = self.continuity.whole(pieces[0])
            if joins is not None:
                waves = pieces[0].waves
                return [_Run(joins, waves.rate_hz, pieces[0].t_ns, waves.ends, waves.values)]
        runs: list[list[Piece]] = []
        for piece in one_by_one(pieces):
            joins = self.continuity.step(piece)
            if joins is None:
                continue
            if not joins or not runs:
                runs.append([])
            runs[-1].append(piece)
        return [_Run.of(run) for run in runs]

    def _run(self, run: _Run) -> tuple[Beats, Values]:
        if not run.joins or self._rate_hz != run.rate_hz:
            self._reset()
            self._rate_hz, self._lengths = run.rate_hz, np.array(design(run.rate_hz), np.int64)
        begin, count = self._seen, self._scan(run.values)
        return self._beats(run, begin, count) if count else _NOTHING

    def _beats(self, run: _Run, begin: int, count: int) -> tuple[Beats, Values]:
        """What the scan found, in session time."""
        place, known = self._out[0, :count].copy(), self._known[:count]
        arrival, end = self._arrival(run, begin, known)
        at = arrival - np.rint((end - 1 - place) / run.rate_hz * NS_PER_S).astype(np.int64)
        beats = Beats(arrival, self._forward(at), self._intervals(place, run.rate_hz))
        return beats, self._out[2, :count].copy()

    @staticmethod
    def _arrival(run: _Run, begin: int, known: Times) -> tuple[Times, Times | int]:
        """Arrival of the piece that decided each beat, and the number of samples until its end."""
        if run.t_ns.size == 1:
            return np.full(known.size, run.t_ns[0]), begin + run.values.size
        ends = begin + run.ends
        piece = np.searchsorted(ends, known, side="right")
        return run.t_ns[piece], ends[piece]

    def _scan(self, samples: Samples) -> int:
        """Run the kernel, compiled or plain, over samples; how many beats it found."""
        values = samples.astype(np.int64)
        self._seen += values.size
        learn, refractory = int(self._lengths[6]), int(self._lengths[5])
        self._make_room((values.size + learn) // refractory + 2)
        self._suit(plain=not fast.is_compiled(qrs_kernel.scan))
        count: int = fast.kernel_of(qrs_kernel.scan)(
            values.tolist() if self._plain else values,
            self._rate_hz,
            self._lengths.tolist() if self._plain else self._lengths,
            self._ints,
            self._floats,
            self._rings,
            self._energy,
            self._known,
            self._out,
        )
        return count

    def _make_room(self, beats: int) -> None:
        if self._known.size < beats:
            self._known, self._out = np.empty(beats, np.int64), np.empty((3, beats))

    def _suit(self, *, plain: bool) -> None:
        """Keep the state in lists for Python, which is faster item by item, in arrays for numba."""
        if plain == self._plain:
            return
        self._plain = plain
        if plain:
            self._ints, self._floats = self._ints.tolist(), self._floats.tolist()
            self._rings, self._energy = self._rings.tolist(), self._energy.tolist()
            return
        self._ints, self._floats = np.array(self._ints, np.int64), np.array(self._floats)
        self._rings, self._energy = np.array(self._rings, np.int64), np.array(self._energy)

    def _forward(self, at: Times) -> Times:
        """Times of beats never go back, however the frames' arrival jitters."""
        at = np.maximum.accumulate(np.maximum(at, self._last_ns + 1))
        self._last_ns = int(at[-1])
        return at

    def _intervals(self, place: Values, rate_hz: float) -> Values:
        before = np.empty_like(place)
        before[0], before[1:] = self._place, place[:-1]
        rr = (place - before) * (MS_PER_S / rate_hz)
        self._place = float(place[-1])
        return np.where(rr > LONGEST_PAUSE_MS, np.nan, rr)
