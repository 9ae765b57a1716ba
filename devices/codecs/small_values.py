"""Bluetooth characteristics of one number or text: battery, device information, body site, ..."""

from __future__ import annotations


def battery_pct(payload: bytes | bytearray) -> int | None:
    """Battery Level 0x2A19, percent; None for what is not a charge of 0 to 100."""
    return payload[0] if payload and payload[0] <= 100 else None


def explain_battery(payload: bytes) -> dict[str, object]:
    """`{"percent": ...}`; above 100 is an error."""
    if not payload:
        return {"error": "truncated"}
    percent = battery_pct(payload)
    return {"error": "out_of_range"} if percent is None else {"percent": percent}


def text(payload: bytes | bytearray) -> str:
    """A string of Device Information: UTF-8, cut at the first NUL (some sensors pad with it)."""
    return payload.split(b"\0", 1)[0].decode("utf-8", errors="replace")


def explain_text(payload: bytes) -> dict[str, object]:
    """`{"text": ...}` of a Device Information string; control characters stay escaped in JSON."""
    return {"text": text(payload)}


def explain_code(payload: bytes) -> dict[str, object]:
    """`{"value": ...}` of a one-byte code: Body Sensor Location 0x2A38, Temperature Type 0x2A1D."""
    return {"value": payload[0]} if payload else {"error": "truncated"}


def explain_interval(payload: bytes) -> dict[str, object]:
    """`{"seconds": ...}` of a Measurement Interval 0x2A21; 0: no periodic measurement."""
    if len(payload) < 2:
        return {"error": "truncated"}
    return {"seconds": int.from_bytes(payload[:2], "little")}
