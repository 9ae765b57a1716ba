"""Room thermometers that broadcast: RuuviTag, BTHome, pvvx and ATC, Govee, Blue Maestro, Xiaomi.

They measure rooms, never skin. Payloads are manufacturer data without the company id, or
service data.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial

from devices.codec import Broadcast, Codec
from devices.codecs.message import MessageDecoder
from devices.codecs.plausible import judged, unavailable
from devices.model import Measurement, Signal

STALE_S = 60.0
"""Tags advertise every 1 to 10 s, and a busy room loses many of them. Our choice."""
GOVEE_DEGC = (-40.0, 100.0)
"""Beyond it the instrument means an error, also without its error bit (seen on the air)."""
Fields = dict[str, object]
_TRUNCATED: Fields = {"error": "truncated"}


def measured(fields: Fields) -> list[Measurement] | None:
    """Room temperature, humidity and battery of what was sent; None if it is malformed."""
    if "error" in fields:
        return None
    signals = {
        "celsius": Signal.ROOM_TEMPERATURE,
        "humidity": Signal.HUMIDITY,
        "battery": Signal.BATTERY,
    }
    return [_one(signal, fields[name]) for name, signal in signals.items() if name in fields]


def _one(signal: Signal, value: object) -> Measurement:
    if isinstance(value, int | float):
        return judged(signal, float(value))
    return unavailable(signal, "no reading")


def _unless(raw: int, missing: int, value: float) -> float | None:
    return None if raw == missing else value


def ruuvi_df5(payload: bytes) -> Fields:
    """RuuviTag data format 5: 24 bytes, big-endian."""
    if len(payload) < 24:
        return _TRUNCATED
    if payload[0] != 5:
        return {"error": "unknown data format"}
    temperature, humidity, pressure = struct.unpack_from(">hHH", payload, 1)
    power, movement, sequence = struct.unpack_from(">HBH", payload, 13)
    return {
        "celsius": _unless(temperature, -0x8000, temperature / 200),
        "humidity": _unless(humidity, 0xFFFF, humidity / 400),
        "pressure_pa": _unless(pressure, 0xFFFF, pressure + 50000),
        "battery_v": _unless(power >> 5, 0x7FF, ((power >> 5) + 1600) / 1000),
        "tx_dbm": _unless(power & 0x1F, 0x1F, (power & 0x1F) * 2 - 40),
        "movement": _unless(movement, 0xFF, movement),
        "sequence": _unless(sequence, 0xFFFF, sequence),
    }


# Object id -> name, struct format, divisor.
_BTHOME: dict[int, tuple[str, str, float]] = {
    0x00: ("packet_id", "<B", 1),
    0x01: ("battery", "<B", 1),
    0x02: ("celsius", "<h", 100),
    0x03: ("humidity", "<H", 100),
    0x0C: ("battery_v", "<H", 1000),
    0x2E: ("humidity", "<B", 1),
    0x45: ("celsius", "<h", 10),
    0x57: ("celsius", "<b", 1),
    0x58: ("celsius", "<b", 1 / 0.35),
}


def bthome_v2(payload: bytes) -> Fields:
    """BTHome version 2, unencrypted. An object of unknown length ends the reading."""
    if len(payload) < 2:
        return _TRUNCATED
    if payload[0] >> 5 != 2:
        return {"error": "unknown version"}
    if payload[0] & 1:
        return {"error": "encrypted"}
    fields: Fields = {}
    at = 1
    while at < len(payload) and payload[at] in _BTHOME:
        name, form, divisor = _BTHOME[payload[at]]
        size = struct.calcsize(form)
        if at + 1 + size > len(payload):
            return _TRUNCATED
        (raw,) = struct.unpack_from(form, payload, at + 1)
        whole = divisor == 1 and name in {"packet_id", "battery"}
        fields[name] = raw if whole else round(raw / divisor, 4)
        at += 1 + size
    return fields


def pvvx_custom(payload: bytes) -> Fields:
    """Custom format of the pvvx firmware: 15 bytes."""
    if len(payload) != 15:
        return _TRUNCATED if len(payload) < 15 else {"error": "oversized"}
    temperature, humidity, millivolt, battery, counter, flags = struct.unpack_from(
        "<hHHBBB", payload, 6
    )
    return {
        "celsius": temperature / 100,
        "humidity": humidity / 100,
        "battery_v": millivolt / 1000,
        "battery": battery,
        "counter": counter,
        "flags": flags,
    }


def atc1441(payload: bytes) -> Fields:
    """Format of the ATC1441 firmware: 13 bytes, big-endian. Told from pvvx by its length."""
    if len(payload) != 13:
        return _TRUNCATED if len(payload) < 13 else {"error": "oversized"}
    temperature, humidity, battery, millivolt, counter = struct.unpack_from(">hBBHB", payload, 6)
    return {
        "celsius": temperature / 10,
        "humidity": float(humidity),
        "battery": battery,
        "battery_v": millivolt / 1000,
        "counter": counter,
    }


def govee_h5075(payload: bytes) -> Fields:
    """Govee H5072 and H5075: temperature and humidity in one number; bit 7 of battery: error."""
    if len(payload) < 6:
        return _TRUNCATED
    value, status = int.from_bytes(payload[1:4], "big"), payload[4]
    magnitude = value & 0x7FFFFF
    celsius = magnitude // 1000 / (-10 if value & 0x800000 else 10)
    low, high = GOVEE_DEGC
    battery = status & 0x7F
    if status & 0x80 or not low <= celsius <= high:
        return {"celsius": None, "humidity": None, "battery": battery}
    return {"celsius": celsius, "humidity": magnitude % 1000 / 10, "battery": battery}


def govee_h5074(payload: bytes) -> Fields:
    """Govee H5074: hundredths, little-endian."""
    if len(payload) < 7:
        return _TRUNCATED
    temperature, humidity, battery = struct.unpack_from("<hHB", payload, 1)
    return {"celsius": temperature / 100, "humidity": humidity / 100, "battery": battery}


_TEMPO_DEVICES = {0x16, 0x17, 0x1B}


def bluemaestro_tempo(payload: bytes) -> Fields:
    """Blue Maestro Tempo Disc: big-endian."""
    if len(payload) < 12:
        return _TRUNCATED
    if payload[0] not in _TEMPO_DEVICES:
        return {"error": "unknown device"}
    temperature, humidity, dew_point = struct.unpack_from(">hHh", payload, 6)
    return {
        "device": payload[0],
        "battery": payload[1],
        "celsius": temperature / 10,
        "humidity": humidity / 10,
        "dew_point": dew_point / 10,
    }


_MI_ENCRYPTED, _MI_MAC, _MI_CAPABILITY, _MI_OBJECT = 0x08, 0x10, 0x20, 0x40
_MI_IO = 0x20
"""Bit of the capability byte: two more bytes follow."""


def xiaomi_mibeacon(payload: bytes) -> Fields:
    """Xiaomi MiBeacon, unencrypted; empty if the beacon carries none of our values."""
    if len(payload) < 5:
        return _TRUNCATED
    control = int.from_bytes(payload[:2], "little")
    if control & _MI_ENCRYPTED:
        return {"error": "encrypted"}
    at = 5 + (6 if control & _MI_MAC else 0)
    if control & _MI_CAPABILITY:
        more = 2 if at < len(payload) and payload[at] & _MI_IO else 0
        at += 1 + more
    if at > len(payload):
        return _TRUNCATED
    return _mi_objects(payload, at) if control & _MI_OBJECT else {}


def _mi_objects(payload: bytes, at: int) -> Fields:
    fields: Fields = {}
    while at < len(payload):
        if at + 3 > len(payload) or at + 3 + payload[at + 2] > len(payload):
            return fields or _TRUNCATED
        number, body = int.from_bytes(payload[at : at + 2], "little"), payload[at + 3 :]
        fields |= _mi_object(number, body[: payload[at + 2]])
        at += 3 + payload[at + 2]
    return fields


def _mi_object(number: int, body: bytes) -> Fields:
    match number, len(body):
        case 0x1004, 2:
            return {"celsius": int.from_bytes(body, "little", signed=True) / 10}
        case 0x1006, 2:
            return {"humidity": int.from_bytes(body, "little") / 10}
        case 0x100A, 1:
            return {"battery": body[0]}
        case 0x100D, 4:
            temperature, humidity = struct.unpack("<hH", body)
            return {"celsius": temperature / 10, "humidity": humidity / 10}
        case _:
            return {}


def _codec(
    name: str,
    title: str,
    explain: Callable[[bytes], Fields],
    where: Broadcast,
    examples: tuple[str, ...],
    sentinels: str = "none",
    tested: str = "third-party payloads",
) -> Codec:
    return Codec(
        name=name,
        title=title,
        decoder=partial(MessageDecoder, lambda payload: measured(explain(payload))),
        explain=lambda payload: dict(explain(payload)),
        signals=frozenset({Signal.ROOM_TEMPERATURE, Signal.HUMIDITY, Signal.BATTERY}),
        broadcast=where,
        stale_s=STALE_S,
        examples=tuple(bytes.fromhex(text) for text in examples),
        sentinels=sentinels,
        tested=tested,
    )


def _service_data(number: str) -> Broadcast:
    return Broadcast(service_data_uuid=f"0000{number}-0000-1000-8000-00805f9b34fb")


RUUVI = _codec(
    "ruuvi_df5",
    "RuuviTag",
    ruuvi_df5,
    Broadcast(company_id=0x0499),
    (
        "0512fc5394c37c0004fffc040cac364200cdcbb8334c884f",
        "058000ffffffff800080008000ffffffffffffffffffffff",
    ),
    "0x8000, 0xFFFF and the like",
)
BTHOME = _codec(
    "bthome_v2",
    "BTHome sensors, unencrypted",
    bthome_v2,
    _service_data("fcd2"),
    ("4002ca0903bf13",),
)
PVVX = _codec(
    "pvvx_custom",
    "Xiaomi thermometers with pvvx firmware",
    pvvx_custom,
    _service_data("181a"),
    ("aabbccddeeff6009a211c90b64050f",),
    tested="computed payloads",
)
ATC = _codec(
    "atc1441",
    "Xiaomi thermometers with ATC1441 firmware",
    atc1441,
    _service_data("181a"),
    ("a4c138aabbcc00f02d640bb905",),
    tested="computed payloads",
)
GOVEE_5075 = _codec(
    "govee_h5075",
    "Govee H5072 and H5075",
    govee_h5075,
    Broadcast(company_id=0xEC88),
    ("000341c26400", "00bc0004be00"),
    "error bit",
)
GOVEE_5074 = _codec(
    "govee_h5074",
    "Govee H5074",
    govee_h5074,
    Broadcast(company_id=0xEC88),
    ("0052099e106402",),
    tested="computed payloads",
)
BLUE_MAESTRO = _codec(
    "bluemaestro_tempo",
    "Blue Maestro Tempo Disc",
    bluemaestro_tempo,
    Broadcast(company_id=0x0133),
    ("17640e10000200f201f200830100",),
)
MIBEACON = _codec(
    "xiaomi_mibeacon",
    "Xiaomi MiBeacon thermometers, unencrypted",
    xiaomi_mibeacon,
    _service_data("fe95"),
    ("5020aa01efee7ad0a8654c0410020301",),
)
