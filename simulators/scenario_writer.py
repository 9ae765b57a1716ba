"""Writes a scenario file: what a program made up, for a person to read, change and keep."""

from __future__ import annotations

from pathlib import Path

import msgspec

from monitor.config_errors import as_toml, dotted
from simulators import scenario_schema as schema

CLOCK_FROM_S = 60


def dump(file: schema.File) -> str:
    """The text of a scenario file, one event a line; defaults are left out."""
    tables = msgspec.to_builtins(file, enc_hook=_encoded)
    return "".join(f"{key} = {_toml(value, lines=True)}\n" for key, value in tables.items())


def save(file: schema.File, path: Path) -> Path:
    """Write it; anything that stands there is overwritten."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dump(file), encoding="utf-8")
    return path


def clock(seconds: float) -> str | float:
    """As people write it: "1:30", "1:20:00"; a number where there are less than whole seconds."""
    whole = round(seconds)
    if whole != seconds or abs(whole) < CLOCK_FROM_S:
        return float(seconds)
    minutes, rest = divmod(abs(whole), 60)
    hours, of_hour = divmod(minutes, 60)
    text = f"{hours}:{of_hour:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
    return f"-{text}" if seconds < 0 else text


def _encoded(value: object) -> str | float:
    """Our own types, for msgspec."""
    if isinstance(value, schema.Seconds):
        return clock(value)
    raise NotImplementedError(type(value))


def _toml(value: object, *, lines: bool = False) -> str:
    match value:
        case dict():
            pairs = (f"{dotted((key,))} = {_toml(one)}" for key, one in value.items())
            return "{ " + ", ".join(pairs) + " }"
        case list() | tuple() if lines and value and isinstance(value[0], dict):
            return "[\n" + "".join(f"  {_toml(one)},\n" for one in value) + "]"
        case list() | tuple():
            return "[" + ", ".join(map(_toml, value)) + "]"
        case str() | bool() | int() | float():
            return as_toml(value)
        case _:
            raise TypeError(f"no place for {type(value).__name__} in a scenario file")
