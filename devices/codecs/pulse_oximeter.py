"""Bluetooth pulse oximeter, service 0x1822: continuous 0x2A5F, spot check 0x2A5E.

`flags, SpO2 SFLOAT, pulse SFLOAT, [optional fields]`, little-endian.
"""

from __future__ import annotations

from functools import partial

from devices.codec import Codec
from devices.codecs.date_time import DATE_TIME_SIZE, date_time
from devices.codecs.ieee11073 import SFLOAT_SIZE, decode_sfloat
from devices.codecs.message import MessageDecoder
from devices.codecs.plausible import judged, unavailable
from devices.model import SPOT_STALE_S, Measurement, Signal, Validity

SERVICE = "00001822-0000-1000-8000-00805f9b34fb"
_HEAD = 1 + 2 * SFLOAT_SIZE

# Optional fields in the order they are sent: flag bit, name or names, bytes.
_CONTINUOUS = (
    (0, ("spo2_fast", "pr_fast"), 4),
    (1, ("spo2_slow", "pr_slow"), 4),
    (2, ("measurement_status",), 2),
    (3, ("device_sensor_status",), 3),
    (4, ("pai",), 2),
)
_SPOT = (
    (0, ("timestamp",), DATE_TIME_SIZE),
    (1, ("measurement_status",), 2),
    (2, ("device_sensor_status",), 3),
    (3, ("pai",), 2),
)
_CLOCK_NOT_SET = 0x10
_NUMBERS = {"measurement_status", "device_sensor_status"}

MEASUREMENT_FAULTS = {
    9: "from storage",
    10: "demo data",
    11: "testing data",
    12: "calibrating",
    13: "unavailable",
    14: "questionable",
    15: "invalid",
}
"""Measurement status bits that make a value unusable (Pulse Oximeter Service)."""
SENSOR_FAULTS = {
    1: "equipment malfunction",
    3: "inadequate signal",
    6: "erratic signal",
    7: "no pulse",
    11: "not on the person",
    13: "sensor displaced",
    14: "sensor malfunction",
    15: "sensor disconnected",
}
"""Device and sensor status bits that make a value unusable."""


def _field(name: str, payload: bytes, at: int, size: int) -> object:
    if name == "timestamp":
        return date_time(payload, at)
    if name in _NUMBERS:
        return int.from_bytes(payload[at : at + size], "little")
    return decode_sfloat(payload, at)


def explain(payload: bytes, *, spot: bool = False) -> dict[str, object]:
    """Every field of one payload; `{"error": ...}` if it is malformed."""
    if len(payload) < _HEAD:
        return {"error": "truncated"}
    fields: dict[str, object] = {"spo2": decode_sfloat(payload, 1), "pr": decode_sfloat(payload, 3)}
    if spot:
        fields["clock_set"] = not payload[0] & _CLOCK_NOT_SET
    at = _HEAD
    for bit, names, size in _SPOT if spot else _CONTINUOUS:
        if not payload[0] >> bit & 1:
            continue
        if at + size > len(payload):
            return {"error": "truncated"}
        each = size // len(names)
        for i, name in enumerate(names):
            fields[name] = _field(name, payload, at + i * each, each)
        at += size
    return fields


def explain_features(payload: bytes) -> dict[str, object]:
    """The features 0x2A60 and the status bits supported, as numbers."""
    if len(payload) < 2:
        return {"error": "truncated"}
    features = int.from_bytes(payload[:2], "little")
    fields: dict[str, object] = {"features": features}
    at = 2
    for bit, (name, size) in enumerate((("measurement_status", 2), ("device_sensor_status", 3))):
        if features >> bit & 1:
            if at + size > len(payload):
                return {"error": "truncated"}
            fields[f"{name}_support"] = int.from_bytes(payload[at : at + size], "little")
            at += size
    return fields


def fault(fields: dict[str, object]) -> str:
    """Why the sensor itself says that its values cannot be used; empty if it does not."""
    for name, words in (
        ("device_sensor_status", SENSOR_FAULTS),
        ("measurement_status", MEASUREMENT_FAULTS),
    ):
        status = fields.get(name, 0)
        for bit, word in words.items():
            if isinstance(status, int) and status >> bit & 1:
                return word
    return ""


def _measured(signal: Signal, value: object, why: str) -> Measurement:
    if not isinstance(value, float):
        return unavailable(signal, why or "no reading")
    return Measurement(signal, value, Validity.INVALID, why) if why else judged(signal, value)


def _read(payload: bytes, *, spot: bool) -> list[Measurement] | None:
    fields = explain(payload, spot=spot)
    if "error" in fields:
        return None
    why = fault(fields)
    found = [_measured(Signal.SPO2, fields["spo2"], why)]
    # The pulse of a single reading is minutes old by the next one: not a heart rate to watch.
    return found if spot else [*found, _measured(Signal.HEART_RATE, fields["pr"], why)]


_SENTINELS = "SFLOAT NaN, NRes, infinities; status bits of sensor and measurement"
CODEC = Codec(
    name="plx_2a5f",
    title="Bluetooth pulse oximeter, continuous",
    decoder=partial(MessageDecoder, partial(_read, spot=False)),
    explain=explain,
    signals=frozenset({Signal.SPO2, Signal.HEART_RATE}),
    service_uuid=SERVICE,
    characteristic_uuid="00002a5f-0000-1000-8000-00805f9b34fb",
    examples=(bytes.fromhex("1c5f005a00200000000057f0"), bytes.fromhex("00ff07ff07")),
    sentinels=_SENTINELS,
    tested="third-party payloads",
)
SPOT = Codec(
    name="plx_2a5e",
    title="Bluetooth pulse oximeter, single readings",
    decoder=partial(MessageDecoder, partial(_read, spot=True)),
    explain=partial(explain, spot=True),
    signals=frozenset({Signal.SPO2}),
    service_uuid=SERVICE,
    characteristic_uuid="00002a5e-0000-1000-8000-00805f9b34fb",
    spot=True,
    stale_s=SPOT_STALE_S,
    examples=(bytes.fromhex("0facf3bef5e8070b1d170839204022000066e3"), bytes.fromhex("0061004800")),
    sentinels=_SENTINELS,
    tested="third-party payloads",
)
