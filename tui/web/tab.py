"""The server's side of one browser tab: a dashboard process, and what goes in and out of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from pathlib import Path

from aiohttp import web
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

from monitor import child

END_S = 5.0
"""A dashboard closes within this, or is killed: it holds nothing."""
DRIVER = "tui.web.driver:TabDriver"


class Tab(AppService):
    """Runs the dashboard's process behind one WebSocket.

    Args:
        directory: the session's.
        theme: a key of `tui.themes.THEMES`.
        socket: to the browser; prepared.
    """

    def __init__(self, directory: Path, theme: str, socket: web.WebSocketResponse) -> None:
        super().__init__(
            "",
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=self._closed,
            download_manager=DownloadManager(),
        )
        self._socket = socket
        self._words = child.command("tui.web.screen", str(directory), theme)

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        # Not through a shell, and out of reach of the Ctrl-C that ends the server.
        own = {"TEXTUAL_DRIVER": DRIVER, "PYTHONPATH": child.environment()["PYTHONPATH"]}
        self._process = await create_subprocess_exec(
            *self._words,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=self._build_environment(width, height) | own,
            start_new_session=True,
        )
        self._stdin = self._process.stdin
        return self._process

    async def on_meta(self, data: bytes) -> None:
        """Pass on signs of life and the end; a dashboard opens no pages and hands out no files."""
        kind = json.loads(data)["type"]
        if kind == "alive":
            await self.remote_write_str('["alive"]')
        elif kind == "exit":
            await self.remote_close()

    async def end(self) -> None:
        """Close the dashboard and wait for its process."""
        process = self._process
        if process is None:
            return
        try:
            async with asyncio.timeout(END_S):
                await self.stop()
                await process.communicate()  # what it still writes must not hold it up
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _closed(self) -> None:
        await self._socket.close()
