"""Built-in formats, and those of other packages, sound or broken."""

import logging
import tomllib
from pathlib import Path
from pkgutil import resolve_name
from uuid import UUID

import pytest

from devices import registry
from devices.codec import Codec
from devices.codecs.heart_rate import CODEC as HEART_RATE
from devices.model import SPOT_STALE_S
from devices.registry import UnknownCodecError, codec, codecs

OTHERS = {
    "fine": "foreign_codecs:FINE",
    "not_a_codec": "foreign_codecs:NUMBER",
    "misnamed": "foreign_codecs:FINE",
    "no_module": "foreign_missing:CODEC",
    "explodes": "foreign_broken:CODEC",
    "hrs_2a37": "foreign_codecs:FINE",
}
MODULE = """
from dataclasses import replace
from devices.codecs.heart_rate import CODEC
FINE = replace(CODEC, name="fine", title="somebody else's")
NUMBER = 7
"""


@pytest.fixture
def others(tmp_path, monkeypatch):
    """An installed distribution that offers good and bad formats."""
    (tmp_path / "foreign_codecs.py").write_text(MODULE)
    (tmp_path / "foreign_broken.py").write_text("raise RuntimeError('no such sensor chip')")
    info = tmp_path / "foreign-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: foreign\nVersion: 1.0\n")
    lines = [f"{name} = {value}" for name, value in OTHERS.items()]
    (info / "entry_points.txt").write_text("\n".join(["[vigil.codecs]", *lines]))
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.parametrize("name", registry.BUILT_IN)
def test_built_ins_load_under_their_own_name(name):
    found = codec(name)
    assert found.name == name
    assert found.title
    assert found.signals
    assert found.decoder().malformed == 0
    for uuid in filter(None, (found.service_uuid, found.characteristic_uuid)):
        assert str(UUID(uuid)) == uuid


def test_the_package_declares_what_is_built_in():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    declared = project["project"]["entry-points"][registry.GROUP]
    assert declared == registry.BUILT_IN


def test_fields_resolve():
    assert all(callable(resolve_name(path)) for path in registry.FIELDS.values())
    assert registry.explain("ieee11073_sfloat", b"\x6c\xf1") == {"value": 36.4}


def test_an_unknown_name_says_what_was_meant():
    with pytest.raises(UnknownCodecError, match="did you mean 'hrs_2a37'") as caught:
        codec("hrs_2a73")
    assert (caught.value.name, caught.value.nearest) == ("hrs_2a73", "hrs_2a37")
    with pytest.raises(LookupError, match=r"no format '\?'\. Known: appa55ii, ascii_t_h"):
        codec("?")
    with pytest.raises(UnknownCodecError, match="did you mean 'ieee11073_float'"):
        registry.explain("ieee11073float", b"")


@pytest.mark.usefixtures("others")
def test_other_packages_add_formats_and_break_nobody(caplog):
    with caplog.at_level(logging.WARNING):
        found = codecs()
    assert set(found) == {*registry.BUILT_IN, "fine"}
    assert all(isinstance(item, Codec) for item in found.values())
    assert codec("fine").title == "somebody else's"
    assert len(caplog.records) == 4
    assert registry.explain("fine", b"\x00\x48")["hr_bpm"] == 72


@pytest.mark.usefixtures("others")
def test_nobody_replaces_a_built_in():
    assert codec("hrs_2a37") is HEART_RATE
    assert codecs()["hrs_2a37"] is HEART_RATE


@pytest.mark.usefixtures("others")
@pytest.mark.parametrize(
    ("name", "trouble"),
    [
        ("not_a_codec", "is not a devices.codec.Codec"),
        ("misnamed", "is named 'fine'"),
        ("no_module", "No module named 'foreign_missing'"),
        ("explodes", "no such sensor chip"),
    ],
)
def test_a_broken_one_says_why(name, trouble):
    with pytest.raises(UnknownCodecError, match=trouble):
        codec(name)
    with pytest.raises(UnknownCodecError, match=trouble):
        registry.explain(name, b"")
    assert trouble in registry.problems()[name]


def test_without_other_packages_there_are_no_problems():
    assert registry.problems() == {}


def test_silence_between_single_readings_is_no_reason_to_rebuild_the_link():
    spots = [item for item in codecs().values() if item.spot]
    assert {item.name for item in spots} >= {"bps_2a35", "plx_2a5e"}
    assert all(item.stale_s == SPOT_STALE_S for item in spots)
