"""Compiles the kernels of the signal stages, where numba is installed."""

from __future__ import annotations

import numpy as np

from monitor.signal import ecg_beats, fast, qrs_kernel, rate_kernel, rr_kernel


def accelerate() -> bool:
    """Compile the kernels if numba is installed; seconds on the first run, off the loop."""
    if fast.is_compiled(qrs_kernel.scan):
        return True
    one = np.array([800.0])
    rates = (one, *rate_kernel.memory(), *np.empty((4, 1)))
    kinds = (one, *rr_kernel.memory(), np.zeros(2, np.int64), np.zeros(2))
    return fast.load(
        [
            (qrs_kernel.scan, ecg_beats.trial()),
            (rate_kernel.follow, rates),
            (rr_kernel.judge, kinds),
        ]
    )
