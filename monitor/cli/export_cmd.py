"""`vigil export`: recordings out, in other people's formats."""

from __future__ import annotations

from pathlib import Path

import click

SIGNALS = ("beats", "heart_rate", "skin_temperature")


@click.command()
@click.argument("recording", type=click.Path(path_type=Path))
@click.option("--format", "fmt", required=True, type=click.Choice(["csv"]), help="The format.")
@click.option(
    "--signal",
    "signals",
    multiple=True,
    type=click.Choice(SIGNALS),
    help="What to export; again for more. Beats go into a file alone. [default: both vitals]",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write.")
def export(recording: Path, fmt: str, signals: tuple[str, ...], output: Path | None) -> None:
    """Write a recording's beats or vitals as text, to standard output or a new file.

    Beats are detected anew: those of the ECG if there is one, else those of the RR intervals.
    """
    del fmt  # csv is the only one yet
    from monitor.exchange import csv_export, new_file  # noqa: PLC0415

    text = "".join(f"{line}\n" for line in csv_export.lines(recording, signals))
    if output is None:
        click.echo(text, nl=False)
        return
    new_file.write(output, text)
    click.echo(f"{output}: {text.count(chr(10)) - 1} lines", err=True)
