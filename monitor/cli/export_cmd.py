"""`vigil export`: recordings out, in other people's formats."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from monitor.cli.output import say

SIGNALS = (
    "beats", "heart_rate", "skin_temperature", "rr_interval", "ecg", "spo2", "blood_pressure",
    "temperature", "alarms", "entries", "gaps",
)  # fmt: skip
FORMATS = ("csv", "edf", "fhir", "jsonl", "parquet", "wfdb")


@click.command()
@click.argument("recording", type=click.Path(path_type=Path))
@click.option("--format", "fmt", required=True, type=click.Choice(FORMATS), help="The format.")
@click.option(
    "--signal",
    "signals",
    multiple=True,
    type=click.Choice(SIGNALS),
    help="What to export; again for more. In CSV beats, alarms, entries and gaps go into a file "
    "alone. [default: csv both vitals, others what they can hold]",
)
@click.option(
    "--deidentify",
    "hidden",
    is_flag=True,
    help="Shift dates by whole weeks; drop free text, subject, operators, names of devices.",
)
@click.option("--overwrite", is_flag=True, help="Replace files that are there already.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write.")
def export(
    recording: Path,
    fmt: str,
    signals: tuple[str, ...],
    output: Path | None,
    *,
    hidden: bool,
    overwrite: bool,
) -> None:
    """Write a recording in another format, to a new file; text also to standard output.

    Beats are detected anew: those of the ECG if there is one, else those of the RR intervals.
    Alarms are those on record; those of an import are derived. docs/exchange.md says what each
    format keeps.
    """
    from monitor.exchange import export as exporting  # noqa: PLC0415

    written = exporting.render(recording, fmt, signals, output, hidden=hidden)
    for note in written.notes:
        say(note)
    if output is None:
        sys.stdout.buffer.write(written.files[""])
        return
    exporting.save(written, fmt, output, overwrite=overwrite)
    click.echo(f"{output}: {written.count} {written.what}", err=True)
