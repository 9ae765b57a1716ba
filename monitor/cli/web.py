"""The dashboard in a browser on this computer, instead of on the terminal."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from monitor.extras import need

NEEDED = ("aiohttp", "textual_serve")
HOW = """\
Open this address in a browser on this computer, and keep it to yourself: whoever has it can act
in the session. Ctrl-C here closes the browser's screens."""
NEEDS_WEB = "--port belongs to --web"


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--web` and `--port`, for a command that shows a session."""
    port = click.option(
        "--port",
        type=click.IntRange(1, 65535),
        metavar="N",
        help="The port of --web; without it, a free one.",
    )
    web = click.option(
        "--web",
        "in_browser",
        is_flag=True,
        help="Show it in a browser on this computer; prints the address.",
    )
    return web(port(command))


@contextlib.contextmanager
def listening(*, web: bool, port: int | None) -> Iterator[socket.socket | None]:
    """A place to serve at, taken before a session is begun; None for the terminal.

    Raises:
        click.UsageError: a port without a browser.
        MissingExtraError: a library is missing.
        EnvironmentFault: the port is taken.
    """
    if not web:
        if port is not None:
            raise click.UsageError(NEEDS_WEB)
        yield None
        return
    for library in NEEDED:
        need(library, "--web", extra="web")
    from tui.web.server import listen  # noqa: PLC0415 - heavy, and optional

    with listen(port or 0) as taken:
        yield taken


def serve(directory: Path, theme: str, place: socket.socket) -> None:
    """Serve the session's dashboard until Ctrl-C or the session's end."""
    from tui.web.server import Server  # noqa: PLC0415 - heavy, and optional

    async def run() -> None:
        server = Server(directory, theme, place)
        click.echo(server.url)
        click.echo(HOW, err=True)
        await server.run()

    with contextlib.suppress(KeyboardInterrupt):  # where signals cannot be handled: Windows
        asyncio.run(run())
