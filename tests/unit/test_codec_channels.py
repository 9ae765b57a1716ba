"""Meters with several probes, and what is not the temperature of this moment."""

import math

import pytest

from devices.codecs.dialogue import WhenSilent
from devices.codecs.omega_hh506 import Talk
from devices.model import SensorSpec, Signal, Validity
from devices.registry import codec


def read(name, payload, channel=1, pattern=""):
    spec = SensorSpec(
        alias="x", codec=name, measures=Signal.SKIN_TEMPERATURE, channel=channel, pattern=pattern
    )
    found = codec(name).new_decoder(spec).feed(payload)
    return [
        (m.reason or m.validity.value, None if math.isnan(m.value) else round(m.value, 2))
        for m in found
        if m.signal is Signal.TEMPERATURE
    ]


def ms(main_flags=0x08, aux_flags=0x08, unit=1, memory=0):
    head = bytes([0x65, 0x14, memory, 0, 0, 0x01, 0x6D, 0x01, 0x55, 0, unit])
    return head + bytes([main_flags, aux_flags, 0, 0, 0, 0x0D, 0x0A])


def appa(t1=0x016D, mode=0, flags=1):
    frame = bytearray(25)
    frame[:4] = b"\x55\x55\x00\x14"
    frame[17:21] = bytes([mode, t1 & 0xFF, t1 >> 8, flags])
    frame[21:24] = b"\x55\x01\x01"
    frame[24] = sum(frame[:24]) & 0xFF
    return bytes(frame)


CASES = [
    ("ms6514_18b", ms(), 1, [("VALID", 36.5)]),
    ("ms6514_18b", ms(), 2, [("VALID", 34.1)]),
    ("ms6514_18b", ms(main_flags=0x09), 2, [("VALID", 36.5)]),
    ("ms6514_18b", ms(main_flags=0x09), 1, [("VALID", 34.1)]),
    ("ms6514_18b", ms(aux_flags=0x09), 2, [("channel not shown", None)]),
    ("ms6514_18b", ms(main_flags=0x0A), 1, [("VALID", 34.1)]),
    ("ms6514_18b", ms(main_flags=0x0B), 1, [("channel not shown", None)]),
    ("ms6514_18b", ms(main_flags=0x48), 1, [("open probe", None)]),
    ("ms6514_18b", ms(memory=1), 1, [("memory", 36.5)]),
    ("ms6514_18b", ms(unit=0x41), 1, [("hold", 36.5)]),
    ("ms6514_18b", ms(unit=2), 1, [("VALID", 2.5)]),
    ("ms6514_18b", ms(main_flags=0x00, unit=3), 1, [("implausible", 91.85)]),
    ("appa55ii", appa(), 1, [("VALID", 36.5)]),
    ("appa55ii", appa(), 2, [("VALID", 34.1)]),
    ("appa55ii", appa(mode=0x20), 1, [("hold", 36.5)]),
    ("appa55ii", appa(mode=0x04), 1, [("max", 36.5)]),
    ("appa55ii", appa(flags=0x40), 1, [("open probe", None)]),
    ("appa55ii", appa()[:-1] + b"\x00", 1, []),
    ("ut32x_19b", b"2:365100012340001\r\n", 1, [("VALID", 36.5)]),
    ("ut32x_19b", b"2:365100012340001\r\n", 2, [("channel not shown", None)]),
    ("ut32x_19b", b"2:341100012341001\r\n", 2, [("VALID", 34.1)]),
    ("ut32x_19b", b"2:::5100012342001\r\n", 1, [("t1-t2", 0.5)]),
    ("ut32x_19b", b"2;015100012340001\r\n", 1, [("VALID", -1.5)]),
    ("ut32x_19b", b"0:365100012340001\r\n", 1, [("memory", 36.5)]),
    ("ut32x_19b", b"6:365100012340001\r\n", 1, [("unknown", 36.5)]),
    ("lutron_16", b"\x0241010100000365\r", 1, [("VALID", 36.5)]),
    ("lutron_16", b"\x0241010100000365\r", 2, []),
    ("lutron_16", b"\x0242010100000341\r", 2, [("VALID", 34.1)]),
    ("lutron_16", b"\x0241021100000365\r", 1, [("implausible", -38.06)]),
    ("lutron_16", b"\x0241040100000365\r", 1, []),
    ("lutron_16", b"\x02410101--------\r", 1, [("open probe", None)]),
    ("omega_hh506", b"+016D +0155\r\n ", 2, [("VALID", 34.1)]),
    ("omega_hh506", b"Err\r\nH50\r\n+016D +0155\r\n", 1, [("VALID", 36.5)]),
    ("kitsrus_k145", b"R V1.1 C\r\n1 0036.50\r\n2 0034.10\r\n", 2, [("VALID", 34.1)]),
    ("kitsrus_k145", b"R V1.1 F\r\n1 0097.70\r\n", 1, [("VALID", 36.5)]),
    ("kitsrus_k145", b"36.50\r\n", 1, []),
    ("fluke_152x", b"\nt: 309.65 K\r\n", 1, [("VALID", 36.5)]),
    ("fluke_152x", b"\nt: 97.7 F 03-01-1999 15:49:15\r\n", 1, [("VALID", 36.5)]),
    ("fluke_152x", b"\nmin: 36.5 C\r\n", 1, [("min", 36.5)]),
    ("fluke_152x", b"\nhld3: 36.5 C\r\n", 1, [("hold", 36.5)]),
    ("fluke_152x", b"\n114.2 O\r\n", 1, [("unknown unit", None)]),
    ("fluke_152x", b"5.745 C\r\n", 1, []),
    ("htronic_tsm125", b"Err.2\r\n", 1, [("probe missing", None)]),
    ("htronic_tsm125", b"6.5\r\n 36.5\r\n", 1, [("VALID", 36.5)]),
    ("etf1828", b"2,+034.1;1,+036.5;", 1, [("VALID", 36.5)]),
    ("center_309_45b", None, 3, [("VALID", 34.1)]),
]


