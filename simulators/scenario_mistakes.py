"""How a mistake in a scenario file is told: file, line, key, value, and what is allowed."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from monitor.config_errors import one_of, shown
from simulators import scenario_schema as schema

_AT = re.compile(r" - at `\$\.?(.*)`$")
_STEP = re.compile(r"[^.\[\]]+")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`")
_MISSING = re.compile(r"Object missing required field `(.*)`")
_TYPES = re.compile(r"Expected `([^`]*)`, got `([^`]*)`")
_RANGE = re.compile(r"Expected `(?:float|int)` [<>]=")
_TABLES: dict[str, type[schema.Table]] = {
    "person": schema.Person,
    "faults": schema.Fault,
    "system": schema.System,
    "expect": schema.Expect,
}
_BODY: dict[str, type[schema.Table]] = {
    str(one.__struct_config__.tag): one for one in get_args(schema.BodyEvent)
}
_WORDS = {
    "object": "a table",
    "array": "an array",
    "str": "text",
    "float": "a number",
    "int": "a whole number",
    "bool": "true or false",
}


def mistake(where: str, complaint: str) -> msgspec.ValidationError:
    """As msgspec words its own."""
    return msgspec.ValidationError(f"{complaint} - at `$.{where}`")


def _table(raw: dict[str, Any], steps: list[str]) -> type[schema.Table] | None:
    """What may stand in the table at the end of these steps."""
    if not steps:
        return schema.File
    if steps[0] == "body":
        event = _value(raw, steps[:2])
        return _BODY.get(str(event.get("what"))) if isinstance(event, dict) else None
    return _TABLES.get(steps[0])


def _keys(table: type[schema.Table] | None) -> tuple[str, ...]:
    if table is None:
        return ()
    tag = ("what",) if table in _BODY.values() else ()
    return (*tag, *table.__struct_fields__)


def _worded(complaint: str, raw: dict[str, Any], steps: list[str], value: object) -> str:
    """A complaint of msgspec's in the words of a user, with the range or the choice."""
    if missing := _MISSING.fullmatch(complaint):
        return f"missing: {missing[1]}"
    if types := _TYPES.fullmatch(complaint):
        wanted = [_WORDS.get(one, one) for one in types[1].split(" | ") if one != "null"]
        return f"must be {' or '.join(wanted)}, not {_WORDS.get(types[2], types[2])}"
    if not steps or not complaint.startswith(("Invalid ", "Expected ")):
        return complaint
    if steps[0] == "body" and steps[-1] == "what":
        return one_of(value, tuple(_BODY))
    table = _table(raw, steps[:-1])
    hint = get_type_hints(table, include_extras=True).get(steps[-1]) if table else None
    if _RANGE.match(complaint):
        span = next((m for m in _metas(hint) if m.le is not None), None)
        return f"must be {span.ge:g} to {span.le:g}" if span else complaint
    words = _choices(hint)
    return one_of(value, words) if words else complaint


def _metas(hint: object) -> list[msgspec.Meta]:
    """The limits in a type, inner ones too."""
    inner = [meta for part in get_args(hint) for meta in _metas(part)]
    return [hint, *inner] if isinstance(hint, msgspec.Meta) else inner


def _choices(hint: object) -> tuple[str, ...]:
    """The words a type allows."""
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return tuple(str(one) for one in hint)
    if get_origin(hint) is Literal:
        return tuple(str(one) for one in get_args(hint))
    return tuple(word for part in get_args(hint) for word in _choices(part))


def told(path: Path, text: str, raw: dict[str, Any], error: str) -> str:
    """The message of a mistake, with its line, key and value."""
    found = _AT.search(error)
    steps = _STEP.findall(found[1]) if found else []
    complaint = error[: found.start()] if found else error
    if unknown := _UNKNOWN.match(complaint):
        complaint = "unknown key; " + one_of(unknown[1], _keys(_table(raw, steps)))
        steps.append(unknown[1])
    value = _value(raw, steps)
    complaint = _worded(complaint, raw, steps, value)
    is_plain = not isinstance(value, dict | list | None)
    key = _dotted(steps) + (f" = {shown(value)}" if is_plain and value != "" else "")
    # What is missing stands nowhere, and an element of a plain array is found by its value.
    whole = value is not None and not (is_plain and steps[-1].isdigit())
    where = steps if whole else steps[:-1]
    line = _line(text, where, shown(value) if is_plain else "")
    return f"{path}:{line}: {key}: {complaint}" if key else f"{path}:{line}: {complaint}"


def _dotted(steps: list[str]) -> str:
    return "".join(f"[{s}]" if s.isdigit() else f".{s}" for s in steps).lstrip(".")


def _value(raw: Any, steps: list[str]) -> Any:
    for step in steps:
        try:
            raw = raw[int(step)] if isinstance(raw, list) else raw[step]
        except (KeyError, IndexError, TypeError):
            return None
    return raw


def _line(text: str, steps: list[str], value: str) -> int:
    """The line a key stands in, counted from 1: exact for one event a line."""
    lines, line = text.splitlines(), 0
    for table, step in enumerate(steps):
        if step.isdigit():
            begins = rf"\s*(?:\[\[{re.escape(steps[table - 1])}\]\]|\{{|.*\[\s*\{{)"
            hits = [n for n in range(line, len(lines)) if re.match(begins, lines[n])]
            line = hits[min(int(step), len(hits) - 1)] if hits else line
        else:
            key = rf"(?:.*[\s{{,.\[]|)\"?{re.escape(step)}\"?\s*[=.\]]"
            line = next((n for n in range(line, len(lines)) if re.match(key, lines[n])), line)
    stands = (n for n in range(line, len(lines)) if value in lines[n])
    return (next(stands, line) if value else line) + 1
