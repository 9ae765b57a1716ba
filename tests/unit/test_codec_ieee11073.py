"""Decimal numbers of medical devices."""

import struct

import pytest

from devices.codecs import ieee11073

FLOAT_MANTISSAS = {0x7FFFFF: "NaN", 0x7FFFFE: "+INF", 0x800000: "NRes", 0x800001: "RESERVED"}
FLOAT_MANTISSAS[0x800002] = "-INF"
SFLOAT_MANTISSAS = {0x7FF: "NaN", 0x7FE: "+INF", 0x800: "NRes", 0x801: "RESERVED", 0x802: "-INF"}


@pytest.mark.parametrize("exponent", [0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF])
@pytest.mark.parametrize(("mantissa", "name"), FLOAT_MANTISSAS.items())
def test_a_special_float_is_no_value_whatever_its_exponent(mantissa, name, exponent):
    assert ieee11073.decode_float(struct.pack("<I", exponent << 24 | mantissa)) == name


@pytest.mark.parametrize("exponent", range(16))
@pytest.mark.parametrize(("mantissa", "name"), SFLOAT_MANTISSAS.items())
def test_a_special_sfloat_is_no_value_whatever_its_exponent(mantissa, name, exponent):
    assert ieee11073.decode_sfloat(struct.pack("<H", exponent << 12 | mantissa)) == name


@pytest.mark.parametrize(
    ("mantissa", "exponent", "value"),
    [
        (366, -1, 36.6),
        (3660, -2, 36.6),
        (-15, -1, -1.5),
        (0x7FFFFD, 0, 8388605.0),
        (-0x7FFFFD, 0, -8388605.0),
        (0, -128, 0.0),
        (8388605, 127, 8388605e127),
        (8388605, -128, 8388605e-128),
    ],
)
def test_float_is_the_nearest_number_to_the_decimal(mantissa, exponent, value):
    payload = struct.pack("<i", mantissa)[:3] + struct.pack("<b", exponent)
    assert ieee11073.decode_float(b"\xee" + payload, 1) == value


@pytest.mark.parametrize(
    ("raw", "value"), [(0x07FD, 2045.0), (0x0803, -2045.0), (0x87FD, 2045e-8), (0x7001, 1e7)]
)
def test_largest_and_smallest_sfloat(raw, value):
    assert ieee11073.decode_sfloat(struct.pack("<H", raw)) == value


def test_too_short_is_an_error_not_a_number():
    assert ieee11073.explain_float(b"\x01\x02\x03") == {"error": "truncated"}
    assert ieee11073.explain_sfloat(b"\x01") == {"error": "truncated"}
