"""An electrocardiogram of given beats: a sum of bell-shaped waves a beat, as in McSharry 2003.

That paper is cited from memory and its sizes are not verified; the waves here are ours, of the size
of a chest lead. It serves detectors and screens, no diagnosis.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulators.heart import BREATH_HZ, FIBRILLATING, PREMATURE, Beats
from simulators.noise import Floats


class _Wave(NamedTuple):
    """Height (uV), place after the R peak (s) and width (SD, s) at one beat a second."""

    uv: float
    at_s: float
    sd_s: float


_QRS = (_Wave(-110.0, -0.026, 0.009), _Wave(1050.0, 0.0, 0.011), _Wave(-220.0, 0.028, 0.010))
_P = _Wave(120.0, -0.16, 0.022)
_T = _Wave(260.0, 0.26, 0.045)
_WIDE = (_Wave(1300.0, 0.0, 0.040), _Wave(-450.0, 0.10, 0.040))
_WIDE_T = _Wave(-330.0, 0.30, 0.055)
"""A premature ventricular beat: wide, without a P wave, its T wave turned."""
BREATH_SHARE = 0.08
"""Breathing turns the heart's axis: height of the waves, and the baseline moves."""
BREATH_UV = 70.0
FIBRILLATION_HZ, FIBRILLATION_UV = 6.3, 35.0
REACH_S = 0.7
"""How far a beat's waves reach."""


def ecg_uv(t_s: Floats, beats: Beats) -> Floats:
    """Microvolts at these ascending times, of beats that begin and end `REACH_S` beyond them."""
    breath = np.sin(2.0 * np.pi * BREATH_HZ * t_s)
    signal = np.zeros_like(t_s)
    for beat_s, rr_ms, rhythm in zip(*(column.tolist() for column in beats), strict=True):
        a, b = np.searchsorted(t_s, [beat_s - REACH_S, beat_s + REACH_S])
        signal[a:b] += _beat(t_s[a:b] - beat_s, rr_ms / 1000.0, rhythm)
        if rhythm == FIBRILLATING:
            near = t_s[a:b]
            wavy = np.sin(2.0 * np.pi * FIBRILLATION_HZ * near + 3.0 * np.sin(near))
            signal[a:b] += 0.5 * FIBRILLATION_UV * wavy
    return signal * (1.0 + BREATH_SHARE * breath) + BREATH_UV * breath


def _beat(since_s: Floats, rr_s: float, rhythm: int) -> Floats:
    """One beat; P and T stand closer to R the faster the heart, as with Bazett's QT."""
    close = min(max(rr_s, 0.3), 1.2) ** 0.5
    if rhythm == PREMATURE:
        waves: tuple[_Wave, ...] = (*_WIDE, _WIDE_T)
    elif rhythm == FIBRILLATING:
        waves = (*_QRS, _moved(_T, close))
    else:
        waves = (_moved(_P, close), *_QRS, _moved(_T, close))
    bells = (w.uv * np.exp(-0.5 * ((since_s - w.at_s) / w.sd_s) ** 2) for w in waves)
    return sum(bells, np.zeros_like(since_s))


def _moved(wave: _Wave, close: float) -> _Wave:
    return _Wave(wave.uv, wave.at_s * close, wave.sd_s * close)
