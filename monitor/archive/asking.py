"""One question put to many recordings: what those who work it out have in common."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from monitor.errors import VigilError
from monitor.what_if import Answer

Result = tuple[Path, Answer | VigilError]
"""A recording, and what it says or what is wrong with it."""
Chunk = list[Result]
"""Recordings that were worked out in one go."""


def visible(path: Path) -> bool:
    """Whether it is there and may be looked at; nothing is raised."""
    return os.path.exists(path)  # noqa: PTH110 - Path.exists raises for a folder one may not enter


def chunked(paths: Sequence[Path], size: int) -> list[list[Path]]:
    """The paths in runs of `size`, the last one shorter."""
    return [list(paths[i : i + size]) for i in range(0, len(paths), size)]


def in_order(paths: Sequence[Path], chunks: Iterable[Chunk]) -> Iterator[Result]:
    """Results in the order of the paths, each as soon as those before it are there.

    Args:
        paths: every one that `chunks` will bring, each once.
        chunks: in any order.
    """
    early: dict[Path, Answer | VigilError] = {}
    place = 0
    for chunk in chunks:
        early.update(chunk)
        while place < len(paths) and paths[place] in early:
            yield paths[place], early.pop(paths[place])
            place += 1
