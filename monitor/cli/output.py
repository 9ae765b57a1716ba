"""What goes where: data to standard output, messages to standard error."""

from __future__ import annotations

import json

import click

EXIT_FOUND = 1
"""The command did its work and found something: a difference, damage, a malformed payload."""
EXIT_UNEXPECTED = 70
"""A fault of Vigil's own (EX_SOFTWARE of BSD's sysexits)."""


def clean(text: str) -> str:
    """The text with control characters made visible: it may stem from the air or from a file."""
    return "".join(char if char.isprintable() or char == "\n" else _visible(char) for char in text)


def _visible(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def say(message: str) -> None:
    """Tell the user, on standard error; each line carries the program's name."""
    for line in clean(message).splitlines():
        click.echo(f"vigil: {line}", err=True)


def print_json(value: object) -> None:
    """One JSON value on one line of standard output.

    Raises:
        ValueError: the value holds NaN or an infinity, which JSON cannot say.
    """
    click.echo(json.dumps(value, allow_nan=False))


def print_text(text: str) -> None:
    """Text for a person, on standard output."""
    click.echo(clean(text))


def clock_text(t_s: float) -> str:
    """Session time as H:MM:SS."""
    minutes, seconds = divmod(int(t_s), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
