"""Text from sensors, cables and the air is untrusted: made safe to show, store and compare."""

from __future__ import annotations

MAX_TEXT = 64
"""Longest text taken from a device, characters."""


def clean_text(raw: str | bytes | bytearray) -> str:
    """Untrusted text made safe to show: cut at NUL, control and format characters removed."""
    text = raw if isinstance(raw, str) else raw.decode("utf-8", errors="replace")
    text = text.split("\0", 1)[0]
    return "".join(char for char in text if char.isprintable()).strip()[:MAX_TEXT]
