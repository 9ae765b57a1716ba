"""A single series of numbers without times: RR intervals, times of beats, or samples at a rate.

What RR intervals are in (ms or s) shows in their size. Anything else is said by the user:
`--column ecg[mV] --rate 250`, `--column heart_rate[/min] --rate 1`, `--column beat[s]`,
`--column "beat[{sample}]" --rate 250`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from devices.codecs.sample import encode
from devices.model import NS_PER_S, Frame, Signal
from monitor.errors import ImportFormatError
from monitor.exchange import channels
from monitor.exchange.beats_in import rr_frames
from monitor.exchange.channels import Channel, Picked
from monitor.exchange.imported import Imported, file_sensor, in_order
from monitor.exchange.options import Options
from monitor.exchange.plausibility import check_frames
from monitor.exchange.units import OURS, SCALES, allowed, scale

RR_MS, RR_S = (200.0, 3000.0), (0.2, 3.0)
"""Between these lie nine tenths of anybody's RR intervals, in milliseconds or in seconds."""
_COLUMN = re.compile(r"([a-z0-9_]+)\[(.*)\]")
_BEAT = "beat"
_SAMPLE = "{sample}"
NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Numbers of a file.

    Attributes:
        where: the file, for messages.
        name: the session's name.
        file: the file's name.
        values: the numbers; NaN where there is none.
        place: words for where the i-th one stands.
    """

    where: str
    name: str
    file: str
    values: NDArray[np.float64]
    place: Callable[[int], str]

    def error(self, index: int, problem: str) -> ImportFormatError:
        """An error at the i-th number."""
        return ImportFormatError(f"{self.where}, {self.place(index)}: {problem}")


def build(series: Series, options: Options) -> Imported:
    """A recording of the numbers.

    Raises:
        ImportFormatError: they cannot be what they are said to be, or it is not clear what they
            are; the message says which option tells.
    """
    if not series.values.size:
        raise ImportFormatError(f"{series.where}: there is no number in it")
    kind, unit = _kind(series, options.column)
    if kind == _BEAT:
        return _beats(series, unit, options)
    signal = Signal(kind)
    if signal is Signal.RR_INTERVAL:
        return _intervals(series, unit, options)
    return _sampled(series, signal, unit, options)


def _kind(series: Series, column: str) -> tuple[str, str]:
    if not column:
        return Signal.RR_INTERVAL.value, _rr_unit(series)
    match = _COLUMN.fullmatch(column.strip())
    known = [s.value for s in OURS if OURS[s] in SCALES]
    if match is None or match[1] not in {_BEAT, *known}:
        raise ImportFormatError(
            f"--column {column[:40]}: must be NAME[UNIT], such as rr_interval[ms], ecg[mV], "
            f"beat[s] or beat[{_SAMPLE}]"
        )
    kind, unit = match[1], match[2]
    if kind == _BEAT:
        units = allowed(Signal.RR_INTERVAL)
        ok = unit == _SAMPLE or scale(Signal.RR_INTERVAL, unit, ucum_only=True)
    else:
        units = allowed(Signal(kind))
        ok = scale(Signal(kind), unit, ucum_only=True)
    if not ok:
        raise ImportFormatError(f"--column {column[:40]}: the unit must be one of {units}")
    return kind, unit


def _rr_unit(series: Series) -> str:
    values = series.values
    if values.size > 2 and np.all(np.diff(values) > 0):
        raise ImportFormatError(
            f"{series.where}: the numbers only grow: times of beats, not intervals? say which: "
            f"--column beat[s], --column beat[ms] or --column 'beat[{_SAMPLE}]' --rate HZ"
        )
    low, high = np.nanpercentile(values, (5, 95)).tolist()
    for unit, (lowest, highest) in (("ms", RR_MS), ("s", RR_S)):
        if lowest <= low and high <= highest:
            return unit
    raise ImportFormatError(
        f"{series.where}: most numbers lie between {low:g} and {high:g}: RR intervals neither in "
        "ms nor in s; say what they are: --column NAME[UNIT] (and --rate HZ)"
    )


def _intervals(series: Series, unit: str, options: Options) -> Imported:
    frames, t_ns = [], 0
    known = scale(Signal.RR_INTERVAL, unit)
    for i, value in enumerate(series.values.tolist()):
        rr_ms = value if known is None else known.of(value)
        if not rr_ms > 0:
            raise series.error(i, f"an interval of {value:g} {unit}")
        t_ns += round(rr_ms * NS_PER_MS)
        payload = encode(Signal.RR_INTERVAL, rr_ms)
        frames.append(Frame(t_ns=t_ns, source="rr_heart", payload=payload))
    said = [] if options.column else [f"{series.where}: taken as RR intervals in {unit}"]
    return _imported(series, Signal.RR_INTERVAL, frames, t_ns, options, said)


def _beats(series: Series, unit: str, options: Options) -> Imported:
    steps = np.diff(series.values)
    if steps.size and not np.all(steps > 0):
        at = int(np.argmin(steps > 0)) + 1
        raise series.error(at, f"the beat {series.values[at]:g} is not after the one before")
    if series.values[0] < 0:
        raise series.error(0, "a beat before the start")
    if unit == _SAMPLE:
        if options.rate_hz <= 0:
            raise ImportFormatError(f"{series.where}: beats by sample number need --rate HZ")
        times = series.values * (NS_PER_S / options.rate_hz)
    else:
        times = series.values * (NS_PER_S if unit == "s" else NS_PER_MS)
    beats = np.rint(times).astype(np.int64).tolist()
    frames = rr_frames(beats, "rr_heart")
    return _imported(series, Signal.RR_INTERVAL, frames, beats[-1], options, [])


def _sampled(series: Series, signal: Signal, unit: str, options: Options) -> Imported:
    if options.rate_hz <= 0:
        raise ImportFormatError(
            f"{series.where}: how many samples a second there are is not known; say it: --rate HZ"
        )
    known = scale(signal, unit)
    if known is None:
        raise ImportFormatError(f"{series.where}: {signal.value} may be in {allowed(signal)}")
    channel = Channel(options.column, unit, options.rate_hz, series.values)
    picked = [Picked(channel, signal, known)]
    frames, warnings = channels.frames(series.where, picked, "file")
    end_ns = int(channel.times()[-1])
    ordered = in_order(frames, series.where)
    return Imported(
        name=series.name,
        sensors=channels.sensors(picked, "file", series.file, options),
        frames=ordered,
        start_utc_ns=None,
        end_ns=end_ns,
        warnings=[*warnings, *check_frames(series.where, ordered)],
    )


def _imported(
    series: Series,
    signal: Signal,
    frames: list[Frame],
    end_ns: int,
    options: Options,
    said: list[str],
) -> Imported:
    ordered = in_order(frames, series.where)
    return Imported(
        name=series.name,
        sensors=[file_sensor("rr_heart", signal, series.file, options.site)],
        frames=ordered,
        start_utc_ns=None,
        end_ns=end_ns,
        warnings=[*said, *check_frames(series.where, ordered)],
    )
