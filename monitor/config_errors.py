"""How a mistake in the configuration is told: file, key, value, what is allowed, what is near."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from monitor.errors import ConfigError

Path = tuple[str, ...]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_SHOWN = 60


class RefusedError(ValueError):
    """A value breaks its key's rule; the message says what is allowed."""


@dataclass(slots=True)
class Mistakes:
    """Every mistake found so far, one line each, so that a user mends them in one go."""

    lines: list[str] = field(default_factory=list)

    def value(self, origin: str, path: Path, value: object, complaint: str) -> None:
        """Note a value that is not allowed."""
        self.key(origin, path, complaint, f" = {shown(value)}")

    def key(self, origin: str, path: Path, complaint: str, extra: str = "") -> None:
        """Note trouble with a key itself: unknown, missing."""
        self.lines.append(f"{origin}: {dotted(path)}{extra}: {complaint}")

    def raise_if_any(self) -> None:
        """Raise one ConfigError with every line.

        Raises:
            ConfigError: there is at least one mistake.
        """
        if self.lines:
            raise ConfigError("\n".join(self.lines))


def quote(text: str) -> str:
    """A TOML basic string; what cannot be printed is escaped, so it is safe on a terminal."""
    return '"' + "".join(_escape(char) for char in text) + '"'


def _escape(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    if char.isprintable():
        return char
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def dotted(path: Sequence[str]) -> str:
    """A key as one writes it after `--set`."""
    return ".".join(part if _BARE_KEY.fullmatch(part) else quote(part) for part in path)


def as_toml(value: float | str | bool) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return quote(value) if isinstance(value, str) else str(value)


def shown(value: object) -> str:
    """A value as TOML would write it, cut to a line's part."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "an array"
    if isinstance(value, int) and value.bit_length() > 200:  # Python refuses to print the largest
        return "a huge whole number"
    text = as_toml(value) if isinstance(value, str | bool | float) else str(value)
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "..."


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known word most like `word`, ignoring case; None if nothing is like it."""
    originals = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.casefold(), originals, n=1, cutoff=cutoff)
    return originals[found[0]] if found else None


def one_of(word: object, names: Sequence[str]) -> str:
    """What to say when `word` is not one of `names`."""
    near = nearest(word, names) if isinstance(word, str) else None
    return f"must be one of {', '.join(names)}" + (f"; nearest: {near}" if near else "")
