"""`vigil replay`: a recording in the dashboard, unmistakably marked."""

from __future__ import annotations

import re
from pathlib import Path

import click

from monitor import config, starting
from monitor.cli import watch, web
from monitor.replay import RATE_MAX


class SessionTime(click.ParamType[float]):
    """Session time as seconds, M:SS or H:MM:SS."""

    name = "TIME"

    def convert(
        self, value: str | float, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Seconds from the recording's start."""
        text = str(value)
        if not re.fullmatch(r"\d+(:[0-5]?\d){0,2}(\.\d+)?", text):
            self.fail(f"{text!r} is not a time; write seconds, M:SS or H:MM:SS", param, ctx)
        seconds = 0.0
        for part in text.split(":"):
            seconds = seconds * 60 + float(part)
        return seconds


@click.command()
@click.argument("recording", type=click.Path(path_type=Path))
@click.option(
    "--speed",
    type=click.FloatRange(0.1, RATE_MAX),
    default=1.0,
    show_default=True,
    help="Session seconds per real second.",
)
@click.option("--from", "from_s", type=SessionTime(), default=0.0, help="Where to begin.")
@click.option("--headless", is_flag=True, help="No screen: print alarms and actions as lines.")
@click.option("--for", "for_s", type=click.FloatRange(min=0.0), help="End after real SECONDS.")
@web.options
def replay(
    recording: Path,
    speed: float,
    from_s: float,
    *,
    headless: bool,
    for_s: float | None,
    in_browser: bool,
    port: int | None,
) -> None:
    """Replay RECORDING through the same core and screen; live controls are off, no sound."""
    watch.require_terminal(headless=headless, web=in_browser)
    settings = config.load(None)
    with web.listening(web=in_browser, port=port) as place:
        directory = starting.replay(recording, speed, from_s)
        theme = settings.screen.theme
        watch.watch(directory, theme, headless=headless, for_s=for_s, place=place)
