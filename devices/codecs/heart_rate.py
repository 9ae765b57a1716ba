"""Bluetooth Heart Rate Measurement, characteristic 0x2A37 of service 0x180D.

`flags, rate (u8 or u16), [energy u16], [RR u16 ...]`, little-endian.
"""

from __future__ import annotations

import struct
from functools import lru_cache, partial
from typing import NamedTuple

from devices.codec import Codec
from devices.codecs.message import MessageDecoder
from devices.codecs.plausible import judged, unavailable
from devices.model import Measurement, Signal, Validity

MAX_PAYLOAD = 512
"""The longest value an attribute can have (Bluetooth Core Specification, ATT), bytes."""

_RATE_U16 = 0x01
_CONTACT_YES = 0x02
_CONTACT_SUPPORTED = 0x04
_ENERGY = 0x08
_RR = 0x10

_CONTACT = {flag: Measurement(Signal.CONTACT, float(flag)) for flag in (False, True)}


class Fields(NamedTuple):
    """One payload as sent.

    Attributes:
        hr_bpm: 0 means that the sensor has no reading, never that the heart stands still.
        contact: None when the sensor cannot tell.
        energy_kj: kilojoules since the counter's reset, None when not sent.
        rr_1024: RR intervals in 1/1024 s, oldest first.
    """

    hr_bpm: int
    contact: bool | None
    energy_kj: int | None
    rr_1024: tuple[int, ...]


def parse(payload: bytes) -> Fields | None:
    """The fields of one payload; None if it is malformed."""
    size = len(payload)
    if not 2 <= size <= MAX_PAYLOAD:
        return None
    flags = payload[0]
    at = 3 if flags & _RATE_U16 else 2
    bpm = int.from_bytes(payload[1:at], "little")
    energy = None
    if flags & _ENERGY:
        energy = int.from_bytes(payload[at : at + 2], "little")
        at += 2
    if at > size:
        return None
    rr: tuple[int, ...] = ()
    if flags & _RR:
        count, odd = divmod(size - at, 2)
        if odd or not count:
            return None
        rr = struct.unpack_from(f"<{count}H", payload, at)
    contact = bool(flags & _CONTACT_YES) if flags & _CONTACT_SUPPORTED else None
    return Fields(bpm, contact, energy, rr)


def explain(payload: bytes) -> dict[str, object]:
    """Every field of one payload; `{"error": ...}` if it is malformed."""
    fields = parse(payload)
    if fields is None:
        return {"error": "oversized" if len(payload) > MAX_PAYLOAD else "truncated"}
    return fields._asdict() | {"rr_1024": list(fields.rr_1024)}


def _read(payload: bytes) -> list[Measurement] | None:
    """Contact, heart rate, then RR intervals oldest first."""
    fields = parse(payload)
    if fields is None:
        return None
    bpm, contact, _, rr_1024 = fields
    off_body = contact is False
    found = [] if contact is None else [_CONTACT[contact]]
    found.append(_heart_rate(bpm, off_body))
    found.extend([_rr_interval(raw, off_body) for raw in rr_1024])
    return found


# Measurements never change, and a session repeats the same few hundred: making each once
# is what keeps decoding a whole recording again fast.
@lru_cache(maxsize=1024)
def _heart_rate(bpm: int, off_body: bool) -> Measurement:
    if bpm == 0:
        return unavailable(Signal.HEART_RATE, "no reading")
    return _trusted(judged(Signal.HEART_RATE, float(bpm)), off_body)


@lru_cache(maxsize=4096)
def _rr_interval(raw: int, off_body: bool) -> Measurement:
    return _trusted(judged(Signal.RR_INTERVAL, raw * 1000 / 1024), off_body)


def _trusted(measurement: Measurement, off_body: bool) -> Measurement:
    if not off_body:
        return measurement
    # Optical sensors go on sending plausible rates when worn by nobody.
    return Measurement(measurement.signal, measurement.value, Validity.INVALID, "no contact")


CODEC = Codec(
    name="hrs_2a37",
    title="Bluetooth heart rate sensor",
    decoder=partial(MessageDecoder, _read),
    explain=explain,
    signals=frozenset({Signal.CONTACT, Signal.HEART_RATE, Signal.RR_INTERVAL}),
    service_uuid="0000180d-0000-1000-8000-00805f9b34fb",
    characteristic_uuid="00002a37-0000-1000-8000-00805f9b34fb",
    examples=(b"\x16\x48\x0a\x03\x44\x03", b"\x00\x3c", b"\x04\x00"),
    sentinels="rate 0; contact bits 2",
    tested="third-party payloads",
)
