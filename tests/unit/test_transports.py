"""Transports of installed packages, sound or broken."""

import pytest

from devices import transports
from devices.model import SensorSpec, Signal
from devices.serial_port import SerialTransport
from devices.transport import TransportError
from monitor import config

MODULE = """
from devices.transport import TransportKind
class Loop:
    def __init__(self, spec, codec, rate): self.made_for = (spec.alias, codec.name, rate)
LOOP = TransportKind("loop", "for tests", Loop)
NUMBER = 7
"""


@pytest.fixture(autouse=True)
def installed(tmp_path, monkeypatch):
    (tmp_path / "foreign_transports.py").write_text(MODULE)
    info = tmp_path / "foreign-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: foreign\nVersion: 1.0\n")
    lines = [
        "loop = foreign_transports:LOOP",
        "odd = foreign_transports:NUMBER",
        "gone = nowhere:X",
    ]
    (info / "entry_points.txt").write_text("\n".join(["[vigil.transports]", *lines]))
    monkeypatch.syspath_prepend(tmp_path)


def spec(transport):
    return SensorSpec(
        alias="a", codec="center_30x_8b", measures=Signal.SKIN_TEMPERATURE, transport=transport
    )


def test_a_plug_in_reaches_a_sensor():
    assert transports.transport(spec("loop"), 2.0).made_for == ("a", "center_30x_8b", 2.0)
    assert isinstance(transports.transport(spec("serial")), SerialTransport)


@pytest.mark.parametrize(
    ("name", "words"),
    [("lop", "did you mean 'loop'"), ("odd", "is not a devices.transport"), ("gone", "nowhere")],
)
def test_an_unusable_one_says_why(name, words):
    with pytest.raises(TransportError, match=words):
        transports.transport(spec(name))


def test_broken_ones_are_reported():
    assert set(transports.problems()) == {"odd", "gone"}
    assert transports.names() == ("ble", "serial", "gone", "loop", "odd")


def test_it_can_be_configured(tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text(
        '[sensors.a]\ncodec = "center_30x_8b"\nmeasures = "room_temperature"\n'
        'address = "x"\ntransport = "loop"\n'
    )
    assert config.load(mine).sensors["a"].transport == "loop"
