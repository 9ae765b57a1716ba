"""The configuration: the documented defaults, a user's file over them, `--set` over both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from alerts import settings
from alerts.catalogue import CATALOGUE
from alerts.spec import Value
from devices.model import SensorSpec
from monitor import config_rules
from monitor.config_errors import dotted
from monitor.config_layers import SET, Layers, parse_override, read_toml
from monitor.config_schema import SCALE, SECTIONS, SENSOR, connectable
from monitor.errors import ConfigError
from monitor.phases import PHASES, PhaseTimes
from monitor.rooms.broker import NO_CENTRAL, NOT_PUBLISHING, Central, Publish


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionConfig:
    """Whose session it is. `age_years` 0: not given; `zone` "": the computer's own."""

    subject: str = ""
    age_years: float = 0.0
    operator: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingConfig:
    """Where recordings go. `directory` "": the platform's folder for application data."""

    directory: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundConfig:
    """Whether alarms sound on this computer, and what else is told of them.

    Attributes:
        enabled: this computer sounds them.
        check: a live session asks the operator whether the sound is heard.
        remote_command: a program to start at every change of what sounds; empty for none.
    """

    enabled: bool = True
    check: bool = True
    remote_command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenConfig:
    """How the dashboard looks: one of `config_schema.THEMES`."""

    theme: str = "dark"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupConfig:
    """What `vigil run` asks and reminds of before the dose.

    Attributes:
        wizard: on a terminal with no sensor listed, subject, age and sensors are asked for.
        checklist: the session screen keeps a checklist until the dose.
        baseline: the checklist has this step; so `limits` and `self_test`. Its sound check is
            `SoundConfig.check`.
    """

    wizard: bool = True
    checklist: bool = True
    baseline: bool = True
    limits: bool = True
    self_test: bool = True


SCORES = {"distress": "0 to 10", "effect": "0 to 10"}
"""Ratings by which effects and the end of a session are judged (clinical reference 1: a person may
leave with distress at or below baseline); the clinic names its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A complete, valid configuration.

    Attributes:
        sensors: the allow-list, by alias.
        phases: when the phases of the usual course begin.
        publish: what the room tells others over MQTT.
        central: where a central station finds the rooms.
        checklists: the clinic's own words, by condition id; empty where it has none.
        alarms: every key of every `[alarms.<id>]`; limits before `alerts.settings` lowers them
            by age.
        scores: observer's scores: name -> "LOWEST to HIGHEST", empty for one that is left out.
        source_file: the user's file, empty if none.
        origins: dotted key -> file or "--set", of each key that did not come from the defaults.
    """

    session: SessionConfig = SessionConfig()
    sensors: Mapping[str, SensorSpec] = field(default_factory=dict)
    recording: RecordingConfig = RecordingConfig()
    sound: SoundConfig = SoundConfig()
    screen: ScreenConfig = ScreenConfig()
    setup: SetupConfig = SetupConfig()
    phases: PhaseTimes = PHASES
    publish: Publish = NOT_PUBLISHING
    central: Central = NO_CENTRAL
    checklists: dict[str, str] = field(default_factory=lambda: dict.fromkeys(CATALOGUE, ""))
    alarms: dict[str, dict[str, Value]] = field(default_factory=settings.defaults)
    scores: dict[str, str] = field(default_factory=lambda: dict(SCORES))
    source_file: str = ""
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)


def default_file() -> Path:
    """The default configuration: inside the installed package, or at the root of a checkout."""
    package = Path(str(resources.files("monitor")))
    shipped = package / "default_config.toml"
    return shipped if shipped.is_file() else package.parent / "config.toml"


def load(
    path: Path | None,
    overrides: Sequence[str] = (),
    base: Config | None = None,
    content: bytes | None = None,
) -> Config:
    """The configuration in force.

    A limit given without its clear limit takes the clear limit with it, at the same distance.

    Args:
        path: the user's file, or None.
        overrides: `KEY=VALUE` texts, VALUE in TOML or a bare word; the last one counts.
        base: what stands in for the defaults, such as a recording's configuration.
        content: of the file, if it was read already; it need not be there then.

    Raises:
        ConfigError: names every mistake, a line each: file, key, value, what is allowed.
    """
    layers = _defaults()
    if base is not None:
        _put(layers, base)
    if path is not None:
        layers.take([read_toml(path, layers.mistakes, content)], str(path))
    layers.take([parse_override(text, layers.mistakes) for text in overrides], SET)
    config_rules.check(layers)
    layers.mistakes.raise_if_any()
    return _build(layers, base, "" if path is None else str(path))


def _defaults() -> Layers:
    layers = Layers()
    for spec in CATALOGUE.values():
        for key, value in spec.defaults.items():
            layers.put(("alarms", spec.id, key), value)
    path = default_file()
    layers.take([read_toml(path, layers.mistakes)], str(path))
    layers.origins.clear()
    return layers


def _put(layers: Layers, base: Config) -> None:
    """Trust a configuration that was valid when it was made, under the bounds of its day."""
    tables = plain(base)
    for section, keys in SECTIONS.items():
        for key in keys:
            if key in tables[section]:  # a recording may be older than the key
                layers.put((section, key), tables[section][key])
    for alias, sensor in tables["sensors"].items():
        for key in SENSOR:
            if key in sensor:  # a recording may be older than the key
                layers.put(("sensors", alias, key), sensor[key])
    for condition, row in tables["alarms"].items():
        for key, value in row.items():
            layers.put(("alarms", condition, key), value)
    for name, text in tables.get("scores", {}).items():
        layers.put(("scores", name), text)


def _build(layers: Layers, base: Config | None, source_file: str) -> Config:
    tables = plain(base) if base is not None else {"sensors": {}}
    for path, value in layers.values.items():
        table = tables
        for part in path[:-1]:
            table = table.setdefault(part, {})
        table[path[-1]] = value
    for alias, sensor in tables["sensors"].items():
        sensor["alias"] = alias
        usual = connectable().get(sensor["codec"])  # None for one that is only in recordings
        for key in ("transport", "stale_s", "period_s") if usual else ():
            sensor.setdefault(key, getattr(usual, key))
    origins = {dotted(path): origin for path, origin in layers.origins.items()}
    return msgspec.convert(tables | {"source_file": source_file, "origins": origins}, Config)


def scales(scores: Mapping[str, str]) -> dict[str, tuple[float, float]]:
    """Lowest and highest value of each score that is in use."""
    found = {name: SCALE.fullmatch(text) for name, text in scores.items()}
    return {name: (float(m[1]), float(m[2])) for name, m in found.items() if m is not None}


def plain(config: Config) -> dict[str, Any]:
    """The configuration as nested tables of plain values, without where they came from."""
    tables: dict[str, Any] = msgspec.to_builtins(config)
    return {key: table for key, table in tables.items() if key not in {"source_file", "origins"}}


def to_json(config: Config) -> str:
    """The configuration as one line of JSON for a recording; equal ones give equal text."""
    return msgspec.json.encode(plain(config), order="sorted").decode()


def from_json(text: str) -> Config:
    """What `to_json` wrote.

    Raises:
        ConfigError: it is something else.
    """
    try:
        return msgspec.json.decode(text, type=Config)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise ConfigError(f"stored configuration: {error}") from error


def alarm_hash(config: Config) -> str:
    """SHA-256 (hex) of the alarm settings in force, heart-rate limits lowered by age."""
    in_force = settings.resolve(config.alarms, config.session.age_years)
    return settings.limits_hash(in_force)
