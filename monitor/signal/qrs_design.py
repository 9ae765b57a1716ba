"""Constants of the QRS detector, and what they come to at a sampling rate.

All were chosen on every second annotated record of `benchmarks/heart_rate.py` at 130 and 360 Hz,
with and without added noise, and are reported on the others (`docs/signal.md`).
"""

from __future__ import annotations

from typing import NamedTuple

LOWEST_HZ, HIGHEST_HZ = 100.0, 1000.0
"""Rates the detector is made for."""
SMOOTH_S = 0.012
"""Each of two moving sums that smooth the signal before it is differentiated."""
SLOPE_S, BEND_S = 0.018, 0.030
"""Arms of the first and second difference: together a band of about 10 to 25 Hz."""
HOLD_S = 0.087
"""A peak counts if none higher follows within this."""
DOUBT_HOLD_S = 0.34
"""How long a peak only just above the threshold waits: a P wave is followed by its larger QRS."""
REFRACTORY_S = 0.18
"""No two beats are closer: 333 a minute."""
LEARN_S = 2.0
"""The first levels come from this much signal."""
REFINE_S, GROUND_S = 0.070, 0.100
"""The R peak is sought this far around the energy's peak, above the mean of this far around it."""
FIRST_RR_S, SHORTEST_RR_S, LONGEST_RR_S = 0.8, 0.24, 2.0
CLIP_UV = 20_000
"""Differences beyond 20 mV are electrodes being moved, not a heart."""
RINGS = 4096
"""Samples remembered: the two seconds of learning at the highest rate. A power of two."""


class Design(NamedTuple):
    """The detector's lengths at one sampling rate, in samples. `delay`: of the energy signal."""

    smooth: int
    slope: int
    bend: int
    hold: int
    doubt_hold: int
    refractory: int
    learn: int
    refine: int
    ground: int
    clip: int
    delay: int


def design(rate_hz: float) -> Design:
    """Lengths at `rate_hz`; ValueError outside `LOWEST_HZ` to `HIGHEST_HZ`."""
    if not LOWEST_HZ <= rate_hz <= HIGHEST_HZ:
        raise ValueError(f"ECG at {rate_hz:g} Hz: allowed are {LOWEST_HZ:g} to {HIGHEST_HZ:g} Hz")

    def samples(seconds: float) -> int:
        return max(1, round(seconds * rate_hz))

    smooth, slope, bend = samples(SMOOTH_S), samples(SLOPE_S), samples(BEND_S)
    return Design(
        smooth,
        slope,
        bend,
        samples(HOLD_S),
        samples(DOUBT_HOLD_S),
        samples(REFRACTORY_S),
        samples(LEARN_S),
        samples(REFINE_S),
        samples(GROUND_S),
        CLIP_UV * smooth * smooth,
        max(slope, bend) + smooth - 1,
    )
