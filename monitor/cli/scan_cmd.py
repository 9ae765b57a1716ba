"""`vigil scan`: which sensors are near, what they say, and the configuration lines for them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from devices.registry import codecs
from devices.transport import TransportError
from monitor import config_writer, finding
from monitor.cli import output
from monitor.config_schema import ALIAS, MEASURES, SITES
from monitor.finding import Candidate, suggested, words

PREVIEW_S = 5.0


@click.command()
@click.option(
    "--seconds", default=finding.LISTEN_S, type=click.FloatRange(0.5, 120.0), help="Of listening."
)
@click.option("--ble/--no-ble", default=True, help="Listen for Bluetooth sensors.")
@click.option("--serial/--no-serial", default=True, help="Look at serial ports.")
@click.option("--probe/--no-probe", default=True, help="Ask serial ports what they are.")
@click.option("--adapter", default="", metavar="hci1", help="Bluetooth adapter (Linux).")
@click.option("--all", "show_all", is_flag=True, help="Also what no format is known for.")
@click.option("--json", "as_json", is_flag=True, help="A JSON list.")
@click.option("--add", "alias", metavar="ALIAS", help="Add the one sensor found to --config.")
@click.option("--address", help="Only this one.")
@click.option("--measures", type=click.Choice([str(m) for m in MEASURES]), help="What --add says.")
@click.option("--site", type=click.Choice(SITES), help="Where the added sensor sits.")
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="File for --add.")
@click.option("--preview", metavar="ADDRESS", help="Connect to this one briefly; show its values.")
def scan(**given: Any) -> int:
    """Find sensors and print the lines that configure them. Nothing is connected.

    Bluetooth is only listened to, unless --preview names a sensor. A serial port that nobody else
    uses is opened for some seconds, and only the questions of known thermometers are asked. Exit
    code 1: nothing found.
    """
    wanted = Options(**given)
    if wanted.alias is not None and not (wanted.config_path and ALIAS.fullmatch(wanted.alias)):
        raise click.UsageError("--add needs --config FILE and an alias of 1 to 24 of a-z 0-9 _ -")
    found, troubles = asyncio.run(look(wanted))
    known = [one for one in found if one.codec or wanted.show_all]
    known = [one for one in known if wanted.address in {None, one.address}]
    for trouble in troubles:
        output.say(trouble)
    if wanted.alias is not None:
        _add(known, wanted)
    elif wanted.as_json:
        output.print_json([plain(one) for one in known])
    else:
        _show(known)
    if troubles and not known:
        return 3
    return 0 if known else output.EXIT_FOUND


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line asks for; see the options' help."""

    seconds: float = finding.LISTEN_S
    ble: bool = True
    serial: bool = True
    probe: bool = True
    adapter: str = ""
    show_all: bool = False
    as_json: bool = False
    alias: str | None = None
    address: str | None = None
    measures: str | None = None
    site: str | None = None
    config_path: Path | None = None
    preview: str | None = None


def plain(one: Candidate) -> dict[str, object]:
    """A candidate as JSON-ready values."""
    return {
        "name": one.name,
        "address": one.address,
        "codec": one.codec,
        "formats": [one.codec, *one.more] if one.codec else [],
        "signal_dbm": one.signal_dbm,
        "values": list(one.values),
        "trouble": one.trouble,
    }


async def look(wanted: Options) -> tuple[list[Candidate], list[str]]:
    """What is on the air and on the lines, and what kept us from looking."""
    found: list[Candidate] = []
    troubles: list[str] = []
    if wanted.ble:
        try:
            found += await _on_air(wanted)
        except TransportError as error:
            troubles.append(f"Bluetooth: {error} (vigil doctor says more)")
    if wanted.serial:
        found += await _on_lines(ask=wanted.probe)
    return found, troubles


async def _on_air(wanted: Options) -> list[Candidate]:
    heard = await finding.on_air(wanted.seconds, wanted.adapter)
    return [await _asked(one) if one.address == wanted.preview else one for one in heard]


async def _asked(one: Candidate) -> Candidate:
    """A sensor with the values it sends in a few seconds of a link."""
    from devices.ble import ble_transport  # noqa: PLC0415 - brings bleak

    if not one.codec:
        return one
    payloads: list[bytes] = []
    link = ble_transport(suggested(one, "preview"), codecs()[one.codec])
    try:
        async with link.open(payloads.append, lambda _why: None, lambda *_: None):
            await asyncio.sleep(PREVIEW_S)
    except TransportError as error:
        return replace(one, trouble=str(error))
    decoder = codecs()[one.codec].decoder()
    values = [value for payload in payloads for value in decoder.feed(payload)]
    return replace(one, values=tuple(words(values)) or ("no value yet",))


async def _on_lines(*, ask: bool) -> list[Candidate]:
    found = []
    for line in await finding.lines():
        if ask:
            output.say(f"asking {output.clean(line.device)} what it is; that can take a minute")
        found.append(await finding.asked(line) if ask else line)
    return found


def _show(found: Sequence[Candidate]) -> None:
    if not found:
        output.say("no sensor found; is it worn, switched on, and not connected to a phone?")
        return
    for one in found:
        strength = "" if one.signal_dbm is None else f"{one.signal_dbm} dBm"
        facts = ", ".join(text for text in (strength, *one.values, one.trouble) if text)
        title = codecs()[one.codec].title if one.codec else "unknown"
        output.print_text(f"{one.name or '(no name)'}  {one.address}  {title}  {facts}".rstrip())
    output.print_text("\n# For your configuration file:\n")
    for one in found:
        if one.codec:
            output.print_text(config_writer.table(suggested(one)))


def _add(found: Sequence[Candidate], wanted: Options) -> None:
    assert wanted.alias is not None  # noqa: S101 - the caller has looked
    assert wanted.config_path is not None  # noqa: S101
    usable = [one for one in found if one.codec]
    if len(usable) != 1:
        listed = ", ".join(one.address for one in usable) or "none"
        raise click.UsageError(f"--add takes exactly one sensor (--address); found: {listed}")
    spec = suggested(usable[0], wanted.alias, wanted.measures)
    config_writer.add(wanted.config_path, replace(spec, site=wanted.site or ""))
    output.say(f"{wanted.config_path}: added [sensors.{wanted.alias}]")
