"""Frames in, samples by signal out: every source's decoder and what it has said so far."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from devices.codec import Decoder
from devices.model import NS_PER_S, Frame, Measurement, SensorSpec, Signal, Validity, Waveform
from devices.registry import codec
from monitor.signal.ecg_pieces import Piece
from monitor.signal.window import Times, Values
from monitor.sources import sources

UV_PER_MV = 1000.0
STRIP_NS = 7 * NS_PER_S
"""A little more than the screen shows."""
NO_CONTACT = "no contact"
TROUBLES = 500
_OF_ITSELF = {Signal.CONTACT, Signal.BATTERY, Signal.BATTERY_LOW, Signal.AUTO_OFF}
_READINGS = {
    Signal.CLINICAL_TEMPERATURE,
    Signal.ROOM_TEMPERATURE,
    Signal.CORE_ESTIMATE,
    Signal.HUMIDITY,
    Signal.SPO2,
    Signal.SYSTOLIC_PRESSURE,
    Signal.DIASTOLIC_PRESSURE,
}
"""Shown beside the sensor; no alarm looks at them."""


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
    warnings: dict[Signal, bool] = field(default_factory=dict)
    """What it says of itself: battery low, about to switch itself off."""
    readings: dict[Signal, tuple[float, int]] = field(default_factory=dict)
    """Newest value of what is no vital sign, and when it came."""
    strip: deque[Piece] = field(default_factory=deque)
    """The newest pieces of its waveform, for the screen."""
    note: str = ""
    """Why the newest value was not usable; empty when it was."""
    troubles: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=TROUBLES))
    """Why there was no usable value, from when on; "" from when there was one. For the taking."""
    trouble: str = ""
    """The newest of them."""

    @property
    def malformed(self) -> int:
        """Payloads, or runs of bytes, that could not be decoded, over all links."""
        return self.malformed_before + self.decoder.malformed

    def say(self, signal: Signal, value: float) -> None:
        """Take what the sensor says of itself."""
        if signal is Signal.CONTACT:
            self.contact = bool(value)
        elif signal is Signal.BATTERY:
            self.battery_pct = value if math.isfinite(value) else None
        else:
            self.warnings[signal] = bool(value)

    def note_trouble(self, t_ns: int) -> None:
        """Note why there is no usable value now, if that is new."""
        trouble = NO_CONTACT if self.contact is False else self.note
        if trouble != self.trouble:
            self.trouble = trouble
            self.troubles.append((t_ns, trouble))

    def new_link(self) -> None:
        """Begin anew: half a message from before does not belong to what comes now."""
        self.malformed_before += self.decoder.malformed
        self.decoder = codec(self.spec.codec).new_decoder(self.spec)


@dataclass(slots=True)
class Samples:
    """Valid samples of one signal, in order of arrival."""

    t_ns: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    """Of a waveform, instead of single samples."""

    def arrays(self) -> tuple[Times, Values]:
        """As (times in ns, values)."""
        return np.array(self.t_ns, np.int64), np.array(self.values, np.float64)


Taken = dict[str, dict[Signal, Samples]]
"""Alias -> signal -> its samples, of the signals vital signs are taken from."""
Waves = dict[str, Iterator[Waveform | None]]
"""Alias -> what the frames of a step hold of its waveform."""


class Intake:
    """Decodes frames of allow-listed sensors; anything else is counted and dropped."""

    def __init__(self, sensors: Sequence[SensorSpec]) -> None:
        self.sources = {s.alias: Source(s, codec(s.codec).new_decoder(s)) for s in sensors}
        self.unknown = 0
        self._wanted = sources(sensors).signals()

    def step(self, frames: Sequence[Frame]) -> tuple[Taken, list[float | None]]:
        """Decode frames.

        Returns:
            Valid samples of each sensor's vital signals, and for each frame its main value (None
            if it had no valid one), which the recorder's zone map is made of.
        """
        taken: Taken = {
            alias: {signal: Samples() for signal in signals}
            for alias, signals in self._wanted.items()
        }
        waves = self._waves(frames)
        return taken, [self._frame(frame, taken.get(frame.source, {}), waves) for frame in frames]

    def _waves(self, frames: Sequence[Frame]) -> Waves:
        """Of each source of waveforms what its frames hold, in order."""
        found: Waves = {}
        for alias, source in self.sources.items():
            one, many = (form := codec(source.spec.codec)).waveform, form.waveforms
            if one is not None:
                sent = [frame.payload for frame in frames if frame.source == alias]
                payloads = [payload for payload in sent if payload]
                found[alias] = iter(map(one, payloads) if many is None else many(payloads))
        return found

    def _frame(self, frame: Frame, samples: dict[Signal, Samples], waves: Waves) -> float | None:
        source = self.sources.get(frame.source)
        if source is None:
            self.unknown += 1
            return None
        if not frame.payload:
            source.new_link()
            return None
        source.packets += 1
        source.last_ns = frame.t_ns
        if frame.source in waves:
            return self._waveform(frame, source, next(waves[frame.source]), samples)
        main: float | None = None
        for measurement in source.decoder.feed(frame.payload):
            signal = self._signal(measurement.signal, source.spec)
            if signal in _OF_ITSELF:
                source.say(signal, measurement.value)
                continue
            value = self._usable(measurement, source, signal)
            if value is None:
                continue
            if signal in _READINGS:
                source.readings[signal] = (value, frame.t_ns)
            if main is None or signal is source.spec.measures:
                main = value
            if signal in samples:
                samples[signal].t_ns.append(frame.t_ns)
                samples[signal].values.append(value)
        source.note_trouble(frame.t_ns)
        return main

    @staticmethod
    def _waveform(
        frame: Frame, source: Source, wave: Waveform | None, samples: dict[Signal, Samples]
    ) -> float | None:
        """File a piece of a waveform; its main value is its range, in millivolts."""
        if wave is None:
            source.decoder.malformed += 1
            return None
        if not wave.values.size:
            return None
        piece = Piece(frame.t_ns, wave)
        if wave.signal in samples:
            samples[wave.signal].pieces.append(piece)
        source.strip.append(piece)
        while frame.t_ns - source.strip[0].t_ns > STRIP_NS:
            source.strip.popleft()
        low, high = piece.extremes
        return (high - low) / UV_PER_MV

    @staticmethod
    def _signal(signal: Signal, spec: SensorSpec) -> Signal:
        return spec.measures if signal is Signal.TEMPERATURE else signal

    @staticmethod
    def _usable(measurement: Measurement, source: Source, signal: Signal) -> float | None:
        valid = measurement.validity is Validity.VALID and math.isfinite(measurement.value)
        if signal is source.spec.measures:
            source.note = "" if valid else measurement.reason
        return measurement.value if valid else None
