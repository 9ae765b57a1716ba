"""Frames packed into typed blobs: one block holds one source's frames of one minute."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from devices.model import NS_PER_S, Frame

MINUTE_NS = 60 * NS_PER_S
TIME = np.dtype("<i8")
COUNT = np.dtype("<u4")


class Entry(NamedTuple):
    """A frame as it is kept.

    Attributes:
        order: position among all frames of the recording by arrival, counting from 0.
        frame: the bytes.
        value: the source's decoded main value for the zone map; None if there is none.
    """

    order: int
    frame: Frame
    value: float | None

    @property
    def minute(self) -> int:
        """Minute of session time the frame arrived in."""
        return self.frame.t_ns // MINUTE_NS


class Block(NamedTuple):
    """Columns of the tables `blocks` and `staged`, without `id` and `hash`.

    Attributes:
        source: alias of the sensor.
        minute: session minute, `t_ns // 60e9`.
        n: number of frames.
        t0_ns: earliest arrival.
        t1_ns: latest arrival.
        value_min: least main value, None if no frame has one. With `value_max`, the zone map.
        value_max: greatest main value.
        order0: arrival order of the first frame.
        orders: uint32 LE, arrival order less `order0`.
        times: int64 LE, arrival in nanoseconds of session time.
        lengths: uint32 LE, bytes of each payload.
        payload: the payloads, one after another.
    """

    source: str
    minute: int
    n: int
    t0_ns: int
    t1_ns: int
    value_min: float | None
    value_max: float | None
    order0: int
    orders: bytes
    times: bytes
    lengths: bytes
    payload: bytes


COLUMNS = ", ".join(Block._fields)


class Unpacked(NamedTuple):
    """A block's frames as columns."""

    orders: NDArray[np.int64]
    times: NDArray[np.int64]
    payloads: list[bytes]


def pack(entries: Iterable[Entry]) -> list[Block]:
    """Group entries, given in order of arrival, by source and minute and pack each group."""
    groups: dict[tuple[str, int], list[Entry]] = {}
    for entry in entries:
        groups.setdefault((entry.frame.source, entry.minute), []).append(entry)
    return [_pack(*key, group) for key, group in groups.items()]


def _pack(source: str, minute: int, group: Sequence[Entry]) -> Block:
    times = np.array([entry.frame.t_ns for entry in group], TIME)
    orders = np.array([entry.order for entry in group], TIME)
    lengths = np.array([len(entry.frame.payload) for entry in group], COUNT)
    # + 0.0: SQLite gives -0.0 back as 0.0, and the block's hash must not notice.
    finite = [e.value + 0.0 for e in group if e.value is not None and math.isfinite(e.value)]
    return Block(
        source=source,
        minute=minute,
        n=len(group),
        t0_ns=int(times.min()),
        t1_ns=int(times.max()),
        value_min=min(finite, default=None),
        value_max=max(finite, default=None),
        order0=int(orders[0]),
        orders=(orders - orders[0]).astype(COUNT).tobytes(),
        times=times.tobytes(),
        lengths=lengths.tobytes(),
        payload=b"".join(entry.frame.payload for entry in group),
    )


class Bounds(NamedTuple):
    """Of a block's frames: arrival, arrival order, where each payload ends."""

    times: NDArray[np.int64]
    orders: NDArray[np.int64]
    ends: NDArray[np.int64]


def bounds(block: Block) -> Bounds:
    """A block without its payloads; raises ValueError when the blobs do not fit each other."""
    times = np.frombuffer(block.times, TIME).astype(np.int64)
    orders = np.frombuffer(block.orders, COUNT).astype(np.int64) + block.order0
    ends = np.cumsum(np.frombuffer(block.lengths, COUNT), dtype=np.int64)
    if not (times.size == orders.size == ends.size == block.n):
        raise ValueError(f"{block.n} frames expected")
    if (int(ends[-1]) if ends.size else 0) != len(block.payload):
        raise ValueError("payload bytes do not fit their lengths")
    return Bounds(times, orders, ends)


def payloads(block: Block, ends: NDArray[np.int64]) -> list[bytes]:
    """A block's payloads one by one."""
    return [block.payload[a:b] for a, b in pairwise([0, *ends.tolist()])]


def unpack(block: Block) -> Unpacked:
    """Undo `pack`; raises ValueError when the blobs do not fit each other."""
    times, orders, ends = bounds(block)
    return Unpacked(orders, times, payloads(block, ends))


def fingerprint(number: int, block: Block) -> bytes:
    """Every byte of a block in one string, for its hash; `number` is its `id`."""
    head = json.dumps([number, *block[:8]], separators=(",", ":")).encode()
    return b"".join((head, block.orders, block.times, block.lengths, block.payload))
