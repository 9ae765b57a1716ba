"""What a worker of a Dask cluster does for us. It needs this package, as the scheduler does."""

from __future__ import annotations

import platform
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from monitor.archive.asking import Chunk, Result, visible
from monitor.archive.identity import differences, identity
from monitor.errors import EnvironmentFault
from monitor.signal.accelerate import accelerate
from monitor.what_if import Question, attempt

_ALONE = threading.Lock()
"""A worker may have several threads; deriving is not meant for that, and would gain nothing."""


def work(
    paths: Sequence[str], question: Question, asker: Mapping[str, str]
) -> Chunk | EnvironmentFault:
    """Work out a chunk, if the software is the asker's: else results need not be the same bits.

    Nothing is raised: an error travels with its traceback, and an asker waits for ever for one
    whose traceback cannot be read there (distributed 2026.8).
    """
    if found := differences(dict(asker), identity()):
        return other_software(platform.node(), found)
    with _ALONE:
        accelerate()
        return [_one(Path(path), question) for path in paths]


def other_software(where: str, differences: str) -> EnvironmentFault:
    """What is told of a worker that is not like the asker."""
    return EnvironmentFault(
        f"the worker at {where} has other software: {differences}; "
        "results would not be exact: install the same on all"
    )


def _one(path: Path, question: Question) -> Result:
    if visible(path):
        return path, attempt(path, question)
    where = f"the worker on {platform.node()} cannot see it"
    return path, EnvironmentFault(f"{path}: {where}; the folder must be there at this path too")
