"""`vigil run` and `vigil attach`: a live session, and a dashboard on a running one."""

from __future__ import annotations

from pathlib import Path

import click

from monitor import config, hosting, starting
from monitor.cli import watch, web
from monitor.cli.config_cmd import say_lowered
from monitor.errors import EnvironmentFault

SUBJECT = r"[A-Za-z0-9_-]{0,24}"


@click.command()
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Configuration.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change one key.")
@click.option("--subject", default="", metavar="CODE", help="The person's code; never a name.")
@click.option("--headless", is_flag=True, help="No screen: print alarms and actions as lines.")
@click.option("--for", "for_s", type=click.FloatRange(min=0.0), help="End after real SECONDS.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The recording to write.")
@click.option("--simulate", metavar="KIND,...", help="Simulated sensors: vigil simulate --list.")
def run(
    config_path: Path | None,
    overrides: tuple[str, ...],
    subject: str,
    *,
    headless: bool,
    for_s: float | None,
    output: Path | None,
    simulate: str | None,
) -> None:
    """Monitor a live session with the sensors listed in the configuration.

    Without any, the screen asks for subject code, age and sensors first.
    """
    kinds = simulated_kinds(simulate)
    watch.require_terminal(headless=headless)
    given = [*overrides, f'session.subject="{subject}"'] if subject else overrides
    settings = config.load(config_path, given)
    if not (headless or settings.sensors or kinds) and settings.setup.wizard:
        from monitor.cli import wizard  # noqa: PLC0415 - Textual is heavy

        answers = wizard.ask(settings, config_path)
        if answers is None:
            return
        kinds = answers.simulate
        settings = config.load(config_path, [*given, *answers.overrides()])
    say_lowered(settings)
    directory = starting.live(
        settings, settings.session.subject, output, watched=not headless, kinds=kinds
    )
    watch.watch(directory, settings.screen.theme, headless=headless, for_s=for_s)


def simulated_kinds(words: str | None) -> list[str]:
    """The kinds of `--simulate strap,core`.

    Raises:
        click.UsageError: there is no such kind.
    """
    if words is None:
        return []
    from monitor.cli.simulate_cmd import kinds_of  # noqa: PLC0415 - brings the simulators

    found = [word.strip() for word in words.split(",") if word.strip()]
    kinds_of(found)
    return found


def describe(running: hosting.Running) -> str:
    """A running session in a line: the id to attach to, what it is, where it records."""
    current = running.plan
    subject = current.subject or "no subject code"
    return f"{current.session_id[:8]}  {current.mode}  {subject}  {current.recording}"


@click.command()
@click.argument("session", required=False)
@click.option("--headless", is_flag=True, help="No screen: print alarms and actions as lines.")
@web.options
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Configuration.")
def attach(
    session: str | None,
    *,
    headless: bool,
    in_browser: bool,
    port: int | None,
    config_path: Path | None,
) -> None:
    """Open a dashboard on a running session: by the start of its id, else the newest live one."""
    running = [r for r in hosting.sessions() if r.plan.session_id.startswith(session or "")]
    if not running:
        wanted = f" whose id starts with {session!r}" if session else ""
        raise EnvironmentFault(f"no session{wanted} is running; start one with `vigil run`")
    watch.require_terminal(headless=headless, web=in_browser)
    for other in running[1:]:
        click.echo(f"also running: {describe(other)}", err=True)
    theme = config.load(config_path).screen.theme
    directory = running[0].directory
    with web.listening(web=in_browser, port=port) as place:
        watch.watch(directory, theme, headless=headless, for_s=None, owner=False, place=place)
