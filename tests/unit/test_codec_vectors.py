"""Every published example payload, explained and fed: whole, byte by byte, and with a tail."""

import json
import math
from collections import Counter
from pathlib import Path

import pytest

from devices import registry
from devices.model import Validity

VECTORS = json.loads((Path(__file__).parent.parent / "data" / "vectors_public.json").read_text())
CODECS = registry.codecs()
STREAMS = {name for name, codec in CODECS.items() if codec.serial is not None}
EVERYTHING_TO_THE_END = {
    "bthome_v2",
    "core_cp_2102",
    "dis_string",
    "polar_adv_006b",
    "polar_pmd_cp",
    "polar_pmd_data",
    "xiaomi_mibeacon",
}
"""Formats whose last field runs to the end of the payload: there, nothing can trail."""


def named(vectors):
    return [
        pytest.param(v["format"], bytes.fromhex(v["hex"]), v["decoded"], id=f"{v['format']}-{n}")
        for n, v in enumerate(vectors)
    ]


def same(found, wanted):
    if isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(same(found[k], wanted[k]) for k in wanted)
    if isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    if isinstance(wanted, float):
        return isinstance(found, float) and math.isclose(
            found, wanted, rel_tol=1e-12, abs_tol=1e-12
        )
    return type(found) is type(wanted) and found == wanted


def grows(vector):
    fields = vector["decoded"]
    if vector["format"] in EVERYTHING_TO_THE_END:
        return False
    return "error" not in fields and not fields.get("rr_1024")


FIELDS = named(VECTORS)
PAYLOADS = named([v for v in VECTORS if v["format"] in CODECS])
GROWN = named([v for v in VECTORS if grows(v)])
WHOLE = named([v for v in VECTORS if v["format"] in STREAMS and "error" not in v["decoded"]])


CUT_OFF = ("ascii_t_h", "fluke_152x")
"""Formats whose first line after opening may have lost its beginning, and is dropped."""


def fresh(name):
    decoder = CODECS[name].decoder()
    if name in CUT_OFF:
        decoder.feed(b"\n")
    return decoder


def of_first_channel(fields):
    return fields.get("channel", fields.get("sensor", 1)) in (1, "1", "T1", "T1-T2")


def test_the_file_has_every_format():
    counts = Counter(vector["format"] for vector in VECTORS)
    assert len(VECTORS) == 165
    assert len(counts) == 43
    assert set(counts) <= {*CODECS, *registry.FIELDS}


@pytest.mark.parametrize(("name", "payload", "wanted"), FIELDS)
def test_explain_gives_exactly_the_fields(name, payload, wanted):
    found = registry.explain(name, payload)
    json.dumps(found, allow_nan=False)
    assert "error" in found if "error" in wanted else same(found, wanted), found


@pytest.mark.parametrize(("name", "payload", "wanted"), PAYLOADS)
def test_what_is_an_error_never_becomes_a_value(name, payload, wanted):
    decoder = fresh(name)
    found = decoder.feed(payload)
    if "error" not in wanted:
        assert decoder.malformed == 0
    else:
        assert all(one.validity is not Validity.VALID for one in found)
        assert found or decoder.malformed or name in STREAMS


@pytest.mark.parametrize(("name", "payload", "wanted"), PAYLOADS)
def test_only_declared_signals_come_out(name, payload, wanted):
    found = fresh(name).feed(payload)
    assert {m.signal for m in found} <= CODECS[name].signals
    assert all(bool(m.reason) is (m.validity is not Validity.VALID) for m in found)


@pytest.mark.parametrize(("name", "frame", "wanted"), WHOLE)
def test_a_stream_may_arrive_byte_by_byte_and_among_garbage(name, frame, wanted):
    once = repr(fresh(name).feed(frame + b"\n"))
    assert (once != "[]") is of_first_channel(wanted)
    bytewise = fresh(name)
    assert repr([m for byte in frame + b"\n" for m in bytewise.feed(bytes([byte]))]) == once
    among = fresh(name)
    assert repr(among.feed(b"\x00\x02\x03\xff\r\n" + frame + b"\r\n\x00\x11\r\n")) == once
    assert among.malformed


@pytest.mark.parametrize(("name", "payload", "wanted"), GROWN)
def test_trailing_bytes_are_ignored(name, payload, wanted):
    assert same(registry.explain(name, payload + b"\xaa\xbb"), wanted)
