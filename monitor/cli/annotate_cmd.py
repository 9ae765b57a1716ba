"""`vigil sessions annotate`: what an alarm was, in a layer of its own."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from monitor.archive import sidecar
from monitor.archive.sidecar import Annotation, Occurrence, Verdict
from monitor.cli import output
from monitor.cli.output import clock_text
from monitor.cli.replay_cmd import SessionTime
from monitor.cli.sessions_cmd import annotation_line
from monitor.errors import AnnotationError
from monitor.recording.reader import Recording

TIME = SessionTime()


@click.command()
@click.argument("recording", type=click.Path(path_type=Path))
@click.argument("verdict", required=False, type=click.Choice([v.value for v in Verdict]))
@click.option("--alarm", metavar="NAME[#N]", help="Occurrence N of an alarm, as `show` names it.")
@click.option("--from", "from_s", type=TIME, help="Begin of a stretch of time.")
@click.option("--to", "to_s", type=TIME, help="Its end.")
@click.option("--by", "who", help="Code of the person who says so.")
@click.option("--why", help="The reason.")
@click.option("--withdraw", type=int, metavar="ID", help="Take an annotation back.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object an annotation.")
def annotate(  # noqa: PLR0913 - one argument an option
    recording: Path,
    verdict: str | None,
    *,
    alarm: str | None,
    from_s: float | None,
    to_s: float | None,
    who: str | None,
    why: str | None,
    withdraw: int | None,
    as_json: bool,
) -> None:
    """Say of an alarm or a stretch of RECORDING that it was true, false, or an artefact.

    Kept in RECORDING.annotations; the recording itself is never touched. Without a VERDICT: all
    that was said so far.
    """
    if verdict is None and withdraw is None:
        _print(sidecar.read(recording), as_json=as_json)
        return
    if not (who and who.strip() and why and why.strip()):
        raise click.UsageError("say who (--by CODE) and why (--why TEXT)")
    if withdraw is not None:
        sidecar.withdraw(recording, withdraw, who, why)
        _print(sidecar.read(recording)[withdraw - 1 : withdraw], as_json=as_json)
        return
    with Recording.open(recording) as opened:
        about = _alarm(opened, alarm) if alarm else _span(opened, from_s, to_s)
        session_id = opened.session_id
    made = Annotation(
        session_id=session_id,
        verdict=str(verdict),
        condition=about.condition,
        occurrence=about.number,
        t0_s=about.onset_s,
        t1_s=about.clear_s,
        who=who,
        why=why,
    )
    _print([sidecar.add(recording, made)], as_json=as_json)


def _print(notes: list[Annotation], *, as_json: bool) -> None:
    for note in notes:
        if as_json:
            output.print_json(asdict(note))
        else:
            output.print_text(annotation_line(note))


def _span(recording: Recording, from_s: float | None, to_s: float | None) -> Occurrence:
    if from_s is None or to_s is None:
        raise click.UsageError("say of what: --alarm NAME#N, or --from TIME --to TIME")
    end_s = recording.end_ns / 1e9
    if not from_s <= to_s <= end_s:
        raise AnnotationError(
            f"{recording.path}: from {clock_text(from_s)} to {clock_text(to_s)}: must be in this "
            f"order and within the recording, which is {clock_text(end_s)} long"
        )
    return Occurrence("", 0, from_s, to_s)


def _alarm(recording: Recording, text: str) -> Occurrence:
    """The occurrence that is meant; the number may be left out where there is but one."""
    name, _, number = text.partition("#")
    known = [one for one in sidecar.occurrences(recording) if one.condition == name]
    meant = [one for one in known if not number or str(one.number) == number]
    if len(meant) == 1:
        return meant[0]
    listed = ", ".join(f"{o.condition}#{o.number} at {clock_text(o.onset_s)}" for o in known)
    raise AnnotationError(
        f"{recording.path}: --alarm {text}: {'which one' if meant else 'no such alarm'}? "
        f"There is {listed or f'no alarm {name}'}"
    )
