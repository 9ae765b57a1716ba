"""Vigil's own payload for a piece of a waveform out of a file: up to a second of samples.

`signal code u8 (as in sample.py), rate float64 Hz, time of the last sample int64 ns, then samples
int32 microvolts`, little-endian.
"""

from __future__ import annotations

import math
import struct
from functools import partial
from typing import TYPE_CHECKING

from devices.codec import Codec
from devices.codecs.message import MessageDecoder
from devices.codecs.plausible import judged
from devices.codecs.sample import SIGNAL_CODES
from devices.model import Frames, Measurement, Signal, Waveform, Waveforms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_HEAD = struct.Struct("<Bdq")
UV_PER_MV = 1000.0
HIGHEST_HZ = 100_000.0
_SIGNALS = {SIGNAL_CODES[Signal.ECG]: Signal.ECG}


def encode(rate_hz: float, last_ns: int, samples_uv: NDArray[np.int32]) -> bytes:
    """The payload of a piece of ECG whose last sample was taken at `last_ns`."""
    head = _HEAD.pack(SIGNAL_CODES[Signal.ECG], rate_hz, last_ns)
    return head + samples_uv.astype("<i4").tobytes()


def parse(payload: bytes) -> Waveform | None:
    """The piece; None if it is malformed."""
    import numpy as np  # noqa: PLC0415 - small commands do without

    if len(payload) < _HEAD.size or (len(payload) - _HEAD.size) % 4:
        return None
    code, rate_hz, last_ns = _HEAD.unpack_from(payload)
    signal = _SIGNALS.get(code)
    if signal is None or not 0 < rate_hz <= HIGHEST_HZ:
        return None
    values = np.frombuffer(payload, "<i4", offset=_HEAD.size).astype(np.int32)
    return Waveform(signal, rate_hz, values, last_ns)


def parse_many(frames: Frames) -> Waveforms | None:
    """The pieces of frames of one length and rate; None if they are not so."""
    import numpy as np  # noqa: PLC0415 - small commands do without

    size = int(frames.ends[0])
    if size <= _HEAD.size or (size - _HEAD.size) % 4 or (frames.sizes != size).any():
        return None
    n = (size - _HEAD.size) // 4
    fields = [("code", "u1"), ("rate", "<f8"), ("last", "<i8"), ("values", "<i4", (n,))]
    table = np.frombuffer(frames.data, np.dtype(fields))
    signal, rate_hz = _SIGNALS.get(int(table["code"][0])), float(table["rate"][0])
    alike = (table["code"] == table["code"][0]) & (table["rate"] == rate_hz)
    if signal is None or not alike.all() or not 0 < rate_hz <= HIGHEST_HZ:
        return None
    ends = np.arange(1, len(table) + 1, dtype=np.int64) * n
    values = table["values"].reshape(-1).astype(np.int32)
    return Waveforms(signal, rate_hz, values, ends, table["last"].astype(np.int64))


def explain(payload: bytes) -> dict[str, object]:
    """Signal, rate, time and samples of one payload; `{"error": ...}` if it is malformed."""
    if len(payload) < _HEAD.size:
        return {"error": "truncated"}
    piece = parse(payload)
    if piece is None:
        return {"error": "malformed"}
    rate = piece.rate_hz if math.isfinite(piece.rate_hz) else None
    return {
        "signal": piece.signal.value,
        "rate_hz": rate,
        "last_ns": piece.sensor_ns,
        "uv": piece.values.tolist(),
    }


def _read(payload: bytes) -> list[Measurement] | None:
    piece = parse(payload)
    if piece is None:
        return None
    return [judged(piece.signal, uv / UV_PER_MV) for uv in piece.values.tolist()]


CODEC = Codec(
    name="waveform",
    title="Piece of a waveform of an imported recording",
    decoder=partial(MessageDecoder, _read),
    explain=explain,
    signals=frozenset({Signal.ECG}),
    waveform=parse,
    waveforms=parse_many,
    examples=(_HEAD.pack(9, 250.0, 4_000_000) + struct.pack("<3i", 0, 120, -40),),
    sentinels="none",
)
