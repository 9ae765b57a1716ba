"""How a temperature is taken goes from the configuration to the screen and the record."""

from monitor import config
from monitor.feed import Vital
from tui.vital_words import vital_view

SENSOR = """
[sensors.skin]
codec = "center_30x_8b"
measures = "skin_temperature"
site = "axilla"
method = "contact"
transport = "serial"
address = "/dev/ttyUSB0"
"""


def test_the_configuration_carries_it(tmp_path):
    path = tmp_path / "c.toml"
    path.write_text(SENSOR)
    assert config.load(path).sensors["skin"].method == "contact"


def test_the_screen_says_it():
    vital = Vital(value=33.0, validity="VALID", site="axilla", method="contact")
    assert vital_view("SKIN", "°C", vital, [], 1).site == "axilla, contact"
