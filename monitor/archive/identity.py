"""What decides the last bit of a derivation: the same on two computers, or it is not exact."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.metadata import entry_points, version
from pathlib import Path

from monitor.version import software

PACKAGES = ("alerts", "devices", "monitor")
"""Our own source that a derivation passes through."""
LIBRARIES = ("numpy", "scipy")
"""Others that compute in it."""


@cache
def identity() -> dict[str, str]:
    """Software by name: version, or hash of its source (16 hex digits)."""
    return {
        "Vigil": software(),
        "source": _source(),
        "codecs": _codecs(),
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "processor": platform.machine(),
        **{name: version(name) for name in LIBRARIES},
    }


def differences(here: dict[str, str], there: dict[str, str]) -> str:
    """What is not the same, in words; "" if nothing."""
    return ", ".join(
        f"{name} {there.get(name)} (here {value})"
        for name, value in here.items()
        if there.get(name) != value
    )


def _source() -> str:
    """Two checkouts of one version are not the same software."""
    root = Path(__file__).parents[2]
    digest = hashlib.sha256()
    for path in sorted(file for name in PACKAGES for file in (root / name).rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _codecs() -> str:
    """Formats of sensors: a package may bring more than ours."""
    found = [
        f"{point.name}={point.value}/{point.dist.version if point.dist else ''}"
        for point in entry_points(group="vigil.codecs")
    ]
    return hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()[:16]
