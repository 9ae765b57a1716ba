"""Vigil's own sample payload, and what is plausible."""

import math

import pytest

from devices.codecs import plausible, sample
from devices.model import Measurement, Signal, Validity


def test_codes_are_stored_in_recordings_and_never_change():
    names = [signal.value for signal in sorted(Signal, key=sample.SIGNAL_CODES.__getitem__)]
    assert sorted(sample.SIGNAL_CODES.values()) == list(range(1, 19))
    assert names == [
        "heart_rate",
        "rr_interval",
        "temperature",
        "skin_temperature",
        "room_temperature",
        "clinical_temperature",
        "contact",
        "battery",
        "ecg",
        "spo2",
        "core_estimate",
        "battery_low",
        "auto_off",
        "blood_pressure",
        "systolic_pressure",
        "diastolic_pressure",
        "mean_pressure",
        "humidity",
    ]


def test_the_bytes():
    payload = sample.encode(Signal.HEART_RATE, 72.5)
    assert payload.hex() == "010000000000205240"
    assert sample.CODEC.explain(payload) == {"signal": "heart_rate", "value": 72.5}
    missing = sample.encode(Signal.ECG, math.nan)
    assert sample.CODEC.explain(missing) == {"signal": "ecg", "value": None}


EDGES = [
    (Signal.HEART_RATE, 20.0, 300.0),
    (Signal.RR_INTERVAL, 240.0, 2500.0),
    (Signal.TEMPERATURE, -20.0, 60.0),
    (Signal.SKIN_TEMPERATURE, -20.0, 60.0),
    (Signal.ROOM_TEMPERATURE, -20.0, 60.0),
    (Signal.CLINICAL_TEMPERATURE, -20.0, 60.0),
    (Signal.BATTERY, 0.0, 100.0),
    (Signal.SPO2, 0.0, 100.0),
    (Signal.CONTACT, 0.0, 1.0),
]


@pytest.mark.parametrize(("signal", "low", "high"), EDGES)
def test_edges_are_plausible_and_what_lies_beyond_is_not(signal, low, high):
    decoder = sample.CODEC.decoder()
    for value in (low, high):
        assert decoder.feed(sample.encode(signal, value)) == [Measurement(signal, value)]
    for value in (math.nextafter(low, -math.inf), math.nextafter(high, math.inf), math.inf):
        wanted = Measurement(signal, value, Validity.INVALID, "implausible")
        assert decoder.feed(sample.encode(signal, value)) == [wanted]


def test_a_signal_without_a_range_takes_any_finite_value():
    assert plausible.judged(Signal.ECG, -1e300).validity is Validity.VALID
    assert plausible.judged(Signal.ECG, -math.inf).validity is Validity.INVALID


@pytest.mark.parametrize("signal", list(Signal))
def test_nan_is_no_reading(signal):
    (found,) = sample.CODEC.decoder().feed(sample.encode(signal, math.nan))
    assert (found.signal, found.validity) == (signal, Validity.NOT_AVAILABLE)
    assert found.reason == "no reading"


@pytest.mark.parametrize("text", ["", "01", "01" * 8, "01" * 10, "00" * 9, "ff" * 9])
def test_malformed_is_counted_not_raised(text):
    decoder = sample.CODEC.decoder()
    assert decoder.feed(bytes.fromhex(text)) == []
    assert decoder.malformed == 1
    assert "error" in sample.CODEC.explain(bytes.fromhex(text))
