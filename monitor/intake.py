"""Frames in, samples by signal out: every source's decoder and what it has said so far."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from devices.codec import Decoder
from devices.model import Frame, Measurement, SensorSpec, Signal, Validity
from devices.registry import codec
from monitor.signal.window import Times, Values

VITAL_SIGNALS = (
    Signal.HEART_RATE,
    Signal.RR_INTERVAL,
    Signal.SKIN_TEMPERATURE,
    Signal.ROOM_TEMPERATURE,
)


@dataclass(slots=True)
class Source:
    """What one sensor has delivered so far. Counts are of this run of the core."""

    spec: SensorSpec
    decoder: Decoder
    malformed_before: int = 0
    packets: int = 0
    last_ns: int | None = None
    battery_pct: float | None = None
    contact: bool | None = None
    note: str = ""
    """Why the newest value was not usable; empty when it was."""

    @property
    def malformed(self) -> int:
        """Payloads, or runs of bytes, that could not be decoded, over all links."""
        return self.malformed_before + self.decoder.malformed

    def new_link(self) -> None:
        """Begin anew: half a message from before does not belong to what comes now."""
        self.malformed_before += self.decoder.malformed
        self.decoder = codec(self.spec.codec).new_decoder(self.spec)


@dataclass(slots=True)
class Samples:
    """Valid samples of one signal, in order of arrival."""

    t_ns: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def arrays(self) -> tuple[Times, Values]:
        """As (times in ns, values)."""
        return np.array(self.t_ns, np.int64), np.array(self.values, np.float64)


def primary_sources(sensors: Sequence[SensorSpec]) -> dict[Signal, str]:
    """Which sensor each vital sign is taken from: the first listed. Two sensors are never mixed."""

    def first(*wanted: Signal) -> str:
        return next((s.alias for want in wanted for s in sensors if s.measures is want), "")

    return {
        Signal.HEART_RATE: first(Signal.HEART_RATE),
        Signal.RR_INTERVAL: first(Signal.RR_INTERVAL, Signal.HEART_RATE),
        Signal.SKIN_TEMPERATURE: first(Signal.SKIN_TEMPERATURE),
        Signal.ROOM_TEMPERATURE: first(Signal.ROOM_TEMPERATURE),
    }


class Intake:
    """Decodes frames of allow-listed sensors; anything else is counted and dropped."""

    def __init__(self, sensors: Sequence[SensorSpec]) -> None:
        self.sources = {s.alias: Source(s, codec(s.codec).new_decoder(s)) for s in sensors}
        self.unknown = 0
        self._primary = primary_sources(sensors)

    def step(self, frames: Sequence[Frame]) -> tuple[dict[Signal, Samples], list[float | None]]:
        """Decode frames.

        Returns:
            Valid samples of each vital signal, and for each frame its main value (None if it had
            no valid one), which the recorder's zone map is made of.
        """
        samples = {signal: Samples() for signal in VITAL_SIGNALS}
        return samples, [self._frame(frame, samples) for frame in frames]

    def _frame(self, frame: Frame, samples: dict[Signal, Samples]) -> float | None:
        source = self.sources.get(frame.source)
        if source is None:
            self.unknown += 1
            return None
        if not frame.payload:
            source.new_link()
            return None
        source.packets += 1
        source.last_ns = frame.t_ns
        main: float | None = None
        for measurement in source.decoder.feed(frame.payload):
            signal = self._signal(measurement.signal, source.spec)
            if signal is Signal.CONTACT:
                source.contact = bool(measurement.value)
                continue
            if signal is Signal.BATTERY:
                source.battery_pct = measurement.value
                continue
            value = self._usable(measurement, source, signal)
            if value is None or signal not in samples:
                continue
            if main is None or signal is source.spec.measures:
                main = value
            if self._primary[signal] == frame.source:
                samples[signal].t_ns.append(frame.t_ns)
                samples[signal].values.append(value)
        return main

    @staticmethod
    def _signal(signal: Signal, spec: SensorSpec) -> Signal:
        return spec.measures if signal is Signal.TEMPERATURE else signal

    @staticmethod
    def _usable(measurement: Measurement, source: Source, signal: Signal) -> float | None:
        valid = measurement.validity is Validity.VALID and math.isfinite(measurement.value)
        if signal is source.spec.measures:
            source.note = "" if valid else measurement.reason
        return measurement.value if valid else None
