"""A real Mosquitto on a free loopback port, to be killed and started again."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from monitor import clock

READY_S = 15.0
POLL_S = 0.02
_PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
"""Debian keeps it where only root looks."""


def program() -> str | None:
    """The path of the broker's program; None where there is none."""
    return shutil.which("mosquitto", path=_PLACES)


@dataclass(frozen=True, slots=True)
class Certificates:
    """PEM files of the broker: its authority, its own certificate, that one's key."""

    ca_file: Path
    cert_file: Path
    key_file: Path
    ask_clients: bool = False
    """Clients have to show a certificate of the same authority too."""


class Mosquitto:
    """A broker for as long as the context lasts.

    Args:
        directory: an empty folder for its files.
        tls: certificates; None for a plain connection.
        users: name -> password; None lets everybody in.
        acl: the file of who may do what; None allows everything.

    Attributes:
        port: where it listens on 127.0.0.1; the same after a restart.
        process: the broker, while it runs.
    """

    def __init__(
        self,
        directory: Path,
        *,
        tls: Certificates | None = None,
        users: Mapping[str, str] | None = None,
        acl: Path | None = None,
    ) -> None:
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self._directory = directory
        self._config = directory / "mosquitto.conf"
        lines = [f"listener {self.port} 127.0.0.1", "log_dest stderr", "persistence false"]
        lines += ["user root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        lines += [f"allow_anonymous {'false' if users else 'true'}"]
        if users:
            lines.append(f"password_file {self._passwords(users)}")
        if acl is not None:
            lines.append(f"acl_file {self._private('acl', acl.read_text())}")
        if tls is not None:
            lines += [f"cafile {tls.ca_file}", f"certfile {tls.cert_file}"]
            lines += [f"keyfile {tls.key_file}"]
            lines += ["require_certificate true"] if tls.ask_clients else []
        self._config.write_text("\n".join(lines) + "\n")

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it."""
        self.kill()

    def start(self) -> None:
        """Start it; returns when it listens.

        Raises:
            OSError: there is no Mosquitto, or it did not start; holds what it said.
        """
        found = program()
        if found is None:
            raise OSError("there is no mosquitto (Debian, Ubuntu: apt install mosquitto)")
        with (self._directory / "mosquitto.log").open("ab") as log:
            self.process = subprocess.Popen([found, "-c", str(self._config)], stderr=log)  # noqa: S603
        end_ns = clock.monotonic_ns() + int(READY_S * clock.NS_PER_S)
        while not _listens(self.port):
            if self.process.poll() is not None or clock.monotonic_ns() > end_ns:
                self.kill()
                raise OSError(f"mosquitto did not start: {self.log()}")
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(POLL_S)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def log(self) -> str:
        """What it said so far."""
        return (self._directory / "mosquitto.log").read_text(errors="replace")

    def _passwords(self, users: Mapping[str, str]) -> Path:
        text = "".join(f"{name}:{password}\n" for name, password in users.items())
        path = self._private("passwords", text)
        tool = shutil.which("mosquitto_passwd", path=_PLACES) or "mosquitto_passwd"
        subprocess.run([tool, "-U", path], check=True, capture_output=True)  # noqa: S603
        return path

    def _private(self, name: str, text: str) -> Path:
        path = self._directory / name
        path.touch(mode=0o600)
        path.write_text(text)
        return path


def free_port() -> int:
    """A TCP port of the loopback interface that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1.0):
            return True
    except OSError:
        return False
