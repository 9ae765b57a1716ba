"""Serves the dashboard of one session to browsers of this computer (docs/web.md).

Each tab has a dashboard process of its own, by textual-serve; the session's engine is none of
them, so neither a closed tab nor the end of this server touches it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from secrets import token_urlsafe
from string import Template

import textual_serve
from aiohttp import WSMessage, WSMsgType, web

from monitor import plan
from monitor.errors import EnvironmentFault
from tui.web import guard
from tui.web.tab import Tab

TABS_MAX = 8
"""A tab is a process of some 60 MB."""
HEARTBEAT_S = 5.0
"""A browser that does not answer within half of it more is gone: nobody is watching."""
CHECK_S = 1.0
SIDE_MAX = 1000
"""Columns or rows a browser may ask for."""
FONT_SIZES = range(8, 49)

_STATIC = Path(textual_serve.__file__).parent / "static"
FILES = {
    "textual.js": _STATIC / "js/textual.js",
    "xterm.css": _STATIC / "css/xterm.css",
    "RobotoMono.ttf": _STATIC / "fonts/RobotoMono-VariableFont_wght.ttf",
}
PAGE = Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))


def listen(port: int) -> socket.socket:
    """Bind to loopback; port 0 takes a free one.

    Raises:
        EnvironmentFault: the port is taken or not allowed.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.bind((guard.LOOPBACK, port))
        listening.listen()
    except OSError as error:
        listening.close()
        why = f"port {port} cannot be used ({error.strerror})"
        raise EnvironmentFault(f"{why}; choose another, or leave --port away for a free one") from (
            error
        )
    return listening


class Server:
    """Serves one session until it is told to stop, or the session is over and no tab is open.

    Args:
        directory: the session's.
        theme: a key of `tui.themes.THEMES`.
        listening: a bound socket; it is closed in the end.
    """

    def __init__(self, directory: Path, theme: str, listening: socket.socket) -> None:
        self._directory, self._theme, self._listening = directory, theme, listening
        self._port = int(listening.getsockname()[1])
        self._token = guard.new_token()
        self._tabs: set[web.WebSocketResponse] = set()
        self._stopped = asyncio.Event()

    @property
    def url(self) -> str:
        """Where a browser finds it, with the token: for the user's eyes only."""
        return f"http://{guard.LOOPBACK}:{self._port}/{self._token}/"

    async def run(self) -> None:
        """Serve until stopped by a signal or the session's end."""
        loop = asyncio.get_running_loop()
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            with contextlib.suppress(NotImplementedError, AttributeError):
                loop.add_signal_handler(getattr(signal, name), self._stopped.set)
        # No access log: a request's path holds the token.
        runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=2.0)
        await runner.setup()
        try:
            await web.SockSite(runner, self._listening).start()
            await self._until_over()
        finally:
            await runner.cleanup()

    async def _until_over(self) -> None:
        while not self._stopped.is_set() and (self._running() or self._tabs):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CHECK_S):
                    await self._stopped.wait()

    def _running(self) -> bool:
        return (self._directory / plan.PLAN).exists()

    def _application(self) -> web.Application:
        app = web.Application(middlewares=[self._guarded])
        app.router.add_get("/{token}/", self._page)
        app.router.add_get("/{token}/ws", self._socket)
        app.router.add_get("/{token}/static/{name}", self._file)
        app.on_shutdown.append(self._close_tabs)
        return app

    @web.middleware
    async def _guarded(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        why = guard.refusal(
            request.headers,
            request.match_info.get("token", ""),
            self._token,
            self._port,
            socket=request.path.endswith("/ws"),
        )
        if why is not None:
            return web.Response(status=403, text=f"Refused: {why}.\n", headers=guard.HEADERS)
        return await handler(request)

    async def _page(self, request: web.Request) -> web.Response:
        if not self._running():
            return web.Response(status=410, text="The session has ended.\n", headers=guard.HEADERS)
        nonce = token_urlsafe(16)
        asked = request.query.get("fontsize", "")
        size = int(asked) if asked.isdecimal() and int(asked[:4]) in FONT_SIZES else 16
        headers = guard.HEADERS | {"Content-Security-Policy": guard.policy(self._port, nonce)}
        text = PAGE.substitute(nonce=nonce, font_size=size)
        return web.Response(text=text, content_type="text/html", headers=headers)

    async def _file(self, request: web.Request) -> web.FileResponse:
        path = FILES.get(request.match_info["name"])
        if path is None:
            raise web.HTTPNotFound(headers=guard.HEADERS)
        return web.FileResponse(path, headers=guard.HEADERS)

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        if len(self._tabs) >= TABS_MAX or not self._running():
            raise web.HTTPServiceUnavailable(headers=guard.HEADERS)
        browser = web.WebSocketResponse(heartbeat=HEARTBEAT_S)
        self._tabs.add(browser)
        try:
            await browser.prepare(request)
            await self._show(browser, request)
        finally:
            self._tabs.discard(browser)
        return browser

    async def _show(self, browser: web.WebSocketResponse, request: web.Request) -> None:
        tab = Tab(self._directory, self._theme, browser)
        try:
            sides = (request.query.get("width", ""), request.query.get("height", ""))
            await tab.start(
                *(_side(text, least) for text, least in zip(sides, (80, 24), strict=True))
            )
            async for message in browser:
                await _pass_on(message, tab)
        finally:
            await asyncio.shield(tab.end())

    async def _close_tabs(self, _: web.Application) -> None:
        await asyncio.gather(*(browser.close() for browser in set(self._tabs)))


async def _pass_on(message: WSMessage, tab: Tab) -> None:
    """What the page tells: keys and mouse, its size, whether it has the focus."""
    if message.type is not WSMsgType.TEXT:
        return
    match json.loads(message.data):
        case ["stdin", str(keys)]:
            await tab.send_bytes(keys.encode(errors="replace"))
        case ["resize", {"width": int(width), "height": int(height)}]:
            await tab.set_terminal_size(*(max(1, min(side, SIDE_MAX)) for side in (width, height)))
        case ["focus"]:
            await tab.focus()
        case ["blur"]:
            await tab.blur()
        case _:  # its pings: whether it is there is found out below, by the WebSocket's own
            pass


def _side(text: str, default: int) -> int:
    """Columns or rows of a query."""
    return max(1, min(int(text[:6]), SIDE_MAX)) if text.isdecimal() else default
