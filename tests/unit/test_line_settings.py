"""Serial settings as people write them."""

import pytest

from devices import line_settings
from devices.codec import SerialSettings

USUAL = SerialSettings(baud=9600, poll=b"A")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("", (9600, 8, "N", 1, True, False)),
        ("19200", (19200, 8, "N", 1, True, False)),
        ("2400 7E1", (2400, 7, "E", 1, True, False)),
        ("38400 8n2 -dtr rts", (38400, 8, "N", 2, False, True)),
        ("dtr -rts", (9600, 8, "N", 1, True, False)),
    ],
)
def test_what_is_said_counts_the_rest_stays(line, wanted):
    found = line_settings.applied(USUAL, line)
    got = (found.baud, found.byte_size, found.parity, found.stop_bits, found.dtr, found.rts)
    assert got == wanted
    assert found.poll == b"A"
    assert line_settings.check(line) == ""


@pytest.mark.parametrize("line", ["fast", "9600 8X1", "9600 4N1", "12", "99999999", "dtr=1", "٣٠٠"])
def test_what_cannot_be_set_is_named(line):
    assert repr(line.split()[-1]) in line_settings.check(line)
    assert "8N1" in line_settings.check(line)
