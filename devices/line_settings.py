"""Settings of a serial line as people write them: `19200 8N1 dtr -rts`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from devices.codec import SerialSettings

SAYS = 'must be like "9600 8N1", then dtr or -dtr, rts or -rts if wanted'
BAUDS = (300, 4_000_000)
"""Slowest and fastest accepted, bits per second; what the port can do is its own business."""
_FORM = re.compile(r"([5-8])([NEO])([12])")
_LEVELS = {
    "dtr": ("dtr", True),
    "-dtr": ("dtr", False),
    "rts": ("rts", True),
    "-rts": ("rts", False),
}


def check(line: str) -> str:
    """Why these settings cannot be used; empty if they can."""
    try:
        applied(SerialSettings(), line)
    except ValueError as error:
        return str(error)
    return ""


def applied(settings: SerialSettings, line: str) -> SerialSettings:
    """A format's settings with the user's over them; what is not said stays.

    Raises:
        ValueError: a word is none of the allowed ones; the message says which are.
    """
    for word in line.split():
        settings = replace(settings, **_changes(word))
    return settings


def _changes(word: str) -> dict[str, Any]:
    form = _FORM.fullmatch(word.upper())
    if form is not None:
        return {"byte_size": int(form[1]), "parity": form[2], "stop_bits": int(form[3])}
    if word.lower() in _LEVELS:
        name, level = _LEVELS[word.lower()]
        return {name: level}
    low, high = BAUDS
    if word.isascii() and word.isdigit() and low <= int(word) <= high:
        return {"baud": int(word)}
    raise ValueError(f"{SAYS}; {word!r} is none of these (speeds: {low} to {high})")
