"""`vigil sessions`: the archive of recordings."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from monitor import clock, config, hosting, starting
from monitor.cli import output
from monitor.cli.watch import clock_text
from monitor.clock import NS_PER_S
from monitor.errors import RecordingError
from monitor.recording import chain
from monitor.recording.reader import Recording


def summary(path: Path) -> dict[str, object]:
    """What a recording is, as plain values."""
    with Recording.open(path) as recording:
        start = recording.start_utc_ns
        return {
            "recording": str(path),
            "session_id": recording.session_id,
            "subject": recording.subject,
            "mode": recording.mode,
            "start_utc": None if start is None else clock.utc_text(start),
            "duration_s": recording.end_ns / NS_PER_S,
            "ended": recording.ended,
            "software": recording.software,
        }


@click.group()
def sessions() -> None:
    """List, show and verify recordings."""


@sessions.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(*, as_json: bool) -> None:
    """All recordings in the configured folder, and those of running sessions wherever they are."""
    running = {Path(r.plan.recording) for r in hosting.sessions()}
    folder = starting.recordings_directory(config.load(None))
    found = sorted({*folder.glob("*.db"), *(path for path in running if path.exists())})
    if not found:
        click.echo(f"vigil: no recordings in {folder}", err=True)
    for path in found:
        try:
            row = summary(path) | {"running": path in running}
        except RecordingError as error:
            click.echo(f"vigil: {error}", err=True)
            continue
        if as_json:
            click.echo(json.dumps(row))
            continue
        mark = "running" if row["running"] else ("" if row["ended"] else "not ended")
        length = clock_text(float(str(row["duration_s"])))
        click.echo(f"{row['start_utc']}  {length}  {row['subject']:12}  {path}  {mark}".rstrip())


@sessions.command()
@click.argument("recording", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show(recording: Path, *, as_json: bool) -> None:
    """What one recording holds: sensors, actions, alarms."""
    row = summary(recording)
    with Recording.open(recording) as opened:
        sensors = [f"{s.alias} ({s.codec}, {s.measures.value}, {s.site})" for s in opened.sensors()]
        journal = opened.journal(["action", "alarm", "gap", "session"])
    if as_json:
        rows = [{"t_s": e.t_ns / NS_PER_S, "kind": e.kind, **e.body} for e in journal]
        click.echo(json.dumps(row | {"sensors": sensors, "journal": rows}))
        return
    for key, value in (row | {"sensors": ", ".join(sensors)}).items():
        click.echo(f"{key:12} {value}")
    for entry in journal:
        body = {k: v for k, v in entry.body.items() if v not in (None, "", {})}
        words = " ".join(f"{key}={value}" for key, value in body.items())
        click.echo(f"{clock_text(entry.t_ns / NS_PER_S)}  {entry.kind:8} {words}")


@sessions.command()
@click.argument("recordings", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a recording.")
@click.pass_context
def verify(context: click.Context, recordings: tuple[Path, ...], *, as_json: bool) -> None:
    """Check that nothing on record was changed, removed or reordered; exit 1 if something was."""
    worst = 0
    for path in recordings:
        try:
            result = chain.examine(path)
        except RecordingError as error:
            output.say(str(error))
            worst = max(worst, error.exit_code)
            continue
        (_print_json if as_json else _print_verified)(path, result)
        worst = max(worst, output.EXIT_FOUND if result.findings else 0)
    context.exit(worst)


def _print_verified(path: Path, result: chain.Verification) -> None:
    for finding in result.findings:
        output.print_text(f"{path}: {finding}")
    if result.findings:
        return
    output.print_text(f"{path}: ok")
    if not result.ended:
        output.say(f"{path}: its session has not ended: rows may yet come")
    if result.version == 1:
        output.say(f"{path}: format 1: only frames and journal are tied into the chains")


def _print_json(path: Path, result: chain.Verification) -> None:
    output.print_json(
        {
            "recording": str(path),
            "ok": not result.findings,
            "format": result.version,
            "ended": result.ended,
            "last_hash": result.last_hash,
            "findings": [asdict(finding) for finding in result.findings],
        }
    )
