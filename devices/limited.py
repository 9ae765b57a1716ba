"""Waiting with a limit for work that may ignore being cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

GRACE_S = 2.0
_T = TypeVar("_T")


async def at_most(seconds: float, work: Coroutine[Any, Any, _T]) -> _T:
    """Await `work`; give it up after `seconds` even if it then ignores being cancelled.

    Raises:
        TimeoutError: no answer in time.
    """
    task = asyncio.create_task(work)
    task.add_done_callback(_retrieve)
    try:
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            raise TimeoutError(f"no answer in {seconds:g} s")
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=GRACE_S)


def _retrieve(task: asyncio.Task[Any]) -> None:
    """Take the exception of a task that nobody may wait for any more."""
    if not task.cancelled():
        task.exception()
