"""Single samples of an electrocardiogram, put together into pieces of up to a second."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from devices.codecs.waveform import UV_PER_MV, encode
from devices.model import NS_PER_S, Frame
from monitor.errors import ImportFormatError
from monitor.exchange.plausibility import check_ecg
from monitor.signal.qrs_design import HIGHEST_HZ, LOWEST_HZ

GAP_PERIODS = 1.5
"""A sample later than this many periods after the one before begins a new piece."""
STRETCH = 64
"""Samples over which a column's rate is looked at."""
UNEVEN, UNEVEN_SHARE = 0.05, 0.02
"""Stretches that take so much more or less than they should, and how many may."""
HIGHEST_MV = 2_000_000.0
"""What fits 32 bits of microvolts."""


class EcgColumn:
    """Collects samples in the order of their times; `where` names the file in errors."""

    def __init__(self, where: str) -> None:
        self._where = where
        self.warnings: list[str] = []
        self._t_ns, self._mv, self._lines = array("q"), array("d"), array("q")

    def add(self, t_ns: int, millivolts: float, line: int) -> None:
        """Take one sample."""
        if abs(millivolts) > HIGHEST_MV:
            raise ImportFormatError(f"{self._where}, line {line}: {millivolts:g} mV is no ECG")
        self._t_ns.append(t_ns)
        self._mv.append(millivolts)
        self._lines.append(line)

    def add_table(self, table: NDArray[np.float64], line: int) -> None:
        """Take many samples at once: rows of seconds and millivolts, good ones only.

        The first stands in line `line`, each other one in the next.
        """
        self._t_ns.frombytes(np.rint(table[:, 0] * NS_PER_S).astype(np.int64).tobytes())
        self._mv.frombytes(np.ascontiguousarray(table[:, 1]).tobytes())
        self._lines.frombytes(np.arange(line, line + len(table)).astype(np.int64).tobytes())

    def frames(self, alias: str) -> list[Frame]:
        """The pieces as frames, each arriving with its last sample.

        Raises:
            ImportFormatError: the samples have no rate an electrocardiogram can have.
        """
        times = np.array(self._t_ns, np.int64)
        if not times.size:
            return []
        values = np.rint(np.array(self._mv) * UV_PER_MV).astype(np.int32)
        self.warnings += check_ecg(self._where, "ecg[mV]", values)
        usual_ns = self._usual_ns(times)
        steps = np.diff(times)
        # Times are rounded in the file: a step may be longer by what they are rounded to.
        rounding_ns = int(np.gcd.reduce(steps))
        gap_ns: float = max(GAP_PERIODS * usual_ns, usual_ns + rounding_ns)
        # Over many samples the rate is exact all the same.
        regular = steps[steps <= gap_ns]
        rate_hz = round(NS_PER_S * regular.size / int(regular.sum()), 3)
        made = pieces(times, values, rate_hz, alias, gap_ns)
        self._check_even(times, usual_ns, gap_ns)
        return made

    def _usual_ns(self, times: NDArray[np.int64]) -> float:
        """The usual step, by stretches of many samples: single steps are coarse."""
        if times.size < 2:
            raise ImportFormatError(
                f"{self._where}, line {self._lines[0]}: a single sample of ecg[mV] has no rate"
            )
        span = min(STRETCH, times.size - 1)
        usual_ns = float(np.median(times[span:] - times[:-span])) / span
        if not NS_PER_S / HIGHEST_HZ <= usual_ns <= NS_PER_S / LOWEST_HZ:
            raise ImportFormatError(
                f"{self._where}, line {self._lines[0]}: the samples of ecg[mV] are usually "
                f"{usual_ns / NS_PER_S:g} s apart; allowed are {LOWEST_HZ:g} to {HIGHEST_HZ:g} Hz"
            )
        return usual_ns

    def _check_even(self, times: NDArray[np.int64], usual_ns: float, gap_ns: float) -> None:
        """Refuse a column whose rate changes: its beats would be at wrong times."""
        span = min(STRETCH, times.size - 1)
        whole = np.convolve(np.diff(times) <= gap_ns, np.ones(span), "valid") > span - 0.5
        took = (times[span:] - times[:-span]) / usual_ns
        uneven = whole & (np.abs(took - span) > max(2.0, UNEVEN * span))
        if float(uneven.sum()) > UNEVEN_SHARE * max(1.0, float(whole.sum())):
            at = int(np.argmax(uneven))
            usual_s = usual_ns / NS_PER_S
            raise ImportFormatError(
                f"{self._where}, line {self._lines[at]}: the samples of ecg[mV] are not evenly "
                f"spaced: here {span} of them take {took[at] * usual_s:.3f} s, usually "
                f"{span * usual_s:.3f} s"
            )


def pieces(
    times: NDArray[np.int64],
    values: NDArray[np.int32],
    rate_hz: float,
    alias: str,
    gap_ns: float | None = None,
) -> list[Frame]:
    """Frames of at most a second, none across a gap.

    Args:
        times: of each sample, nanoseconds of session time, increasing.
        values: microvolts.
        rate_hz: samples a second.
        alias: of the sensor.
        gap_ns: a longer step is a gap; by default one of `GAP_PERIODS`.
    """
    apart = np.diff(times) > (gap_ns or GAP_PERIODS * NS_PER_S / rate_hz)
    starts = [0, *(np.flatnonzero(apart) + 1).tolist()]
    ends = [*starts[1:], times.size]
    longest = max(1, int(rate_hz))
    return [
        _frame(times, values, rate_hz, alias, slice(first, min(first + longest, end)))
        for start, end in zip(starts, ends, strict=True)
        for first in range(start, end, longest)
    ]


def _frame(
    times: NDArray[np.int64], values: NDArray[np.int32], rate_hz: float, alias: str, part: slice
) -> Frame:
    last_ns = int(times[part.stop - 1])
    return Frame(t_ns=last_ns, source=alias, payload=encode(rate_hz, last_ns, values[part]))


def quick_table(
    lines: Sequence[str], after_ns: int | None, latest_s: float
) -> NDArray[np.float64] | None:
    """Lines of seconds and millivolts, many times as fast as one by one.

    None if there is anything about them that needs a closer look, line by line.

    Args:
        lines: one or more.
        after_ns: session time of the sample before them, in nanoseconds; None if there is none.
        latest_s: no second may be later.
    """
    if not lines[0].strip():
        return None  # numpy warns where nothing but empty lines is
    try:
        table = np.loadtxt(lines, np.float64, delimiter=",", comments=None, ndmin=2)
    except ValueError:
        return None
    if table.shape != (len(lines), 2) or not np.isfinite(table).all():
        return None
    seconds = table[:, 0]
    first_ns = round(float(seconds[0]) * NS_PER_S)
    follows = seconds[0] >= 0 and (after_ns is None or first_ns > after_ns)
    good = follows and seconds[-1] <= latest_s and bool((np.diff(seconds) > 0).all())
    return table if good else None
