"""Recordings worked out by the workers of a Dask cluster, which read them by their path.

A task holds a chunk of recordings, since handing over a task costs about as much as looking at a
short recording. Results and errors are those of single recordings all the same; a chunk whose
worker dies is done by another, and what kills its workers is found recording by recording.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from monitor.archive import pool
from monitor.archive.asking import Chunk, Result, chunked, visible
from monitor.archive.cluster_work import other_software, work
from monitor.archive.identity import differences, identity
from monitor.clock import NS_PER_S, monotonic_ns
from monitor.errors import ConfigError, DerivationError, EnvironmentFault, VigilError
from monitor.extras import need
from monitor.what_if import Question

ADDRESS = re.compile(r"(tcp://|tls://)?[^\s/@]+:(\d{1,5})")
LAST_PORT = 65535
MOST = 25
"""Recordings a task; from so many on, what Dask adds to each is small (`benchmarks/archive.py`)."""
TASKS = 4
"""Tasks for each thread of a worker, at least: so that none is idle long at the end."""
CONNECT_S = 10.0
"""A scheduler must answer within this time."""
FIRST_WORKER_S = 30.0
"""A worker must be there within this time: it may just be starting."""
WORKERLESS_S = 60
"""Seconds without any worker after which a run ends: one that is started anew is back sooner."""
LOOK_S = 1.0
"""How often the scheduler is looked after while no result comes."""


def ask(paths: Sequence[Path], question: Question, address: str) -> Iterator[Chunk]:
    """Put a question to many recordings; yields chunks as they are done, a bad one as its error.

    Args:
        paths: the recordings; workers must see them at the same absolute paths.
        question: checked already (`Question.fixed`).
        address: of the scheduler, `tcp://host:8786` or `tls://host:8786`.

    Raises:
        MissingExtraError: `distributed` is not installed.
        EnvironmentFault: no scheduler or worker is there, the scheduler is lost, or a worker has
            other software.
    """
    distributed = need("distributed", "--scheduler", "cluster")
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # we say it in our words
    there = [path for path in paths if visible(path)]
    if len(there) < len(paths):
        yield pool.work([path for path in paths if path not in set(there)], question)
    if not there:
        return
    client = _connect(distributed, address)
    try:
        _check_workers(client)
        yield from _Run(distributed, client, address, question).chunks(there)
    finally:
        client.close(timeout=CONNECT_S)


def check_address(address: str) -> None:
    """Raise ConfigError for what is no scheduler's address."""
    found = ADDRESS.fullmatch(address)
    if found is None or not 0 < int(found[2]) <= LAST_PORT:
        raise ConfigError(
            f"--scheduler {address!r}: must be tcp://HOST:PORT or tls://HOST:PORT, "
            f"PORT 1 to {LAST_PORT}"
        )


def _connect(distributed: Any, address: str) -> Any:
    """A client of the scheduler, once that has a worker."""
    security = distributed.Security()  # as Dask's configuration has it
    try:
        asyncio.run(_greet(distributed, address, security.get_connection_args("client")))
        client = distributed.Client(
            address, security=security, timeout=CONNECT_S, set_as_default=False
        )
    except (OSError, TimeoutError, ValueError, TypeError, RuntimeError) as fault:
        text = " ".join(str(fault).split()) or "it answers, but not as a Dask scheduler"
        raise EnvironmentFault(f"--scheduler {address}: cannot be reached ({text})") from fault
    try:
        client.wait_for_workers(1, timeout=FIRST_WORKER_S)
    except BaseException as fault:
        client.close(timeout=CONNECT_S)
        if isinstance(fault, TimeoutError):
            raise EnvironmentFault(
                f"--scheduler {address}: it has no workers; start one: dask worker {address}"
            ) from fault
        raise
    return client


async def _greet(distributed: Any, address: str, how: Mapping[str, Any]) -> None:
    """See that a scheduler is there; a client would wait for ever where something else answers."""
    async with asyncio.timeout(CONNECT_S + LOOK_S):
        comm = await distributed.core.connect(address, timeout=CONNECT_S, **how)
    await comm.close()


