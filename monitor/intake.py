"""Frames in, samples by signal out: every source's decoder and what it has said so far."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from devices.codec import Decoder
from devices.model import (
    NS_PER_S,
    Frame,
    Frames,
    Measurement,
    SensorSpec,
    Signal,
    Validity,
    Waveform,
    Waveforms,
)
from devices.registry import codec
from monitor.signal.ecg_pieces import Piece, Pieces
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

    def show(self, piece: Piece) -> None:
        """Keep a piece of its waveform for the screen, and forget those that leave it."""
        self.strip.append(piece)
        while piece.t_ns - self.strip[0].t_ns > STRIP_NS:
            self.strip.popleft()

    def new_link(self) -> None:
        """Begin anew: half a message from before does not belong to what comes now."""
        self.malformed_before += self.decoder.malformed
        self.decoder = codec(self.spec.codec).new_decoder(self.spec)


@dataclass(slots=True)
class Samples:
    """Valid samples of one signal, in order of arrival."""

    t_ns: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    pieces: list[Piece | Pieces] = field(default_factory=list)
    """Of a waveform, instead of single samples."""

    def arrays(self) -> tuple[Times, Values]:
        """As (times in ns, values)."""
        return np.array(self.t_ns, np.int64), np.array(self.values, np.float64)


Taken = dict[str, dict[Signal, Samples]]
"""Alias -> signal -> its samples, of the signals vital signs are taken from."""


class Intake:
    """Decodes frames of allow-listed sensors; anything else is counted and dropped."""

    def __init__(self, sensors: Sequence[SensorSpec]) -> None:
        self.sources = {s.alias: Source(s, codec(s.codec).new_decoder(s)) for s in sensors}
        self.unknown = 0
        self._wanted = sources(sensors).signals()

    def step(self, frames: Sequence[Frame | Frames]) -> tuple[Taken, list[float | None]]:
        """Decode frames.

        Returns:
            Valid samples of each sensor's vital signals, and for each frame its main value (None
            if it had no valid one), which the recorder's zone map is made of; none for those that
            come as columns, which are on record already.
        """
        taken: Taken = {
            alias: {signal: Samples() for signal in signals}
            for alias, signals in self._wanted.items()
        }
        values: list[float | None] = []
        for one in frames:
            samples = taken.get(one.source, {})
            if isinstance(one, Frames):
                self._columns(one, samples)
            else:
                values.append(self._frame(one.source, one.t_ns, one.payload, samples))
        return taken, values

    def _columns(self, frames: Frames, samples: dict[Signal, Samples]) -> None:
        """Decode many frames of one source, at once where its format can."""
        source = self.sources.get(frames.source)
        if source is not None:
            form = codec(source.spec.codec)
            waves = form.waveforms(frames) if form.waveforms else None
            if waves is not None:
                self._waveforms(frames, source, waves, samples)
                return
            found = form.samples(frames) if form.samples else None
            if found is not None and found[0] not in _OF_ITSELF:
                self._samples(frames, source, *found, samples)
                return
        for t_ns, payload in zip(frames.times_ns.tolist(), frames.payloads(), strict=True):
            self._frame(frames.source, t_ns, payload, samples)

    @staticmethod
    def _waveforms(
        frames: Frames, source: Source, waves: Waveforms, samples: dict[Signal, Samples]
    ) -> None:
        source.packets += waves.ends.size
        source.last_ns = frames.t_ns
        if waves.signal in samples:
            samples[waves.signal].pieces.append(Pieces(frames.times_ns, waves))
        newest = int(np.searchsorted(frames.times_ns, frames.t_ns - STRIP_NS))
        for i in range(newest, waves.ends.size):
            source.show(Piece(int(frames.times_ns[i]), waves.piece(i)))

    def _samples(
        self,
        frames: Frames,
        source: Source,
        sent: Signal,
        values: Values,
        samples: dict[Signal, Samples],
    ) -> None:
        signal = self._signal(sent, source.spec)
        source.packets += values.size
        source.last_ns = frames.t_ns
        if signal is source.spec.measures:
            source.note = ""
        if signal in _READINGS:
            source.readings[signal] = (float(values[-1]), frames.t_ns)
        if signal in samples:
            samples[signal].t_ns += frames.times_ns.tolist()
            samples[signal].values += values.tolist()
        source.note_trouble(int(frames.times_ns[0]))

    def _frame(
        self, alias: str, t_ns: int, payload: bytes, samples: dict[Signal, Samples]
    ) -> float | None:
        source = self.sources.get(alias)
        if source is None:
            self.unknown += 1
            return None
        if not payload:
            source.new_link()
            return None
        source.packets += 1
        source.last_ns = t_ns
        if (read := codec(source.spec.codec).waveform) is not None:
            return self._waveform(t_ns, source, read(payload), samples)
        main: float | None = None
        for measurement in source.decoder.feed(payload):
            signal = self._signal(measurement.signal, source.spec)
            if signal in _OF_ITSELF:
                source.say(signal, measurement.value)
                continue
            value = self._usable(measurement, source, signal)
            if value is None:
                continue
            if signal in _READINGS:
                source.readings[signal] = (value, t_ns)
            if main is None or signal is source.spec.measures:
                main = value
            if signal in samples:
                samples[signal].t_ns.append(t_ns)
                samples[signal].values.append(value)
        source.note_trouble(t_ns)
        return main

    @staticmethod
    def _waveform(
        t_ns: int, source: Source, wave: Waveform | None, samples: dict[Signal, Samples]
    ) -> float | None:
        """File a piece of a waveform; its main value is its range, in millivolts."""
        if wave is None:
            source.decoder.malformed += 1
            return None
        if not wave.values.size:
            return None
        piece = Piece(t_ns, wave)
        if wave.signal in samples:
            samples[wave.signal].pieces.append(piece)
        source.show(piece)
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
