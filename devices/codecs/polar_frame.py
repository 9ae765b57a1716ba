"""Polar Measurement Data frames (characteristic FB005C82), all kinds, also delta-compressed.

`type u8, time of the last sample u64 (ns since 2000-01-01, the sensor's clock), frame type u8,
samples`, little-endian. Bit 7 of the frame type says that the samples are deltas.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

HEAD_SIZE = 10
ECG, PPG, ACC, PPI, GYRO, MAGNETOMETER, SKIN_TEMPERATURE = 0, 1, 2, 3, 5, 6, 7
PRESSURE, TEMPERATURE, OFFLINE_HR = 11, 12, 14
_FLOATS = {SKIN_TEMPERATURE, PRESSURE, TEMPERATURE}
_COMPRESSED = 0x80
_PPI_SIZE = 6
_MAX_SAMPLES = 4096
"""More cannot be in an attribute of 512 bytes but by a forged count of zero-bit deltas."""

# Type and frame type -> channels, bytes of one value, for uncompressed samples.
_PLAIN = {
    (ECG, 0): (1, 3),
    (PPG, 0): (4, 3),
    (ACC, 0): (3, 1),
    (ACC, 1): (3, 2),
    (ACC, 2): (3, 3),
    (GYRO, 0): (3, 2),
    (MAGNETOMETER, 0): (3, 2),
    (SKIN_TEMPERATURE, 0): (1, 4),
    (PRESSURE, 0): (1, 4),
    (TEMPERATURE, 0): (1, 4),
    (OFFLINE_HR, 0): (1, 1),
}
_DELTA = _PLAIN | {(ACC, 0): (3, 2), (GYRO, 1): (3, 4), (MAGNETOMETER, 1): (3, 2)}
"""As `_PLAIN`, for compressed frames: the size is that of the reference sample's values."""

Sample = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame; `samples` hold raw integers, a float's bit pattern among them."""

    measurement: int
    timestamp_ns: int
    frame_type: int
    compressed: bool
    body: bytes

    def samples(self) -> list[Sample] | None:
        """The samples, oldest first; None if the frame is malformed or of an unknown type."""
        shapes = _DELTA if self.compressed else _PLAIN
        shape = shapes.get((self.measurement, self.frame_type))
        if shape is None:
            return None
        if self.compressed:
            return undelta(self.body, *shape)
        channels, size = shape
        signed = self.measurement != OFFLINE_HR
        return plain(self.body, channels, size, signed=signed)


def parse(payload: bytes) -> Frame | None:
    """The frame of one payload; None if it is too short to be one."""
    if len(payload) < HEAD_SIZE:
        return None
    kind, stamp, frame_type = struct.unpack_from("<BQB", payload)
    return Frame(
        kind & 0x3F,
        stamp,
        frame_type & 0x7F,
        bool(frame_type & _COMPRESSED),
        payload[HEAD_SIZE:],
    )


def plain(body: bytes, channels: int, size: int, *, signed: bool = True) -> list[Sample] | None:
    """Samples of so many values of so many bytes; None if a part of one is left over."""
    if len(body) % (channels * size):
        return None
    values = [
        int.from_bytes(body[at : at + size], "little", signed=signed)
        for at in range(0, len(body), size)
    ]
    return list(zip(*(values[c::channels] for c in range(channels)), strict=True))


def undelta(body: bytes, channels: int, size: int) -> list[Sample] | None:
    """A reference sample, then blocks `bits u8, count u8, packed deltas`, added up.

    Deltas are two's complement of `bits` bits, least significant bit first, channels in turn.
    """
    head = channels * size
    if len(body) < head:
        return None
    first = plain(body[:head], channels, size)
    assert first is not None  # noqa: S101 - its size fits
    samples, at = first, head
    while at < len(body):
        if at + 2 > len(body):
            return None
        bits, count = body[at], body[at + 1]
        length = -(-bits * count * channels // 8)
        packed = body[at + 2 : at + 2 + length]
        if len(packed) < length or len(samples) + count > _MAX_SAMPLES:
            return None
        _add(samples, packed, bits, channels, count)
        at += 2 + length
    return samples


def _add(samples: list[Sample], packed: bytes, bits: int, channels: int, count: int) -> None:
    stream = int.from_bytes(packed, "little")
    mask, sign = (1 << bits) - 1, 1 << bits >> 1
    for _ in range(count):
        deltas = []
        for _ in range(channels):
            deltas.append(((stream & mask) ^ sign) - sign)
            stream >>= bits
        samples.append(tuple(a + b for a, b in zip(samples[-1], deltas, strict=True)))


def as_float(raw: int) -> float:
    """The float32 of a bit pattern."""
    value: float = struct.unpack("<f", (raw & 0xFFFFFFFF).to_bytes(4, "little"))[0]
    return value


def ppi(body: bytes) -> list[dict[str, int]] | None:
    """Pulse-to-pulse intervals as sent; None if a part of one is left over."""
    if len(body) % _PPI_SIZE:
        return None
    names = ("blocker", "contact", "contact_supported")
    return [
        {"hr": hr, "pp_ms": pp, "error_ms": error}
        | {name: flags >> bit & 1 for bit, name in enumerate(names)}
        for hr, pp, error, flags in struct.iter_unpack("<BHHB", body)
    ]


def _scalars(
    name: str, convert: Callable[[int], object]
) -> Callable[[list[Sample]], dict[str, object]]:
    return lambda samples: {name: [convert(raw) for (raw,) in samples]}


def _vectors(samples: list[Sample]) -> dict[str, object]:
    return {"n": len(samples)} | (
        {"first": list(samples[0]), "last": list(samples[-1])} if samples else {}
    )


def _finite(raw: int) -> float | None:
    value = as_float(raw)
    return value if abs(value) < float("inf") else None


_SHOW: dict[int, Callable[[list[Sample]], dict[str, object]]] = {
    ECG: _scalars("uv", int),
    OFFLINE_HR: _scalars("hr", int),
    SKIN_TEMPERATURE: _scalars("celsius", _finite),
    TEMPERATURE: _scalars("celsius", _finite),
    PRESSURE: _scalars("pressure", _finite),
}


def explain(payload: bytes) -> dict[str, object]:
    """Every field of one frame; `{"error": ...}` if it is malformed or of an unknown type."""
    frame = parse(payload)
    if frame is None:
        return {"error": "truncated"}
    fields: dict[str, object] = {
        "measurement": frame.measurement,
        "timestamp_ns": frame.timestamp_ns,
        "frame_type": frame.frame_type,
        "compressed": frame.compressed,
    }
    if frame.measurement == PPI and not frame.compressed and frame.frame_type == 0:
        intervals = ppi(frame.body)
        return {"error": "truncated"} if intervals is None else fields | {"samples": intervals}
    samples = frame.samples()
    if samples is None:
        known = (frame.measurement, frame.frame_type) in _DELTA
        return {"error": "truncated" if known else "unknown frame type"}
    fields |= _SHOW.get(frame.measurement, _vectors)(samples)
    if frame.compressed and "first" in fields:
        places = zip(("second", "third"), samples[1:3], strict=False)
        fields |= {name: list(sample) for name, sample in places}
    return fields
