"""Highest and lowest vitals of a block: a zone map, by which whole blocks need not be judged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.signal.hold import Displayed, Flags
from monitor.signal.window import Values


@dataclass(frozen=True, slots=True)
class Extremes:
    """Over the valid seconds of a block; NaN, which reaches no limit, where there are none."""

    lowest_bpm: float
    highest_bpm: float
    highest_degc: float
    highest_irregular_pct: float


def extremes(heart: Displayed, skin: Displayed, irregular_pct: Values) -> Extremes:
    """The extremes of displayed heart rate, skin temperature and share of odd intervals."""
    lowest_bpm, highest_bpm = _range(heart.value, heart.valid)
    return Extremes(
        lowest_bpm,
        highest_bpm,
        _range(skin.value, skin.valid)[1],
        _range(irregular_pct, ~np.isnan(irregular_pct))[1],
    )


def _range(values: Values, usable: Flags) -> tuple[float, float]:
    some = values[usable]
    return (float(some.min()), float(some.max())) if some.size else (np.nan, np.nan)
