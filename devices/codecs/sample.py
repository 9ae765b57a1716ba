"""Vigil's own payload for values that came as numbers: one sample of an imported recording.

`signal code u8, value float64`, little-endian, always 9 bytes.
"""

from __future__ import annotations

import math
import struct
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from devices.codec import Codec
from devices.codecs.message import MessageDecoder
from devices.codecs.plausible import FINITE, RANGES, judged
from devices.model import Frames, Measurement, Signal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SIGNAL_CODES = {
    Signal.HEART_RATE: 1,
    Signal.RR_INTERVAL: 2,
    Signal.TEMPERATURE: 3,
    Signal.SKIN_TEMPERATURE: 4,
    Signal.ROOM_TEMPERATURE: 5,
    Signal.CLINICAL_TEMPERATURE: 6,
    Signal.CONTACT: 7,
    Signal.BATTERY: 8,
    Signal.ECG: 9,
    Signal.SPO2: 10,
    Signal.CORE_ESTIMATE: 11,
    Signal.BATTERY_LOW: 12,
    Signal.AUTO_OFF: 13,
    Signal.BLOOD_PRESSURE: 14,
    Signal.SYSTOLIC_PRESSURE: 15,
    Signal.DIASTOLIC_PRESSURE: 16,
    Signal.MEAN_PRESSURE: 17,
    Signal.HUMIDITY: 18,
}
"""Stored in recordings: a number is never changed or used again."""

_SIGNALS = {code: signal for signal, code in SIGNAL_CODES.items()}
_SAMPLE = struct.Struct("<Bd")


def encode(signal: Signal, value: float) -> bytes:
    """The payload of one sample; `value` in the signal's unit, NaN for "no reading"."""
    return _SAMPLE.pack(SIGNAL_CODES[signal], value)


def parse(payload: bytes) -> tuple[Signal, float] | None:
    """Signal and value of one payload; None if it is malformed."""
    if len(payload) != _SAMPLE.size:
        return None
    code, value = _SAMPLE.unpack(payload)
    signal = _SIGNALS.get(code)
    return None if signal is None else (signal, value)


def explain(payload: bytes) -> dict[str, object]:
    """Signal and value (null if there is none) of one payload; `{"error": ...}` if malformed."""
    if len(payload) != _SAMPLE.size:
        return {"error": "truncated" if len(payload) < _SAMPLE.size else "oversized"}
    sample = parse(payload)
    if sample is None:
        return {"error": "unknown signal"}
    signal, value = sample
    return {"signal": signal.value, "value": value if math.isfinite(value) else None}


def _read(payload: bytes) -> list[Measurement] | None:
    measurement = _measurement(payload)
    return None if measurement is None else [measurement]


# Measurements never change, and a thermometer repeats the same few hundred.
@lru_cache(maxsize=4096)
def _measurement(payload: bytes) -> Measurement | None:
    sample = parse(payload)
    return None if sample is None else judged(*sample)


def read_many(frames: Frames) -> tuple[Signal, NDArray[np.float64]] | None:
    """The samples of frames of one signal, all of them plausible; None if they are not so."""
    import numpy as np  # noqa: PLC0415 - small commands do without

    if (frames.sizes != _SAMPLE.size).any():
        return None
    table = np.frombuffer(frames.data, np.dtype([("code", "u1"), ("value", "<f8")]))
    signal, values = _SIGNALS.get(int(table["code"][0])), table["value"].astype(np.float64)
    if signal is None or (table["code"] != table["code"][0]).any():
        return None
    low, high = RANGES.get(signal, FINITE)
    return (signal, values) if ((values >= low) & (values <= high)).all() else None


CODEC = Codec(
    name="sample",
    title="Sample of an imported recording",
    decoder=partial(MessageDecoder, _read),
    explain=explain,
    signals=frozenset(Signal),
    samples=read_many,
)
