"""Tells whether the process behind a simulated serial line still lives."""

from __future__ import annotations

from filelock import FileLock, Timeout


def owner_lock(address: str) -> str:
    """The file a simulated line's owner keeps locked for as long as it lives."""
    return f"{address}.lock"


def is_owned(address: str) -> bool:
    """Whether somebody lives behind this simulated line; its name may belong to others by now."""
    lock = FileLock(owner_lock(address))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False
