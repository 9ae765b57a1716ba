"""`vigil reanalyse`: re-derive alarms, with the recorded limits or others."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from monitor import what_if
from monitor.cli import output, reanalyse_text
from monitor.errors import ConfigError, VigilError

FINDING = 1
Result = tuple[Path, what_if.Answer | VigilError]


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
@click.option("--jobs", type=click.IntRange(1), default=1, metavar="N", help="Work in N processes.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a recording.")
def reanalyse(
    recordings: tuple[Path, ...],
    config_path: Path | None,
    overrides: tuple[str, ...],
    *,
    sweep: str | None,
    compare: bool,
    jobs: int,
    as_json: bool,
) -> int:
    """Derive the alarms of recordings again.

    --compare holds the result against the alarms as recorded; with --config or --set, against
    those of the recording's own limits. --sweep alarms.hr_high.limit_bpm=110:150:5 counts the
    alarms of each value. A recording that cannot be read is told and left out.
    """
    swept = what_if.Sweep.parse(sweep) if sweep else None
    question = what_if.Question(config_path, overrides, compare=compare, sweep=swept)
    question.check()
    results = _watched(what_if.ask(recordings, question, jobs), len(recordings))
    return _report(results, question, as_json=as_json)


def _report(results: Iterable[Result], question: what_if.Question, *, as_json: bool) -> int:
    """Print every answer, then what they come to together; returns the exit code."""
    answers: list[what_if.Answer] = []
    errors: list[VigilError] = []
    notes: set[str] = set()
    for path, result in results:
        if isinstance(result, VigilError):
            output.say(str(result))
            errors.append(result)
            continue
        answers.append(result)
        _say(path, result, notes)
        if as_json:
            output.print_json(result.as_json())
        else:
            reanalyse_text.print_one(result, compare=question.compare)
    if not as_json:
        reanalyse_text.print_all(answers, question)
    return _exit_code(answers, errors)


def _say(path: Path, answer: what_if.Answer, notes: set[str]) -> None:
    if unknown := answer.analysis.unknown_frames:
        output.say(f"{path}: {unknown} frames of unknown sensors")
    for note in answer.notes:
        if note not in notes:
            notes.add(note)
            output.say(note)


def _exit_code(answers: Sequence[what_if.Answer], errors: Sequence[VigilError]) -> int:
    if errors and (not answers or any(isinstance(error, ConfigError) for error in errors)):
        return max(error.exit_code for error in errors)
    return FINDING if errors or any(answer.finding for answer in answers) else 0


def _watched(results: Iterator[Result], count: int) -> Iterator[Result]:
    """The same results, with a bar on standard error where nothing else shows how far it is."""
    if count < 2 or not sys.stderr.isatty() or sys.stdout.isatty():
        yield from results
        return
    with click.progressbar(results, length=count, file=sys.stderr, label="reanalysed") as bar:
        yield from bar
