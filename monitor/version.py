"""Which software this is, as stored in recordings and reports."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version

DISTRIBUTION = "vigil-session-monitor"


@cache
def installed() -> str | None:
    """The installed version, "0.1.0"; None in a checkout that is not installed."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return None


def software() -> str:
    """Distribution and version, "vigil-session-monitor 0.1.0"; "(checkout)" if not installed."""
    return f"{DISTRIBUTION} {installed() or '(checkout)'}"
