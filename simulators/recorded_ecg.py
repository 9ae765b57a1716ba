"""An electrocardiogram out of a recording, at the rate a simulated sensor sends."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from devices.model import NS_PER_S, Frames, SensorSpec, Waveform
from devices.registry import codec
from monitor.signal.ecg_pieces import LATE_S, LOST_SAMPLES
from monitor.signal.window import Values
from simulators.wire_gatt import ECG_HZ


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Samples without a gap, `ECG_HZ` a second, microvolts; the first at session second `t0_s`."""

    t0_s: float
    uv: Values


class Ecg:
    """All of it, run by run.

    Args:
        frames: of one sensor.
        specs: the sensors of the recording.
    """

    def __init__(self, frames: Sequence[Frames], specs: Mapping[str, SensorSpec]) -> None:
        self.runs = [run for one in frames for run in _runs(one, specs[one.source])]

    def at(self, second: int) -> Iterator[tuple[int, list[int]]]:
        """What came in the second before: halves of a second, each with its last sample's time."""
        for run in self.runs:
            begin, end = (math.floor((s - run.t0_s) * ECG_HZ) + 1 for s in (second - 1, second))
            begin, end = max(0, begin), min(run.uv.size, end)
            middle = (begin + end + 1) // 2
            for first, stop in ((begin, middle), (middle, end)):
                if first < stop:
                    last_s = run.t0_s + (stop - 1) / ECG_HZ
                    yield (
                        max(0, round(last_s * NS_PER_S)),
                        run.uv[first:stop].round().astype(int).tolist(),
                    )


def _runs(frames: Frames, spec: SensorSpec) -> Iterator[Run]:
    """Runs of pieces that join each other."""
    waves = [wave for wave in _waves(frames, spec) if wave[1].values.size]
    begin = 0
    for i in range(1, len(waves) + 1):
        if i == len(waves) or not _joins(waves[i - 1], waves[i]):
            yield _run(waves[begin:i])
            begin = i


def _waves(frames: Frames, spec: SensorSpec) -> Iterator[tuple[int, Waveform]]:
    read = codec(spec.codec).waveform
    for t_ns, payload in zip(frames.times_ns.tolist(), frames.payloads(), strict=True):
        wave = read(payload) if read is not None and payload else None
        if wave is not None:
            yield t_ns, wave


def _joins(before: tuple[int, Waveform], after: tuple[int, Waveform]) -> bool:
    (t0_ns, one), (t1_ns, two) = before, after
    if one.rate_hz != two.rate_hz:
        return False
    long_s = two.values.size / two.rate_hz
    if one.sensor_ns is None or two.sensor_ns is None:
        return (t1_ns - t0_ns) / NS_PER_S <= long_s + LATE_S
    passed_s = (two.sensor_ns - one.sensor_ns) / NS_PER_S
    return abs(passed_s - long_s) * two.rate_hz <= LOST_SAMPLES


def _run(waves: Sequence[tuple[int, Waveform]]) -> Run:
    t_ns, first = waves[0]
    uv = np.concatenate([wave.values for _, wave in waves]).astype(np.float64)
    begin_s = t_ns / NS_PER_S - (first.values.size - 1) / first.rate_hz
    return Run(begin_s, _at_rate(uv, first.rate_hz))


def _at_rate(uv: Values, rate_hz: float) -> Values:
    """The same signal at `ECG_HZ`."""
    if rate_hz == ECG_HZ:
        return uv
    from scipy.signal import resample_poly  # noqa: PLC0415 - slow to import, seldom needed

    ratio = Fraction(ECG_HZ / rate_hz).limit_denominator(1000)
    resampled: Values = resample_poly(uv, ratio.numerator, ratio.denominator)
    return resampled
