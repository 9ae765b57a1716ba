"""IEEE 11073-20601 FLOAT (32 bit) and SFLOAT (16 bit): decimal numbers of medical devices.

Both hold a two's complement mantissa m and exponent e, little-endian, for m * 10**e.
"""

from __future__ import annotations

import struct

FLOAT_SIZE = 4
SFLOAT_SIZE = 2

FLOAT_SPECIALS = {
    0x7FFFFF: "NaN",
    0x7FFFFE: "+INF",
    -0x800000: "NRes",
    -0x7FFFFF: "RESERVED",
    -0x7FFFFE: "-INF",
}
"""Mantissas that stand for "no value". Defined with exponent 0; some senders put another one
beside them, so they mean it with any exponent: a temperature must not be made of them."""

SFLOAT_SPECIALS = {
    0x7FF: "NaN",
    0x7FE: "+INF",
    -0x800: "NRes",
    -0x7FF: "RESERVED",
    -0x7FE: "-INF",
}

_INT32 = struct.Struct("<i")
_INT16 = struct.Struct("<h")


def decode_float(payload: bytes, offset: int = 0) -> float | str:
    """The FLOAT in the 4 bytes at `offset`, or the name of a special value.

    Raises:
        struct.error: there are fewer bytes; callers check the length first.
    """
    (raw,) = _INT32.unpack_from(payload, offset)
    exponent = raw >> 24
    mantissa = ((raw & 0xFFFFFF) ^ 0x800000) - 0x800000
    return FLOAT_SPECIALS.get(mantissa) or _scaled(mantissa, exponent)


def decode_sfloat(payload: bytes, offset: int = 0) -> float | str:
    """The SFLOAT in the 2 bytes at `offset`, or the name of a special value.

    Raises:
        struct.error: there are fewer bytes; callers check the length first.
    """
    (raw,) = _INT16.unpack_from(payload, offset)
    exponent = raw >> 12
    mantissa = ((raw & 0xFFF) ^ 0x800) - 0x800
    return SFLOAT_SPECIALS.get(mantissa) or _scaled(mantissa, exponent)


def explain_float(payload: bytes) -> dict[str, object]:
    """`{"value": ...}` of one FLOAT; trailing bytes are ignored."""
    if len(payload) < FLOAT_SIZE:
        return {"error": "truncated"}
    return {"value": decode_float(payload)}


def explain_sfloat(payload: bytes) -> dict[str, object]:
    """`{"value": ...}` of one SFLOAT; trailing bytes are ignored."""
    if len(payload) < SFLOAT_SIZE:
        return {"error": "truncated"}
    return {"value": decode_sfloat(payload)}


def _scaled(mantissa: int, exponent: int) -> float:
    # Integers on both sides: rounded once, so 366 and -1 give 36.6 and not 36.6000001.
    if exponent < 0:
        return float(mantissa / 10**-exponent)
    return float(mantissa * 10**exponent)
