"""What a sensor can say: frames, measurements, their units and how far to trust them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


NS_PER_S = 1_000_000_000
STALE_S = 10.0
"""Seconds of silence after which a link is rebuilt, unless configured."""
SPOT_STALE_S = 1800.0
"""The same of a sensor of single readings: twice the 15 min at which cuffs usually measure."""
LOST_PERIODS = 2.5
"""A sensor that has missed this many of its periods is silent, not slow."""


class Signal(StrEnum):
    """A stream of values from a sensor. The unit is part of the definition."""

    HEART_RATE = "heart_rate"
    """The sensor's own heart rate, beats per minute."""
    RR_INTERVAL = "rr_interval"
    """Time between two successive beats, milliseconds; several may arrive together."""
    TEMPERATURE = "temperature"
    """A temperature, degrees Celsius; of *what* is said by the sensor's `measures`."""
    SKIN_TEMPERATURE = "skin_temperature"
    """Skin temperature, degrees Celsius. Never core temperature."""
    ROOM_TEMPERATURE = "room_temperature"
    """Ambient temperature, degrees Celsius."""
    CLINICAL_TEMPERATURE = "clinical_temperature"
    """A clinical thermometer's reading at its site, degrees Celsius."""
    CONTACT = "contact"
    """1: the sensor says it touches skin; 0: it says it does not; absent: it cannot tell."""
    CORE_ESTIMATE = "core_estimate"
    """A sensor's own estimate of core temperature, degrees Celsius. Recorded, never alarmed on."""
    BATTERY = "battery"
    """Charge of the sensor's battery, percent."""
    BATTERY_LOW = "battery_low"
    """1: the sensor says that its battery is nearly empty; 0: it says it is not."""
    AUTO_OFF = "auto_off"
    """1: the sensor says that it will switch itself off; 0: it says it will not."""
    ECG = "ecg"
    """Electrocardiogram, millivolts."""
    SPO2 = "spo2"
    """Oxygen saturation, percent."""
    BLOOD_PRESSURE = "blood_pressure"
    """What a cuff measures; no value of its own: it comes as the three pressures below."""
    SYSTOLIC_PRESSURE = "systolic_pressure"
    """Systolic blood pressure, mmHg."""
    DIASTOLIC_PRESSURE = "diastolic_pressure"
    """Diastolic blood pressure, mmHg."""
    MEAN_PRESSURE = "mean_pressure"
    """Mean arterial pressure, mmHg."""
    HUMIDITY = "humidity"
    """Relative humidity of the room's air, percent."""


class Validity(StrEnum):
    """How far a value may be trusted (words of IEEE 11073 / SDC)."""

    VALID = "VALID"
    QUESTIONABLE = "QUESTIONABLE"
    INVALID = "INVALID"
    NOT_AVAILABLE = "NOT_AVAILABLE"


