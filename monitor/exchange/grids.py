"""Signals on a regular grid, for formats that hold nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from devices.model import NS_PER_S
from monitor.errors import ExportError
from monitor.exchange import session as s
from monitor.exchange.decoded import EcgRun
from monitor.exchange.session import Session


def per_second(session: Session, name: str) -> NDArray[np.float64]:
    """One value a second from 0 to the end; NaN where there is none."""
    size = session.end_ns // NS_PER_S + 1
    grid = np.full(size, np.nan)
    if name in {s.HEART, s.SKIN}:
        values = session.heart if name == s.HEART else session.skin
        grid[: values.size] = values[:size]
        return grid
    for one in session.series.get(name, ()):
        at = np.minimum(one.t_ns // NS_PER_S, size - 1)
        grid[at] = one.values
        break
    return grid


def ecg_grid(
    runs: Sequence[EcgRun], size_s: float
) -> tuple[float, NDArray[np.float64], list[tuple[int, int]]]:
    """All runs on one grid from session time 0.

    Args:
        runs: with one rate.
        size_s: length of the grid, seconds.

    Returns:
        Samples a second; microvolts, NaN where there is no sample; the stretches without samples
        as (first index, index after the last).

    Raises:
        ExportError: the runs have several rates.
    """
    rates = sorted({run.rate_hz for run in runs})
    if len(rates) > 1:
        told = ", ".join(f"{rate:g}" for rate in rates)
        raise ExportError(f"the ECG has several rates ({told} Hz): this format holds one")
    rate = rates[0]
    ends = [round(run.start_ns * rate / NS_PER_S) + run.uv.size for run in runs]
    size = max(round(size_s * rate), *ends)
    grid = np.full(size, np.nan)
    for run in runs:
        first = max(0, round(run.start_ns * rate / NS_PER_S))
        grid[first : first + run.uv.size] = run.uv
    return rate, grid, _holes(np.isnan(grid))


def _holes(missing: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(missing, prepend=False, append=False)).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))
