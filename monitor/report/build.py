"""A recording in, the report's page out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from monitor import clock
from monitor.extras import need
from monitor.report import chart, page
from monitor.report.model import Judgement, Report
from monitor.report.summary import summarise

NEEDED = ("jinja2", "matplotlib")


def build(
    recording: Path, every_s: int, judgements: Sequence[Judgement] = ()
) -> tuple[Report, str]:
    """What the report tells, and its page.

    Args:
        recording: the recording.
        every_s: step of the interval table, seconds.
        judgements: what was said of it afterwards.

    Raises:
        RecordingError: the recording cannot be read; it is not touched.
        MissingExtraError: a library is missing.
    """
    for library in NEEDED:
        need(library, "vigil report", extra="report")
    report = summarise(recording, every_s, judgements)
    return report, page.render(report, chart.draw(report), clock.utc_ns())
