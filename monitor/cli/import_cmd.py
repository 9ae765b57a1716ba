"""`vigil import`: other people's formats in."""

from __future__ import annotations

from pathlib import Path

import click

from devices.model import NS_PER_S
from monitor.cli.watch import clock_text
from monitor.config_schema import SITES


@click.command(name="import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "fmt", help="The format, if it cannot be recognised.")
@click.option("--site", type=click.Choice(SITES), help="Where the temperature sensor sat.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The recording to write.")
def import_(
    files: tuple[Path, ...], fmt: str | None, site: str | None, output: Path | None
) -> None:
    """Turn a CSV file or an Empatica E4 folder into a recording that can be replayed."""
    from monitor.exchange import detect, imported  # noqa: PLC0415

    found = detect.load(list(files), fmt, site or "")
    path = output or Path(f"{found.name}.db")
    imported.write(found, path)
    length = clock_text(found.end_ns / NS_PER_S)
    click.echo(f"{path}: {len(found.frames)} samples, {length}", err=True)
