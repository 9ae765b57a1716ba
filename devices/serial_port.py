"""Serial sensors through pyserial: the only module that imports it.

A reader thread takes whatever has arrived and hands it to the event loop; framing is the codec's.
A line that stands but is silent raises nothing: noticing that is the supervisor's work, by the age
of the last packet.
"""

from __future__ import annotations

import asyncio
import errno
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import serial

from devices import line_settings
from devices.codec import Codec, SerialSettings
from devices.model import NS_PER_S, SensorSpec
from devices.serial_lock import is_owned
from devices.serial_ports import resolve
from devices.transport import OnInfo, OnLost, OnPayload, Reason, TransportError
from monitor.clock import monotonic_ns

if sys.platform == "win32":
    LINE_ERRORS: tuple[type[Exception], ...] = (OSError,)
else:
    import termios

    # SerialException is an OSError; termios.error, which pyserial lets through, is not.
    LINE_ERRORS = (OSError, termios.error)

READ_TIMEOUT_S = 0.2
"""Longest wait of one read; also how long closing may take where a read cannot be cancelled."""
WRITE_TIMEOUT_S = 1.0
CHUNK_LIMIT = 4096
"""Bytes handed on at once at most, however fast a line babbles."""


class SerialTransport:
    """The line to one serial sensor."""

    def __init__(self, spec: SensorSpec, codec: Codec, rate: float = 1.0) -> None:
        """Prepare, without opening anything.

        Args:
            spec: `address` is a port ("/dev/serial/by-id/...", "COM3"), a `usb:` identity (see
                `devices.serial_ports`) or a pyserial URL; `line` overrides the format's settings.
            codec: its `serial` settings say how the line is set and polled.
            rate: session seconds per real second; a simulated session is polled faster.
        """
        self._address = spec.address
        self._simulated = spec.simulated and "://" not in spec.address
        self._settings = line_settings.applied(codec.serial or SerialSettings(), spec.line)
        self._poll_s = self._settings.poll_s / max(rate, 1.0)

    @asynccontextmanager
    async def open(
        self, on_payload: OnPayload, on_lost: OnLost, on_info: OnInfo
    ) -> AsyncIterator[None]:
        """Hold the line open. Callbacks run in the event loop; `on_lost` at most once.

        Raises:
            TransportError: the port is absent, taken, or may not be opened.
        """
        del on_info  # a serial thermometer tells nothing about itself
        port = await self._connected()
        loop = asyncio.get_running_loop()
        reader = _Reader(port, _Talk(self._settings, self._poll_s), loop, on_payload, on_lost)
        reader.start()
        try:
            await reader.settled.wait()
            yield
        finally:
            reader.stop()
            await asyncio.shield(asyncio.to_thread(reader.close))

    async def _connected(self) -> serial.Serial:
        opening = asyncio.ensure_future(asyncio.to_thread(self._connect))
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            # The thread goes on; a port nobody holds would stay locked against the next try.
            opening.add_done_callback(_close_unclaimed)
            raise

    def _connect(self) -> serial.Serial:
        port: serial.Serial | None = None
        if self._simulated and not is_owned(self._address):
            raise TransportError(Reason.ABSENT, "its simulator has ended")
        try:
            port = self._port()
            port.open()
        except (*LINE_ERRORS, ValueError, ImportError, NotImplementedError) as error:
            if port is not None:
                _close(port)
            raise TransportError(_reason(error), str(error)) from error
        return port

    def _port(self) -> serial.Serial:
        settings = self._settings
        port = serial.serial_for_url(
            resolve(self._address),
            do_not_open=True,
            baudrate=settings.baud,
            bytesize=settings.byte_size,
            parity=settings.parity,
            stopbits=settings.stop_bits,
            timeout=min(READ_TIMEOUT_S, self._poll_s / 4),
            write_timeout=WRITE_TIMEOUT_S,
            exclusive=True,
        )
        # Set before opening: some meters take their power from DTR, some boards reset on it.
        # Lines without them (pseudo-terminals, sockets) ignore both.
        port.dtr, port.rts = settings.dtr, settings.rts
        return port


