"""What a wire format is: how bytes become measurements, and where on the air or line they come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from devices.model import (
    STALE_S,
    Frames,
    Measurement,
    SensorSpec,
    Signal,
    Waveform,
    Waveforms,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Decoder(Protocol):
    """A sans-IO decoder of one wire format, one instance per link or recording.

    `feed` takes any bytes at all and never raises. For a message transport (BLE) each call is one
    whole payload; for a stream (serial) calls may split or join messages anywhere.
    """

    malformed: int
    """Payloads, or runs of bytes, that could not be decoded so far."""

    def feed(self, payload: bytes) -> list[Measurement]:
        """Decode and return the measurements, oldest first."""
        ...


class Dialogue(Protocol):
    """What to say on a serial line whose sensor wants more than one fixed question.

    Sans-IO, one instance a link; bytes alone decide, never a clock.
    """

    def say(self, heard: bytes) -> bytes:
        """What to send now; called when the line is open and every `poll_s` seconds from then on.

        Args:
            heard: all bytes received since the last call.
        """
        ...


class Control(Protocol):
    """Asks a BLE sensor through its control point to stream. Sans-IO, one instance a link.

    Attributes:
        refused: why the sensor does not stream, in a few words; empty while all is well.
    """

    refused: str

    def begin(self) -> bytes:
        """The first request, once replies are subscribed to."""
        ...

    def reply(self, payload: bytes) -> bytes:
        """What to write after this reply or message of the sensor; empty for nothing."""
        ...

    def end(self) -> bytes:
        """The request to stop, before the link is closed; empty for none."""
        ...


@dataclass(frozen=True, slots=True)
class SerialSettings:
    """How a serial sensor's line is set, and what to send to be answered.

    Attributes:
        baud: bits per second.
        byte_size: 7 or 8 data bits.
        parity: "N", "E" or "O".
        stop_bits: 1 or 2.
        dtr: level of DTR while open; some meters take their power from it, some boards reset.
        rts: level of RTS while open.
        poll: sent every `poll_s` seconds; empty for a sensor that streams unasked.
        poll_s: seconds between polls, or between the turns of a `dialogue`.
        dialogue: instead of `poll`, for a sensor that wants more than one fixed question.
        settle_s: what arrives in these seconds after opening is thrown away (boot text).
    """

    baud: int = 9600
    byte_size: int = 8
    parity: str = "N"
    stop_bits: int = 1
    dtr: bool = True
    rts: bool = False
    poll: bytes = b""
    poll_s: float = 1.0
    dialogue: Callable[[], Dialogue] | None = None
    settle_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Broadcast:
    """Where in an advertisement a sensor that needs no connection puts its values.

    The payload is the manufacturer data without the company id, or the service data.
    """

    company_id: int | None = None
    service_data_uuid: str = ""


@dataclass(frozen=True, slots=True)
class Codec:
    """A wire format: its name, its decoder, and where on the air or the line it is found.

    Attributes:
        name: of the format, as configured and as in `vigil decode`.
        title: for people, with the devices that speak it.
        decoder: makes a decoder for a sensor as it is usually set up.
        explain: every field of one payload as JSON-ready values; `{"error": "truncated"}` or
            another word if malformed; bytes that trail are ignored.
        signals: what `decoder` can yield.
        decoder_for: makes a decoder that honours the sensor's `channel` or `pattern`.
        channels: how many probes or channels a sensor has; `SensorSpec.channel` picks one.
        patterned: `SensorSpec.pattern` may describe its lines.
        service_uuid: BLE service to find and subscribe in (128-bit lower-case text).
        characteristic_uuid: notified or indicated characteristic.
        control: for a sensor that streams only when asked through a control point.
        control_uuid: characteristic of the control point.
        bonded: the sensor sends only to a host it is paired with.
        broadcast: for values inside advertisements; then nothing is connected.
        serial: the line of a serial sensor.
        spot: single readings when somebody measures; silence in between is no loss, so `stale_s`
            should be `SPOT_STALE_S`.
        stale_s: default of `SensorSpec.stale_s`.
        period_s: default of `SensorSpec.period_s`.
        checksummed: payloads carry a checksum, so that no single wrong byte goes unnoticed.
        examples: payloads (frames) as a sensor sends them, decodable, for the conformance kit.
        sentinels: which values on the wire mean "no reading", for the device guide.
        tested: what the decoder was tested against, for the device guide.
        waveform: for a signal sampled at a fixed rate: all samples of one payload at once, empty
            if it holds none; None if it is malformed. The decoder gives the same one by one.
        waveforms: the same of many frames at once; None if they are not all alike, or one of them
            is empty, malformed or without its sensor's time: they are then read one by one.
        samples: signal and values of many frames at once, if each brings one usable value of that
            signal; None if one of them does not: they are then read one by one.
    """

    name: str
    title: str
    decoder: Callable[[], Decoder]
    explain: Callable[[bytes], dict[str, object]]
    signals: frozenset[Signal]
    service_uuid: str = ""
    characteristic_uuid: str = ""
    serial: SerialSettings | None = None
    decoder_for: Callable[[SensorSpec], Decoder] | None = None
    channels: int = 1
    patterned: bool = False
    control: Callable[[], Control] | None = None
    control_uuid: str = ""
    bonded: bool = False
    broadcast: Broadcast | None = None
    spot: bool = False
    stale_s: float = STALE_S
    period_s: float = 0.0
    checksummed: bool = False
    examples: tuple[bytes, ...] = ()
    sentinels: str = ""
    tested: str = ""
    waveform: Callable[[bytes], Waveform | None] | None = None
    waveforms: Callable[[Frames], Waveforms | None] | None = None
    samples: Callable[[Frames], tuple[Signal, NDArray[np.float64]] | None] | None = None

    def new_decoder(self, spec: SensorSpec) -> Decoder:
        """A decoder for this sensor."""
        return self.decoder_for(spec) if self.decoder_for is not None else self.decoder()

    @property
    def transport(self) -> str:
        """The built-in transport it arrives by: "serial", "ble", or "" for files only."""
        if self.serial is not None:
            return "serial"
        on_air = self.service_uuid or self.characteristic_uuid or self.broadcast
        return "ble" if on_air else ""


def of_channel(make: Callable[[int], Decoder]) -> Callable[[SensorSpec], Decoder]:
    """A `Codec.decoder_for` of a decoder that only needs to know the sensor's channel."""
    return lambda spec: make(spec.channel)
