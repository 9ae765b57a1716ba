"""Which software this is, as stored in recordings and reports."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version

DISTRIBUTION = "vigil-session-monitor"


@cache
def software() -> str:
    """Distribution and version, "vigil-session-monitor 0.1.0"; "(checkout)" if not installed."""
    try:
        return f"{DISTRIBUTION} {version(DISTRIBUTION)}"
    except PackageNotFoundError:
        return f"{DISTRIBUTION} (checkout)"
