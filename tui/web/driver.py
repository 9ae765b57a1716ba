"""Textual's driver for a browser tab, with signs of life both ways."""

from __future__ import annotations

import asyncio
import os
from functools import partial

from textual import messages
from textual.drivers.web_driver import WebDriver

ALIVE_S = 1.0


class TabDriver(WebDriver):
    """Tells the page every second that this screen is alive, and ends with the server.

    An orphan would go on to tell the engine that somebody is watching.
    """

    _living: asyncio.Task[None] | None = None
    _serving: asyncio.AbstractEventLoop | None = None

    def start_application_mode(self) -> None:
        """Begin, and give signs of life from now on."""
        self._write = partial(self._put)
        self._serving = asyncio.get_running_loop()
        super().start_application_mode()
        self._living = self._serving.create_task(self._live())

    def stop_application_mode(self) -> None:
        """End."""
        if self._living is not None:
            self._living.cancel()
        super().stop_application_mode()

    def run_input_thread(self) -> None:
        """Read until the end of input: then the server is gone."""
        super().run_input_thread()
        if self._serving is not None and not self._serving.is_closed():
            leaving = self._app._post_message(messages.ExitApp())  # noqa: SLF001 - as Textual does
            asyncio.run_coroutine_threadsafe(leaving, self._serving)

    def _put(self, data: bytes) -> int:
        try:
            return os.write(self.fileno, data)
        except BrokenPipeError:  # nobody is there: input ends as well
            return 0

    async def _live(self) -> None:
        while True:
            self.write_meta({"type": "alive"})
            await asyncio.sleep(ALIVE_S)
