"""Recordings worked out on this computer: in this process, or in several."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from monitor.archive.asking import Chunk, chunked
from monitor.errors import EnvironmentFault
from monitor.signal.accelerate import accelerate
from monitor.what_if import Question, attempt

WORTHWHILE = 5
"""Recordings a process, from which on compiling pays even without an electrocardiogram."""
CHUNKS = 8
"""Recordings handed to a process at once, at most."""


def ask(paths: Sequence[Path], question: Question, jobs: int = 1) -> Iterator[Chunk]:
    """Put a question to many recordings; yields chunks as they are done, a bad one as its error.

    Args:
        paths: the recordings.
        question: checked already (`Question.fixed`).
        jobs: processes to work in; 1 works in this one.

    Raises:
        EnvironmentFault: a process died.
    """
    jobs = min(jobs, len(paths))
    many = len(paths) >= WORTHWHILE * jobs
    if jobs > 1:
        size = max(1, min(CHUNKS, len(paths) // (4 * jobs)))
        yield from _pooled(chunked(paths, size), question, jobs, compiled=many)
        return
    if many:
        accelerate()
    for path in paths:
        yield work([path], question)


def work(paths: Sequence[Path], question: Question) -> Chunk:
    """What is done for a chunk, wherever it is done."""
    return [(path, attempt(path, question)) for path in paths]


def _pooled(
    chunks: Sequence[Sequence[Path]], question: Question, jobs: int, *, compiled: bool
) -> Iterator[Chunk]:
    spawn = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, spawn, initializer=_begin, initargs=(compiled,))
    try:
        for done in as_completed([pool.submit(work, chunk, question) for chunk in chunks]):
            yield done.result()
    except BrokenProcessPool as fault:
        raise EnvironmentFault("a process that derived recordings died; --jobs 1?") from fault
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(compiled: bool) -> None:
    """Make ready a process of the pool, which ends when its parent does and not by Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if compiled:
        accelerate()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
