"""Files that leave the program: private, whole or not at all, never over another unasked."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from monitor.errors import ExportError
from monitor.exchange.new_file import unwritable
from monitor.recording.schema import MAGIC


def check(path: Path, *, overwrite: bool) -> None:
    """Raise ExportError if a file cannot be put there; before the work is done, not after."""
    if not path.parent.is_dir():
        raise ExportError(f"{path}: its folder does not exist")
    if path.is_dir():
        raise ExportError(f"{path}: is a folder")
    if _is_database(path):
        raise ExportError(f"{path}: is a recording or another database; never written over")
    if not overwrite and os.path.lexists(path):
        raise ExportError(f"{path}: exists already; --force writes over it")


def _is_database(path: Path) -> bool:
    with contextlib.suppress(OSError), path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC
    return False


def place(path: Path, content: bytes, *, overwrite: bool) -> None:
    """Write a file that only its owner may read; what was there stays until all of it is written.

    Raises:
        ExportError: it exists already and may not be written over, or cannot be written.
    """
    check(path, overwrite=overwrite)
    try:
        _place(path, content, overwrite=overwrite)
    except FileExistsError as fault:
        raise ExportError(f"{path}: exists already; --force writes over it") from fault
    except OSError as fault:
        raise unwritable(path, fault) from fault


def _place(path: Path, content: bytes, *, overwrite: bool) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            Path(name).replace(path)
        else:
            _link(name, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()


def _link(name: str, path: Path) -> None:
    """Give it its name, unless somebody has taken that meanwhile."""
    try:
        os.link(name, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links (FAT on a stick)
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        Path(name).rename(path)