class LinkState(StrEnum):
    """Where a sensor's connection stands. STALE: linked, but no packet for too long."""

    INITIAL = "initial"
    CONNECTING = "connecting"
    STREAMING = "streaming"
    STALE = "stale"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Bytes exactly as a sensor sent them; the truth that is recorded first.

    Attributes:
        t_ns: arrival, nanoseconds on the session clock.
        source: our alias of the allow-listed sensor.
        payload: the bytes of one notification, or one chunk read from a serial line. Empty: a new
            link begins here, bytes before it and after it do not belong together.
    """

    t_ns: int
    source: str
    payload: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """Frames of one source as columns: what a recording holds, many at once.

    Attributes:
        source: our alias of the sensor.
        times_ns: arrival of each, not decreasing; at least one.
        data: the payloads, one after another.
        ends: where each payload ends in `data`.
    """

    source: str
    times_ns: NDArray[np.int64]
    data: bytes
    ends: NDArray[np.int64]

    @property
    def t_ns(self) -> int:
        """Arrival of the last."""
        return int(self.times_ns[-1])

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Bytes of each payload."""
        sizes = self.ends.copy()
        sizes[1:] -= self.ends[:-1]
        return sizes

    def payloads(self) -> list[bytes]:
        """The payloads one by one."""
        bounds = [0, *self.ends.tolist()]
        return [self.data[a:b] for a, b in pairwise(bounds)]

    def cut(self, start: int, stop: int) -> Frames:
        """Those from position `start` to before `stop`."""
        first = int(self.ends[start - 1]) if start else 0
        data = self.data[first : int(self.ends[stop - 1])]
        return Frames(self.source, self.times_ns[start:stop], data, self.ends[start:stop] - first)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One decoded value.

    Attributes:
        signal: what was measured; gives the unit.
        value: in the signal's unit; NaN when the sensor says it has no value.
        validity: VALID, or why not to use it.
        reason: a few words when not VALID ("no contact", "hold", "open probe").
    """

    signal: Signal
    value: float
    validity: Validity = Validity.VALID
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """A piece of a signal sampled at a fixed rate, as one frame brings it.

    Attributes:
        signal: what was measured; ECG is the only one so far.
        rate_hz: samples a second.
        values: the samples, oldest first; whole microvolts.
        sensor_ns: time of the last sample on the sensor's own clock; None if it does not say.
    """

    signal: Signal
    rate_hz: float
    values: NDArray[np.int32]
    sensor_ns: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Waveforms:
    """Pieces of a signal sampled at a fixed rate, as many frames bring them; none is empty.

    Attributes:
        signal: what was measured.
        rate_hz: samples a second.
        values: all samples; whole microvolts.
        ends: where the samples of each frame end.
        sensor_ns: time of each frame's last sample on the sensor's own clock.
    """

    signal: Signal
    rate_hz: float
    values: NDArray[np.int32]
    ends: NDArray[np.int64]
    sensor_ns: NDArray[np.int64]

    def piece(self, index: int) -> Waveform:
        """One frame's samples."""
        start = int(self.ends[index - 1]) if index else 0
        part = self.values[start : int(self.ends[index])]
        return Waveform(self.signal, self.rate_hz, part, int(self.sensor_ns[index]))


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorSpec:
    """An allow-listed sensor, as configured and as stored in the recording.

    Attributes:
        alias: our name for it; identity everywhere in Vigil.
        codec: name of the wire format, a key of `devices.registry`.
        measures: what its TEMPERATURE values are (skin, room, clinical); others keep theirs.
        site: where on the body ("axilla", "trunk", "wrist", "hand", "chest", ...; "" unknown).
        method: how it measures a temperature ("contact", "infrared", "heat_flux", ...; "" unknown).
        transport: "ble", "serial", "file" (an imported recording) or a plug-in's.
        address: BLE address or exact advertised name; serial path, `usb:` identity or URL.
        stale_s: seconds without a packet after which the link is rebuilt.
        period_s: seconds between readings of a slow sensor; 0 for the usual (1 s or so). A
            reading counts, and may be missing, in these periods.
        simulated: shown as SIM wherever the sensor is named.
        channel: which probe of a sensor that has several, from 1.
        pattern: regular expression of a text line, for a format that takes one; "" its default.
        line: serial settings other than the format's, such as "19200 8N1 dtr -rts"; "" its own.
        adapter: Bluetooth adapter to use, such as "hci1"; "" the system's first.
        pair: pair (bond) with the BLE sensor when connecting.
    """

    alias: str
    codec: str
    measures: Signal
    site: str = ""
    transport: str = "ble"
    address: str = ""
    stale_s: float = STALE_S
    period_s: float = 0.0
    simulated: bool = False
    channel: int = 1
    pattern: str = ""
    line: str = ""
    adapter: str = ""
    pair: bool = False
    method: str = ""
    identity: Mapping[str, str] = field(default_factory=dict)
