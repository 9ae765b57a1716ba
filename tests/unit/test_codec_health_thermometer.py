"""The Bluetooth thermometer: what is skin, what is not, what is no reading."""

import math

import pytest

from devices.codecs.health_thermometer import CODEC
from devices.model import Measurement, Signal, Validity


def feed(text):
    return CODEC.decoder().feed(bytes.fromhex(text))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("006e0100ff", 36.6),
        ("00a10a00fe", 27.21),
        ("01d10300ff", 36.5),  # 97.7 degF
        ("026e0100ffe807010f081e00", 36.6),
        ("0238fffffe000000000000000000", -2.0),  # a clock that was never set
    ],
)
def test_celsius_comes_out(text, value):
    (found,) = feed(text)
    assert found.signal is Signal.TEMPERATURE
    assert found.validity is Validity.VALID
    assert math.isclose(found.value, value, abs_tol=1e-9)


@pytest.mark.parametrize("code", [1, 4, 8, 0, 10, 255])
def test_a_surface_or_unknown_site_is_what_the_configuration_says(code):
    assert feed(f"046e0100ff{code:02x}") == [Measurement(Signal.TEMPERATURE, 36.6)]


@pytest.mark.parametrize("code", [2, 3, 5, 6, 7, 9])
def test_an_inner_site_is_never_skin(code):
    assert feed(f"046e0100ff{code:02x}") == [Measurement(Signal.CLINICAL_TEMPERATURE, 36.6)]
    (missing,) = feed(f"04ffff7f00{code:02x}")
    assert missing.signal is Signal.CLINICAL_TEMPERATURE


@pytest.mark.parametrize("number", ["ffff7f", "feff7f", "000080", "010080", "020080"])
@pytest.mark.parametrize("exponent", ["00", "ff"])
def test_special_numbers_are_no_reading(number, exponent):
    (found,) = feed(f"00{number}{exponent}")
    assert math.isnan(found.value)
    assert (found.validity, found.reason) == (Validity.NOT_AVAILABLE, "no reading")


@pytest.mark.parametrize(
    ("text", "value", "plausible"),
    [
        ("00ecffff00", -20.0, True),
        ("00ebffff00", -21.0, False),
        ("003c000000", 60.0, True),
        ("003d000000", 61.0, False),
        ("008c000000", 140.0, False),
        ("018c000000", 60.0, True),  # the same number in Fahrenheit
    ],
)
def test_the_plausible_range_is_judged_in_celsius(text, value, plausible):
    (found,) = feed(text)
    assert math.isclose(found.value, value)
    assert found.validity is (Validity.VALID if plausible else Validity.INVALID)
    assert found.reason == ("" if plausible else "implausible")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00",
        "006e0100",
        "046e0100ff",  # type announced, not sent
        "026e0100ffe807010f081e",  # six bytes of seven
        "066e0100ffe807010f081e00",  # time stamp but no type
        "00" * 513,
    ],
)
def test_malformed_is_counted_not_raised(text):
    decoder = CODEC.decoder()
    assert decoder.feed(bytes.fromhex(text)) == []
    assert decoder.malformed == 1
    assert "error" in CODEC.explain(bytes.fromhex(text))
