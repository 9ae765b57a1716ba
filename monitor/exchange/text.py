"""Lines and numbers of a text file, with errors that name file and line."""

from __future__ import annotations

import re
from pathlib import Path

from monitor.errors import ImportFormatError

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
"""What is taken for a number; Python itself would also take "1_0", "nan" and "inf"."""


def read_bytes(path: Path) -> bytes:
    """The file's content; ImportFormatError when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as fault:
        raise ImportFormatError(f"{path}: cannot be read ({fault.strerror})") from fault


def text_of(raw: bytes, name: str) -> str:
    """Decode UTF-8, with or without a byte order mark."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = raw.count(b"\n", 0, fault.start) + 1
        raise ImportFormatError(f"{name}, line {line}: not UTF-8 text") from fault


def number(text: str, name: str, line: int) -> float:
    """A finite number; ImportFormatError naming file and line otherwise."""
    stripped = text.strip()
    value = float(stripped) if NUMBER.fullmatch(stripped) else float("nan")
    # An exponent can still overflow to infinity: refuse that too.
    if value - value != 0.0:
        raise ImportFormatError(f"{name}, line {line}: {stripped[:40]!r} is not a number")
    return value
