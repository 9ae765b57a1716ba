"""What simulated Bluetooth sensors send: values in, wire bytes out; see `simulators.wire`."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence

_SFLOAT_NAN = 0x07FF
_CORE_MISSING = 0x7FFF
_CENTI_MISSING = -0x8000


def sfloat(value: float | None, exponent: int = -1) -> bytes:
    """An IEEE 11073 SFLOAT with that exponent; None is sent as NaN."""
    if value is None:
        return struct.pack("<H", _SFLOAT_NAN)
    mantissa = round(value * 10.0**-exponent)
    return struct.pack("<H", (mantissa & 0x0FFF) | (exponent & 0x0F) << 12)


def core_2101(core_degc: float | None, skin_degc: float | None, quality: int = 3) -> bytes:
    """A CORE measurement: core estimate, skin temperature, quality 0 to 4."""
    values = [_CORE_MISSING if v is None else round(v * 100) for v in (core_degc, skin_degc)]
    return struct.pack("<BhhB", 0x05, *values, quality)


def pulse_oximeter(spo2_pct: float | None, pulse_bpm: float | None) -> bytes:
    """A continuous pulse-oximeter measurement (0x2A5F), whole numbers."""
    return b"\x00" + sfloat(spo2_pct, 0) + sfloat(pulse_bpm, 0)


def blood_pressure(
    systolic_mmhg: float, diastolic_mmhg: float, mean_mmhg: float, pulse_bpm: float | None = None
) -> bytes:
    """A Blood Pressure Measurement (0x2A35), mmHg."""
    flags = 0x00 if pulse_bpm is None else 0x04
    pressures = b"".join(sfloat(v, 0) for v in (systolic_mmhg, diastolic_mmhg, mean_mmhg))
    return bytes([flags]) + pressures + (b"" if pulse_bpm is None else sfloat(pulse_bpm, 0))


def centi_degrees(degc: float | None) -> bytes:
    """A temperature in 0.01 degrees Celsius: 0x2A6E, and movisens skin temperature."""
    return struct.pack("<h", _CENTI_MISSING if degc is None else round(degc * 100))


def pmd_frame(measurement: int, timestamp_ns: int, body: bytes, frame_type: int = 0) -> bytes:
    """A frame of Polar Measurement Data; `timestamp_ns` on the sensor's own clock."""
    return struct.pack("<BQB", measurement, timestamp_ns, frame_type) + body


def pmd_ecg(timestamp_ns: int, samples_uv: Sequence[int]) -> bytes:
    """Polar ECG samples, microvolts."""
    body = b"".join(value.to_bytes(3, "little", signed=True) for value in samples_uv)
    return pmd_frame(0, timestamp_ns, body)


def pmd_skin_temperature(timestamp_ns: int, degc: Sequence[float | None]) -> bytes:
    """Polar skin temperatures, degrees Celsius; None is sent as NaN."""
    values = (math.nan if one is None else one for one in degc)
    return pmd_frame(7, timestamp_ns, struct.pack(f"<{len(degc)}f", *values))


def pmd_answer(written: bytes) -> bytes:
    """How a Polar control point answers a request: always willing."""
    opcode, measurement = written[0], written[1]
    offers = {0: "0001820001010e00", 7: "00010100010101200004010100"[:16]}
    parameters = bytes.fromhex(offers.get(measurement, "")) if opcode == 1 else b""
    return bytes([0xF0, opcode, measurement, 0, 0]) + parameters


def bthome_v2(degc: float, humidity_pct: float) -> bytes:
    """BTHome service data."""
    return b"\x40" + struct.pack("<BhBH", 2, round(degc * 100), 3, round(humidity_pct * 100))


def ruuvi_df5(degc: float | None, humidity_pct: float) -> bytes:
    """RuuviTag manufacturer data, motion and pressure left out."""
    raw = _CENTI_MISSING if degc is None else round(degc * 200)
    head = struct.pack(">Bhh", 5, raw, round(humidity_pct * 400))
    return head + bytes.fromhex("ffff800080008000") + struct.pack(">H", (1350 << 5) | 22) + bytes(9)


def pvvx_custom(degc: float, humidity_pct: float, battery_pct: int) -> bytes:
    """Service data of the pvvx firmware."""
    values = round(degc * 100), round(humidity_pct * 100), 2950, battery_pct, 1, 0
    return bytes(6) + struct.pack("<hHHBBB", *values)


ECG_HZ = 130
"""Samples a second of the Polar H10."""