@pytest.mark.parametrize(("name", "payload", "channel", "wanted"), CASES)
def test_what_a_meter_shows(name, payload, channel, wanted):
    assert read(name, payload or codec(name).examples[0], channel) == wanted


LINES = [
    ("T=36.5", 1, "", [("VALID", 36.5)]),
    ("temp: 36.5", 1, "", [("VALID", 36.5)]),
    ("36.5", 1, "", [("VALID", 36.5)]),
    ("36.5 C", 1, "", [("VALID", 36.5)]),
    ("36.5\u00b0C", 1, "", [("VALID", 36.5)]),
    ("97.7F", 1, "", [("VALID", 36.5)]),
    ("T=85.00", 1, "", [("power-on value", None)]),
    ("T=-127.00", 1, "", [("probe disconnected", None)]),
    ("T=0.00", 1, "", [("probe unplugged", None)]),
    ("T=nan", 1, "", [("no reading", None)]),
    ("T=99.5", 1, "", [("implausible", 99.5)]),
    ("36,5", 1, "", []),
    ("H=92.6", 1, "", []),
    ("12345,36.5,7", 2, "", [("VALID", 36.5)]),
    ("12345", 2, "", []),
    ("36,5 grad", 1, r"(?P<t>\d+,\d+) grad", [("VALID", 36.5)]),
    ("id=7 skin=36.5", 1, r"id=7 skin=(?P<t>[\d.]+)", [("VALID", 36.5)]),
    ("id=8 skin=36.5", 1, r"id=7 skin=(?P<t>[\d.]+)", []),
    ("$T=36.5*77", 1, "", [("VALID", 36.5)]),
    ("$T=36.5*78", 1, "", []),
    ("T=36.5" + " " * 130, 1, "", []),
]


@pytest.mark.parametrize(("line", "column", "pattern", "wanted"), LINES)
def test_a_printed_line(line, column, pattern, wanted):
    payload = b"6.5\n" + line.encode() + b"\r\n"
    assert read("ascii_t_h", payload, column, pattern) == wanted


def test_a_line_cut_off_at_opening_is_never_a_reading():
    assert read("ascii_t_h", b"6.5\r\n") == []


def test_asking_again_only_in_silence():
    talk = WhenSilent(b"start")
    assert [talk.say(heard) for heard in (b"", b"x", b"x", b"", b"x")] == [
        b"start",
        b"",
        b"",
        b"start",
        b"",
    ]
    two = WhenSilent(b"one", b"two")
    assert [two.say(heard) for heard in (b"", b"id", b"x", b"", b"")] == [
        b"one",
        b"two",
        b"",
        b"one",
        b"two",
    ]


def test_the_omega_dialogue():
    talk = Talk()
    turns = [
        (b"", b"\r\n"),
        (b"xx", b"\r\n"),
        (b"Err\r\n", b"%000R\r"),
        (b"H50\r\n", b"#H50N\r"),
        (b"+016D +0155\r\n ", b"#H50N\r"),
        (b"Err\r\n", b"\r\n"),
        (b"Err\r\n", b"%000R\r"),
        (b"Err\r\n", b"%000R\r"),
        (b"", b"\r\n"),
    ]
    assert [talk.say(heard) for heard, _ in turns] == [said for _, said in turns]


@pytest.mark.parametrize("name", ["ms6514_18b", "appa55ii", "lutron_16", "center_309_45b"])
def test_every_channel_can_be_chosen(name):
    found = codec(name)
    for channel in range(1, found.channels + 1):
        spec = SensorSpec(alias="x", codec=name, measures=Signal.TEMPERATURE, channel=channel)
        for measured in found.new_decoder(spec).feed(found.examples[0]):
            assert measured.validity in Validity
