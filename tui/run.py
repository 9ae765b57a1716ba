"""Puts the dashboard in front of a session's folder."""

from __future__ import annotations

import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

from monitor import config, drill, hosting, plan
from monitor.feed import Snapshot
from tui.app import VigilApp
from tui.failure_signal import FailureSignal
from tui.view_state import build


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
    app.tester = partial(_drill, current)
    return app.run() or "closed"


def _heading(snapshot: Snapshot) -> str:
    return build(snapshot, 0.0).banner.heading


async def _drill(current: plan.Plan, told: Callable[[drill.Step], None]) -> list[drill.Step]:
    """The self-test of this session: with its configuration and its sensors' wire formats."""
    settings = config.from_json(current.config_json)
    return await drill.run(settings, current.sensors, _heading, told)
