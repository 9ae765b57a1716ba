"""Laying configurations over one another: defaults, a recording's, the user's file, `--set`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from alerts.catalogue import CATALOGUE
from alerts.spec import Value
from monitor.config_errors import Mistakes, Path, RefusedError, dotted, nearest
from monitor.config_schema import ALARMS, ALIAS, SECTION_NAMES, Checked, Text, all_keys, rules

SET = "--set"
"""Origin of what came from the command line."""
LARGEST_FILE = 1_000_000
"""Bytes; anything longer is no configuration (a recording given by mistake, say)."""


@dataclass(slots=True)
class Layers:
    """The values in force, and where each that is not a default came from."""

    mistakes: Mistakes = field(default_factory=Mistakes)
    values: dict[Path, Value] = field(default_factory=dict)
    origins: dict[Path, str] = field(default_factory=dict)
    refused: set[Path] = field(default_factory=set)

    def put(self, path: Path, value: Value) -> None:
        """Set a trusted value, as a default is."""
        self.values[path] = value

    def take(self, tables: Sequence[Mapping[str, object]], origin: str) -> None:
        """Lay tables of one origin over what is there; mistakes are noted, not raised."""
        before = dict(self.values)
        given: set[Path] = set()
        for table in tables:
            for path, value in self._leaves(table, origin):
                given.add(path)
                self._set(path, value, origin)
        self._move_clear_limits(given, before, origin)

    def _leaves(
        self, table: Mapping[str, object], origin: str, at: Path = ()
    ) -> Iterable[tuple[Path, object]]:
        for key, value in table.items():
            path = (*at, key)
            if not self._known(path, origin):
                continue
            if not _is_table(path):
                yield path, value
            elif isinstance(value, Mapping):
                yield from self._leaves(value, origin, path)
            else:
                self.mistakes.value(origin, path, value, f"must be a table: [{dotted(path)}]")

    def _known(self, path: Path, origin: str) -> bool:
        complaint = _unknown(path)
        if complaint:
            self.mistakes.key(origin, path, complaint)
        return not complaint

    def _set(self, path: Path, value: object, origin: str) -> None:
        try:
            self.values[path] = rules(path[:-1])[path[-1]].check(value)
        except RefusedError as error:
            self.mistakes.value(origin, path, value, str(error))
            self.refused.add(path)
        else:
            self.origins[path] = origin
            self.refused.discard(path)

    def _move_clear_limits(
        self, given: set[Path], before: Mapping[Path, Value], origin: str
    ) -> None:
        """Keep the hysteresis where a limit is given alone: the clinical table has "limit - 5"."""
        for path in given - self.refused:
            clear = clear_key(path)
            if clear in before and clear not in given:
                distance = float(before[path]) - float(before[clear])
                low, high = CATALOGUE[path[1]].bounds[clear[-1]]
                moved = round(float(self.values[path]) - distance, 6)
                self.values[clear] = min(max(moved, low), high)
                self.origins[clear] = origin


def clear_key(path: Path) -> Path:
    """The clear limit that belongs to an alarm limit (which need not exist)."""
    if path[0] != "alarms" or not path[-1].startswith("limit_"):
        return ()
    return (*path[:-1], "clear_" + path[-1].removeprefix("limit_"))


def _is_table(path: Path) -> bool:
    return len(path) == 1 or (len(path) == 2 and path[0] in {"sensors", "alarms"})


def _unknown(path: Path) -> str:
    """What is wrong with a key's name; empty if nothing."""
    match path:
        case (section,):
            return "" if section in SECTION_NAMES else _suggest("section", path, SECTION_NAMES)
        case ("sensors", alias):
            says = "an alias has 1 to 24 of the characters a-z 0-9 _ -"
            return "" if ALIAS.fullmatch(alias) else says
        case ("scores", name):
            says = "a score's name has 1 to 24 of the characters a-z 0-9 _ -"
            return "" if ALIAS.fullmatch(name) else says
        case ("alarms", condition):
            return "" if condition in ALARMS else _suggest("alarm condition", path, ALARMS)
        case _:
            known = rules(path[:-1])
            return "" if path[-1] in known else _suggest("key", path, known)


def _suggest(what: str, path: Path, known: Iterable[str]) -> str:
    names = list(known)
    near = nearest(path[-1], names)
    if near:
        return f"unknown {what}; nearest: {dotted((*path[:-1], near))}"
    elsewhere = {key[-1]: key for key in reversed(all_keys())}
    other = nearest(path[-1], elsewhere, cutoff=0.8)
    if other:
        return f"unknown {what}; nearest: {'.'.join(elsewhere[other])}"
    return f"unknown {what}; allowed: {', '.join(names)}"


def read_start(path: FilePath) -> bytes:
    """A file's content, of one too large to be a configuration enough to tell that it is.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return file.read(LARGEST_FILE + 1)


def read_toml(
    path: FilePath, mistakes: Mistakes, content: bytes | None = None
) -> dict[str, object]:
    """A TOML file's tables; empty, with a mistake noted, if it cannot be read or is not TOML."""
    try:
        data = read_start(path) if content is None else content
        if len(data) > LARGEST_FILE:
            mistakes.lines.append(f"{path}: not a configuration: larger than {LARGEST_FILE} bytes")
            return {}
        # A byte-order mark is what Windows editors put first.
        return tomllib.loads(data.decode("utf-8-sig"))
    except OSError as error:
        mistakes.lines.append(f"{path}: cannot be read: {error.strerror or error}")
    except RecursionError:
        mistakes.lines.append(f"{path}: not valid TOML: nested too deeply")
    except ValueError as error:  # of tomllib, of UTF-8, or of a number with thousands of digits
        mistakes.lines.append(f"{path}: not valid TOML: {error}")
    return {}


def parse_override(text: str, mistakes: Mistakes) -> dict[str, object]:
    """One `KEY=VALUE` as nested tables; empty, with a mistake noted, if it is not that."""
    key, equals, raw = text.partition("=")
    path = tuple(part.strip() for part in key.split("."))
    if not equals or not all(path) or len(path) > 3:
        complaint = "must be KEY=VALUE, such as alarms.hr_high.limit_bpm=120"
        mistakes.lines.append(f"{SET}: {dotted([text])}: {complaint}")
        return {}
    table: object = _override_value(path, raw.strip())
    for part in reversed(path):
        table = {part: table}
    return table if isinstance(table, dict) else {}


def _override_value(path: Path, raw: str) -> object:
    """The value as TOML if it is TOML, else as text: a shell takes the quotes away."""
    try:
        parsed = tomllib.loads(f"value = {raw}")
    except (ValueError, RecursionError):
        return raw
    rule = rules(path[:-1]).get(path[-1])
    wants_text = isinstance(rule, Text | Checked) and not isinstance(parsed["value"], str)
    return raw if wants_text or len(parsed) > 1 else parsed["value"]
