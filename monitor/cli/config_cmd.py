"""`vigil config`: is a configuration right, and what does it come to?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from alerts.delay import worst_case_s
from alerts.settings import lowered, resolve
from alerts.spec import Value
from devices.model import Signal
from monitor import config
from monitor.cli import output
from monitor.config_errors import as_toml, dotted
from monitor.config_schema import SENSOR

_file = click.option(
    "--config", "path", type=click.Path(path_type=Path), metavar="F", help="Your file."
)
_set = click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change one key; repeatable."
)


def say_lowered(effective: config.Config) -> None:
    """Tell which limits are not in force as written."""
    for line in lowered(effective.alarms, effective.session.age_years):
        output.say(line)


@click.group()
def command() -> None:
    """Check or show the configuration."""


@command.command()
@_file
@_set
def check(path: Path | None, overrides: tuple[str, ...]) -> None:
    """Say whether a configuration is right; if not, name every mistake."""
    say_lowered(config.load(path, overrides))
    output.print_text(f"{path or 'default configuration'}: ok")


@command.command()
@_file
@_set
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of TOML.")
def show(path: Path | None, overrides: tuple[str, ...], as_json: bool) -> None:
    """Print the configuration in force, and where each changed value comes from."""
    effective, default = config.load(path, overrides), config.load(None)
    say_lowered(effective)
    values, before = dict(_leaves(effective)), dict(_leaves(default))
    if as_json:
        output.print_json(
            {
                "config": config.plain(effective),
                "alarm_hash": config.alarm_hash(effective),
                "changed": _changes(values, before, effective),
                "detection_delay_s": _delays(effective),
            }
        )
        return
    for line in _toml(values, before, effective):
        output.print_text(line)


def _leaves(settings: config.Config) -> Iterator[tuple[tuple[str, ...], Value]]:
    """Every key and value a configuration file could hold, in its order."""
    for section, table in config.plain(settings).items():
        for key, value in table.items():
            if isinstance(value, dict):
                keys = SENSOR if section == "sensors" else value
                yield from (((section, key, leaf), value[leaf]) for leaf in keys)
            else:
                yield (section, key), value


def _changes(
    values: dict[tuple[str, ...], Value],
    before: dict[tuple[str, ...], Value],
    settings: config.Config,
) -> dict[str, dict[str, object]]:
    """What differs from the default, with the default (null for a sensor's) and the origin."""
    return {
        dotted(path): {
            "value": value,
            "default": before.get(path),
            "from": settings.origins.get(dotted(path), ""),
        }
        for path, value in values.items()
        if before.get(path) != value
    }


def _delays(settings: config.Config) -> dict[str, float]:
    """Worst-case detection delay of each condition in force, seconds."""
    rows = resolve(settings.alarms, settings.session.age_years)
    heart, skin = (
        max((s.period_s for s in settings.sensors.values() if s.measures is what), default=0.0)
        for what in (Signal.HEART_RATE, Signal.SKIN_TEMPERATURE)
    )
    periods = {"hr": heart, "rr": heart, "skin": skin, "temp_lost": skin}
    return {
        name: worst_case_s(row, periods.get(name, periods.get(name.partition("_")[0], 0.0)))
        for name, row in rows.items()
    }


def _toml(
    values: dict[tuple[str, ...], Value],
    before: dict[tuple[str, ...], Value],
    settings: config.Config,
) -> Iterator[str]:
    table: tuple[str, ...] = ()
    delays = _delays(settings)
    for path, value in values.items():
        if path[:-1] != table:
            if table:
                yield ""
            table = path[:-1]
            delay_s = delays.get(table[-1]) if table[0] == "alarms" else None
            late = "" if delay_s is None else f"  # alarms at most {delay_s:g} s after it begins"
            yield f"[{dotted(table)}]{late}"
        yield f"{path[-1]} = {as_toml(value)}{_note(path, value, before, settings)}"


def _note(
    path: tuple[str, ...],
    value: Value,
    before: dict[tuple[str, ...], Value],
    settings: config.Config,
) -> str:
    if before.get(path) == value:
        return ""
    origin = settings.origins.get(dotted(path), "filled in")
    default = f" (default {as_toml(before[path])})" if path in before else ""
    return f"  # {origin}{default}"
