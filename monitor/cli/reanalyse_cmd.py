"""`vigil reanalyse`: re-derive alarms, with the recorded limits or others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import click

from monitor import what_if
from monitor.archive import cluster, folder, pool, results
from monitor.archive.asking import Chunk
from monitor.cli import output
from monitor.cli.reanalyse_tally import Tally
from monitor.errors import RecordingError, VigilError

Ask = Callable[[Sequence[Path]], Iterator[Chunk]]


@click.command(
    epilog="Exit codes: 0 fine; 1 differences with --compare, frames of unknown sensors, or a "
    "recording among several that could not be read; 2 bad input, or no recording could be read; "
    "3 a fault of the environment."
)
@click.argument("recordings", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Other limits.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change one limit.")
@click.option("--sweep", metavar="KEY=FIRST:LAST:STEP", help="Try several values of one limit.")
@click.option("--compare", is_flag=True, help="Show differences; exit 1 if there are any.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Work in N processes.")
@click.option("--scheduler", metavar="ADDRESS", help="Let the workers of a Dask scheduler work.")
@click.option(
    "--parquet",
    "kept_in",
    metavar="OUT",
    type=click.Path(path_type=Path),
    help="Keep the results as Parquet in this folder; given again, go on where it was.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a recording.")
def reanalyse(  # noqa: PLR0913 - an option each
    recordings: tuple[Path, ...],
    config_path: Path | None,
    overrides: tuple[str, ...],
    *,
    sweep: str | None,
    compare: bool,
    jobs: int | None,
    scheduler: str | None,
    kept_in: Path | None,
    as_json: bool,
) -> int:
    """Derive the alarms of recordings again; of a folder, all *.db in it and below it.

    --compare holds the result against the alarms as recorded; with --config or --set, against
    those of the recording's own limits. --sweep alarms.hr_high.limit_bpm=110:150:5 counts the
    alarms of each value. A recording that cannot be read is left out, and told at the end.
    """
    if scheduler is not None:
        cluster.check_address(scheduler)
    if jobs and scheduler:
        raise click.UsageError("--jobs is about this computer; it does not go with --scheduler")
    swept = what_if.Sweep.parse(sweep) if sweep else None
    question = what_if.Question(config_path, overrides, compare=compare, sweep=swept).fixed()
    paths = _each_once(folder.recordings(recordings))
    if not paths:
        raise RecordingError(f"{recordings[0]}: there is no recording (*.db) in it")
    ask = _asker(question, jobs or 1, scheduler)
    if kept_in is not None:
        return _keep(kept_in, paths, question, ask, as_json=as_json)
    tally = Tally(question, as_json=as_json)
    tally.take(paths, ask(paths))
    tally.print_all()
    return tally.exit_code


def _each_once(paths: Iterable[Path]) -> list[Path]:
    """Without those that were given before by another name of the same path."""
    first: dict[str, Path] = {}
    for path in paths:
        first.setdefault(results.key(path), path)
    return list(first.values())


def _asker(question: what_if.Question, jobs: int, scheduler: str | None) -> Ask:
    if scheduler:
        return partial(cluster.ask, question=question, address=scheduler)
    return partial(pool.ask, question=question, jobs=jobs)


def _keep(
    out: Path, paths: Sequence[Path], question: what_if.Question, ask: Ask, *, as_json: bool
) -> int:
    """Ask those whose answers are not in the folder yet; returns the exit code."""
    with results.opened(out, question) as kept:
        rest = kept.rest(paths)
        earlier = [kept.done[name] for name in map(results.key, paths) if name in kept.done]
        tally = Tally(question, as_json=as_json, kept=True)
        tally.read, tally.findings = len(earlier), sum(earlier)
        try:
            tally.take(rest, kept.keep(ask(rest)))
        except (KeyboardInterrupt, VigilError):
            done = sum(results.key(path) in kept.done for path in paths)
            output.say(f"{out}: {done} of {len(paths)} recordings are done and kept; the same "
                       "command goes on from there")  # fmt: skip
            raise
        output.say(
            f"{out}: {tally.read} recordings, {len(earlier)} of them from before; "
            f"{len(tally.errors)} could not be read; {tally.findings} with findings"
        )
        return tally.exit_code
