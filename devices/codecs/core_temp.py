"""CORE body temperature sensor (greenTEG): measurement 2101, control point 2102, advertisement.

Skin temperature is measured; the "core" value is the sensor's own estimate and is passed on as
that. The heart rate in a payload is a relay of somebody's strap and is never passed on.
"""

from __future__ import annotations

from functools import partial

from devices.codec import Broadcast, Codec
from devices.codecs.message import MessageDecoder
from devices.codecs.plausible import degc_from_degf, judged, unavailable
from devices.model import Measurement, Signal

SERVICE = "00002100-5b1e-4347-b07c-97b514dae121"
MISSING = 0x7FFF
COMPANY_ID = 0x0BF6
"""3062. The maker's notes print it byte-reversed."""

_FAHRENHEIT = 0x08
_QUALITY_INVALID = 0
_MEASURING = 4
# Optional fields in the order they are sent: flag, bytes.
_OPTIONAL = (
    (0x01, "skin", 2),
    (0x02, "reserved", 2),
    (0x04, "state", 1),
    (0x10, "hr", 1),
    (0x20, "hsi", 1),
)


def explain(payload: bytes) -> dict[str, object]:
    """Every field of one measurement in the unit as sent; null for "not available"."""
    if len(payload) < 3:
        return {"error": "truncated"}
    flags = payload[0]
    fields: dict[str, object] = {
        "unit": "F" if flags & _FAHRENHEIT else "C",
        "core": _degrees(payload[1:3]),
    }
    at = 3
    for flag, name, size in _OPTIONAL:
        if flags & flag:
            if at + size > len(payload):
                return {"error": "truncated"}
            fields |= _optional(name, payload[at : at + size])
            at += size
    return fields


def _optional(name: str, raw: bytes) -> dict[str, object]:
    if name == "skin":
        return {"skin": _degrees(raw)}
    if name == "reserved":
        return {"reserved": int.from_bytes(raw, "little", signed=True)}
    if name == "state":
        return {"quality": raw[0] & 0x07, "hr_state": raw[0] >> 4 & 0x03}
    return {"hr": raw[0]} if name == "hr" else {"hsi": raw[0] / 10}


def _degrees(raw: bytes) -> float | None:
    value = int.from_bytes(raw, "little", signed=True)
    return None if value == MISSING else value / 100


def _read(payload: bytes) -> list[Measurement] | None:
    fields = explain(payload)
    if "error" in fields:
        return None
    fahrenheit = fields["unit"] == "F"
    usable = fields.get("quality") != _QUALITY_INVALID
    found = [_measured(Signal.CORE_ESTIMATE, fields["core"], fahrenheit, usable)]
    if "skin" in fields:
        found.insert(0, _measured(Signal.SKIN_TEMPERATURE, fields["skin"], fahrenheit, usable))
    return found


def _measured(signal: Signal, value: object, fahrenheit: bool, usable: bool) -> Measurement:
    if not isinstance(value, float):
        return unavailable(signal, "no reading")
    if not usable:
        return unavailable(signal, "quality invalid")
    return judged(signal, degc_from_degf(value) if fahrenheit else value)


def explain_advertisement(payload: bytes) -> dict[str, object]:
    """Version, state and core estimate (degrees Celsius) of manufacturer data."""
    if len(payload) < 4:
        return {"error": "truncated"}
    core = int.from_bytes(payload[2:4], "little") / 1000
    return {"version": payload[0], "state": payload[1] & 0x0F, "core_c": core}


def _read_advertisement(payload: bytes) -> list[Measurement] | None:
    fields = explain_advertisement(payload)
    if "error" in fields:
        return None
    if fields["state"] != _MEASURING:
        return [unavailable(Signal.CORE_ESTIMATE, "not measuring")]
    return [judged(Signal.CORE_ESTIMATE, float(str(fields["core_c"])))]


def explain_control(payload: bytes) -> dict[str, object]:
    """A reply of the control point: the opcode asked, the result (1 ok), its parameters."""
    if len(payload) < 3:
        return {"error": "truncated"}
    if payload[0] != 0x80:
        return {"error": "not a reply"}
    return {
        "request_opcode": payload[1],
        "result": payload[2],
        "parameter_hex": payload[3:].hex(),
    }


CODEC = Codec(
    name="core_2101",
    title="CORE body temperature sensor",
    decoder=partial(MessageDecoder, _read),
    explain=explain,
    signals=frozenset({Signal.SKIN_TEMPERATURE, Signal.CORE_ESTIMATE}),
    service_uuid=SERVICE,
    characteristic_uuid="00002101-5b1e-4347-b07c-97b514dae121",
    examples=(
        bytes.fromhex("01740eb20c"),
        bytes.fromhex("05740eb20c13"),
        bytes.fromhex("05ff7fff7f00"),
    ),
    sentinels="0x7FFF; quality 0",
    tested="the maker's published payloads",
)
ADVERTISEMENT = Codec(
    name="core_adv_0bf6",
    title="CORE body temperature sensor, advertisement",
    decoder=partial(MessageDecoder, _read_advertisement),
    explain=explain_advertisement,
    signals=frozenset({Signal.CORE_ESTIMATE}),
    broadcast=Broadcast(company_id=COMPANY_ID),
    stale_s=30.0,
    examples=(bytes.fromhex("0004b391"),),
    sentinels="any state but 4 (measuring)",
    tested="the maker's published payloads",
)
