"""What the simulated sensors send, byte for byte."""

import struct
from datetime import UTC, datetime

import pytest

from devices.registry import explain
from simulators import wire


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (wire.heart_rate_measurement(60), "003c"),
        (wire.heart_rate_measurement(255), "00ff"),
        (wire.heart_rate_measurement(256), "010001"),
        (wire.heart_rate_measurement(85, [32.2], True, 50), "1e5532002100"),
        (wire.heart_rate_measurement(74, contact=False), "044a"),
        (wire.heart_rate_measurement(72, [760, 816], True), "16480a034403"),
        (wire.heart_rate_measurement(72, [-1, 1e9], energy_kj=70_000), "1848ffff0000ffff"),
        (wire.health_temperature(36.6), "004c0e00fe"),
        (wire.health_temperature(-1.5), "006afffffe"),
        (wire.health_temperature(None), "00ffff7f00"),
        (wire.health_temperature(37.0, 2), "04740e00fe02"),
        (wire.health_temperature(36.5, fahrenheit=True), "012a2600fe"),
        (wire.center_30x_reply(-1.5, 37.0), "0280820015037003"),
        (wire.center_30x_reply(1234.4, None, hold=True), "02a08c1234000003"),
        (wire.center_30x_reply(36.5, low_battery=True, fahrenheit=True), "0240880977000003"),
    ],
)
def test_bytes(payload, text):
    assert payload.hex() == text


def test_a_time_stamp():
    when = datetime(2024, 1, 15, 8, 30, 7, tzinfo=UTC)
    assert wire.health_temperature(36.6, 1, when).hex() == "064c0e00fee807010f081e0701"


@pytest.mark.parametrize(
    ("bpm", "energy", "room"), [(72, None, 9), (72, 5, 8), (300, None, 8), (300, 5, 7)]
)
def test_a_notification_holds_so_many_intervals(bpm, energy, room):
    assert wire.rr_room(bpm, energy) == room
    payload = wire.heart_rate_measurement(bpm, [1000.0] * 20, None, energy)
    assert len(payload) <= 20
    assert explain("hrs_2a37", payload)["rr_1024"] == [1024] * room


def test_the_four_channel_reply_reads_like_the_published_one():
    fields = explain("center_309_45b", wire.center_309_reply([23.9]))
    assert fields["t"] == [23.9, "OL", "OL", "OL"]
    assert fields["mode"] == "normal"


def test_what_does_not_fit_is_refused():
    with pytest.raises(struct.error):
        wire.heart_rate_measurement(70_000)