class _Talk:
    """What is said on the line when: a fixed question, a dialogue, or nothing."""

    def __init__(self, settings: SerialSettings, poll_s: float) -> None:
        self.poll_s = poll_s
        self.settle_s = settings.settle_s
        self._poll = settings.poll
        self._dialogue = settings.dialogue() if settings.dialogue is not None else None
        self._heard = b""

    @property
    def speaks(self) -> bool:
        """Whether anything is ever said."""
        return bool(self._poll) or self._dialogue is not None

    def hear(self, payload: bytes) -> None:
        """Note what has come; only a dialogue cares."""
        if self._dialogue is not None:
            self._heard = (self._heard + payload)[-CHUNK_LIMIT:]

    def turn(self) -> bytes:
        """What to say now."""
        if self._dialogue is None:
            return self._poll
        heard, self._heard = self._heard, b""
        return self._dialogue.say(heard)


class _Reader(threading.Thread):
    """Reads until told to stop or the line is lost."""

    def __init__(
        self,
        port: serial.Serial,
        talk: _Talk,
        loop: asyncio.AbstractEventLoop,
        on_payload: OnPayload,
        on_lost: OnLost,
    ) -> None:
        super().__init__(name=f"serial {port.port}", daemon=True)
        self._port = port
        self._talk = talk
        self._loop, self._on_payload, self._on_lost = loop, on_payload, on_lost
        self._stopping = threading.Event()
        self.settled = asyncio.Event()
        """Readings may come from now on."""

    def run(self) -> None:
        try:
            self._settle()
            self._call(self.settled.set)
            self._read()
        except LINE_ERRORS as error:
            self._tell(self._on_lost, str(error) or type(error).__name__)
        finally:
            self._call(self.settled.set)

    def _settle(self) -> None:
        """Throw away what a board says while it starts."""
        until_ns = monotonic_ns() + int(self._talk.settle_s * NS_PER_S)
        while monotonic_ns() < until_ns and not self._stopping.is_set():
            self._chunk()

    def _read(self) -> None:
        due_ns = monotonic_ns()
        while not self._stopping.is_set():
            if self._talk.speaks and monotonic_ns() >= due_ns:
                self._say(self._talk.turn())
                # Never two at once after a pause: the meter answers one poll at a time.
                due_ns = monotonic_ns() + int(self._talk.poll_s * NS_PER_S)
            payload = self._chunk()
            if payload:
                self._talk.hear(payload)
                self._tell(self._on_payload, payload)

    def _say(self, words: bytes) -> None:
        if words:
            # The rest of a late answer must not look like the beginning of the next one.
            self._port.reset_input_buffer()
            self._port.write(words)

    def _chunk(self) -> bytes:
        """What is there by now; waits for the first byte until the read times out."""
        payload = bytes(self._port.read(1))
        # A loop: the socket:// port says 1 when there is anything at all.
        while payload and len(payload) < CHUNK_LIMIT and (waiting := self._port.in_waiting):
            payload += self._port.read(waiting)
        return payload

    def _tell(self, callback: Callable[[Any], None], argument: bytes | str) -> None:
        self._call(self._pass_on, callback, argument)

    def _call(self, function: Callable[..., object], *arguments: object) -> None:
        # The loop may be closed already when the program ends with the line open.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *arguments)

    def _pass_on(self, callback: Callable[[Any], None], argument: bytes | str) -> None:
        if not self._stopping.is_set():
            callback(argument)

    def stop(self) -> None:
        """Call back no more, from now on; the thread ends soon."""
        self._stopping.set()

    def close(self) -> None:
        """After `stop`: wait for the thread and close the port. May take `READ_TIMEOUT_S`."""
        cancel_read = getattr(self._port, "cancel_read", None)
        if cancel_read is not None:
            with suppress(*LINE_ERRORS):
                cancel_read()
        self.join()
        _close(self._port)


def _close_unclaimed(opening: asyncio.Future[serial.Serial]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        _close(opening.result())


def _close(port: serial.Serial) -> None:
    # pyserial's socket:// port forgets its socket unclosed when the peer has gone.
    inner = getattr(port, "_socket", None)
    with suppress(*LINE_ERRORS):
        port.close()
    if inner is not None:
        inner.close()


def _reason(error: Exception) -> Reason:
    number = getattr(error, "errno", None)
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        return Reason.ABSENT
    if number in (errno.EBUSY, errno.EAGAIN):
        return Reason.BUSY
    if number in (errno.EACCES, errno.EPERM):
        return Reason.NO_PERMISSION
    return Reason.CONNECT_FAILED
