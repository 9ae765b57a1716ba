"""The last seconds of an electrocardiogram as a strip for the screen: extremes of equal parts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from devices.model import NS_PER_S
from monitor.signal.ecg_pieces import Piece

STRIP_S = 5.0
PARTS = 200
LATEST_S = 1.0
"""A frame's samples come when it is full: the strip ends with the newest, unless that is older."""

Extremes = list[int | None]


def extremes(pieces: Sequence[Piece], now_ns: int) -> tuple[Extremes, Extremes]:
    """Lowest and highest microvolts of each part of the strip; None where there is no sample."""
    low, high = np.full(PARTS, np.inf), np.full(PARTS, -np.inf)
    newest_ns = pieces[-1].t_ns if pieces else 0
    end_ns = max(newest_ns, now_ns - int(LATEST_S * NS_PER_S))
    for piece in pieces:
        wave = piece.wave
        before_s = (wave.values.size - 1 - np.arange(wave.values.size)) / wave.rate_hz
        age_s = (end_ns - _taken_ns(piece, pieces[-1])) / NS_PER_S + before_s
        part = PARTS - 1 - np.floor(age_s / STRIP_S * PARTS).astype(np.int64)
        seen = (part >= 0) & (part < PARTS)
        np.minimum.at(low, part[seen], wave.values[seen])
        np.maximum.at(high, part[seen], wave.values[seen])
    return _whole(low), _whole(high)


def _taken_ns(piece: Piece, newest: Piece) -> int:
    """When the last sample was taken: by the sensor's clock, as frames may arrive in a burst."""
    own, last = piece.wave.sensor_ns, newest.wave.sensor_ns
    return piece.t_ns if own is None or last is None else newest.t_ns - (last - own)


def _whole(values: np.ndarray) -> Extremes:
    return [int(v) if np.isfinite(v) else None for v in values.tolist()]
