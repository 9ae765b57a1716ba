"""A recording in, the report's page out."""

from __future__ import annotations

import importlib
from pathlib import Path

from monitor import clock
from monitor.errors import EnvironmentFault
from monitor.report import chart, page
from monitor.report.model import Report
from monitor.report.summary import summarise

NEEDED = ("jinja2", "matplotlib")


def need() -> None:
    """Raise EnvironmentFault unless the libraries of the extra are there."""
    for name in NEEDED:
        try:
            importlib.import_module(name)
        except ImportError as fault:
            raise EnvironmentFault(
                f"vigil report needs {' and '.join(NEEDED)} ({fault}); "
                "install them with: pip install 'vigil-session-monitor[report]'"
            ) from fault


def build(recording: Path, every_s: int) -> tuple[Report, str]:
    """What the report tells, and its page.

    Raises:
        RecordingError: the recording cannot be read; it is not touched.
        EnvironmentFault: a library is missing.
    """
    need()
    report = summarise(recording, every_s)
    return report, page.render(report, chart.draw(report), clock.utc_ns())
