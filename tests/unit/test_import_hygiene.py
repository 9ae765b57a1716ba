"""What starts fast stays fast: nothing heavy is imported before it is needed."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

import monitor

ROOT = Path(monitor.__file__).parent.parent
HEAVY = {"numpy", "scipy", "textual", "bleak", "sqlite_utils", "msgspec", "serial", "miniaudio"}
HEAVY |= {"dask", "distributed", "pyarrow"}
HEAVY |= {"aiomqtt", "paho", "matplotlib", "jinja2", "aiohttp", "textual_serve"}
HELP_S = 0.4
"""`vigil --help` must start in less."""


def loaded_after(code):
    """Top-level modules in a fresh interpreter after running `code`."""
    report = (
        "\nimport sys; print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code + report],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(done.stderr.split())


def test_help_imports_nothing_heavy():
    loaded = loaded_after("from monitor.cli.main import main; assert main(['--help']) == 0")
    assert "click" in loaded
    assert loaded & (HEAVY | {"devices", "alerts", "tui", "simulators", "asyncio"}) == set()


@pytest.mark.parametrize(
    ("args", "allowed"),
    [
        (["config", "check"], {"msgspec"}),
        (["config", "--help"], {"msgspec"}),
        (["decode", "--list"], set()),
        (["report", "--help"], set()),
        (["attach", "--help"], {"msgspec", "numpy"}),
        (["central", "--help"], {"msgspec", "numpy"}),
    ],
    ids=lambda words: " ".join(sorted(words)),
)
def test_small_commands_import_nothing_heavy(args, allowed):
    loaded = loaded_after(f"from monitor.cli.main import main; assert main({args}) == 0")
    assert loaded & HEAVY <= allowed


def test_help_starts_fast():
    # The best of several runs: a busy machine must not fail what is about our imports.
    assert min(_help_s() for _ in range(5)) < HELP_S


def _help_s():
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "monitor", "--help"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=60,
    )
    return time.perf_counter() - start
