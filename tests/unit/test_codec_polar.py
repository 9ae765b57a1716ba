"""Polar's control point and delta-compressed frames."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import polar_control, polar_frame
from devices.codecs.polar import ECG_CODEC, PPI_CODEC, SKIN_CODEC
from devices.model import Signal, Validity

H10_OFFER = bytes.fromhex("f0010000000001820001010e00")


def test_an_ecg_is_asked_for_with_what_is_offered():
    stream = ECG_CODEC.control()
    assert stream.begin() == b"\x01\x00"
    assert stream.reply(H10_OFFER) == bytes.fromhex("02000001820001010e00")
    assert stream.reply(b"\xf0\x02\x00\x00\x00") == b""
    assert (stream.refused, stream.end()) == ("", b"\x03\x00")


def test_a_temperature_needs_no_more_than_the_lowest_rate():
    stream = SKIN_CODEC.control()
    assert stream.begin() == b"\x01\x07"
    offer = bytes.fromhex("f00107000000030400010002000101 2000".replace(" ", ""))
    assert stream.reply(offer) == bytes.fromhex("0207000101000101" + "2000")


def test_intervals_have_no_settings():
    stream = PPI_CODEC.control()
    assert stream.begin() == b"\x02\x03"
    assert stream.reply(b"\xf0\x02\x03\x00") == b""


@pytest.mark.parametrize(
    ("status", "words"),
    [(0, ""), (6, ""), (10, "MTU"), (13, "charger"), (3, "does not have"), (99, "status 99")],
)
def test_a_refusal_says_why(status, words):
    stream = ECG_CODEC.control()
    assert stream.reply(bytes([0xF0, 2, 0, status])) == b""
    assert words in stream.refused
    assert bool(stream.refused) is bool(words)


def test_what_the_device_stopped_is_started_again():
    stream = ECG_CODEC.control()
    assert stream.reply(b"\x01\x02\x00") == b"\x01\x00"
    assert stream.reply(b"\x01\x02") == b""


@given(payload=st.binary(max_size=40))
def test_any_reply_is_survived(payload):
    stream = ECG_CODEC.control()
    assert isinstance(stream.reply(payload), bytes)
    polar_control.explain(payload)


def test_the_published_delta_example():
    body = bytes.fromhex("d0ff6501e40f" + "081d" + "fc07ff") + bytes(29 * 3 - 3)
    samples = polar_frame.undelta(body, 3, 2)
    assert samples[:2] == [(-48, 357, 4068), (-52, 364, 4067)]
    assert len(samples) == 30


def pack(samples, channels, size, bits):
    """An independent encoder: bits written one by one."""
    head = b"".join(value.to_bytes(size, "little", signed=True) for value in samples[0])
    written = []
    for old, new in pairwise(samples):
        for a, b in zip(old, new, strict=True):
            written += [(b - a) >> bit & 1 for bit in range(bits)]
    packed = bytearray((len(written) + 7) // 8)
    for at, bit in enumerate(written):
        packed[at // 8] |= bit << at % 8
    return head + bytes([bits, len(samples) - 1]) + bytes(packed)


@given(
    first=st.lists(st.integers(-1000, 1000), min_size=1, max_size=3),
    steps=st.lists(st.integers(-128, 127), max_size=60),
    bits=st.integers(8, 12),
)
def test_deltas_add_up(first, steps, bits):
    channels = len(first)
    samples = [tuple(first)]
    for at in range(0, len(steps) - channels + 1, channels):
        deltas = steps[at : at + channels]
        samples.append(tuple(a + b for a, b in zip(samples[-1], deltas, strict=True)))
    assert polar_frame.undelta(pack(samples, channels, 2, bits), channels, 2) == samples


def test_an_interval_of_somebody_moving_or_of_nobody_is_no_beat():
    head = bytes.fromhex("03000000000000000000")
    moving, off, good = (
        b"\x48\x40\x03\x0a\x00\x07",
        b"\x48\x40\x03\x0a\x00\x04",
        b"\x00\x40\x03\x0a\x00\x06",
    )
    found = PPI_CODEC.decoder().feed(head + moving + off + good)
    beats = [m for m in found if m.signal is Signal.RR_INTERVAL]
    assert [(m.value, m.reason) for m in beats] == [(832, "moving"), (832, "no contact"), (832, "")]
    rates = [m.validity for m in found if m.signal is Signal.HEART_RATE]
    assert rates == [Validity.INVALID, Validity.INVALID, Validity.NOT_AVAILABLE]
