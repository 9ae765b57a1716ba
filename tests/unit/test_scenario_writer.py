"""Scenario files written by a program are read as what was written."""

import tomllib
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from simulators import library
from simulators import scenario_schema as schema
from simulators.scenario_file import load, made
from simulators.scenario_schema import Seconds
from simulators.scenario_writer import clock, dump, save
from tests.trouble.scenarios import troubles


def read(text):
    return msgspec.convert(tomllib.loads(text), schema.File, dec_hook=schema.convert)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(troubles())
def test_what_is_written_is_read(file):
    again = read(dump(file))
    assert made(Path("x.toml"), again) == made(Path("x.toml"), file)
    assert read(dump(again)) == again


@pytest.mark.parametrize("name", library.names())
def test_a_file_of_the_library_written_anew_is_the_same_scenario(tmp_path, name):
    one = library.scenario(name)
    shipped = (library._folder() / f"{name}.toml").read_text()
    assert load(save(read(shipped), tmp_path / f"{name}.toml")) == one


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, 0.0), (59, 59.0), (60, "1:00"), (90.5, 90.5), (-1800, "-30:00"), (-5, -5.0),
        (4800, "1:20:00"), (86_400, "24:00:00"),
    ],
)  # fmt: skip
def test_times_as_people_write_them(seconds, text):
    assert clock(seconds) == text
    assert schema.seconds(text) == seconds


def test_text_of_all_kinds_and_one_event_a_line():
    note = {"at": Seconds(5), "do": "note", "text": 'a "b" \\ \x1b ü', "of whom": ["x", 1, True]}
    file = schema.File(title="t", lasts=Seconds(60), operator=[note], body=[], expect=["hr_high"])
    text = dump(file)
    assert read(text) == read(dump(read(text)))
    assert read(text).operator[0]["text"] == note["text"]
    assert "\x1b" not in text
    assert sum("do = " in line for line in text.splitlines()) == 1
    with pytest.raises(TypeError, match="NoneType"):
        dump(schema.File(title="t", lasts=Seconds(60), operator=[{"text": None}]))
