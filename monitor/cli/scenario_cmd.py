"""`vigil scenario`: the library of simulated sessions, and what must follow from them."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from simulators.checking import Result

EXIT_FINDING = 1


@click.group()
def scenario() -> None:
    """Simulated sessions for `vigil demo`."""


@scenario.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="One object a line.")
def list_(*, as_json: bool) -> None:
    """All scenarios, the default one first."""
    from simulators.library import scenarios  # noqa: PLC0415 - brings the simulators

    for one in scenarios():
        line = {"name": one.name, "title": one.title, "duration_s": one.duration_s}
        told = line | {"alarms": sorted(one.expected)}
        click.echo(json.dumps(told) if as_json else f"{one.name:20} {one.title}")


@scenario.command()
@click.argument("scenarios", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every scenario that ships with Vigil.")
@click.option("--seed", type=int, help="Another seed is another person.")
@click.option("--json", "as_json", is_flag=True, help="One object a scenario.")
def check(scenarios: tuple[str, ...], *, every: bool, seed: int | None, as_json: bool) -> int:
    """Play SCENARIOS (names or files) at full speed; print expected against seen alarms.

    Exit code 1 if any alarm is missing or unexpected.
    """
    from simulators import checking, library  # noqa: PLC0415 - brings the simulators

    names = [*scenarios, *(library.names() if every else ())]
    if not names:
        raise click.UsageError("Name a scenario or a file, or give --all.")
    found = [library.scenario(name, seed) for name in names]  # all mistakes before the first play
    code = 0
    for one in found:
        result = checking.check(one)
        click.echo(json.dumps(_as_json(result)) if as_json else "\n".join(checking.lines(result)))
        code = code if result.as_promised else EXIT_FINDING
    return code


def _as_json(result: Result) -> dict[str, object]:
    return {**asdict(result), "as_promised": result.as_promised}
