"""Virtual serial sensors: they answer what they are asked, or stream by themselves.

On POSIX it sits on a pseudo-terminal, opened with plain pyserial like any port. Where there is none
(Windows) the same bytes come from a loopback TCP port, under pyserial's `socket://` URL.
"""

from __future__ import annotations

import asyncio
import os
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

from filelock import FileLock

from devices.serial_lock import owner_lock
from simulators.wire import center_30x_reply

LOCK_S = 2.0
"""A transport testing whether we live holds the lock for an instant."""
CENTER_POLL = b"A"
"""The only command a monitor sends to a Center thermometer; one reply for each."""
Answer = Callable[[bytes], bytes]
"""What a sensor sends when it has received these bytes; empty for nothing."""


def center_answer(degc: Callable[[], float]) -> Answer:
    """The behaviour of a Center 300 to 303 that measures `degc`."""
    return lambda received: received.count(CENTER_POLL) * center_30x_reply(degc())


class SerialSensor(ABC):
    """A sensor on a line; an async context manager that is plugged in while entered.

    Attributes:
        url: what to give pyserial.
        quiet: stays plugged in and sends nothing (a meter switched off).
    """

    def __init__(self, answer: Answer) -> None:
        self.url = ""
        self.quiet = False
        self._reply = answer

    async def __aenter__(self) -> Self:
        """Plug in."""
        await self._start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Unplug and leave nothing behind."""
        await self._stop()

    @abstractmethod
    def plug(self) -> None:
        """Make the port appear under its URL; nothing if it is there already."""

    @abstractmethod
    def unplug(self) -> None:
        """Pull the plug: the port vanishes under whoever has it open."""

    def send(self, payload: bytes) -> None:
        """Send unasked; lost when quiet or unplugged, or when nobody reads."""
        if not self.quiet and payload:
            self._write(payload)

    @abstractmethod
    def _write(self, payload: bytes) -> None: ...

    @abstractmethod
    async def _start(self) -> None: ...

    @abstractmethod
    async def _stop(self) -> None: ...

    def _answer(self, received: bytes) -> bytes:
        return b"" if self.quiet else self._reply(received)


class PtySensor(SerialSensor):
    """On a pseudo-terminal, found under the symbolic link `path`."""

    def __init__(self, path: Path, answer: Answer) -> None:
        super().__init__(answer)
        self._path = path
        self._master = self._slave = -1
        self._lock = FileLock(owner_lock(str(path)))
        self.url = str(path)

    async def _start(self) -> None:
        # Killed, we cannot take the link away, and the system gives the terminal's name to the
        # next window that opens. The lock goes with us, and tells.
        self._lock.acquire(timeout=LOCK_S)
        self.plug()

    async def _stop(self) -> None:
        self.unplug()
        self._lock.release()
        Path(self._lock.lock_file).unlink(missing_ok=True)  # noqa: ASYNC240 - one call

    def plug(self) -> None:
        """Open a new terminal and point the link at it."""
        import tty  # noqa: PLC0415 - does not exist on Windows

        if self._master >= 0:
            return
        self._master, self._slave = os.openpty()
        # Our own end of the slave stays open: without any, reading the master fails for ever.
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        if self._path.is_symlink():  # left by a simulator that was killed
            self._path.unlink()
        self._path.symlink_to(os.ttyname(self._slave))
        asyncio.get_running_loop().add_reader(self._master, self._on_readable)

    def unplug(self) -> None:
        """Remove the link and hang up."""
        if self._master < 0:
            return
        asyncio.get_running_loop().remove_reader(self._master)
        self._path.unlink(missing_ok=True)
        os.close(self._slave)
        os.close(self._master)
        self._master = self._slave = -1

    def _on_readable(self) -> None:
        with suppress(BlockingIOError):
            self._write(self._answer(os.read(self._master, 4096)))

    def _write(self, payload: bytes) -> None:
        # Nobody reading fills the line; then bytes are lost, as on a real one.
        with suppress(BlockingIOError):
            if self._master >= 0:
                os.write(self._master, payload)


class TcpSensor(SerialSensor):
    """On a loopback TCP port, under a `socket://` URL."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer)
        self._plugged = False
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def _start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()[:2]
        self.url = f"socket://{host}:{port}"
        self.plug()

    async def _stop(self) -> None:
        self.unplug()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def plug(self) -> None:
        """Serve connections."""
        self._plugged = True

    def unplug(self) -> None:
        """Break all connections; new ones are closed at once, the port number is kept."""
        self._plugged = False
        for writer in self._writers:
            writer.transport.abort()

    def _write(self, payload: bytes) -> None:
        for writer in self._writers if self._plugged else ():
            if not writer.is_closing():
                writer.write(payload)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while self._plugged and (received := await reader.read(4096)):
                writer.write(self._answer(received))
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            self._writers.discard(writer)
            writer.close()


def serial_sensor(directory: Path, answer: Answer, name: str = "ttySIM") -> SerialSensor:
    """The kind of line this system can have; `directory` must exist and be ours alone.

    Args:
        directory: for the port's link.
        answer: what it sends when asked.
        name: of the port; several sensors in one directory need several.
    """
    if hasattr(os, "openpty"):
        return PtySensor(directory / name, answer)
    return TcpSensor(answer)
