"""Bluetooth Temperature 0x2A6E (0.01 degrees) and Temperature Celsius 0x2A1F (0.1 degrees).

Service 0x181A, little-endian s16. `0x8000` is "not known".
"""

from __future__ import annotations

from functools import partial

from devices.codec import Codec
from devices.codecs.message import MessageDecoder
from devices.codecs.plausible import judged, unavailable
from devices.model import Measurement, Signal

SIZE = 2
UNKNOWN = -0x8000


def parse(payload: bytes, per_degree: int) -> float | None:
    """Degrees Celsius of one payload of at least 2 bytes; None for "not known"."""
    raw = int.from_bytes(payload[:SIZE], "little", signed=True)
    return None if raw == UNKNOWN else raw / per_degree


def explain(payload: bytes, per_degree: int = 100) -> dict[str, object]:
    """`{"celsius": ...}` (null if not known) of one payload; `{"error": ...}` if malformed."""
    if len(payload) < SIZE:
        return {"error": "truncated"}
    return {"celsius": parse(payload, per_degree)}


def read(payload: bytes, per_degree: int) -> list[Measurement] | None:
    """One temperature; None if the payload is malformed."""
    if len(payload) < SIZE:
        return None
    degc = parse(payload, per_degree)
    if degc is None:
        return [unavailable(Signal.TEMPERATURE, "no reading")]
    return [judged(Signal.TEMPERATURE, degc)]


def _codec(number: str, per_degree: int, example: str) -> Codec:
    return Codec(
        name=f"ess_{number}",
        title="Bluetooth environmental sensor" + ("" if per_degree == 100 else ", coarse"),
        decoder=partial(MessageDecoder, partial(read, per_degree=per_degree)),
        explain=partial(explain, per_degree=per_degree),
        signals=frozenset({Signal.TEMPERATURE}),
        service_uuid="0000181a-0000-1000-8000-00805f9b34fb",
        characteristic_uuid=f"0000{number}-0000-1000-8000-00805f9b34fb",
        examples=(bytes.fromhex(example), b"\x00\x80"),
        sentinels="0x8000",
        tested="third-party payloads" if per_degree == 100 else "computed payloads",
    )


CODEC = _codec("2a6e", 100, "3a0e")
COARSE = _codec("2a1f", 10, "6d01")
