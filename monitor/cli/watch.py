"""In front of a running session: a dashboard, or lines of text."""

from __future__ import annotations

import asyncio
import shlex
import shutil
import signal
import socket
import sys
import threading
from pathlib import Path

import click

from monitor import feed, hosting, plan
from monitor.cli import web
from monitor.cli.output import clock_text
from monitor.clock import NS_PER_S, monotonic_ns
from monitor.errors import EnvironmentFault
from monitor.feed_client import FeedClient

CHECK_S = 0.1
GOES_ON = "The session goes on. `vigil attach` shows it again."
END_WAIT_S = 10.0


class Follower:
    """Prints a session's log lines until it ends, reviving its engine if need be."""

    def __init__(self, directory: Path, for_s: float | None) -> None:
        self._directory = directory
        self._deadline_ns = None if for_s is None else monotonic_ns() + int(for_s * NS_PER_S)
        self._printed_s = -1.0
        self._printed: list[str] = []
        self.newest: feed.Snapshot | None = None

    async def run(self) -> None:
        """Follow until the session has ended."""
        while self.newest is None or not self.newest.ended:
            try:
                listening = await hosting.endpoint(self._directory)
            except hosting.SessionEndedError:
                return
            except EnvironmentFault as error:
                if self.newest is None:
                    raise
                click.echo(f"vigil: {error}", err=True)  # a running session is never given up
                continue
            async with asyncio.TaskGroup() as group:
                client = FeedClient(
                    listening.endpoint, listening.token, self._take, self._not_heard
                )
                ending = group.create_task(self._end_in_time(client))
                await client.run()
                ending.cancel()
        await self._wait_for_end()

    def _not_heard(self, reason: str) -> None:
        if self.newest is None or not self.newest.ended:
            click.echo(f"vigil: {reason}", err=True)

    async def _end_in_time(self, client: FeedClient) -> None:
        while self._deadline_ns is None or monotonic_ns() < self._deadline_ns:
            await asyncio.sleep(CHECK_S)
        while not client.send(hosting.END):
            await asyncio.sleep(CHECK_S)

    async def end(self) -> None:
        """End the session now, and wait until its recording is complete."""
        await hosting.end(self._directory)
        await self._wait_for_end()

    async def _wait_for_end(self) -> None:
        """The recording is complete once the engine has cleared the session's folder away."""
        for _ in range(int(END_WAIT_S / CHECK_S)):
            if not (self._directory / plan.PLAN).exists():
                return
            await asyncio.sleep(CHECK_S)

    def _take(self, message: feed.Downlink) -> None:
        if not isinstance(message, feed.Snapshot):
            return
        self.newest = message
        length_s = message.replay_length_s
        if length_s is not None and message.t_s >= length_s and self._deadline_ns is None:
            self._deadline_ns = monotonic_ns()
        fresh = [line for line in message.log if line.t_s >= self._printed_s]
        for line in fresh:
            text = f"{clock_text(line.t_s)}  {line.text}"
            if text not in self._printed:
                click.echo(text)
        if fresh:
            self._printed_s = fresh[-1].t_s
            self._printed = [f"{clock_text(line.t_s)}  {line.text}" for line in message.log]


def follow(directory: Path, for_s: float | None = None, *, owner: bool = True) -> None:
    """Watch without a screen; Ctrl-C ends the session in good order, if it was begun here."""
    recording = plan.load(directory).recording
    follower = Follower(directory, for_s)
    for number in (signal.SIGTERM, signal.SIGINT):  # a service manager's, and an ignored, Ctrl-C
        signal.signal(number, signal.default_int_handler)
    try:
        asyncio.run(follower.run())
    except KeyboardInterrupt:
        if not owner:
            return
        asyncio.run(follower.end())
    except BrokenPipeError:
        click.echo(GOES_ON, err=True)
        raise
    except EnvironmentFault:
        if owner:  # nothing began; its sensors end with its folder
            shutil.rmtree(directory, ignore_errors=True)
        raise
    click.echo(f"recorded: {recording}", err=True)


def require_terminal(*, headless: bool, web: bool = False, instead: str = "--headless") -> None:
    """A dashboard needs a terminal or a browser; told before a session is begun.

    Raises:
        click.UsageError: there is no terminal, none that could show it, or too much is asked for.
    """
    if headless and web:
        raise click.UsageError("--headless and --web exclude each other")
    if web:
        return
    screen = [stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr)]
    if not headless and not all(screen):
        raise click.UsageError(f"the dashboard needs a terminal; without one, use {instead}")
    written = getattr(sys.stderr, "encoding", None) or "unknown"
    if not headless and written.replace("-", "").lower() != "utf8":
        raise click.UsageError(
            f"the dashboard needs a terminal with UTF-8, this one has {written}: digits and charts "
            f"could not be read; set LC_ALL=C.UTF-8, or use {instead}"
        )


def watch(
    directory: Path,
    theme: str,
    *,
    headless: bool,
    for_s: float | None,
    owner: bool = True,
    place: socket.socket | None = None,
) -> None:
    """Show the session as asked for; starts its engine if it does not run yet.

    Args:
        directory: the session's.
        theme: the screen's colours.
        headless: print lines instead of a screen.
        for_s: end the session after so many real seconds.
        owner: the session was begun here.
        place: show it in browsers, served here; None for the terminal.
    """
    if headless:
        follow(directory, for_s, owner=owner)
        return
    timer = threading.Timer(for_s or 0.0, lambda: asyncio.run(hosting.end(directory)))
    timer.daemon = True
    if for_s is not None:
        timer.start()
    shown = plan.load(directory)
    outcome = _show(directory, theme, place)
    timer.cancel()
    goes_on = (directory / plan.PLAN).exists()
    if shown.mode == "REPLAY":
        if goes_on:
            asyncio.run(hosting.end(directory))
    elif outcome == "closed" and goes_on:
        click.echo(GOES_ON, err=True)
    elif Path(shown.recording).exists():
        path = shlex.quote(shown.recording)
        click.echo(
            f"recorded: {shown.recording}\nfor the file: vigil report {path} -o report.html",
            err=True,
        )


def _show(directory: Path, theme: str, place: socket.socket | None) -> str:
    if place is not None:
        web.serve(directory, theme, place)
        return "closed"
    from tui.run import run_dashboard  # noqa: PLC0415 - Textual is heavy

    return run_dashboard(directory, theme)
