"""Lines and numbers of a text file, with errors that name file and line."""

from __future__ import annotations

import codecs
import gzip
import io
import lzma
import re
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from monitor.errors import ImportFormatError

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
"""What is taken for a number; Python itself would also take "1_0", "nan" and "inf"."""
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
LARGEST_BYTES = 2_000_000_000
"""Largest content that is read; a day of ECG at 500 Hz as plain CSV is 0.9 GB."""
_PACKED: Mapping[bytes, Callable[[Path, str], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"\xfd7zXZ\x00": lzma.open,
}
"""First bytes of a compressed file -> how it is opened."""
PACKED_SUFFIXES = (".gz", ".xz")
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_bytes(path: Path) -> bytes:
    """The file's content, unpacked if it is compressed (gzip, xz).

    Raises:
        ImportFormatError: it cannot be read, is cut short, or is larger than `LARGEST_BYTES`.
    """
    raw = read_head(path, LARGEST_BYTES + 1)
    if len(raw) > LARGEST_BYTES:
        raise ImportFormatError(f"{path}: larger than {LARGEST_BYTES / 1e9:g} GB: split it")
    return raw


def read_head(path: Path, size: int) -> bytes:
    """The first bytes of the file's content, unpacked; errors as of `read_bytes`."""
    try:
        with path.open("rb") as file:
            start = file.read(6)
        unpack = next((o for magic, o in _PACKED.items() if start.startswith(magic)), Path.open)
        with unpack(path, "rb") as file:
            raw: bytes = file.read(size)
    except (EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile) as fault:
        raise ImportFormatError(
            f"{path}: the compressed file is damaged or cut short ({fault})"
        ) from fault
    except OSError as fault:
        raise ImportFormatError(f"{path}: cannot be read ({fault.strerror})") from fault
    return raw


def plain_name(path: Path) -> str:
    """The file's name without what only says that it is compressed."""
    return path.stem if path.suffix.lower() in PACKED_SUFFIXES else path.name


def text_of(raw: bytes, name: str) -> str:
    """Decode UTF-8 with or without a byte order mark, or UTF-16 with one."""
    if raw.startswith(UTF16):
        try:
            return raw.decode("utf-16")
        except UnicodeDecodeError as fault:
            raise ImportFormatError(f"{name}: UTF-16 text that is damaged or cut short") from fault
    if (at := raw.find(b"\0")) >= 0:
        line = raw.count(b"\n", 0, at) + 1
        raise ImportFormatError(f"{name}, line {line}: a NUL byte: no text, or UTF-16 unmarked")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = raw.count(b"\n", 0, fault.start) + 1
        raise ImportFormatError(f"{name}, line {line}: not UTF-8 text") from fault


def open_text(raw: bytes, name: str) -> io.TextIOWrapper:
    """The text line by line, decoded as it is read; errors as of `text_of`, at once."""
    text_of(raw, name)
    encoding = "utf-16" if raw.startswith(UTF16) else "utf-8-sig"
    return io.TextIOWrapper(io.BytesIO(raw), encoding=encoding, newline="")


def number(text: str, name: str, line: int) -> float:
    """A finite number; ImportFormatError naming file and line otherwise."""
    stripped = text.strip()
    value = float(stripped) if NUMBER.fullmatch(stripped) else float("nan")
    # An exponent can still overflow to infinity: refuse that too.
    if value - value != 0.0:
        hint = "; write it with a point" if _DECIMAL_COMMA.fullmatch(stripped) else ""
        raise ImportFormatError(f"{name}, line {line}: {stripped[:40]!r} is not a number{hint}")
    return value