def _check_workers(client: Any) -> None:
    """Raise EnvironmentFault if any worker has other software, or none of ours.

    A worker that joins later is asked again with each task; but one without Vigil dies of the
    first, and would make every recording look as if it killed workers.
    """
    for worker, found in client.run(identity, on_error="return").items():
        if isinstance(found, BaseException):
            raise EnvironmentFault(f"the worker at {worker} does not have Vigil ({found})")
        if unlike := differences(identity(), found):
            raise other_software(worker, unlike)


class _Run:
    """The tasks of one question, and what became of them."""

    def __init__(self, distributed: Any, client: Any, address: str, question: Question) -> None:
        self._distributed = distributed
        self._client = client
        self._address = address
        self._question = question
        self._waiting: dict[Any, list[Path]] = {}
        self._done: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._worked_ns = monotonic_ns()

    def chunks(self, paths: Sequence[Path]) -> Iterator[Chunk]:
        """All of them; those that were in hand whenever a worker died come last, one by one."""
        threads = sum(self._threads().values())
        size = max(1, min(MOST, len(paths) // (TASKS * max(1, threads))))
        suspects: list[Path] = []
        for chunk in chunked(paths, size):
            self._submit(chunk)
        for taken, found in self._results():
            if found is None:
                suspects += taken
            else:
                yield found
        for path in suspects:
            self._submit([path])
            for _, found in self._results():
                yield found if found is not None else [(path, _deadly(path))]

    def _submit(self, paths: list[Path]) -> None:
        sent = [str(path.absolute()) for path in paths]
        future = self._client.submit(work, sent, self._question, identity(), pure=False)
        self._waiting[future] = paths
        future.add_done_callback(self._done.put)

    def _results(self) -> Iterator[tuple[list[Path], Chunk | None]]:
        """Of every task that waits: its paths, and their results; None if its workers died."""
        while self._waiting:
            try:
                future = self._done.get(timeout=LOOK_S)
            except queue.Empty:
                self._look()
                continue
            try:
                found = self._result(future)
            except TimeoutError:  # the worker that held it is gone: it is worked out again
                self._look()
                self._done.put(future)
                continue
            paths = self._waiting.pop(future)
            future.release()
            yield paths, found and [_named(p, r) for p, r in zip(paths, found, strict=True)]

    def _result(self, future: Any) -> Chunk | None:
        try:
            found: Chunk | EnvironmentFault = future.result(timeout=CONNECT_S)
        except self._distributed.KilledWorker:
            return None
        except TimeoutError:  # an OSError too
            raise
        except Exception as fault:
            closed = isinstance(fault, OSError) or self._client.status != "running"
            if closed or future.cancelled():
                raise self._lost() from fault
            text = " ".join(str(fault).split())
            raise EnvironmentFault(
                f"--scheduler {self._address}: a task failed ({type(fault).__name__}: {text}); "
                "the scheduler and every worker need the same Vigil as here"
            ) from fault
        if isinstance(found, EnvironmentFault):
            raise found
        return found

    def _look(self) -> None:
        """Raise if nothing will come any more."""
        if self._client.status != "running":
            raise self._lost()
        if self._threads():
            self._worked_ns = monotonic_ns()
        elif monotonic_ns() - self._worked_ns > WORKERLESS_S * NS_PER_S:
            raise EnvironmentFault(
                f"--scheduler {self._address}: no worker for {WORKERLESS_S} s; "
                f"start one with the same Vigil as here: dask worker {self._address}"
            )

    def _threads(self) -> dict[str, int]:
        """Threads of each worker there is."""
        try:
            found: dict[str, int] = self._client.sync(
                self._client.scheduler.ncores, callback_timeout=CONNECT_S
            )
        except (OSError, TimeoutError) as fault:
            raise self._lost() from fault
        return found

    def _lost(self) -> EnvironmentFault:
        return EnvironmentFault(f"--scheduler {self._address}: the connection was lost")


def _named(path: Path, result: Result) -> Result:
    """With the path as it was given here; workers know the absolute one."""
    _, found = result
    if isinstance(found, VigilError):
        return path, type(found)(str(found).replace(str(path.absolute()), str(path)))
    return path, replace(found, analysis=replace(found.analysis, recording=str(path)))


def _deadly(path: Path) -> DerivationError:
    return DerivationError(f"{path}: workers died whenever they derived it")
