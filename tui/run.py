"""Puts the dashboard in front of a session's folder."""

from __future__ import annotations

import signal
from functools import partial
from pathlib import Path

from monitor import hosting, plan
from tui.app import VigilApp
from tui.failure_signal import FailureSignal


def run_dashboard(directory: Path, theme: str) -> str:
    """Show the session until the screen is closed; returns "closed" or "ended".

    Starts the session's engine if it does not run, and again whenever it dies.
    """
    if hasattr(signal, "SIGHUP"):
        # Started under nohup it would outlive its terminal, and claim that somebody is watching.
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    current = plan.load(directory)
    replays = current.mode == "REPLAY"
    app = VigilApp(
        partial(hosting.endpoint, directory),
        current.operator,
        FailureSignal() if current.sound and not replays else None,
        theme=theme,
    )
    return app.run() or "closed"
