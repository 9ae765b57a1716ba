"""`vigil central`: many rooms on one screen, over MQTT."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor import config
from monitor.cli import output, watch
from monitor.errors import ConfigError, EnvironmentFault
from monitor.rooms import broker

if TYPE_CHECKING:
    from monitor.central.station import Station

LISTEN_S = 5.0
POLL_S = 0.1
NEEDED = ("host", "clinic", "station")


@click.command()
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Configuration.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change one key.")
@click.option("--once", is_flag=True, help="No screen: listen, print how the rooms stand, exit.")
@click.option(
    "--for",
    "for_s",
    type=click.FloatRange(min=0.5),
    default=LISTEN_S,
    show_default=True,
    help="With --once: listen for SECONDS.",
)
@click.option("--json", "as_json", is_flag=True, help="With --once: print one JSON object.")
def central(
    config_path: Path | None,
    overrides: tuple[str, ...],
    *,
    once: bool,
    for_s: float,
    as_json: bool,
) -> int:
    """Watch all rooms of a clinic on one screen, over an MQTT broker.

    Rooms publish with [publish] in their configuration; this station needs [central]. Alarms are
    decided and sounded in the rooms; this screen sounds them too. With --once the exit code is 1
    when a room alarms or was not heard, and 3 without a broker.
    """
    if as_json and not once:
        raise click.UsageError("--json goes with --once")
    settings = config.load(config_path, overrides)
    _check(settings.central, settings.source_file)
    broker.library()
    arguments = broker.arguments(settings.central, "central")
    if once:
        return _once(settings.central, arguments, for_s, as_json=as_json)
    watch.require_terminal(headless=False, instead="--once")
    from tui.central.run import run_wall  # noqa: PLC0415 - Textual is heavy

    run_wall(settings.central, arguments, settings.screen.theme, sound=settings.sound.enabled)
    return 0


def _check(settings: broker.Central, source: str) -> None:
    missing = [key for key in NEEDED if not getattr(settings, key)]
    if missing:
        keys = ", ".join(f"central.{key}" for key in missing)
        where = source or "no configuration file was given"
        raise ConfigError(f"{where}: {keys}: needed to find the rooms, for example station = "
                          '"desk-1"')  # fmt: skip


def _once(
    settings: broker.Central, arguments: dict[str, Any], for_s: float, *, as_json: bool
) -> int:
    from monitor.central.station import Station  # noqa: PLC0415 - not needed by the screen's help
    from monitor.central.told import findings, told  # noqa: PLC0415

    station = Station(settings, arguments)
    asyncio.run(_listen(station, for_s))
    now_s = station.now_s()
    if as_json:
        output.print_json(told(station.wall, now_s))
    else:
        _print(told(station.wall, now_s))
    if not station.wall.connected:
        raise EnvironmentFault(f"no connection to the broker: {station.wall.reason or 'no answer'}")
    return output.EXIT_FOUND if findings(station.wall, now_s) else 0


async def _listen(station: Station, for_s: float) -> None:
    task = asyncio.create_task(station.link.run())
    end_s = station.now_s() + for_s
    while station.now_s() < end_s:
        await asyncio.sleep(POLL_S)
        station.step()
    task.cancel()
    was = station.wall.connected, station.wall.reason
    with contextlib.suppress(asyncio.CancelledError):
        await task
    station.wall.connected, station.wall.reason = was


def _print(found: dict[str, Any]) -> None:
    for room in found["rooms"]:
        numbers = [
            "--" if room[key] is None else f"{room[key]:.{decimals}f} {unit}"
            for key, decimals, unit in (
                ("heart_rate_bpm", 0, "bpm"),
                ("skin_temperature_degc", 1, "degC"),
            )
        ]
        alarms = ", ".join(f"{a['priority']} {a['condition']} {a['presence']}"
                           for a in room["alarms"])  # fmt: skip
        two = "TWO ENGINES" if room["disputed"] else ""
        facts = (room["room"], room["standing"], two, *numbers, alarms)
        output.print_text("  ".join(fact for fact in facts if fact))
    if not found["rooms"]:
        output.say("no room was heard")
