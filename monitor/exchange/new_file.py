"""Files that are written out: private, and never over another."""

from __future__ import annotations

import os
from pathlib import Path

from monitor.errors import ExportError


def write(path: Path, text: str) -> None:
    """Write a new file that only its owner may read.

    Raises:
        ExportError: it exists already, or cannot be written.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as fault:
        raise ExportError(f"{path}: exists already; it is not overwritten") from fault
    except OSError as fault:
        raise ExportError(f"{path}: cannot be written ({fault.strerror})") from fault
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        file.write(text)
