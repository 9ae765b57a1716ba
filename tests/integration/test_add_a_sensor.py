"""The guide for adding a sensor, done as a reader would: its files, installed, used and checked."""

import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "add-a-sensor.md").read_text()
FILES = dict(re.findall(r"^`([\w.]+)`:\n\n```\w+\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE))


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The guide's package as `pip install` leaves it; the environment that finds it."""
    place = tmp_path_factory.mktemp("site")
    for name, content in FILES.items():
        (place / name).write_text(content)
    project = tomllib.loads(FILES["pyproject.toml"])["project"]
    info = place / "vigil_acme-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 1.0\n"
    )
    groups = project["entry-points"].items()
    lines = [
        f"[{group}]\n{name} = {place}" for group, names in groups for name, place in names.items()
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))
    path = os.pathsep.join([str(place), str(ROOT)])
    return place, {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


def run(installed, *words):
    place, environment = installed
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_example_is_complete_and_short():
    assert set(FILES) == {"acme_thermometer.py", "test_acme_thermometer.py", "pyproject.toml"}
    assert sum(content.count("\n") for content in FILES.values()) < 80


def test_it_decodes(installed):
    done = run(installed, "monitor", "decode", "acme_t1", "01160e")
    assert json.loads(done.stdout) == {"celsius": 36.06, "in_place": True, "battery_low": False}
    assert run(installed, "monitor", "decode", "acme_t1", "01").returncode == 1


def test_it_can_be_configured(installed):
    place, _ = installed
    (place / "mine.toml").write_text(
        '[sensors.skin]\ncodec = "acme_t1"\nmeasures = "skin_temperature"\nsite = "axilla"\n'
        'address = "C1:00:00:00:00:01"\n'
    )
    done = run(installed, "monitor", "config", "check", "--config", "mine.toml")
    assert done.returncode == 0, done.stderr


PYTEST = ("pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "--rootdir", ".")


@pytest.mark.slow
def test_its_own_test_passes(installed):
    done = run(installed, *PYTEST, "test_acme_thermometer.py")
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


@pytest.mark.slow
def test_the_kit_runs_for_an_installed_format(installed):
    plugin = ("-p", "simulators.conformance_plugin")
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    assert plugin[1] in declared["pytest11"].values()
    if _plugin_is_installed():
        plugin = ()
    words = (*PYTEST, *plugin, "--pyargs", "simulators.conformance_run", "--vigil-codec", "acme_t1")
    done = run(installed, *words)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


def _plugin_is_installed():
    return any(e.value == "simulators.conformance_plugin" for e in entry_points(group="pytest11"))
