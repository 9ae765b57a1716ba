"""Ports by what their USB device says of itself."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from devices import serial_ports
from devices.serial_ports import Port, resolve
from devices.transport import Reason, TransportError

FTDI = Port(device="/dev/ttyUSB1", usb_id="0403:6001", serial_number="A5", location="1-2")
OTHER = Port(device="/dev/ttyUSB0", usb_id="0403:6001", serial_number="B7", location="1-3")
BOARD = Port(device="/dev/ttyACM0", usb_id="2341:0043")
LISTED = [FTDI, OTHER, BOARD]


@pytest.mark.parametrize(
    ("address", "device"),
    [
        ("usb:2341:0043", "/dev/ttyACM0"),
        ("usb:0403:6001:A5", "/dev/ttyUSB1"),
        ("usb:0403:6001@1-3", "/dev/ttyUSB0"),
        ("usb:0403:6001:B7@1-3", "/dev/ttyUSB0"),
        ("/dev/serial/by-id/x", "/dev/serial/by-id/x"),
        ("socket://host:1", "socket://host:1"),
        ("COM3", "COM3"),
    ],
)
def test_an_address_means_a_device(address, device):
    assert resolve(address, lambda: LISTED) == device


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("usb:0403:6001", "fits /dev/ttyUSB1, /dev/ttyUSB0: add :SERIAL or @LOCATION"),
        ("usb:0403:6001:A5@1-3", "is not plugged in"),
        ("usb:10c4:ea60", "is not plugged in"),
        ("usb:nonsense", "must be like usb:0403:6001"),
    ],
)
def test_an_address_that_means_nothing_says_why(address, words):
    with pytest.raises(TransportError, match=words) as caught:
        resolve(address, lambda: LISTED)
    assert caught.value.reason is Reason.ABSENT


def test_a_port_under_another_name_is_the_same_port():
    moved = [Port(device="/dev/ttyUSB7", usb_id="2341:0043")]
    assert resolve("usb:2341:0043", lambda: moved) == "/dev/ttyUSB7"


def test_names_from_devices_are_cleaned_and_links_are_found(tmp_path, monkeypatch):
    device = tmp_path / "ttyUSB0"
    device.touch()
    by_id = tmp_path / "by-id"
    by_id.mkdir()
    (by_id / "usb-thing").symlink_to(device)
    listed = SimpleNamespace(
        device=str(device),
        description="Evil\x1b[2J",
        manufacturer=None,
        product="n/a",
        serial_number="X\n1",
        vid=0x0403,
        pid=0x6001,
        location="1-1",
    )
    monkeypatch.setattr(serial_ports, "comports", lambda: [listed])
    (port,) = serial_ports.ports(by_id)
    assert port == Port(
        device=str(device),
        description="Evil[2J",
        serial_number="X1",
        usb_id="0403:6001",
        location="1-1",
        by_id=str(by_id / "usb-thing"),
    )
    assert port.address == str(by_id / "usb-thing")


def test_the_most_lasting_address():
    assert FTDI.address == "usb:0403:6001:A5"
    assert BOARD.address == "usb:2341:0043"
    assert Port(device="COM3").address == "COM3"


def test_this_computer_can_be_asked():
    assert all(isinstance(port, Port) for port in serial_ports.ports(Path("/nowhere")))


def test_further_ports_are_named_in_the_environment(tmp_path, monkeypatch):
    line = str(tmp_path / "ttySIM-center")
    monkeypatch.setenv(serial_ports.VARIABLE, f" {line} , socket://127.0.0.1:7,, {line}")
    found = [port for port in serial_ports.ports(tmp_path) if port.device in {line, URL}]
    assert [(port.device, port.address) for port in found] == [(line, line), (URL, URL)]


URL = "socket://127.0.0.1:7"
