"""What a sensor can say: frames, measurements, their units and how far to trust them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

NS_PER_S = 1_000_000_000
STALE_S = 10.0
"""Seconds of silence after which a link is rebuilt, unless configured."""
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
    BATTERY = "battery"
    """Charge of the sensor's battery, percent."""
    ECG = "ecg"
    """Electrocardiogram, millivolts."""
    SPO2 = "spo2"
    """Oxygen saturation, percent."""


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
        payload: the bytes of one notification, or one chunk read from a serial line.
    """

    t_ns: int
    source: str
    payload: bytes


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


class Decoder(Protocol):
    """A sans-IO decoder of one wire format, one instance per connection or recording.

    `feed` takes any bytes at all and never raises. For a message transport (BLE) each call is one
    whole payload; for a stream (serial) calls may split or join messages anywhere.
    """

    malformed: int
    """Payloads, or runs of bytes, that could not be decoded so far."""

    def feed(self, payload: bytes) -> list[Measurement]:
        """Decode and return the measurements, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class SerialSettings:
    """How a serial sensor's line is set, and what to send to be answered."""

    baud: int = 9600
    byte_size: int = 8
    parity: str = "N"
    stop_bits: int = 1
    dtr: bool = True
    rts: bool = False
    poll: bytes = b""
    """Sent every `poll_s` seconds; empty for a sensor that streams unasked."""
    poll_s: float = 1.0


@dataclass(frozen=True, slots=True)
class Codec:
    """A wire format: its name, its decoder, and where on the air or the line it is found."""

    name: str
    title: str
    decoder: Callable[[], Decoder]
    explain: Callable[[bytes], dict[str, object]]
    """Every field of one payload as JSON-ready values; `{"error": "truncated"}` if malformed."""
    signals: frozenset[Signal]
    service_uuid: str = ""
    characteristic_uuid: str = ""
    serial: SerialSettings | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorSpec:
    """An allow-listed sensor, as configured and as stored in the recording.

    Attributes:
        alias: our name for it; identity everywhere in Vigil.
        codec: name of the wire format, a key of `devices.registry`.
        measures: what its TEMPERATURE values are (skin, room, clinical); others keep theirs.
        site: where on the body ("axilla", "trunk", "wrist", "hand", "chest", ...; "" unknown).
        transport: "ble", "serial" or "file" (an imported recording).
        address: BLE address or exact advertised name; serial path or URL.
        stale_s: seconds without a packet after which the link is rebuilt.
        period_s: seconds between readings of a slow sensor; 0 for the usual (1 s or so). A
            reading counts, and may be missing, in these periods.
        simulated: shown as SIM wherever the sensor is named.
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
    identity: Mapping[str, str] = field(default_factory=dict)
