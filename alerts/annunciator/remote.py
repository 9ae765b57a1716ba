"""A remote annunciator: a program of the clinic's, told at every change of what sounds.

It is started anew for each change and gets one line of JSON on its standard input: `{"priority",
"conditions", "messages", "unanswered", "session"}`; `priority` null means that it is quiet again.
No value and no name of a person is in it. It is never waited for by the alarms.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import shlex
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping

logger = logging.getLogger(__name__)

PATIENCE_S = 10.0
"""A program that takes longer has failed."""
RETRY_S = 15.0
"""A failed call is tried again until it succeeds or there is something newer to say."""

Message = Mapping[str, object]


class Remote:
    """Tells the program the newest state; older ones not yet told are dropped.

    Args:
        command: as in a shell, without one: words, quotes, no variables.
    """

    def __init__(self, command: str) -> None:
        self._words = shlex.split(command)
        self._wanted: Message | None = None
        self._changed = asyncio.Event()
        self.failure = ""
        """Why the last call failed; empty if it did not, or there was none."""
        self.proven = False
        """The last call succeeded."""

    def tell(self, message: Message) -> None:
        """Tell this, unless it is what was told last."""
        if message != self._wanted:
            self._wanted = message
            self._changed.set()

    async def run(self) -> None:
        """Call the program until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            self.failure = await self._call(self._wanted or {})
            self.proven = not self.failure
            if self.failure:
                logger.warning("remote annunciator: %s", self.failure)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(RETRY_S):
                        await self._changed.wait()
                self._changed.set()

    async def _call(self, message: Message) -> str:
        """Why it failed, or nothing."""
        line = json.dumps(message).encode() + b"\n"
        try:
            process = await asyncio.create_subprocess_exec(
                *self._words, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL, start_new_session=True
            )
        except OSError as error:
            return f"cannot be started ({error.strerror})"
        try:
            async with asyncio.timeout(PATIENCE_S):
                await process.communicate(line)
        except TimeoutError:
            return f"did not end within {PATIENCE_S:g} s"
        finally:
            # Too slow, or the session is over: nobody waits for it any more.
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        return "" if process.returncode == 0 else f"ended with code {process.returncode}"
