"""Adding a sensor to a user's configuration file, with everything else left as it stands."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from devices.model import SensorSpec, Signal
from monitor import config
from monitor.errors import ConfigError

SITE_NEEDED = {Signal.SKIN_TEMPERATURE, Signal.CLINICAL_TEMPERATURE}
SITE_UNKNOWN = '# site = "axilla"   # say where it sits; needed\n'


def quoted(text: str) -> str:
    """A TOML string of any text."""
    safe = "".join(
        f"\\u{ord(char):04x}" if ord(char) < 32 or char in '"\\' or ord(char) == 127 else char
        for char in text
    )
    return f'"{safe}"'


def table(spec: SensorSpec) -> str:
    """A sensor as a table to paste; a site that must be said and is not is left as a comment."""
    lines = [f"[sensors.{spec.alias}]", f"codec = {quoted(spec.codec)}"]
    lines.append(f"measures = {quoted(spec.measures.value)}")
    if spec.site:
        lines.append(f"site = {quoted(spec.site)}")
    lines.append(f"address = {quoted(spec.address)}")
    text = "\n".join(lines) + "\n"
    return text if spec.site or spec.measures not in SITE_NEEDED else text + SITE_UNKNOWN


def add(path: Path, spec: SensorSpec) -> None:
    """Append the sensor to the file, which is made if there is none; the whole must be valid.

    Raises:
        ConfigError: it would not be valid; the file is untouched.
    """
    append(path, table(spec))


def append(path: Path, text: str) -> None:
    """Append tables to the file, which is made if there is none; the whole must be valid.

    Raises:
        ConfigError: it would not be valid, or cannot be written; the file is untouched.
    """
    try:
        _append(path, text)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror or error}") from error


def _append(path: Path, text: str) -> None:
    before = path.read_bytes() if path.exists() else b""
    gap = b"" if not before else b"\n" if before.endswith(b"\n") else b"\n\n"
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
    descriptor, name = tempfile.mkstemp(dir=path.resolve().parent, suffix=".toml")
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(before + gap + text.encode())
        part.chmod(mode)
        _check(part, path)
        part.replace(path.resolve())
    finally:
        part.unlink(missing_ok=True)


def _check(part: Path, path: Path) -> None:
    try:
        config.load(part)
    except ConfigError as error:
        raise ConfigError(str(error).replace(str(part), str(path))) from error
