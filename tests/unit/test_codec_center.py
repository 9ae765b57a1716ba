"""Two serial thermometers: frames in a stream, and displays that are not live."""

import math

import pytest

from devices.codecs import center_30x, center_309
from devices.model import Measurement, Signal, Validity
from simulators.wire import center_30x_reply, center_309_reply

LIVE = center_30x_reply(34.1, 22.0)
LIVE_309 = center_309_reply([34.1, 22.0])
FRAMES = [pytest.param(center_30x.CODEC, LIVE, id="8b"), pytest.param(center_309.CODEC, LIVE_309)]
SKIN = Measurement(Signal.TEMPERATURE, 34.1)


def degrees(decoder, payload):
    """The temperatures; what a meter says of itself is tested apart."""
    return [m for m in decoder.feed(payload) if m.signal is Signal.TEMPERATURE]


def one(codec, frame):
    decoder = codec.decoder()
    (found,) = degrees(decoder, frame)
    assert decoder.malformed == 0
    return found


@pytest.mark.parametrize("codec", [center_30x.CODEC, center_309.CODEC])
def test_both_are_asked_with_the_letter_a(codec):
    line = codec.serial
    assert (line.baud, line.byte_size, line.parity, line.stop_bits) == (9600, 8, "N", 1)
    assert line.poll == b"A"


@pytest.mark.parametrize(("codec", "frame"), FRAMES)
def test_joined_split_and_torn_frames(codec, frame):
    decoder = codec.decoder()
    assert degrees(decoder, frame * 3) == [SKIN] * 3
    assert degrees(decoder, frame + frame[:3]) == [SKIN]
    assert degrees(decoder, frame[3:]) == [SKIN]
    assert decoder.malformed == 0
    assert degrees(decoder, frame[:-2] + frame) == [SKIN]
    assert decoder.malformed == 1


@pytest.mark.parametrize(("codec", "frame"), FRAMES)
def test_a_run_of_garbage_counts_once_however_it_arrives(codec, frame):
    decoder = codec.decoder()
    for _ in range(50):
        assert decoder.feed(b"\xff\x00\x02\x02") == []
    assert degrees(decoder, frame) == [SKIN]
    assert decoder.malformed == 1
    decoder.feed(b"\x00")
    assert decoder.malformed == 2


@pytest.mark.parametrize(("codec", "frame"), FRAMES)
def test_never_holds_more_than_an_unfinished_frame(codec, frame):
    decoder = codec.decoder()
    decoder.feed(b"\x02" * 100_000)
    decoder.feed(b"\x00" * 100_000)
    assert len(decoder._pending) < len(frame)


OFF = {"hold": {"hold": True}, "rel": {"rel": True}, "max": {"mode": "max"}, "min": {"mode": "min"}}


@pytest.mark.parametrize(("reason", "display"), [*OFF.items(), ("avg", {"mode": "avg"})])
def test_a_display_that_is_not_live_shows_but_does_not_count(reason, display):
    found = one(center_30x.CODEC, center_30x_reply(34.1, **display))
    wanted = Measurement(Signal.TEMPERATURE, 34.1, Validity.INVALID, reason)
    assert found == wanted


@pytest.mark.parametrize(("reason", "display"), [*OFF.items(), ("t1-t2", {"t1_t2": True})])
def test_the_same_for_the_four_channel_meter(reason, display):
    found = one(center_309.CODEC, center_309_reply([34.1], **display))
    assert found == Measurement(Signal.TEMPERATURE, 34.1, Validity.INVALID, reason)


def test_recording_extremes_does_not_count_either():
    assert one(center_30x.CODEC, center_30x_reply(34.1, mode="maxminavg")).reason == "maxminavg"
    assert one(center_309.CODEC, center_309_reply([34.1], mode="maxmin")).reason == "maxmin"


SOURCES = [
    ("0280800341022003", Validity.VALID, 34.1),  # T1 / T2
    ("0280c00220034103", Validity.VALID, 34.1),  # T2 / T1: the second line is T1
    ("028000012103 4103", Validity.INVALID, 12.1),  # T1-T2 / T1
    ("028040012102 2003", Validity.INVALID, 12.1),  # T1-T2 / T2
    ("020000021802 0003", Validity.INVALID, 218 / 18),  # a difference in degF has no offset
    ("02c08003410220 03", Validity.VALID, 34.1),  # battery low: still a value
    ("020080 09340000 03", Validity.VALID, (93.4 - 32) * 5 / 9),
    ("028082 00150000 03", Validity.VALID, -1.5),
    ("028084 00350000 03", Validity.VALID, 35.0),
    ("028082 09990000 03", Validity.INVALID, -99.9),
    ("028084 12340000 03", Validity.INVALID, 1234.0),
]


@pytest.mark.parametrize(("text", "validity", "value"), SOURCES)
def test_which_line_is_t1(text, validity, value):
    found = one(center_30x.CODEC, bytes.fromhex(text))
    assert found.validity is validity
    assert math.isclose(found.value, value)


def test_an_open_probe_is_no_value():
    frames = [
        (center_30x.CODEC, center_30x_reply(None, 22.0)),
        (center_30x.CODEC, bytes.fromhex("028081ffff000003")),  # digits of an overload mean nothing
        (center_30x.CODEC, bytes.fromhex("0280c8022000 0003")),  # T2 / T1, T1 open
        (center_309.CODEC, center_309_reply([None, 22.0])),
        (center_309.CODEC, center_309_reply([None], mode="max")),
    ]
    for codec, frame in frames:
        found = one(codec, frame)
        assert math.isnan(found.value)
        assert (found.validity, found.reason) == (Validity.NOT_AVAILABLE, "open probe")


BROKEN = [
    (center_30x.CODEC, "02808003410a2203"),  # a digit beyond 9
    (center_30x.CODEC, "0280803a41022003"),
    (center_30x.CODEC, "0283800341022003"),  # no such mode
    (center_30x.CODEC, "0280800341022004"),
    (center_30x.CODEC, "0380800341022003"),
    (center_309.CODEC, (LIVE_309[:-1] + b"\x04").hex()),
    (center_309.CODEC, (LIVE_309[:39] + b"\x1e" + LIVE_309[40:]).hex()),  # unused bits set
    (center_309.CODEC, (LIVE_309[:9] + b"\x7f\xf0" + LIVE_309[11:]).hex()),  # 3275.2 degrees
]


@pytest.mark.parametrize(("codec", "text"), BROKEN)
def test_what_cannot_be_a_frame_is_counted(codec, text):
    decoder = codec.decoder()
    assert decoder.feed(bytes.fromhex(text)) == []
    assert decoder.feed(bytes(45)) == []
    assert decoder.malformed == 1
    assert codec.explain(bytes.fromhex(text)) == {"error": "framing"}
    assert codec.explain(b"\x02") == {"error": "truncated"}


def test_fahrenheit_of_the_four_channel_meter():
    found = one(center_309.CODEC, center_309_reply([36.5], fahrenheit=True))
    assert found.validity is Validity.VALID
    assert math.isclose(found.value, 36.5)


def test_the_battery_and_switching_off_are_told():
    (_, battery) = center_30x.CODEC.decoder().feed(center_30x_reply(34.1, low_battery=True))
    assert battery == Measurement(Signal.BATTERY_LOW, 1.0)
    frame = bytearray(LIVE_309)
    frame[2] |= 0x80
    (_, battery, auto_off) = center_309.CODEC.decoder().feed(bytes(frame))
    assert battery == Measurement(Signal.BATTERY_LOW, 0.0)
    assert auto_off == Measurement(Signal.AUTO_OFF, 1.0)
