"""`vigil simulate`: virtual sensors that any `vigil run` finds like real ones."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import stat
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from devices.model import SensorSpec
from monitor.cli import output
from monitor.errors import EnvironmentFault

if TYPE_CHECKING:
    from simulators.kinds import Kind
    from simulators.room import Room, Simulated
    from simulators.scenario import Scenario

VARIABLE, LINES = "DBUS_SYSTEM_BUS_ADDRESS", "VIGIL_SERIAL_PORTS"
"""What another terminal exports to find the sensors on the air, and those on lines."""
HELP = """\
drop ALIAS            break the link; it can be had again at once
away ALIAS [SECONDS]  leave radio range, or be unplugged; back by itself after SECONDS
back ALIAS            come back
quiet ALIAS           stay linked and send nothing
resume ALIAS          send again
battery ALIAS PCT     tell another charge
garbage ALIAS         send bytes that mean nothing
help, end             this text; the end"""


def kinds_of(words: Sequence[str]) -> dict[str, Kind]:
    """Alias -> kind of the words given.

    Raises:
        click.UsageError: there is no such kind; the message names all.
    """
    from simulators.kinds import KINDS, named  # noqa: PLC0415 - brings the simulators

    try:
        return named(words)
    except KeyError as error:
        name = output.clean(str(error.args[0]))
        raise click.UsageError(
            f"no simulated sensor {name!r}; there are: {', '.join(KINDS)}"
        ) from error


@click.command()
@click.argument("words", metavar="SENSOR...", nargs=-1)
@click.option(
    "--scenario",
    "--recording",
    "scenario_name",
    default="session",
    help="What the body does; or a recording to play out.",
)
@click.option("--seed", type=int, help="Which simulated person.")
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Write it here.")
@click.option("--json", "as_json", is_flag=True, help="Say what to set as one line of JSON.")
@click.option("--list", "list_kinds", is_flag=True, help="List the kinds of sensors and exit.")
def simulate(
    words: tuple[str, ...],
    scenario_name: str,
    seed: int | None,
    config_path: Path | None,
    *,
    as_json: bool,
    list_kinds: bool,
) -> None:
    """Run virtual sensors: vigil simulate strap core center-30x, for example.

    SENSOR is a kind, or ALIAS=KIND. They run until Ctrl-C or the end of the scenario. Another
    terminal uses them with what is printed here. Lines typed here do things to them: help.
    """
    if list_kinds:
        _list()
        return
    from simulators import library  # noqa: PLC0415 - brings the simulators

    if not words and not scenario_name.endswith(library.RECORDED):
        raise click.UsageError("name at least one sensor; --list names them.")
    if config_path is not None and config_path.exists():
        raise click.UsageError(f"{config_path} exists already; it is not overwritten.")
    play = library.scenario(scenario_name, seed)
    kinds = kinds_of(words or play.sensors)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(kinds, play, config_path, as_json=as_json))


def _list() -> None:
    from devices.registry import codec  # noqa: PLC0415
    from simulators.kinds import KINDS  # noqa: PLC0415

    for kind in KINDS.values():
        output.print_text(f"{kind.name:<12} {kind.codec:<23} {codec(kind.codec).title}")


async def _run(
    kinds: Mapping[str, Kind], play: Scenario, config_path: Path | None, *, as_json: bool
) -> None:
    from monitor.clock import ScaledClock, monotonic_ns  # noqa: PLC0415
    from simulators.room import furnished  # noqa: PLC0415

    clock = ScaledClock(monotonic_ns())
    with tempfile.TemporaryDirectory(prefix="vigil-sim-") as folder:
        async with furnished(play, clock, kinds, Path(folder)) as room, _bus(room) as address:
            _announce(room, address, config_path, as_json=as_json)
            await _until_over(room)


@contextlib.asynccontextmanager
async def _bus(room: Room) -> AsyncIterator[str]:
    """A private bus with the Bluetooth sensors; its address, "" if there are none."""
    if not room.peripherals():
        yield ""
        return
    from simulators import private_bus  # noqa: PLC0415

    if not private_bus.available():
        raise EnvironmentFault(
            "no dbus-daemon here, which virtual Bluetooth sensors need; they can run inside the "
            "engine instead: vigil run --simulate KIND,..."
        )
    from simulators.bluez import FakeBlueZ  # noqa: PLC0415 - needs dbus-fast

    async with (
        private_bus.PrivateBus() as bus,
        FakeBlueZ(bus.address, room.peripherals()),
    ):
        yield bus.address


def _announce(room: Room, address: str, config_path: Path | None, *, as_json: bool) -> None:
    sensors = [one.spec for one in room.sensors.values()]
    text = "\n".join(map(config_table, sensors))
    if config_path is not None:
        config_path.touch(mode=0o600)
        config_path.write_text(text)
    if as_json:
        keys = ("alias", "codec", "measures", "site", "transport", "address")
        listed = [{key: str(getattr(spec, key)) for key in keys} for spec in sensors]
        output.print_json({"dbus": address, "sensors": listed})
    else:
        _explain(address, [s.address for s in sensors if s.transport == "serial"], config_path)
        if config_path is None:
            output.print_text(f"\n# sim.toml:\n\n{text}")
    sys.stdout.flush()


def _explain(address: str, lines: Sequence[str], config_path: Path | None) -> None:
    output.print_text("# In another terminal; without --config the screen asks for what it needs:")
    if address:
        output.print_text(f"export {VARIABLE}='{address}'")
    if lines:
        output.print_text(f"export {LINES}='{','.join(lines)}'")
    output.print_text(f"vigil run --config {config_path or 'sim.toml'}")


def config_table(spec: SensorSpec) -> str:
    """A sensor as a table of the configuration file."""
    lines = {
        "codec": spec.codec,
        "measures": spec.measures.value,
        "site": spec.site,
        "address": spec.address,
    }
    body = "".join(f'{key} = "{value}"\n' for key, value in lines.items() if value)
    return f"[sensors.{spec.alias}]\n{body}"


async def _until_over(room: Room) -> None:
    """Until the scenario ends, or somebody does."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    tasks = [asyncio.create_task(room.run()), asyncio.create_task(stop.wait())]
    tasks.append(asyncio.create_task(_commands(room, stop)))
    try:
        await asyncio.wait(tasks[:2], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _commands(room: Room, stop: asyncio.Event) -> None:
    """Lines of standard input; its end is not ours."""
    if not _talks():
        return
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    with contextlib.suppress(OSError, ValueError):  # closed, or a file
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            said = do(room, line.decode(errors="replace").split(), stop)
            if said:
                output.say(said)


def _talks() -> bool:
    """Whether standard input is something to wait for: a file or /dev/null is not."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (AttributeError, OSError, ValueError):  # closed, or none
        return False
    return sys.stdin.isatty() or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def do(room: Room, words: Sequence[str], stop: asyncio.Event) -> str:
    """One command; what to say about it, empty if it was done."""
    match words:
        case []:
            return ""
        case ["help"]:
            return HELP
        case ["end"]:
            stop.set()
            return ""
        case [verb, alias, *rest] if alias in room.sensors:
            return _to_sensor(room, room.sensors[alias], verb, rest)
        case [_, alias, *_]:
            return f"no sensor {output.clean(alias)!r}; there are: {', '.join(room.sensors)}"
        case _:
            return "what? (help)"


def _to_sensor(room: Room, sensor: Simulated, verb: str, rest: Sequence[str]) -> str:
    simple: dict[str, Callable[[], None]] = {
        "drop": sensor.drop,
        "away": sensor.away,
        "unplug": sensor.away,
        "back": sensor.back,
        "plug": sensor.back,
        "quiet": lambda: sensor.quiet(on=True),
        "resume": lambda: sensor.quiet(on=False),
        "garbage": lambda: room.garbage(sensor.alias),
    }
    number = float(rest[0]) if rest and rest[0].isdecimal() else None
    if verb == "battery" and number is not None and number <= 100:
        sensor.battery(int(number))
    elif verb in simple:
        simple[verb]()
        if verb == "away" and number is not None:
            asyncio.get_running_loop().call_later(number, sensor.back)
    else:
        return "what? (help)"
    return ""
