"""Adding a sensor to somebody's configuration file."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.model import SensorSpec, Signal
from monitor import config, config_writer
from monitor.errors import ConfigError

STRAP = SensorSpec(alias="strap", codec="hrs_2a37", measures=Signal.HEART_RATE, address="A0:01")


def test_everything_else_stays_as_it_stands(tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text("# my own words\n[screen]\ntheme = 'night'   # dim\n")
    mine.chmod(0o640)
    before = mine.read_text()
    config_writer.add(mine, STRAP)
    assert mine.read_text().startswith(before)
    assert mine.stat().st_mode & 0o777 == 0o640
    loaded = config.load(mine)
    assert loaded.sensors["strap"].address == "A0:01"
    assert loaded.screen.theme == "night"
    assert list(tmp_path.iterdir()) == [mine]


def test_a_new_file_is_private(tmp_path):
    mine = tmp_path / "new.toml"
    config_writer.add(mine, STRAP)
    assert mine.stat().st_mode & 0o777 == 0o600
    assert set(config.load(mine).sensors) == {"strap"}


@pytest.mark.parametrize(
    "spec",
    [
        STRAP,
        SensorSpec(alias="other", codec="hrs_2a37", measures=Signal.HEART_RATE, address="A0:01"),
        SensorSpec(alias="p", codec="center_30x_8b", measures=Signal.SKIN_TEMPERATURE, address="x"),
    ],
    ids=["same alias", "same address", "no site"],
)
def test_what_would_not_be_valid_is_refused_and_nothing_is_touched(tmp_path, spec):
    mine = tmp_path / "mine.toml"
    config_writer.add(mine, STRAP)
    before = mine.read_bytes()
    with pytest.raises(ConfigError, match=r"mine\.toml"):
        config_writer.add(mine, spec)
    assert mine.read_bytes() == before
    assert list(tmp_path.iterdir()) == [mine]


@given(text=st.text(max_size=40))
def test_any_text_survives_the_quotes(text):
    assert tomllib.loads(f"x = {config_writer.quoted(text)}")["x"] == text


def test_a_site_that_must_be_said_is_asked_for():
    spec = SensorSpec(alias="p", codec="ascii_t_h", measures=Signal.SKIN_TEMPERATURE, address="x")
    assert "# site =" in config_writer.table(spec)
