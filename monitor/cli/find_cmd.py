"""`vigil sessions find`: where in the archive something held."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from monitor.archive import search
from monitor.archive.expression import SIGNALS, Node, parse
from monitor.cli import output
from monitor.cli.output import clock_text
from monitor.cli.sessions_cmd import chosen
from monitor.errors import VigilError


@click.command(
    epilog=f"Signals: {', '.join(SIGNALS)}. Comparisons: > >= < <=. Join with 'and', 'or' and "
    "brackets; 'for 60 s' (min, h) asks for whole seconds on end. Exit codes: 0 searched, found or "
    "not; 1 a recording could not be read; 2 the expression cannot be read."
)
@click.argument("expression")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a recording with matches.")
def find(expression: str, paths: tuple[Path, ...], *, as_json: bool) -> int:
    """Find where EXPRESSION held, such as "heart_rate > 140 for 60 s".

    In PATHS, files or folders and what is below them; without, in all recordings. Only valid
    values count: what was displayed as questionable, or not at all, holds nothing.
    """
    wanted = parse(expression)
    files = chosen(paths)
    matches = worst = found = 0
    for path in _watched(files):
        result = _one(path, wanted)
        if result is None:
            worst = output.EXIT_FOUND
        elif result.matches:
            found, matches = found + 1, matches + len(result.matches)
            if as_json:
                output.print_json(result.as_json())
            else:
                _print(result)
    output.say(f"{matches} matches in {found} of {len(files)} recordings")
    return worst


def _one(path: Path, wanted: Node) -> search.Found | None:
    try:
        return search.find(path, wanted)
    except VigilError as error:
        output.say(str(error))
        return None


def _print(found: search.Found) -> None:
    output.print_text(f"{found.recording}  {found.subject}".rstrip())
    for match in found.matches:
        values = "  ".join(
            f"{name} {low:.4g} to {high:.4g}" for name, (low, high) in match.values.items()
        )
        span = f"{clock_text(match.from_s)} - {clock_text(match.to_s)}"
        output.print_text(f"  {span:17}  {match.local or 'time unknown':25}  {values}")


def _watched(files: Sequence[Path]) -> Iterator[Path]:
    """The same files, with a bar on standard error if somebody looks at it."""
    if len(files) < 2 or not sys.stderr.isatty():
        yield from files
        return
    with click.progressbar(files, file=sys.stderr, label="searched") as bar:
        yield from bar
