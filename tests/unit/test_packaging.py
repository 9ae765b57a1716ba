"""The house: five packages with generic names must all come from the same place."""

import ast
import importlib
import tomllib
from pathlib import Path

import pytest

import monitor

ROOT = Path(monitor.__file__).parent.parent
PACKAGES = ["monitor", "devices", "alerts", "tui", "simulators"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", PACKAGES)
def test_all_packages_load_from_one_root(name):
    # Another distribution that owns such a name would silently replace ours.
    package = importlib.import_module(name)
    assert Path(package.__file__).parent.parent == ROOT
    assert (Path(package.__file__).parent / "py.typed").is_file()


def inits():
    return [path for name in PACKAGES for path in sorted((ROOT / name).rglob("__init__.py"))]


@pytest.mark.parametrize("path", inits(), ids=lambda path: str(path.relative_to(ROOT)))
def test_package_init_is_a_docstring_only(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    assert len(tree.body) == 1


@pytest.mark.parametrize("name", PACKAGES)
def test_every_folder_with_modules_is_a_package(name):
    folders = {path.parent for path in (ROOT / name).rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_wheel_holds_the_five_packages_and_the_default_configuration():
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["packages"] == PACKAGES
    assert wheel["force-include"] == {"config.toml": "monitor/default_config.toml"}
    assert (ROOT / "config.toml").is_file()


def test_command_and_codecs_point_at_what_exists():
    points = [
        PROJECT["project"]["scripts"]["vigil"],
        *PROJECT["project"]["entry-points"]["vigil.codecs"].values(),
    ]
    for point in points:
        module, _, attribute = point.partition(":")
        assert hasattr(importlib.import_module(module), attribute), point


def test_distribution_is_never_uploaded_and_named_apart_from_its_packages():
    assert PROJECT["project"]["name"] == "vigil-session-monitor"
    assert "Private :: Do Not Upload" in PROJECT["project"]["classifiers"]


def test_a_bleak_that_misses_the_death_of_the_bus_is_refused():
    """Before 3.1 a client stays "connected" for ever when the system bus dies."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (bleak,) = [line for line in project["dependencies"] if line.startswith("bleak")]
    assert bleak.startswith("bleak>=3.1.0")
