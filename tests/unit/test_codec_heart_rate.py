"""The heart rate strap and its quirks."""

import pytest

from devices.codecs.heart_rate import CODEC
from devices.model import Measurement, Signal, Validity

HR, RR, CONTACT = Signal.HEART_RATE, Signal.RR_INTERVAL, Signal.CONTACT


def feed(text):
    return CODEC.decoder().feed(bytes.fromhex(text))


def plain(measurements):
    """NaN is written as None, so that equality works."""
    return [(m.signal, None if m.value != m.value else m.value, m.reason) for m in measurements]


def test_a_usual_notification():
    assert feed("16480a034403") == [
        Measurement(CONTACT, 1.0),
        Measurement(HR, 72.0),
        Measurement(RR, 778 * 1000 / 1024),
        Measurement(RR, 836 * 1000 / 1024),
    ]


QUIRKS = [
    ("0048", [(HR, 72, "")]),
    ("0248", [(HR, 72, "")]),  # the contact bit means nothing without its support bit
    ("0648", [(CONTACT, 1, ""), (HR, 72, "")]),
    ("0448", [(CONTACT, 0, ""), (HR, 72, "no contact")]),
    ("0600", [(CONTACT, 1, ""), (HR, None, "no reading")]),
    ("0400", [(CONTACT, 0, ""), (HR, None, "no reading")]),
    ("1448000400ff", [(CONTACT, 0, ""), (HR, 72, "no contact")]),
    ("0013", [(HR, 19, "implausible")]),
    ("0014", [(HR, 20, "")]),
    ("012c01", [(HR, 300, "")]),
    ("012d01", [(HR, 301, "implausible")]),
    ("017f7f", [(HR, 32639, "implausible")]),
    ("10480000", [(HR, 72, ""), (RR, 0, "implausible")]),
    ("1048000a", [(HR, 72, ""), (RR, 2500, "")]),
    ("1048010a", [(HR, 72, ""), (RR, 2561 / 1.024, "implausible")]),
    ("1048f500", [(HR, 72, ""), (RR, 245 / 1.024, "implausible")]),
    ("1048f600", [(HR, 72, ""), (RR, 246 / 1.024, "")]),
    ("e048", [(HR, 72, "")]),  # reserved flags
    ("0848ffffaabb", [(HR, 72, "")]),  # energy, then bytes no flag speaks of
]


@pytest.mark.parametrize(("text", "wanted"), QUIRKS)
def test_quirks(text, wanted):
    found = plain(feed(text))
    assert found[: len(wanted)] == wanted
    assert all(reason == "no contact" for _, _, reason in found[len(wanted) :])


def test_without_contact_no_interval_counts():
    found = feed("14480004ff03")
    assert [m.validity for m in found] == [Validity.VALID, *[Validity.INVALID] * 3]
    assert [m.reason for m in found[1:]] == ["no contact"] * 3


MALFORMED = [
    "",
    "00",
    "0148",  # 16 bits announced, 8 sent
    "0848",
    "084801",
    "1048",  # RR announced, none sent
    "104801",
    "1048000401",  # half an RR left over
    "00" * 513,  # longer than an attribute can be
]


@pytest.mark.parametrize("text", MALFORMED)
def test_malformed_is_counted_not_raised(text):
    decoder = CODEC.decoder()
    assert decoder.feed(bytes.fromhex(text)) == []
    assert decoder.malformed == 1
    assert "error" in CODEC.explain(bytes.fromhex(text))
    assert decoder.feed(b"\x00\x48") == [Measurement(HR, 72.0)]
    assert decoder.malformed == 1


def test_nine_intervals_keep_their_order():
    raw = [900 + n for n in range(9)]
    payload = bytes([0x10, 72]) + b"".join(r.to_bytes(2, "little") for r in raw)
    values = [m.value for m in CODEC.decoder().feed(payload) if m.signal is RR]
    assert values == [r * 1000 / 1024 for r in raw]
