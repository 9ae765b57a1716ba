"""Files that are written out: private, whole or not at all, and never over another unasked."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

from monitor.errors import ExportError, UnwritableError

_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}
"""Full, over its quota, failing, read-only."""


def unwritable(path: Path, fault: OSError) -> ExportError:
    """The error to raise: a disk that refuses is no mistake of the user."""
    kind = UnwritableError if fault.errno in _DISK else ExportError
    return kind(f"{path}: cannot be written ({fault.strerror})")


def write(path: Path, text: str, *, overwrite: bool = False) -> None:
    """Write one new file; see `write_all`."""
    write_all({path: text.encode()}, overwrite=overwrite)


def write_all(files: Mapping[Path, bytes], *, overwrite: bool = False) -> None:
    """Write files that only their owner may read: all of them or none.

    Args:
        files: path -> content; all in one folder.
        overwrite: put them in the place of files that are there.

    Raises:
        ExportError: one exists already, or cannot be written; none is there then.
        UnwritableError: of these, if it is the disk that refuses.
    """
    for path in files:
        if not overwrite and os.path.lexists(path):
            raise ExportError(f"{path}: exists already; it is not overwritten (--overwrite does)")
    parts = {path: path.with_name(f".{path.name}.{secrets.token_hex(4)}") for path in files}
    done: list[Path] = []
    with _cleaned(parts, done):
        for path, part in parts.items():
            _write_part(path, part, files[path])
        for path, part in parts.items():
            _place(path, part, overwrite=overwrite)
            if not overwrite:  # what was there before is gone: keep what is whole
                done.append(path)
        done.clear()


@contextlib.contextmanager
def _cleaned(parts: Mapping[Path, Path], done: list[Path]) -> Iterator[None]:
    """Leave nothing behind of an attempt that failed."""
    try:
        yield
    finally:
        for path in (*parts.values(), *done):
            path.unlink(missing_ok=True)


def _write_part(path: Path, part: Path, content: bytes) -> None:
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as fault:
        raise unwritable(path, fault) from fault


def _place(path: Path, part: Path, *, overwrite: bool) -> None:
    try:
        if overwrite:
            part.replace(path)
            return
        try:
            os.link(part, path)  # fails if somebody was faster, which a rename would not
        except OSError as fault:
            if isinstance(fault, FileExistsError):
                raise
            part.rename(path)  # a file system without links
    except FileExistsError as fault:
        raise ExportError(
            f"{path}: exists already; it is not overwritten (--overwrite does)"
        ) from fault
    except OSError as fault:
        raise unwritable(path, fault) from fault
