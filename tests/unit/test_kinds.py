"""Every simulated kind of sensor says on the wire what the person's body does."""

import asyncio

import pytest

from devices.model import Signal, Validity
from devices.registry import codec
from monitor.cli.simulate_cmd import config_table, do
from monitor.clock import ManualClock
from simulators import wire_serial
from simulators.kinds import KINDS, named
from simulators.library import scenario
from simulators.physiology import Physiology
from simulators.room import furnished
from simulators.sensed import Sensed

PERSON = Physiology(scenario("calm").plan)
AT_S = 1800


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_what_it_sends_is_read_as_what_it_means(kind):
    found = codec(kind.codec)
    decoder = found.decoder()
    decoder.feed(b"\n" if found.serial else b"")
    payloads = kind.says(Sensed(PERSON, kind.site), AT_S)
    measured = [m for payload in payloads for m in decoder.feed(payload)]
    values = {m.signal: m.value for m in measured if m.validity is Validity.VALID}
    skin, room = PERSON.skin_degc(AT_S, kind.site), PERSON.room_degc(AT_S)
    wanted = {
        Signal.HEART_RATE: PERSON.heart_at(AT_S).bpm,
        Signal.SKIN_TEMPERATURE: skin,
        Signal.TEMPERATURE: skin if kind.measures is Signal.SKIN_TEMPERATURE else room,
        Signal.ROOM_TEMPERATURE: room,
        Signal.SPO2: 97.0,
    }
    assert values
    for signal, value in values.items():
        assert value == pytest.approx(wanted.get(signal, value), abs=0.06)


@pytest.mark.parametrize("degc", [-9.5, -0.4, 0.4, 5.0, 36.5])
@pytest.mark.parametrize(
    ("name", "encode"),
    [
        ("ut32x_19b", wire_serial.ut32x),
        ("ms6514_18b", lambda degc: wire_serial.ms6514(degc, None)),
        ("appa55ii", lambda degc: wire_serial.appa55ii(degc, 0.0)),
        ("lutron_16", lambda degc: wire_serial.lutron(1, degc)),
        ("fluke_152x", lambda degc: b"\n" + wire_serial.fluke_152x(degc)),
        ("mic985xx", wire_serial.mic985xx),
        ("omega_hh506", lambda degc: wire_serial.omega_hh506(degc, 0.0)),
        ("htronic_tsm125", wire_serial.htronic),
        ("etf1828", lambda degc: wire_serial.etf1828(1, degc)),
        ("kitsrus_k145", lambda degc: wire_serial.kitsrus(1, degc)),
        ("ascii_t_h", lambda degc: b"\n" + wire_serial.ascii_line(degc)),
    ],
)
def test_below_zero_and_above(name, encode, degc):
    decoder = codec(name).decoder()
    measured = decoder.feed(encode(degc))[0]
    assert (measured.validity, measured.value) == (Validity.VALID, pytest.approx(degc))
    assert decoder.malformed == 0


def test_words_become_sensors():
    found = named(["strap", "mine=core", "strap", "arduino"])
    assert {alias: kind.name for alias, kind in found.items()} == {
        "strap": "strap",
        "mine": "core",
        "strap-2": "strap",
        "arduino": "arduino",
    }
    with pytest.raises(KeyError):
        named(["nothing"])


async def test_things_can_be_done_to_them(tmp_path):
    stop = asyncio.Event()
    kinds = named(["strap", "arduino"])
    async with furnished(scenario("calm"), ManualClock(), kinds, tmp_path) as room:
        strap, line = room.sensors["strap"].peripheral, room.sensors["arduino"].line
        assert strap.name == "SIM strap"
        assert 'codec = "hrs_2a37"' in config_table(room.sensors["strap"].spec)
        for words in ("quiet strap", "away strap 60", "battery strap 7", "away arduino"):
            assert do(room, words.split(), stop) == ""
        assert (strap.quiet, strap.in_range) == (True, False)
        assert not (tmp_path / "ttySIM-arduino").exists()
        for words in ("resume strap", "back strap", "back arduino", "drop strap", "garbage strap"):
            assert do(room, words.split(), stop) == ""
        assert (strap.quiet, strap.in_range) == (False, True)
        assert (tmp_path / "ttySIM-arduino").exists()
        assert line.url.endswith("ttySIM-arduino")
        assert "there are: strap, arduino" in do(room, ["drop", "x"], stop)
        assert do(room, ["jump"], stop) == do(room, ["battery", "strap", "900"], stop)
        assert "away ALIAS" in do(room, ["help"], stop)
        assert do(room, ["end"], stop) == ""
    assert stop.is_set()
    assert list(tmp_path.iterdir()) == []
