"""What the dashboard costs: share of one core at real-time rate, and growth of its memory.

    PYTHONPATH=. python benchmarks/dashboard_cost.py [--hours 8] [--speed 60] [--rate-s 300]
        [--scenario NAME] [--after-s SECONDS]

`--scenario tachycardia --after-s 90` measures the processor while a HIGH alarm flashes. The engine
of the same session is told beside the dashboard.

The real thing: `vigil demo` in tmux at 120x40 (Linux or macOS, tmux installed). Two parts, in one
run: the demo at `--speed` through `--hours` of session, for memory; and at real-time rate for
`--rate-s` seconds, at its beginning, for the processor. At speed the screen redraws as often per
real second as at real time, so only memory is read off that part. Prints JSON. Without `--scenario`
it is the demo's session, made long enough; a scenario that ends earlier is told.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import mean

import psutil

import simulators

SCENARIOS = Path(simulators.__path__[0]) / "scenarios"
MB = 1_000_000
START_S = 60.0
COLUMNS, ROWS = 120, 40


def tmux(*words: str) -> str:
    """Run tmux on a server of our own: no configuration, no other sessions."""
    command = ["tmux", "-f", "/dev/null", "-L", SERVER, *words]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout  # noqa: S603


SERVER = f"vigil-cost-{os.getpid()}"


def long_session(folder: Path) -> str:
    """The demo's scenario, lasting a day."""
    text = (SCENARIOS / "session.toml").read_text()
    longer = folder / "session.toml"
    longer.write_text(re.sub(r"(?m)^lasts = .*$", 'lasts = "24:00:00"', text))
    return str(longer)


def start(runtime: Path, speed: float, scenario: str) -> list[psutil.Process]:
    """Dashboard and engine of a new demo, once its screen shows the session."""
    vigil = str(Path(sys.executable).with_name("vigil"))
    words = ["env", f"VIGIL_RUNTIME_DIR={runtime}", "TERM=xterm-256color", "COLORTERM=truecolor"]
    command = [*words, vigil, "demo", "--speed", f"{speed:g}", "-o", str(runtime / "demo.db")]
    command += ["--scenario", scenario or long_session(runtime)]
    size = ("-x", str(COLUMNS), "-y", str(ROWS))
    tmux("new-session", "-d", "-s", "cost", *size, shlex.join(command))
    pane = int(tmux("list-panes", "-t", "cost", "-F", "#{pane_pid}").strip())
    deadline = time.monotonic() + START_S
    while "streaming" not in tmux("capture-pane", "-p", "-t", "cost"):
        if time.monotonic() > deadline:
            raise SystemExit("the dashboard did not come up:\n" + tmux("capture-pane", "-p"))
        time.sleep(0.2)
    engine = next(runtime.glob("*/engine.json"))
    # env and vigil replace the shell: the pane is the dashboard
    return [psutil.Process(pane), psutil.Process(json.loads(engine.read_text())["pid"])]


def stop(both: list[psutil.Process]) -> None:
    """End the session as a person would: q, e, y; then the terminal's server."""
    for key in ("q", "e", "y"):
        tmux("send-keys", "-t", "cost", key)
        time.sleep(0.5)
    psutil.wait_procs(both, timeout=20)
    tmux("kill-server")


def memory(hours: float, speed: float, scenario: str) -> list[list[float]]:
    """Resident memory in MB of dashboard and engine at the end of each session hour."""
    with tempfile.TemporaryDirectory(prefix="vigil-cost") as folder:
        both = start(Path(folder), speed, scenario)
        try:
            seen = []
            for hour in range(1, round(hours) + 1):
                time.sleep(3600 / speed)
                if "SESSION ENDED" in tmux("capture-pane", "-p", "-t", "cost"):
                    sys.stderr.write(f"the scenario ended within hour {hour}\n")
                    break
                seen.append([round(process.memory_info().rss / MB, 2) for process in both])
        finally:
            stop(both)
    return [list(column) for column in zip(*seen, strict=True)]


def processor(seconds: float, scenario: str, after_s: float) -> list[list[float]]:
    """Per cent of one core in each tenth of the time, at real-time rate: dashboard and engine."""
    with tempfile.TemporaryDirectory(prefix="vigil-cost") as folder:
        both = start(Path(folder), 1.0, scenario)
        try:
            time.sleep(after_s)  # starting up is not running
            for process in both:
                process.cpu_percent()
            shares = []
            for _ in range(10):
                time.sleep(seconds / 10)
                shares.append([process.cpu_percent() for process in both])
        finally:
            stop(both)
    return [list(column) for column in zip(*shares, strict=True)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--speed", type=float, default=60.0)
    parser.add_argument("--rate-s", type=float, default=300.0)
    parser.add_argument("--scenario", default="")
    parser.add_argument("--after-s", type=float, default=5.0)
    options = parser.parse_args()
    shares = processor(options.rate_s, options.scenario, options.after_s)
    rss = memory(options.hours, options.speed, options.scenario) if options.hours else [[], []]
    names = ("dashboard", "engine")
    report = {
        name: {
            "cpu_pct_of_one_core": round(mean(share), 2),
            "cpu_pct_worst_tenth": max(share),
            "rss_mb_by_hour": used,
            "rss_growth_mb": round(used[-1] - used[0], 2) if used else None,
        }
        for name, share, used in zip(names, shares, rss, strict=True)
    } | {"terminal": f"{COLUMNS}x{ROWS}"}
    sys.stdout.write(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
