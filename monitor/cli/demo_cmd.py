"""`vigil demo`: a full simulated session through the real path."""

from __future__ import annotations

from pathlib import Path

import click

from monitor import config, starting
from monitor.cli import watch

DEMO_RATE = 60.0
RATE_RANGE = click.FloatRange(0.1, 120.0)


@click.command()
@click.option(
    "--scenario",
    "--recording",
    "scenario",
    default="session",
    show_default=True,
    help="A name of `vigil scenario list`, a file, or a recording to play out.",
)
@click.option(
    "--speed",
    type=RATE_RANGE,
    default=DEMO_RATE,
    show_default=True,
    help="Session seconds per real second; 60 makes a six-hour session six minutes.",
)
@click.option("--seed", type=int, help="Another seed is another person.")
@click.option("--headless", is_flag=True, help="No screen: print alarms and actions as lines.")
@click.option("--for", "for_s", type=click.FloatRange(min=0.0), help="End after real SECONDS.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The recording to write.")
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Configuration.")
def demo(
    scenario: str,
    speed: float,
    seed: int | None,
    *,
    headless: bool,
    for_s: float | None,
    output: Path | None,
    config_path: Path | None,
) -> None:
    """Watch a simulated session: wire bytes, alarms, sound, recording. No hardware needed."""
    from simulators import library  # noqa: PLC0415 - brings the simulators

    library.scenario(scenario, seed)  # a mistake is told before anything begins
    watch.require_terminal(headless=headless)
    settings = config.load(config_path)
    directory = starting.demo(settings, scenario, speed, output, seed=seed, watched=not headless)
    watch.watch(directory, settings.screen.theme, headless=headless, for_s=for_s)
