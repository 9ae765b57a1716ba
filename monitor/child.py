"""Starting Vigil's own processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

_started: list[subprocess.Popen[bytes]] = []
"""Children are kept until they have ended: so they are reaped, and none lingers as a zombie."""


def command(module: str, *arguments: str) -> list[str]:
    """How to run one of our modules; -P keeps the user's folder out of its imports."""
    return [sys.executable, "-P", "-m", module, *arguments]


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment, with our own packages importable first."""
    root = str(Path(__file__).parents[1])
    rest = os.environ.get("PYTHONPATH")
    path = os.pathsep.join([root, rest] if rest else [root])
    return {**os.environ, "PYTHONPATH": path, **(more or {})}


def spawn(
    module: str,
    arguments: Sequence[str],
    *,
    stdout: int | IO[bytes],
    stderr: int | IO[bytes],
    more: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a module in a session of its own: closing this terminal does not reach it."""
    _started[:] = [child for child in _started if child.poll() is None]
    child = subprocess.Popen(  # noqa: S603 - our own module, no shell
        command(module, *arguments),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        env=environment(more),
        start_new_session=True,
    )
    _started.append(child)
    return child
