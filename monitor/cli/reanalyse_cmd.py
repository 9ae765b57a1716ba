"""`vigil reanalyse`: re-derive alarms, with the recorded limits or others."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from monitor import config, reanalysis
from monitor.cli.config_cmd import say_lowered
from monitor.cli.watch import clock_text
from monitor.errors import VigilError
from monitor.recording.reader import Recording

FINDING = 1


def changed_limits(
    path: Path, config_path: Path | None, overrides: Sequence[str]
) -> tuple[reanalysis.Alarms | None, float | None]:
    """The alarm rows and the age to use instead of the recording's own; None for its own."""
    if config_path is None and not overrides:
        return None, None
    with Recording.open(path) as recording:
        stored = recording.config
    base = config.from_json(json.dumps(stored)) if stored else None
    changed = config.load(config_path, overrides, base)
    say_lowered(changed)
    return changed.alarms, changed.session.age_years


@click.command()
@click.argument("recordings", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Other limits.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change one limit.")
@click.option("--compare", is_flag=True, help="Show differences; exit 1 if there are any.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a recording.")
@click.pass_context
def reanalyse(
    context: click.Context,
    recordings: tuple[Path, ...],
    config_path: Path | None,
    overrides: tuple[str, ...],
    *,
    compare: bool,
    as_json: bool,
) -> None:
    """Derive the alarms of recordings again.

    --compare holds the result against the alarms as recorded; with --config or --set, against
    those of the recording's own limits.
    """
    config.load(config_path, overrides)  # a mistake is told before any work is done
    worst = 0
    for path in recordings:
        try:
            worst = max(worst, _one(path, config_path, overrides, compare=compare, as_json=as_json))
        except VigilError as error:
            click.echo(f"vigil: {error}", err=True)
            worst = max(worst, error.exit_code)
    context.exit(worst)


def _one(
    path: Path,
    config_path: Path | None,
    overrides: Sequence[str],
    *,
    compare: bool,
    as_json: bool,
) -> int:
    alarms, age_years = changed_limits(path, config_path, overrides)
    result = reanalysis.analyse(path, alarms, age_years)
    if result.unknown_frames:
        click.echo(f"vigil: {path}: {result.unknown_frames} frames of unknown sensors", err=True)
    differences = _differences(path, result, changed=alarms is not None) if compare else []
    if as_json:
        body = result.as_json()
        if compare:
            body["differences"] = [reanalysis.as_plain(d) for d in differences]
        click.echo(json.dumps(body, allow_nan=False))
    else:
        _print(result, differences, compare=compare)
    return FINDING if differences or result.unknown_frames else 0


def _differences(
    path: Path, result: reanalysis.Analysis, *, changed: bool
) -> list[reanalysis.Difference]:
    before = reanalysis.analyse(path).alarms if changed else reanalysis.recorded(path)
    return reanalysis.compare(before, result.alarms)


def _print(
    result: reanalysis.Analysis, differences: Sequence[reanalysis.Difference], *, compare: bool
) -> None:
    click.echo(f"{result.recording}  {clock_text(result.duration_s)}")
    for alarm in result.alarms:
        click.echo(f"  {line(alarm)}")
    per_hour = ", ".join(f"{name} {n:g}" for name, n in result.burden_per_hour.items())
    click.echo(f"  alarms per hour: {per_hour}")
    if compare and not differences:
        click.echo("  no differences")
    for found in differences:
        shown = found.after or found.before
        click.echo(f"  {found.what}: {line(shown) if shown else found.condition}")


def line(alarm: reanalysis.Episode) -> str:
    """One alarm as a line of text."""
    end = "still on" if alarm.clear_s is None else clock_text(alarm.clear_s)
    value = "" if alarm.value is None else f"  {alarm.value:.4g} {alarm.unit}"
    limit = "" if alarm.limit is None else f" (limit {alarm.limit:.4g})"
    span = f"{clock_text(alarm.onset_s)} - {end}"
    return f"{span:21s} {alarm.priority:6s} {alarm.condition}{value}{limit}"
