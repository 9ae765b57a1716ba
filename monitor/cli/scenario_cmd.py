"""`vigil scenario`: the library of simulated sessions."""

from __future__ import annotations

import click


@click.group()
def scenario() -> None:
    """Simulated sessions for `vigil demo`."""


@scenario.command(name="list")
def list_() -> None:
    """All scenarios, the default one first."""
    from simulators.scenario import scenarios  # noqa: PLC0415

    for one in scenarios():
        click.echo(f"{one.name:12} {one.title}")
