"""`vigil selftest`: drill an alarm through the whole path, before the dose."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from monitor import config, drill, feed, hosting
from monitor.cli import output


def _first_line(snapshot: feed.Snapshot) -> str:
    from tui.view_state import build  # noqa: PLC0415 - the words of the screen

    return build(snapshot, 0.0).banner.heading


@click.command()
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Configuration.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def selftest(config_path: Path | None, *, as_json: bool) -> int:
    """Drill a HIGH alarm: bytes of a sensor, screen, sound, acknowledgement, record, end.

    It takes about 20 seconds and sounds. With a session running, its sensors' wire formats are
    used and the result is stored in its record; that is refused after the dose. Exit code 0: all
    as it should be, 1: something was not.
    """
    settings = config.load(config_path)
    running = next(iter(hosting.sessions()), None)
    if running is not None and asyncio.run(_dosed(running.directory)):
        raise click.UsageError("a dose is recorded in the running session; drill before the dose")
    sensors = running.plan.sensors if running else list(settings.sensors.values())
    steps = asyncio.run(drill.run(settings, sensors, _first_line))
    refused = asyncio.run(drill.store(running.directory, steps)) if running else ""
    where = running.plan.recording if running and not refused else ""
    if as_json:
        output.print_json(
            {
                "passed": drill.passed(steps),
                "steps": [{"step": s.name, "passed": s.passed, "saw": s.saw} for s in steps],
                "stored_in": where or None,
            }
        )
    else:
        for step in steps:
            mark = "ok    " if step.passed else "FAILED"
            output.print_text(f"{mark}  {step.name:<12} {output.clean(step.saw)}")
    if refused:
        output.say(f"not stored in the session: {refused}")
    elif where:
        output.say(f"stored in {where}")
    return 0 if drill.passed(steps) else output.EXIT_FOUND


async def _dosed(directory: Path) -> bool:
    snapshot = await hosting.first_snapshot(await hosting.endpoint(directory))
    return snapshot is not None and bool(snapshot.doses_s)
