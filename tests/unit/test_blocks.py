"""Frames packed into typed blobs and back."""

import math
import struct

import pytest

from devices.model import Frame
from monitor.recording.blocks import MINUTE_NS, Entry, fingerprint, pack, unpack


def entry(order, t_ns, source="strap", payload=b"\x00H", value=None):
    return Entry(order, Frame(t_ns=t_ns, source=source, payload=payload), value)


def test_blobs_are_little_endian_and_as_documented():
    (block,) = pack([entry(7, 1_000, payload=b"ab"), entry(9, 2_000, payload=b"")])
    assert block.times == struct.pack("<2q", 1_000, 2_000)
    assert block.orders == struct.pack("<2I", 0, 2)
    assert block.lengths == struct.pack("<2I", 2, 0)
    assert (block.order0, block.payload, block.n) == (7, b"ab", 2)
    assert (block.t0_ns, block.t1_ns, block.minute) == (1_000, 2_000, 0)


def test_one_block_a_source_and_minute():
    blocks = pack(
        [
            entry(0, MINUTE_NS - 1),
            entry(1, MINUTE_NS - 1, "patch"),
            entry(2, MINUTE_NS),
            entry(3, MINUTE_NS - 1),
        ]
    )
    assert [(b.source, b.minute, b.n) for b in blocks] == [
        ("strap", 0, 2),
        ("patch", 0, 1),
        ("strap", 1, 1),
    ]


@pytest.mark.parametrize(
    ("values", "zone"),
    [
        ([70.0, 65.5, 90.0], (65.5, 90.0)),
        ([None, 70.0, None], (70.0, 70.0)),
        ([math.nan, 70.0, math.inf], (70.0, 70.0)),
        ([None, math.nan], (None, None)),
    ],
)
def test_zone_map_holds_the_bounds_of_what_was_decoded(values, zone):
    (block,) = pack([entry(i, i, value=value) for i, value in enumerate(values)])
    assert (block.value_min, block.value_max) == zone


def test_unpack_undoes_pack():
    (block,) = pack([entry(3, 5, payload=b"xyz"), entry(4, 4, payload=b""), entry(8, 6)])
    columns = unpack(block)
    assert columns.orders.tolist() == [3, 4, 8]
    assert columns.times.tolist() == [5, 4, 6]
    assert columns.payloads == [b"xyz", b"", b"\x00H"]


@pytest.mark.parametrize(
    "damage",
    [
        {"payload": b"x"},
        {"times": b""},
        {"times": b"123"},
        {"lengths": struct.pack("<2I", 1, 2)},
        {"orders": struct.pack("<3I", 0, 1, 2)},
        {"n": 3},
    ],
)
def test_blobs_that_do_not_fit_are_refused(damage):
    (block,) = pack([entry(0, 1), entry(1, 2)])
    with pytest.raises(ValueError, match=r"expected|do not fit|multiple"):
        unpack(block._replace(**damage))


def test_fingerprint_depends_on_every_column():
    (block,) = pack([entry(1, 1, value=1.0), entry(2, 61, value=2.0)])
    changed = [
        block._replace(**{name: value + (b"\0" if isinstance(value, bytes) else type(value)(1))})
        for name, value in block._asdict().items()
        if name != "source"
    ]
    prints = {fingerprint(1, each) for each in [block, *changed, block._replace(source="other")]}
    assert len(prints) == len(changed) + 2
    assert fingerprint(2, block) not in prints
