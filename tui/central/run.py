"""Puts the wall in front of a broker."""

from __future__ import annotations

import signal
from typing import Any

from alerts.annunciator.client import Annunciator
from monitor.central.station import Station
from monitor.rooms.broker import Central
from tui.central.app import CentralApp


def run_wall(settings: Central, arguments: dict[str, Any], theme: str, *, sound: bool) -> None:
    """Show the rooms until the screen is closed."""
    if hasattr(signal, "SIGHUP"):
        # Started under nohup it would outlive its terminal, and sound where nobody can answer.
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    station = Station(settings, arguments)
    CentralApp(station, Annunciator(muted=not sound), muted=not sound, theme=theme).run()
