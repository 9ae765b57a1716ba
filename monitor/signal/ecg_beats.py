"""Beats from an electrocardiogram, piece by piece as its frames arrive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from devices.model import NS_PER_S
from monitor.signal import fast, qrs_kernel
from monitor.signal.beats import LONGEST_PAUSE_MS, Beats
from monitor.signal.ecg_pieces import Continuity, Piece
from monitor.signal.qrs_design import RINGS, Design, design
from monitor.signal.window import NEVER_NS, Times, Values

MS_PER_S = 1000.0


def accelerate() -> bool:
    """Compile the detector if numba is installed; a second on the first run, off the loop."""
    compiled = fast.is_compiled(qrs_kernel.scan)
    return compiled or fast.load((qrs_kernel.scan,))


class EcgBeats:
    """Finds QRS complexes; carries its state from call to call.

    Attributes:
        continuity: which pieces could not be used, and why.
    """

    def __init__(self) -> None:
        self.continuity = Continuity()
        self._design: Design | None = None
        self._last_ns = NEVER_NS
        self._reset()

    def _reset(self) -> None:
        """Begin anew: what comes does not join what was before."""
        self._ints: Any = np.zeros(10, np.int64)
        self._floats: Any = np.zeros(5)
        self._rings: list[Any] = [np.zeros(RINGS, np.int64) for _ in range(3)]
        self._rings.append(np.zeros(RINGS))
        self._plain = False
        self._seen = 0
        self._place = np.nan

    def step(self, pieces: Sequence[Piece]) -> tuple[Beats, Values]:
        """Take pieces in order of arrival.

        Returns:
            The beats decided by them, and for each the usual noise peak in shares of the usual
            beat: 0.1 is clean, beyond 0.7 beats can hardly be told from noise.
        """
        found = [self._run(run) for run in self._runs(pieces)]
        if not found:
            return Beats.none(), np.empty(0)
        known, at, rr, noise = (np.concatenate(part) for part in zip(*found, strict=True))
        return Beats(known, at, rr), noise

    def _runs(self, pieces: Sequence[Piece]) -> list[list[Piece]]:
        """Group pieces that join; a run that begins anew is preceded by an empty one."""
        runs: list[list[Piece]] = [[]]
        for piece in pieces:
            joins = self.continuity.step(piece)
            if joins is None:
                continue
            if not joins:
                runs.append([])
            runs[-1].append(piece)
        return runs

    def _run(self, run: Sequence[Piece]) -> tuple[Times, Times, Values, Values]:
        if not run:
            return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0)
        first = run[0].wave
        if not run[0].joins or self._design is None or self._design.rate_hz != first.rate_hz:
            self._reset()
            self._design = design(first.rate_hz)
        ends = self._seen + np.cumsum([piece.wave.values.size for piece in run])
        place, known, noise = self._scan(run)
        frame = np.searchsorted(ends, known, side="right")
        arrival = np.array([piece.t_ns for piece in run], np.int64)[frame]
        after = (ends[frame] - 1 - place) / first.rate_hz
        at = arrival - np.rint(after * NS_PER_S).astype(np.int64)
        self._seen = int(ends[-1])
        return arrival, self._forward(at), self._intervals(place, first.rate_hz), noise

    def _scan(self, run: Sequence[Piece]) -> tuple[Values, NDArray[np.int64], Values]:
        """Run the kernel, compiled or plain, over the samples of `run`."""
        assert self._design is not None  # noqa: S101 - set by the caller
        kernel = fast.kernel_of(qrs_kernel.scan)
        values = np.concatenate([piece.wave.values for piece in run]).astype(np.int64)
        room = (values.size + self._design.learn) // max(1, self._design.refractory) + 2
        place, noise, level = np.empty(room), np.empty(room), np.empty(room)
        known = np.empty(room, np.int64)
        self._suit(plain=not fast.is_compiled(qrs_kernel.scan))
        samples = values.tolist() if self._plain else values
        count = kernel(
            samples,
            self._design,
            self._ints,
            self._floats,
            *self._rings,
            place,
            known,
            level,
            noise,
        )
        return place[:count], known[:count], noise[:count]

    def _suit(self, *, plain: bool) -> None:
        """Keep the state in lists for Python, which is faster item by item, in arrays for numba."""
        if plain == self._plain:
            return
        self._plain = plain
        if plain:
            self._ints, self._floats = self._ints.tolist(), self._floats.tolist()
            self._rings = [ring.tolist() for ring in self._rings]
            return
        self._ints, self._floats = np.array(self._ints, np.int64), np.array(self._floats)
        *whole, energy = self._rings
        self._rings = [*(np.array(ring, np.int64) for ring in whole), np.array(energy, float)]

    def _forward(self, at: Times) -> Times:
        """Times of beats never go back, however the frames' arrival jitters."""
        if at.size:
            at = np.maximum.accumulate(np.maximum(at, self._last_ns + 1))
            self._last_ns = int(at[-1])
        return at

    def _intervals(self, place: Values, rate_hz: float) -> Values:
        rr = np.diff(place, prepend=self._place) * (MS_PER_S / rate_hz)
        if place.size:
            self._place = float(place[-1])
        return np.where(rr > LONGEST_PAUSE_MS, np.nan, rr)
