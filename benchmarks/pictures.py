"""Draws the README's stills into docs/: session, alarm, night theme, replay, central station.

    PYTHONPATH=. python benchmarks/pictures.py

The real screens, fed with the made-up messages of its own tests.
"""

from __future__ import annotations

import asyncio
import importlib
import runpy
import sys
from pathlib import Path
from types import ModuleType

from monitor.plan import Listening
from tui.app import VigilApp

ROOT = Path(__file__).parent.parent
SIZE = (120, 40)
STILLS = {
    "session": ("calm", "dark"),
    "alarm": ("high_alarm", "dark"),
    "night": ("lost_strap", "night"),
    "replay": ("replay", "day"),
}
"""Scene and colours of each picture."""


async def nowhere() -> Listening:
    """No engine: what is drawn comes from the messages alone."""
    await asyncio.Event().wait()
    raise AssertionError


async def still(name: str) -> Path:
    """Draw one picture and return its file."""
    scene, theme = STILLS[name]
    canned = runpy.run_path(str(ROOT / "tests" / "snapshot" / "canned.py"))
    app = VigilApp(nowhere, now_s=lambda: 100.0, flashing=False, theme=theme)
    async with app.run_test(size=SIZE) as pilot:
        for message in canned[scene]():
            app.receive(message)
        for _ in range(3):
            app.redraw()
            await pilot.pause()
        target = ROOT / "docs" / f"{name}.svg"
        target.write_text(app.export_screenshot(), encoding="utf-8")
    return target


async def wall() -> Path:
    """Draw a wall of rooms and return its file."""
    # Some library may have installed a package of the same name.
    sys.modules["tests"] = tests = ModuleType("tests")
    tests.__path__ = [str(ROOT / "tests")]
    rooms = importlib.import_module("tests.snapshot.rooms")
    station = rooms.station(rooms.Clock())
    rooms.busy(station, 9)
    app = rooms.app(station, muted=False)
    async with app.run_test(size=SIZE) as pilot:
        for _ in range(3):
            app.draw()
            await pilot.pause()
        target = ROOT / "docs" / "central.svg"
        target.write_text(app.export_screenshot(), encoding="utf-8")
    return target


def main() -> None:
    """Draw all."""
    for name in STILLS:
        sys.stdout.write(f"{asyncio.run(still(name))}\n")
    sys.stdout.write(f"{asyncio.run(wall())}\n")


if __name__ == "__main__":
    main()
