"""A recording's frames as numbers: samples of each sensor, and runs of its electrocardiogram."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from devices.model import NS_PER_S, Frame, SensorSpec, Signal, Validity, Waveform
from devices.registry import codec
from monitor.signal.ecg_pieces import LATE_S, LOST_SAMPLES


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Valid samples of one signal of one sensor.

    Attributes:
        signal: gives the unit.
        source: alias of the sensor.
        site, method: of a temperature.
        t_ns: arrival of each, session time.
        values: in the signal's unit.
    """

    signal: Signal
    source: str
    site: str
    method: str
    t_ns: NDArray[np.int64]
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class EcgRun:
    """Samples at a fixed rate without a gap.

    Attributes:
        source: alias of the sensor.
        start_ns: session time of the first sample.
        rate_hz: samples a second.
        uv: microvolts.
    """

    source: str
    start_ns: int
    rate_hz: float
    uv: NDArray[np.int32]

    def times(self) -> NDArray[np.int64]:
        """Session time of each sample."""
        index = np.arange(self.uv.size, dtype=np.float64)
        return self.start_ns + np.rint(index * (NS_PER_S / self.rate_hz)).astype(np.int64)

    @property
    def end_ns(self) -> int:
        """Session time at which the sample after the last would come."""
        return self.start_ns + round(self.uv.size * NS_PER_S / self.rate_hz)


@dataclass(slots=True)
class Decoded:
    """Everything the frames say; the electrocardiogram is the first sensor's that sends one."""

    series: list[Series] = field(default_factory=list)
    ecg: list[EcgRun] = field(default_factory=list)


Piece = tuple[int, Waveform]
"""Arrival and samples."""


def decode(sensors: Sequence[SensorSpec], frames: Sequence[Frame]) -> Decoded:
    """Decode frames of known sensors, in order."""
    by_source: dict[str, list[Frame]] = {}
    for frame in frames:
        by_source.setdefault(frame.source, []).append(frame)
    found = Decoded()
    for spec in sensors:
        own = by_source.get(spec.alias, [])
        if codec(spec.codec).waveform is None:
            found.series += _samples(spec, own)
        elif not found.ecg:
            found.ecg = _runs(spec, own)
    return found


def _samples(spec: SensorSpec, frames: Sequence[Frame]) -> list[Series]:
    decoder = codec(spec.codec).new_decoder(spec)
    times: dict[Signal, list[int]] = {}
    values: dict[Signal, list[float]] = {}
    for frame in frames:
        if not frame.payload:
            decoder = codec(spec.codec).new_decoder(spec)
            continue
        for one in decoder.feed(frame.payload):
            if one.validity is Validity.VALID and math.isfinite(one.value):
                signal = spec.measures if one.signal is Signal.TEMPERATURE else one.signal
                times.setdefault(signal, []).append(frame.t_ns)
                values.setdefault(signal, []).append(one.value)
    return [
        Series(
            signal,
            spec.alias,
            spec.site,
            spec.method,
            np.array(times[signal], np.int64),
            np.array(values[signal], np.float64),
        )
        for signal in times
    ]


def _runs(spec: SensorSpec, frames: Sequence[Frame]) -> list[EcgRun]:
    read = codec(spec.codec).waveform
    groups: list[list[Piece]] = []
    before: Piece | None = None
    for frame in frames:
        wave = read(frame.payload) if read is not None and frame.payload else None
        if wave is None or not wave.values.size:
            continue
        piece = (frame.t_ns, wave)
        if before is not None and _joins(before, piece):
            groups[-1].append(piece)
        else:
            groups.append([piece])
        before = piece
    return [_run(spec.alias, group) for group in groups]


def _joins(before: Piece, piece: Piece) -> bool:
    """Whether no sample is missing between two pieces; as beat detection judges it."""
    (t0_ns, one), (t1_ns, other) = before, piece
    if one.rate_hz != other.rate_hz:
        return False
    long_s = other.values.size / other.rate_hz
    if one.sensor_ns is not None and other.sensor_ns is not None:
        passed_s = (other.sensor_ns - one.sensor_ns) / NS_PER_S
        return abs(passed_s - long_s) * other.rate_hz <= LOST_SAMPLES
    return (t1_ns - t0_ns) / NS_PER_S <= long_s + LATE_S


def _run(alias: str, group: Sequence[Piece]) -> EcgRun:
    t_ns, first = group[0]
    start_ns = t_ns - round((first.values.size - 1) * NS_PER_S / first.rate_hz)
    values = np.concatenate([wave.values for _, wave in group])
    return EcgRun(alias, start_ns, first.rate_hz, values)
