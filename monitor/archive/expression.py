"""The language of `vigil sessions find`: what held in a session, second by second.

    expression = term {"or" term}
    term       = part {"and" part}
    part       = (comparison | "(" expression ")") ["for" NUMBER ("s" | "min" | "h")]
    comparison = SIGNAL ["[" UNIT "]"] (">" | ">=" | "<" | "<=") NUMBER

`and` binds tighter than `or`; `for` belongs to what stands directly before it. Where a signal has
no valid value nothing holds.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from monitor.errors import QueryError

SIGNALS: Mapping[str, str] = {
    "heart_rate": "/min",
    "skin_temperature": "Cel",
    "core_estimate": "Cel",
    "room_temperature": "Cel",
    "humidity": "%",
    "spo2": "%",
    "clinical_temperature": "Cel",
    "systolic_pressure": "mm[Hg]",
    "diastolic_pressure": "mm[Hg]",
}
"""Name, as in the plain CSV, and unit in UCUM."""
SECONDS = {"s": 1, "min": 60, "h": 3600}
_TOKEN = re.compile(
    r"\s*(?:(?P<word>[A-Za-z_]\w*)|(?P<unit>\[[^\s]*\])|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<op>[<>]=?)|(?P<bracket>[()])|(?P<other>\S))"
)
_WORDS = ("and", "or", "for")


@dataclass(frozen=True, slots=True)
class Comparison:
    """`signal op limit`; op is one of > >= < <=."""

    signal: str
    op: str
    limit: float


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Lasting:
    """The part holds for at least so many whole seconds on end."""

    part: Node
    seconds: int


Node = Comparison | All | Either | Lasting


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def parse(text: str) -> Node:
    """Read an expression.

    Raises:
        QueryError: it is none; the message shows the place.
    """
    return _Parser(text).whole()


def signals(node: Node) -> set[str]:
    """Names of all signals in an expression."""
    if isinstance(node, Comparison):
        return {node.signal}
    if isinstance(node, Lasting):
        return signals(node.part)
    return {name for part in node.parts for name in signals(part)}


class _Parser:
    """Recursive descent, one method a rule."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._next = 0

    def whole(self) -> Node:
        node = self._either()
        if self._seen.kind != "end":
            self._fail("'and', 'or', 'for' or the end was expected here")
        return node

    @property
    def _seen(self) -> _Token:
        return self._tokens[self._next]

    def _take(self, *texts: str) -> _Token | None:
        """The next token if it is one of these."""
        token = self._seen
        if token.text.lower() in texts:
            self._next += 1
            return token
        return None

    def _fail(self, problem: str, token: _Token | None = None) -> NoReturn:
        """Raise, with a caret below the token in question."""
        token = token or self._seen
        marks = "^" * max(1, token.end - token.start)
        raise QueryError(f"{problem}\n  {self._text}\n  {' ' * token.start}{marks}")

    def _either(self) -> Node:
        parts = self._joined("or", self._all)
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _all(self) -> Node:
        parts = self._joined("and", self._part)
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _joined(self, word: str, rule: Callable[[], Node]) -> list[Node]:
        parts = [rule()]
        while joint := self._take(word):
            parts.append(rule())
            self._check_time(parts, joint)
        return parts

    def _check_time(self, parts: Sequence[Node], joint: _Token) -> None:
        """`a and b for 60 s` could mean two things, with two answers."""
        open_end = isinstance(parts[-1], Lasting) and self._tokens[self._next - 1].text != ")"
        if open_end and not all(isinstance(part, Lasting) for part in parts[:-1]):
            word = joint.text
            self._fail(
                f"what does 'for' belong to? Write (A {word} B) for N s, or A {word} (B for N s)",
                joint,
            )

    def _part(self) -> Node:
        bracket = self._take("(")
        node: Node = self._either() if bracket else self._comparison()
        if bracket and not self._take(")"):
            self._fail("a ')' is missing here")
        return Lasting(node, self._seconds()) if self._take("for") else node

    def _comparison(self) -> Node:
        name = self._seen
        if name.kind != "word" or name.text.lower() in _WORDS:
            self._fail("the name of a signal was expected here")
        if name.text not in SIGNALS:
            near = difflib.get_close_matches(name.text, SIGNALS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(SIGNALS)}"
            self._fail(f"unknown signal {name.text!r}: {hint}")
        self._next += 1
        self._unit(name.text)
        op = self._take(">", ">=", "<", "<=")
        if op is None:
            self._fail("one of > >= < <= was expected here")
        return Comparison(name.text, op.text, self._number())

    def _unit(self, signal: str) -> None:
        if self._seen.kind == "unit":
            if self._seen.text != f"[{SIGNALS[signal]}]":
                self._fail(f"{signal} is in [{SIGNALS[signal]}]")
            self._next += 1

    def _number(self) -> float:
        if self._seen.kind != "number":
            self._fail("a number was expected here")
        self._next += 1
        return float(self._tokens[self._next - 1].text)

    def _seconds(self) -> int:
        start = self._seen
        number = self._number()
        unit = self._take(*SECONDS)
        if unit is None:
            self._fail("a unit of time was expected here: s, min or h")
        seconds = number * SECONDS[unit.text.lower()]
        if seconds < 1 or not seconds.is_integer():
            self._fail("must be whole seconds, at least 1", start)
        return int(seconds)


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while match := _TOKEN.match(text, at):
        kind = match.lastgroup or "other"
        yield _Token(kind, match[kind], match.start(kind), match.end(kind))
        at = match.end()
    yield _Token("end", "", len(text), len(text))
