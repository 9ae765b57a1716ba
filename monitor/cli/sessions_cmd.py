"""`vigil sessions`: the archive of recordings."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from monitor import config, hosting, starting
from monitor.archive import folder, sidecar
from monitor.cli import output
from monitor.cli.output import clock_text
from monitor.clock import NS_PER_S
from monitor.errors import RecordingError, VigilError
from monitor.recording import chain
from monitor.recording.reader import Recording


class _Group(click.Group):
    """Imports what annotating and finding need only when one of them is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, those of this module first."""
        return [*super().list_commands(ctx), *_MORE]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One of this module, or one of those beside it."""
        if cmd_name not in _MORE:
            return super().get_command(ctx, cmd_name)
        found: click.Command = getattr(importlib.import_module(_MORE[cmd_name]), cmd_name)
        return found


_MORE = {"annotate": "monitor.cli.annotate_cmd", "find": "monitor.cli.find_cmd"}


@click.group(cls=_Group)
def sessions() -> None:
    """List, show, verify, annotate and find recordings."""


def chosen(paths: Sequence[Path]) -> list[Path]:
    """The recordings meant: of these files and folders, or all there are.

    Without paths: those in the configured folder, and those of running sessions wherever they are.
    """
    if paths:
        return folder.recordings(paths)
    home = starting.recordings_directory(config.load(None))
    found = {*folder.recordings([home] if home.is_dir() else [])}
    found |= {path for path in _running() if path.exists()}
    if not found:
        output.say(f"no recordings in {home}")
    return sorted(found)


def _running() -> set[Path]:
    return {Path(running.plan.recording) for running in hosting.sessions()}


@sessions.command(name="list")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(paths: tuple[Path, ...], *, as_json: bool) -> int:
    """Recordings in PATHS, files or folders and what is below them.

    Without PATHS: the configured folder, and running sessions wherever they are. A file that
    cannot be read is told and left out; exit code 1 then.
    """
    running, worst = _running(), 0
    for path in chosen(paths):
        try:
            row = folder.summary(path) | {"running": path in running}
            notes = [a for a in sidecar.read(path) if not a.withdrawn]
        except VigilError as error:
            output.say(str(error))
            worst = output.EXIT_FOUND
            continue
        row["annotations"] = dict(Counter(note.verdict for note in notes))
        (output.print_json if as_json else _print_row)(row)
    return worst


def _print_row(row: Mapping[str, Any]) -> None:
    mark = "running" if row["running"] else ("" if row["ended"] else "not ended")
    said = ", ".join(f"{n} {verdict}" for verdict, n in row["annotations"].items())
    start = row["start_local"] or "time unknown"
    line = f"{start:25}  {clock_text(row['duration_s'])}  {row['subject']:12}  {row['recording']}"
    output.print_text("  ".join(part for part in (line, mark, said) if part))


@sessions.command()
@click.argument("recording", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show(recording: Path, *, as_json: bool) -> None:
    """What one recording holds: sensors, actions, alarms, and what was said of it since."""
    with Recording.open(recording) as opened:
        row = folder.summary(recording) | {"last_hash": opened.last_hash}
        sensors = [f"{s.alias} ({s.codec}, {s.measures.value}, {s.site})" for s in opened.sensors()]
        journal = opened.journal(["action", "alarm", "gap", "session"])
    notes = sidecar.read(recording)
    if as_json:
        rows = [{"t_s": e.t_ns / NS_PER_S, "kind": e.kind, **e.body} for e in journal]
        more = {"sensors": sensors, "journal": rows, "annotations": [asdict(n) for n in notes]}
        output.print_json(row | more)
        return
    for key, value in (row | {"sensors": ", ".join(sensors)}).items():
        output.print_text(f"{key:12} {value}")
    for entry in journal:
        body = {k: v for k, v in entry.body.items() if v not in (None, "", {})}
        words = " ".join(f"{key}={value}" for key, value in body.items())
        output.print_text(f"{clock_text(entry.t_ns / NS_PER_S)}  {entry.kind:8} {words}")
    for note in notes:
        output.print_text(annotation_line(note))


def annotation_line(note: sidecar.Annotation) -> str:
    """One annotation as a line of text."""
    end = "end" if note.t1_s is None else clock_text(note.t1_s)
    about = note.subject or "time"
    taken_back = "  (withdrawn)" if note.withdrawn else ""
    span = f"{clock_text(note.t0_s)} - {end}"
    said = f"{note.verdict}: {note.why} ({note.who}, {note.added_utc[:16]}Z)"
    return f"{span:17}  {about:16} {said}  [annotation {note.id}]{taken_back}"


@sessions.command()
@click.argument("recordings", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a recording.")
@click.pass_context
def verify(context: click.Context, recordings: tuple[Path, ...], *, as_json: bool) -> None:
    """Check that nothing on record was changed, removed or reordered; exit 1 if something was.

    RECORDINGS are files, or folders and what is below them.
    """
    unreadable = 0
    intact: list[bool] = []
    for path in folder.recordings(recordings):
        try:
            result = chain.examine(path)
        except RecordingError as error:
            output.say(str(error))
            unreadable = error.exit_code
            continue
        (_print_json if as_json else _print_verified)(path, result)
        intact.append(not result.findings)
    if not intact:
        context.exit(unreadable)
    # Among others a file that cannot be read is a finding, and hides none.
    context.exit(output.EXIT_FOUND if unreadable or not all(intact) else 0)


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
