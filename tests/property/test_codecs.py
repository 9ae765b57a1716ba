"""Whatever comes over the air or the line: nothing raises, nothing depends on chunking."""

import json
import math
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from devices import registry
from devices.codecs import ieee11073, sample
from devices.model import Signal, Validity
from simulators import wire

CODECS = registry.codecs()
LINES = sorted(name for name, codec in CODECS.items() if codec.serial is not None)
MESSAGES = sorted(set(CODECS) - set(LINES))
STREAMS = ("center_30x_8b", "center_309_45b")

anything = st.binary(max_size=60) | st.binary(min_size=500, max_size=520)
skin_degc = st.floats(-19.9, 59.9)
center_30x = st.builds(wire.center_30x_reply, st.none() | skin_degc, st.none() | skin_degc)
center_309 = st.builds(wire.center_309_reply, st.lists(st.none() | skin_degc, max_size=4))
noise = st.lists(st.sampled_from([0x00, 0x02, 0x03, 0x80, 0xFF]), max_size=60).map(bytes)
stream = st.lists(center_30x | center_309 | noise | st.binary(max_size=60), max_size=8).map(
    b"".join
)


def examples(name):
    """What that format's sensor sends, with a few bytes changed."""
    changes = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 255)), max_size=4)
    return st.builds(changed, st.sampled_from(CODECS[name].examples or (b"",)), changes)


def changed(payload, changes):
    found = bytearray(payload)
    for at, byte in changes:
        if at < len(found):
            found[at] = byte
    return bytes(found)


@pytest.mark.parametrize("name", sorted(CODECS))
@given(data=st.data())
def test_arbitrary_bytes_never_raise(name, data):
    payload = data.draw(anything | examples(name))
    codec = CODECS[name]
    decoder = codec.decoder()
    for measurement in decoder.feed(payload):
        assert measurement.signal in codec.signals
        assert math.isfinite(measurement.value) or measurement.validity is not Validity.VALID
        assert bool(measurement.reason) is (measurement.validity is not Validity.VALID)
    json.dumps(registry.explain(name, payload), allow_nan=False)


@pytest.mark.parametrize("name", MESSAGES)
@given(data=st.data())
def test_a_message_either_decodes_or_counts_as_malformed(name, data):
    payload = data.draw(anything | examples(name))
    decoder = CODECS[name].decoder()
    found = decoder.feed(payload)
    # Another measurement's frame is nothing of ours, and not looked into.
    assert not decoder.malformed or not found
    assert not found or "error" not in registry.explain(name, payload)
    assert not decoder.malformed or "error" in registry.explain(name, payload)


@pytest.mark.parametrize("name", LINES)
@given(data=st.data(), cuts=st.lists(st.integers(0, 400)))
def test_chunking_changes_nothing(name, data, cuts):
    sent = st.lists(examples(name) | noise | st.binary(max_size=60), max_size=8).map(b"".join)
    data = data.draw(sent | stream)
    whole = registry.codec(name).decoder()
    wanted = repr(whole.feed(data))
    chunked = registry.codec(name).decoder()
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    found = [m for a, b in pairwise(edges) for m in chunked.feed(data[a:b])]
    assert repr(found) == wanted
    assert chunked.malformed == whole.malformed


@pytest.mark.parametrize("name", STREAMS)
@given(data=st.binary(max_size=80) | noise, t1=skin_degc)
def test_a_whole_frame_after_anything_is_answered(name, data, t1):
    decoder = registry.codec(name).decoder()
    decoder.feed(data)
    frame = wire.center_30x_reply(t1) if name == "center_30x_8b" else wire.center_309_reply([t1])
    # Garbage and the frame's beginning can make a look-alike; it may not end in silence.
    assert decoder.feed(frame)
    assert len(decoder._pending) < len(frame)


@given(
    bpm=st.integers(20, 300),
    rr_ms=st.lists(st.floats(241, 2499), max_size=12),
    contact=st.none() | st.just(True),
    energy=st.none() | st.integers(0, 70_000),
)
@example(bpm=72, rr_ms=[], contact=None, energy=None)
def test_a_strap_says_what_it_means(bpm, rr_ms, contact, energy):
    payload = wire.heart_rate_measurement(bpm, rr_ms, contact, energy)
    found = registry.codec("hrs_2a37").decoder().feed(payload)
    assert all(m.validity is Validity.VALID for m in found)
    values = {s: [m.value for m in found if m.signal is s] for s in Signal}
    assert values[Signal.HEART_RATE] == [bpm]
    assert values[Signal.CONTACT] == ([] if contact is None else [1.0])
    sent = rr_ms[: wire.rr_room(bpm, energy)]
    assert values[Signal.RR_INTERVAL] == pytest.approx(sent, abs=0.5)
    assert len(payload) <= wire.MAX_NOTIFICATION


@given(degc=skin_degc, fahrenheit=st.booleans(), code=st.sampled_from([None, 1, 2, 4, 9]))
def test_a_ble_thermometer_says_what_it_means(degc, fahrenheit, code):
    payload = wire.health_temperature(degc, code, fahrenheit=fahrenheit)
    (found,) = registry.codec("hts_2a1c").decoder().feed(payload)
    assert found.value == pytest.approx(degc, abs=0.0051)
    assert (found.signal is Signal.CLINICAL_TEMPERATURE) is (code in {2, 9})


@pytest.mark.parametrize("name", STREAMS)
@given(degc=skin_degc, fahrenheit=st.booleans())
def test_a_serial_thermometer_says_what_it_means(name, degc, fahrenheit):
    if name == "center_30x_8b":
        frame = wire.center_30x_reply(degc, fahrenheit=fahrenheit)
    else:
        frame = wire.center_309_reply([degc], fahrenheit=fahrenheit)
    found = registry.codec(name).decoder().feed(frame)[0]
    assert found.validity is Validity.VALID
    assert found.value == pytest.approx(degc, abs=0.051)


@given(mantissa=st.integers(-(2**23) + 3, 2**23 - 3), exponent=st.integers(-10, 0))
def test_a_float_is_the_decimal_it_stands_for(mantissa, exponent):
    payload = mantissa.to_bytes(3, "little", signed=True) + exponent.to_bytes(1, signed=True)
    assert ieee11073.decode_float(payload) == float(f"{mantissa}e{exponent}")


@given(signal=st.sampled_from(Signal), value=st.floats(allow_nan=False))
def test_a_sample_keeps_its_value(signal, value):
    (found,) = registry.codec("sample").decoder().feed(sample.encode(signal, value))
    assert (found.signal, found.value) == (signal, value)
