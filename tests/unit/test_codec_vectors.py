"""Every published example payload, explained and fed."""

import json
import math
from pathlib import Path

import pytest

from devices import registry
from devices.model import Validity

VECTORS = json.loads((Path(__file__).parent.parent / "data" / "vectors_public.json").read_text())
CODECS = registry.codecs()
STREAMS = ("center_30x_8b", "center_309_45b")


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
        return isinstance(found, float) and math.isclose(found, wanted, rel_tol=1e-12)
    return type(found) is type(wanted) and found == wanted


FIELDS = named(VECTORS)
PAYLOADS = named([v for v in VECTORS if v["format"] in CODECS])
# RR intervals run to the end of their payload: there, nothing can trail.
GROWN = named(
    [v for v in VECTORS if "error" not in v["decoded"] and not v["decoded"].get("rr_1024")]
)
WHOLE = named([v for v in VECTORS if v["format"] in STREAMS and "error" not in v["decoded"]])


def test_the_file_has_every_format():
    counts = [sum(v["format"] == name for v in VECTORS) for name in (*CODECS, *registry.FIELDS)]
    assert counts == [4, 3, 19, 11, 0, 10, 14]


@pytest.mark.parametrize(("name", "payload", "wanted"), FIELDS)
def test_explain_gives_exactly_the_fields(name, payload, wanted):
    found = registry.explain(name, payload)
    json.dumps(found, allow_nan=False)
    assert "error" in found if "error" in wanted else same(found, wanted), found


@pytest.mark.parametrize(("name", "payload", "wanted"), PAYLOADS)
def test_what_cannot_be_explained_is_counted_and_gives_nothing(name, payload, wanted):
    decoder = CODECS[name].decoder()
    found = decoder.feed(payload)
    assert bool(found) is ("error" not in wanted)
    assert decoder.malformed == ("error" in wanted)


@pytest.mark.parametrize(("name", "payload", "wanted"), PAYLOADS)
def test_only_declared_signals_come_out(name, payload, wanted):
    found = CODECS[name].decoder().feed(payload)
    assert {m.signal for m in found} <= CODECS[name].signals
    assert all(bool(m.reason) is (m.validity is not Validity.VALID) for m in found)


@pytest.mark.parametrize(("name", "frame", "wanted"), WHOLE)
def test_a_stream_may_arrive_byte_by_byte_and_among_garbage(name, frame, wanted):
    once = repr(CODECS[name].decoder().feed(frame))
    bytewise = CODECS[name].decoder()
    assert repr([m for byte in frame for m in bytewise.feed(bytes([byte]))]) == once
    among = CODECS[name].decoder()
    assert repr(among.feed(b"\x00\x02\x03\xff" + frame + b"\x00\x11")) == once
    assert among.malformed == 2


@pytest.mark.parametrize(("name", "payload", "wanted"), GROWN)
def test_trailing_bytes_are_ignored(name, payload, wanted):
    assert same(registry.explain(name, payload + b"\xaa\xbb"), wanted)
