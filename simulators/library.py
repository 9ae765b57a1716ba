"""The scenarios that ship with Vigil: one file each in `scenarios/`; and those of a user."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from monitor.config_errors import nearest
from monitor.errors import ConfigError
from simulators.scenario import Scenario
from simulators.scenario_file import load

SUFFIX = ".toml"
DEFAULT = "session"


def names() -> tuple[str, ...]:
    """Names of the scenarios that ship with Vigil, the default one first."""
    found = sorted(path.stem for path in _folder().glob(f"*{SUFFIX}"))
    return (DEFAULT, *(name for name in found if name != DEFAULT))


def scenarios() -> tuple[Scenario, ...]:
    """All of them, the default one first."""
    return tuple(scenario(name) for name in names())


def scenario(name: str, seed: int | None = None) -> Scenario:
    """A scenario by its name, or read from a user's file, happening to the person of that seed.

    Args:
        name: of a scenario that ships with Vigil, or the path of a file ending in ".toml".
        seed: another person; None for the one the scenario names.

    Raises:
        ConfigError: there is none, or its file is wrong; the message names the nearest one.
    """
    if name.endswith(SUFFIX):
        found = load(Path(name))
    elif name in names():
        found = load(_folder() / f"{name}{SUFFIX}")
    else:
        near = nearest(name, names())
        hint = f" Did you mean {near!r}?" if near else ""
        raise ConfigError(f"no scenario {name!r}.{hint} There are: {', '.join(names())}.")
    return found if seed is None else found.with_seed(seed)


def _folder() -> Path:
    # Hatchling installs packages as plain folders, never as a zip file.
    return Path(str(resources.files("simulators"))) / "scenarios"
