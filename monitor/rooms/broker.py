"""How to reach a broker: settings shared by rooms and central stations."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import msgspec

from monitor.errors import ConfigError
from monitor.extras import need

if TYPE_CHECKING:
    import ssl

PORT, PORT_TLS = 1883, 8883
"""IANA's ports of MQTT, plain and over TLS."""
KEEPALIVE_S = 10
"""The broker declares a silent peer lost after one and a half times this (MQTT 3.1.1, 3.1.2.10)."""
ANSWER_S = 5.0
"""A broker that does not answer for this long is taken for lost."""
INCOMING = 256
"""Messages received and not yet looked at; what comes beyond is dropped."""
PASSWORD_LONGEST = 1024
REFUSED = 128
"""From here on an answer to SUBSCRIBE is a refusal (MQTT 3.1.1, 3.9.3)."""

_quiet = logging.getLogger("monitor.rooms.mqtt")
_quiet.setLevel(logging.CRITICAL)  # a line for each dropped message would be a flood of its own


class Broker(msgspec.Struct, frozen=True, kw_only=True):
    """Where the broker is and how one proves who one is. Files are named, never read in here."""

    host: str = ""
    port: int = PORT_TLS
    tls: bool = True
    username: str = ""
    password_file: str = ""
    ca_file: str = ""
    """Certificates of the authorities to trust, PEM; empty: the computer's own."""
    cert_file: str = ""
    key_file: str = ""


class Publish(Broker, frozen=True, kw_only=True):
    """`[publish]`: whether and how a room tells others of its session."""

    enabled: bool = False
    clinic: str = ""
    room: str = ""
    interval_s: float = 1.0
    notes: bool = False
    remote_acknowledge: bool = False


class Central(Broker, frozen=True, kw_only=True):
    """`[central]`: where a central station finds the rooms."""

    clinic: str = ""
    station: str = ""
    rooms: str = ""
    """Names of the rooms that have to be there, between commas or spaces."""
    stale_s: float = 10.0
    remote_acknowledge: bool = False


NOT_PUBLISHING, NO_CENTRAL = Publish(), Central()
"""The defaults."""


def library() -> ModuleType:
    """The MQTT library.

    Raises:
        MissingExtraError: it is not installed; says how to get it.
    """
    return need("aiomqtt", "MQTT", "rooms")


def refused(answers: Iterable[Any]) -> bool:
    """Whether any answer to a subscription is a refusal: a code, or an object that has it."""
    return any(int(getattr(answer, "value", answer)) >= REFUSED for answer in answers)


def arguments(broker: Broker, table: str) -> dict[str, Any]:
    """What `aiomqtt.Client` needs to connect. Reads files: not for an event loop.

    Args:
        broker: the settings.
        table: of the configuration they stand in, for messages: `publish` or `central`.

    Raises:
        ConfigError: a file cannot be read or is not what it should be.
    """
    return {
        "hostname": broker.host,
        "port": broker.port,
        "username": broker.username or None,
        "password": _password(broker, table),
        "tls_context": _tls(broker, table) if broker.tls else None,
        "timeout": ANSWER_S,
        "keepalive": KEEPALIVE_S,
        "clean_session": True,
        "max_queued_incoming_messages": INCOMING,
        "logger": _quiet,
    }


def from_anywhere(broker: Publish) -> Publish:
    """The settings with absolute paths: an engine is also started from other folders."""
    names = ("password_file", "ca_file", "cert_file", "key_file")
    given = {name: getattr(broker, name) for name in names}
    absolute = {
        name: str(Path(path).expanduser().absolute()) if path else ""
        for name, path in given.items()
    }
    return msgspec.structs.replace(broker, **absolute)


def _password(broker: Broker, table: str) -> str | None:
    """The first line of the password file; None without one."""
    if not broker.password_file:
        return None
    path = Path(broker.password_file).expanduser()
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(PASSWORD_LONGEST)
    except (OSError, UnicodeError) as error:
        raise _refused(table, "password_file", path, error) from error
    word = text.partition("\n")[0].rstrip("\r")
    if not word:
        raise ConfigError(f"{table}.password_file = {str(path)!r}: its first line is empty")
    return word


def _tls(broker: Broker, table: str) -> ssl.SSLContext:
    import ssl  # noqa: PLC0415 - settings are read by every command, used by few

    context = ssl.create_default_context()
    if broker.ca_file:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        path = Path(broker.ca_file).expanduser()
        try:
            context.load_verify_locations(path)
        except OSError as error:  # an SSLError is one
            raise _refused(table, "ca_file", path, error) from error
    if broker.cert_file:
        _load_own(context, broker, table)
    return context


def _load_own(context: ssl.SSLContext, broker: Broker, table: str) -> None:
    """The client certificate; a key that asks for a passphrase is refused, nobody could type it."""
    path = Path(broker.cert_file).expanduser()
    key = Path(broker.key_file).expanduser()
    try:
        context.load_cert_chain(path, key, password="")
    except (OSError, ValueError) as error:  # an SSLError is one of the first
        raise _refused(table, "cert_file", path, error, f" with key_file = {str(key)!r}") from error


def _refused(table: str, key: str, path: Path, error: Exception, more: str = "") -> ConfigError:
    why = getattr(error, "strerror", None) or error
    return ConfigError(f"{table}.{key} = {str(path)!r}{more}: cannot be used: {why}")
