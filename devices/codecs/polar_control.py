"""The control point of Polar's measurement data: asking for a stream, reading the answers."""

from __future__ import annotations

import struct
from collections.abc import Callable

FEATURES, STOPPED, RESPONSE = 0x0F, 0x01, 0xF0
GET_SETTINGS, START, STOP = 0x01, 0x02, 0x03
OK, ALREADY_STREAMING = 0, 6
SETTINGS = {
    0: ("sample_rate", 2),
    1: ("resolution", 2),
    2: ("range", 2),
    3: ("range_milliunit", 4),
    4: ("channels", 1),
    5: ("factor", 4),
    6: ("security", 16),
}
"""Setting id -> name, bytes of one value."""
_FACTOR, _SECURITY = 5, 6
STATUS = {
    1: "unknown request",
    2: "unknown measurement",
    3: "does not have this measurement",
    4: "bad request length",
    5: "bad parameter",
    7: "resolution not offered",
    8: "sample rate not offered",
    9: "range not offered",
    10: "the link's packets are too small (MTU)",
    11: "number of channels not offered",
    12: "not possible in its present state",
    13: "it sits in its charger",
    14: "its memory is full",
}


def settings(parameters: bytes) -> dict[int, list[bytes]] | None:
    """Setting id -> raw values offered; None if the bytes are no complete, non-empty list."""
    found: dict[int, list[bytes]] = {}
    at = 0
    while at < len(parameters):
        if at + 2 > len(parameters) or parameters[at] not in SETTINGS:
            return None
        size, count = SETTINGS[parameters[at]][1], parameters[at + 1]
        end = at + 2 + size * count
        if end > len(parameters):
            return None
        found[parameters[at]] = [parameters[i : i + size] for i in range(at + 2, end, size)]
        at = end
    return found or None


def _value(setting: int, raw: bytes) -> int | float | str | None:
    if setting == _FACTOR:
        factor: float = struct.unpack("<f", raw)[0]
        return factor if abs(factor) < float("inf") else None
    return raw.hex() if setting == _SECURITY else int.from_bytes(raw, "little")


def explain(payload: bytes) -> dict[str, object]:
    """Every field of one message of the control point; `{"error": ...}` if it is none."""
    kind = payload[0] if payload else None
    if kind == FEATURES and len(payload) > 1:
        bitmap = int.from_bytes(payload[1:], "little")
        types = [bit for bit in range(bitmap.bit_length()) if bitmap >> bit & 1]
        return {"kind": "features", "measurements": types}
    if kind == STOPPED and len(payload) > 1:
        return {"kind": "stopped_by_device", "measurements": list(payload[1:])}
    if kind == RESPONSE and len(payload) >= 4:
        return _response(payload)
    known = kind in {FEATURES, STOPPED, RESPONSE, None}
    return {"error": "truncated" if known else "unknown message"}


def _response(payload: bytes) -> dict[str, object]:
    opcode, measurement, status = payload[1:4]
    fields: dict[str, object] = {
        "kind": "response",
        "opcode": opcode,
        "measurement": measurement,
        "status": status,
    }
    if status != OK:
        return fields
    fields["more"] = bool(payload[4]) if len(payload) > 4 else False
    offered = settings(payload[5:])
    if offered is None:
        return fields | {"parameters_hex": payload[5:].hex()}
    named = {SETTINGS[i][0]: [_value(i, raw) for raw in values] for i, values in offered.items()}
    return fields | {"settings": named}


class Stream:
    """Starts one measurement and keeps it running; implements `devices.codec.Control`.

    Args:
        measurement: the measurement's type number.
        asks: whether it has settings to ask for first; pulse-to-pulse intervals have none.
        choose: which of the offered values of a setting to take, by its number and the offer.
    """

    def __init__(
        self,
        measurement: int,
        *,
        asks: bool = True,
        choose: Callable[[list[bytes]], bytes] = lambda offered: offered[0],
    ) -> None:
        self.refused = ""
        self._measurement = measurement
        self._asks, self._choose = asks, choose
        self._start = bytes([START, measurement])

    def begin(self) -> bytes:
        """Ask what is offered, or start at once."""
        return bytes([GET_SETTINGS, self._measurement]) if self._asks else self._start

    def reply(self, payload: bytes) -> bytes:
        """Start with what is offered; start again what the sensor stopped by itself."""
        if len(payload) > 1 and payload[0] == STOPPED:
            return self.begin() if self._measurement in payload[1:] else b""
        if len(payload) < 4 or payload[0] != RESPONSE or payload[2] != self._measurement:
            return b""
        opcode, status = payload[1], payload[3]
        if status not in {OK, ALREADY_STREAMING}:
            # A refusal to stop is of no interest; the link is being closed.
            self.refused = "" if opcode == STOP else STATUS.get(status, f"status {status}")
            return b""
        self.refused = ""
        if opcode != GET_SETTINGS:
            return b""
        return self._start + self._chosen(settings(payload[5:]) or {})

    def _chosen(self, offered: dict[int, list[bytes]]) -> bytes:
        asked = {
            i: values for i, values in offered.items() if values and i not in {_FACTOR, _SECURITY}
        }
        return b"".join(bytes([i, 1]) + self._choose(values) for i, values in asked.items())

    def end(self) -> bytes:
        """Stop: an H10 left streaming stays switched on until its battery is empty."""
        return bytes([STOP, self._measurement])
