"""`vigil report`: one session on paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli import output

if TYPE_CHECKING:
    from monitor.archive.sidecar import Annotation
    from monitor.report.model import Judgement

EVERY_MIN = 30
PAPERS = ("a4", "letter")


@click.command()
@click.argument("recording", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", "out", type=click.Path(path_type=Path), required=True,
    help="The HTML file to write.",
)  # fmt: skip
@click.option("--pdf", is_flag=True, help="Print it to a PDF beside it, too (needs a browser).")
@click.option(
    "--paper", type=click.Choice(PAPERS), default=PAPERS[0], show_default=True,
    help="Paper of the PDF.",
)  # fmt: skip
@click.option(
    "--every", "every_min", type=click.IntRange(5, 120), default=EVERY_MIN, show_default=True,
    help="Minutes between the rows of the interval table.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Write over files that exist.")
@click.pass_context
def report(
    context: click.Context,
    recording: Path,
    out: Path,
    *,
    pdf: bool,
    paper: str,
    every_min: int,
    force: bool,
) -> None:
    """Write a session's report: one HTML file that opens offline and prints well.

    Exit code 1 if the recording is not as it was written; the report then says so.
    """
    from monitor.archive import sidecar  # noqa: PLC0415
    from monitor.report import build, files  # noqa: PLC0415 - only when run
    from monitor.report import pdf as printing  # noqa: PLC0415
    from monitor.report.wall import length  # noqa: PLC0415

    if out.suffix.lower() == ".pdf":
        raise click.BadParameter("names the HTML file; --pdf writes the PDF beside it")
    printed = out.with_suffix(".pdf")
    for path in (out, printed) if pdf else (out,):
        files.check(path, overwrite=force)
    if pdf:
        printing.browser()
    judged = [_judgement(annotation) for annotation in sidecar.read(recording)]
    made, page = build.build(recording, every_min * 60, judged)
    files.place(out, page.encode(), overwrite=force)
    told = f"{length(made.wall.end_ns / 1e9)}, {len(made.alarms)} alarms"
    output.say(f"{out}: {told}")
    if pdf:
        files.place(printed, printing.printed(page, out.parent, paper), overwrite=force)
        output.say(f"{printed}: printed")
    if made.integrity.findings:
        output.say(f"{recording}: is not as it was written; see the report")
        context.exit(output.EXIT_FOUND)


def _judgement(annotation: Annotation) -> Judgement:
    """An annotation as the report tells it."""
    from monitor.report.model import Judgement  # noqa: PLC0415 - only when run

    return Judgement(
        t0_s=annotation.t0_s,
        t1_s=annotation.t1_s,
        subject=annotation.condition,
        verdict=annotation.verdict,
        by=annotation.who,
        why=annotation.why,
        withdrawn=annotation.withdrawn,
    )
