"""`vigil import`: other people's formats in."""

from __future__ import annotations

from pathlib import Path

import click

from devices.model import NS_PER_S
from monitor.cli.output import clock_text, say
from monitor.config_schema import SITES


@click.command(name="import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "fmt",
    help="csv, empatica, wfdb, edf, polar-logger, polar-hrm, fit, rr, beats or numpy. "
    "[default: recognised by the content]",
)
@click.option("--site", type=click.Choice(SITES), help="Where the temperature sensor sat.")
@click.option("--zone", default="", help="Time zone of times without one, such as Europe/Berlin.")
@click.option(
    "--channel",
    "channels",
    multiple=True,
    metavar="NAME[=SIGNAL]",
    help="A lead or sensor to use, as a WFDB or EDF file names it; again for more. "
    "[default: the first of each signal]",
)
@click.option(
    "--column",
    default="",
    metavar="NAME[UNIT]",
    help="What numbers without a header are: rr_interval[ms], ecg[mV], beat[s], ...",
)
@click.option("--rate", "rate_hz", type=float, default=0.0, help="Their samples a second.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The recording to write.")
def import_(  # noqa: PLR0913, PLR0917 - one an option
    files: tuple[Path, ...],
    fmt: str | None,
    site: str | None,
    zone: str,
    channels: tuple[str, ...],
    column: str,
    rate_hz: float,
    output: Path | None,
) -> None:
    """Turn another program's recording into one that can be replayed and analysed."""
    from monitor.exchange import detect, imported  # noqa: PLC0415
    from monitor.exchange.options import Options  # noqa: PLC0415

    if not 0 <= rate_hz <= 100_000:  # NaN is not either
        raise click.BadParameter("must be above 0, in samples a second", param_hint="--rate")
    options = Options(site=site or "", zone=zone, channels=channels, column=column, rate_hz=rate_hz)
    found = detect.load(list(files), fmt, options)
    path = output or Path(f"{found.name}.db")
    imported.write(found, path)
    for warning in found.warnings:
        say(warning)
    length = clock_text(found.end_ns / NS_PER_S)
    click.echo(f"{path}: {len(found.frames)} samples, {length}", err=True)
