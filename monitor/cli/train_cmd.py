"""`vigil train`: a simulated session whose future is hidden; the trainee is the operator."""

from __future__ import annotations

import json
import random
from pathlib import Path

import click

from monitor import config, plan, starting, training
from monitor.cli import watch
from monitor.recording.reader import Recording

EXIT_FINDING = 1
SEEDS = 1_000_000
SPEEDS = click.FloatRange(0.1, 20.0)
"""Beyond, minutes pass while an engine starts."""


@click.command()
@click.option("--scenario", help="A name of `vigil scenario list`, or a file.")
@click.option("--random", "surprise", is_flag=True, help="Any fitting scenario; the default.")
@click.option("--seed", type=int, help="The same seed is the same choice and the same person.")
@click.option(
    "--speed", type=SPEEDS, default=1.0, show_default=True, help="Session s a real second."
)
@click.option("--headless", is_flag=True, help="No screen: answers come through the feed.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The recording to write.")
@click.option("--json", "as_json", is_flag=True, help="Print the score as one JSON object.")
def train(
    scenario: str | None,
    seed: int | None,
    speed: float,
    output: Path | None,
    *,
    surprise: bool,
    headless: bool,
    as_json: bool,
) -> int:
    """Train: alarms come as in a session, and how they are answered is scored at the end.

    Nothing says beforehand what will happen. Exit code 1 if an alarm or an entry was missed.
    """
    if scenario and surprise:
        raise click.UsageError("--scenario and --random exclude each other")
    seed = random.SystemRandom().randrange(SEEDS) if seed is None else seed
    name = scenario or chosen(seed)
    watch.require_terminal(headless=headless)
    from simulators import library  # noqa: PLC0415 - brings the simulators

    library.scenario(name, seed)  # a mistake is told before anything begins
    settings = config.load(None)
    directory = starting.demo(
        settings, name, speed, output, seed=seed, watched=not headless, training=True
    )
    path = Path(plan.load(directory).recording)
    watch.watch(directory, settings.screen.theme, headless=headless, for_s=None)
    return _tell(path, as_json=as_json)


def chosen(seed: int) -> str:
    """The scenario of that seed, among those in which a person has something to answer."""
    from simulators import library  # noqa: PLC0415 - brings the simulators

    fit = [s.name for s in library.scenarios() if s.expected and not s.system]
    return random.Random(seed).choice(fit)  # noqa: S311 - a draw, no secret


def _tell(path: Path, *, as_json: bool) -> int:
    """Print the score of a training that is over."""
    with Recording.open(path) as recording:
        if not recording.ended:
            return 0  # it goes on; its report tells later
        rows = [(row.t_ns, row.kind, row.body) for row in recording.journal()]
        score = training.score(rows, recording.end_ns)
    if score is None:
        return 0
    text = json.dumps(score.as_json()) if as_json else "\n".join(training.lines(score))
    click.echo(text)
    return EXIT_FINDING if score.missed else 0
