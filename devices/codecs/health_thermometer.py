"""Bluetooth Temperature Measurement, characteristic 0x2A1C of service 0x1809.

`flags, FLOAT, [time stamp 7 bytes], [type u8]`, little-endian. The time stamp is data: the
sensor's clock may be unset, so it neither dates nor rejects a reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from devices.codec import Codec
from devices.codecs.date_time import DATE_TIME_SIZE, date_time
from devices.codecs.ieee11073 import FLOAT_SIZE, decode_float
from devices.codecs.message import MessageDecoder
from devices.codecs.plausible import degc_from_degf, judged, unavailable
from devices.model import Measurement, Signal

MAX_PAYLOAD = 512
"""The longest value an attribute can have (Bluetooth Core Specification, ATT), bytes."""

_FAHRENHEIT = 0x01
_TIMESTAMP = 0x02
_TYPE = 0x04

NEVER_SKIN = frozenset({2, 3, 5, 6, 7, 9})
"""Temperature types that are not skin whatever the configuration says: body (general), ear,
gastro-intestinal tract, mouth, rectum, tympanum. No type means skin; armpit 1, finger 4 and
toe 8 are what the configured `measures` says."""


@dataclass(frozen=True, slots=True)
class Fields:
    """One payload as sent: unit "C" or "F", value or its special name, and what else came."""

    unit: str
    value: float | str
    timestamp: dict[str, int] | None
    type_code: int | None


def parse(payload: bytes) -> Fields | None:
    """The fields of one payload; None if it is malformed."""
    size = len(payload)
    if not 1 + FLOAT_SIZE <= size <= MAX_PAYLOAD:
        return None
    flags = payload[0]
    at = 1 + FLOAT_SIZE
    stamp_at, at = at, at + (DATE_TIME_SIZE if flags & _TIMESTAMP else 0)
    type_at, at = at, at + (1 if flags & _TYPE else 0)
    if at > size:
        return None
    return Fields(
        unit="F" if flags & _FAHRENHEIT else "C",
        value=decode_float(payload, 1),
        timestamp=date_time(payload, stamp_at) if flags & _TIMESTAMP else None,
        type_code=payload[type_at] if flags & _TYPE else None,
    )


def explain(payload: bytes) -> dict[str, object]:
    """Every field of one payload in the unit as sent; `{"error": ...}` if it is malformed."""
    fields = parse(payload)
    if fields is None:
        return {"error": "oversized" if len(payload) > MAX_PAYLOAD else "truncated"}
    found: dict[str, object] = {"unit": fields.unit, "value": fields.value}
    if fields.timestamp is not None:
        found["timestamp"] = fields.timestamp
    if fields.type_code is not None:
        found["type"] = fields.type_code
    return found


def _read(payload: bytes) -> list[Measurement] | None:
    """One temperature, in degrees Celsius whatever was sent."""
    fields = parse(payload)
    if fields is None:
        return None
    clinical = fields.type_code in NEVER_SKIN
    signal = Signal.CLINICAL_TEMPERATURE if clinical else Signal.TEMPERATURE
    if isinstance(fields.value, str):
        return [unavailable(signal, "no reading")]
    value = degc_from_degf(fields.value) if fields.unit == "F" else fields.value
    return [judged(signal, value)]


_codec = partial(
    Codec,
    decoder=partial(MessageDecoder, _read),
    explain=explain,
    signals=frozenset({Signal.TEMPERATURE, Signal.CLINICAL_TEMPERATURE}),
    service_uuid="00001809-0000-1000-8000-00805f9b34fb",
    stale_s=30.0,
    examples=(b"\x00\x4c\x0e\x00\xfe", b"\x04\x6e\x01\x00\xff\x02", b"\x00\xff\xff\x7f\x00"),
    sentinels="FLOAT NaN, NRes, infinities",
    tested="third-party payloads",
)
CODEC = _codec(
    name="hts_2a1c",
    title="Bluetooth health thermometer",
    characteristic_uuid="00002a1c-0000-1000-8000-00805f9b34fb",
)
INTERMEDIATE = _codec(
    name="hts_2a1e",
    title="Bluetooth health thermometer, intermediate values",
    characteristic_uuid="00002a1e-0000-1000-8000-00805f9b34fb",
)
