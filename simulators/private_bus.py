"""A D-Bus daemon of our own on a Unix socket: no root, no system bus.

Like every bus it lets in programs of the same user only.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import secrets
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:abstract={name}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""
_NAME = "vigil-simulated-"
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def available() -> bool:
    """Whether a private bus can be had: Linux, and `dbus-daemon` on the PATH."""
    return sys.platform == "linux" and shutil.which("dbus-daemon") is not None


def is_private(address: str) -> bool:
    """Whether a bus address is that of a `PrivateBus`: what is on it is simulated."""
    return address.startswith(f"unix:abstract={_NAME}")


class PrivateBus:
    """A `dbus-daemon` for as long as the asynchronous context lasts, and no longer than us.

    Attributes:
        address: what to put into `DBUS_SYSTEM_BUS_ADDRESS`; known inside the context.
        process: the daemon; kill it to simulate the death of the bus.
    """

    address: str
    process: asyncio.subprocess.Process

    async def __aenter__(self) -> Self:
        """Start the daemon; returns when it listens.

        Raises:
            OSError: there is no `dbus-daemon`, or it did not start.
        """
        # An abstract socket and a short-lived file: nothing is left behind if we are killed.
        with tempfile.TemporaryDirectory(prefix="vigil-bus-") as folder:
            config = Path(folder) / "bus.conf"
            config.write_text(_CONFIG.format(name=_NAME + secrets.token_hex(16)))
            await self._start(config)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the daemon."""
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        await self.process.wait()

    async def _start(self, config: Path) -> None:
        self.process = await asyncio.create_subprocess_exec(
            "dbus-daemon",
            f"--config-file={config}",
            "--nofork",
            "--print-address",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            preexec_fn=_die_with_parent(),
        )
        output = self.process.stdout
        self.address = (await output.readline()).decode().strip() if output else ""
        if not self.address:
            await self.process.wait()
            raise OSError(f"dbus-daemon ended with code {self.process.returncode}")


def _die_with_parent() -> Callable[[], None]:
    """What the child runs first. Loaded here: after a fork only simple calls are safe."""
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
