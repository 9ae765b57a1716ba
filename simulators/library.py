"""The scenarios that ship with Vigil: one file each in `scenarios/`; and those of a user."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from monitor.config_errors import nearest
from monitor.errors import ConfigError
from simulators.recorded import person_of
from simulators.scenario import Scenario
from simulators.scenario_file import load

SUFFIX = ".toml"
RECORDED = ".db"
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
        name: of a scenario that ships with Vigil; the path of a file ending in ".toml"; or that
            of a recording (".db"), which is played as it is.
        seed: another person; None for the one the scenario names.

    Raises:
        ConfigError: there is none, or its file is wrong; the message names the nearest one.
    """
    if name.endswith(SUFFIX):
        found = load(Path(name))
    elif name.endswith(RECORDED):
        found = of_recording(Path(name))
    elif name in names():
        found = load(_folder() / f"{name}{SUFFIX}")
    elif Path(name).exists():
        raise ConfigError(
            f"{name}: a scenario file ends in {SUFFIX}, a recording in {RECORDED}; "
            "`vigil import` makes a recording of other files"
        )
    else:
        near = nearest(name, names())
        hint = f" Did you mean {near!r}?" if near else ""
        raise ConfigError(f"no scenario {name!r}.{hint} There are: {', '.join(names())}.")
    return found if seed is None else found.with_seed(seed)


def absolute(name: str) -> str:
    """The same for a process with another working folder."""
    return str(Path(name).absolute()) if name.endswith((SUFFIX, RECORDED)) else name


def of_recording(path: Path) -> Scenario:
    """A recording played out by simulated sensors, with nothing on top.

    Raises:
        RecordingError: it cannot be read, or holds nothing to play.
    """
    person = person_of(path)
    return Scenario(
        name=path.stem,
        title=f"Played from {path.name}",
        duration_s=float(person.duration_s),
        plan=person.plan,
        sensors=person.kinds,
        recording=path,
    )


def _folder() -> Path:
    # Hatchling installs packages as plain folders, never as a zip file.
    return Path(str(resources.files("simulators"))) / "scenarios"
