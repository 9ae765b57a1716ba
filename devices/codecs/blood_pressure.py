"""Bluetooth blood pressure, service 0x1810: reading 0x2A35.

The cuff while it measures (0x2A36) sends the same layout; its pressure is no blood pressure, so it
can be explained, and nothing more.

`flags, systolic, diastolic, mean (SFLOAT each), [time 7], [pulse SFLOAT], [user u8],
[status u16]`, little-endian.
"""

from __future__ import annotations

from functools import partial

from devices.codec import Codec
from devices.codecs.date_time import DATE_TIME_SIZE, date_time
from devices.codecs.ieee11073 import decode_sfloat
from devices.codecs.message import MessageDecoder
from devices.codecs.plausible import judged, unavailable
from devices.model import SPOT_STALE_S, Measurement, Signal, Validity

SERVICE = "00001810-0000-1000-8000-00805f9b34fb"
MMHG_PER_KPA = 7.50062

_HEAD = 7
_KPA = 0x01
_PRESSURES = (
    (Signal.SYSTOLIC_PRESSURE, "systolic"),
    (Signal.DIASTOLIC_PRESSURE, "diastolic"),
    (Signal.MEAN_PRESSURE, "map"),
)
# Optional fields in the order they are sent: flag bit, name, bytes.
_OPTIONAL = (
    (1, "timestamp", DATE_TIME_SIZE),
    (2, "pulse", 2),
    (3, "user_id", 1),
    (4, "status", 2),
)
DOUBTS = {0: "body moved", 1: "cuff loose", 2: "irregular pulse", 5: "wrong position"}
"""Measurement status bits that make a reading questionable (Blood Pressure Service)."""


def explain(payload: bytes) -> dict[str, object]:
    """Every field of one payload in the unit as sent; `{"error": ...}` if it is malformed."""
    if len(payload) < _HEAD:
        return {"error": "truncated"}
    fields: dict[str, object] = {"unit": "kPa" if payload[0] & _KPA else "mmHg"}
    fields |= {name: decode_sfloat(payload, 1 + 2 * i) for i, (_, name) in enumerate(_PRESSURES)}
    at = _HEAD
    for bit, name, size in _OPTIONAL:
        if not payload[0] >> bit & 1:
            continue
        if at + size > len(payload):
            return {"error": "truncated"}
        fields[name] = _optional(name, payload, at, size)
        at += size
    return fields


def _optional(name: str, payload: bytes, at: int, size: int) -> object:
    if name == "timestamp":
        return date_time(payload, at)
    if name == "pulse":
        return decode_sfloat(payload, at)
    return int.from_bytes(payload[at : at + size], "little")


def _read(payload: bytes) -> list[Measurement] | None:
    """Systolic, diastolic and mean pressure. The pulse of a reading is no heart rate to watch."""
    fields = explain(payload)
    if "error" in fields:
        return None
    factor = MMHG_PER_KPA if fields["unit"] == "kPa" else 1.0
    status = fields.get("status", 0)
    doubts = [word for bit, word in DOUBTS.items() if isinstance(status, int) and status >> bit & 1]
    return [_pressure(signal, fields[name], factor, doubts) for signal, name in _PRESSURES]


def _pressure(signal: Signal, value: object, factor: float, doubts: list[str]) -> Measurement:
    if not isinstance(value, float):
        return unavailable(signal, "no reading")
    found = judged(signal, value * factor)
    if found.validity is Validity.VALID and doubts:
        return Measurement(signal, found.value, Validity.QUESTIONABLE, ", ".join(doubts))
    return found


CODEC = Codec(
    name="bps_2a35",
    title="Bluetooth blood pressure cuff",
    decoder=partial(MessageDecoder, _read),
    explain=explain,
    signals=frozenset({Signal.BLOOD_PRESSURE, *(signal for signal, _ in _PRESSURES)}),
    service_uuid=SERVICE,
    characteristic_uuid="00002a35-0000-1000-8000-00805f9b34fb",
    spot=True,
    stale_s=SPOT_STALE_S,
    examples=(
        bytes.fromhex("1e8a00580078000000041114293b3c00012000"),
        bytes.fromhex("00780050005d00"),
    ),
    sentinels="SFLOAT NaN, NRes, infinities",
    tested="third-party payloads",
)
