"""What the dashboard costs: share of one core at real-time rate, and growth of its memory.

    PYTHONPATH=. python benchmarks/dashboard_cost.py [--hours 8] [--speed 60] [--rate-s 300]

The real thing: `vigil demo` in tmux at 120x40 (Linux or macOS, tmux installed). Two parts, in one
run: the demo at `--speed` through `--hours` of session, for memory; and at real-time rate for
`--rate-s` seconds, at its beginning, for the processor. At speed the screen redraws as often per
real second as at real time, so only memory is read off that part. Prints JSON. The demo's session
lasts six hours: later hours are not measured, and that is said.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import mean

import psutil

MB = 1_000_000
START_S = 60.0
COLUMNS, ROWS = 120, 40


def tmux(*words: str) -> str:
    """Run tmux on a server of our own: no configuration, no other sessions."""
    command = ["tmux", "-f", "/dev/null", "-L", SERVER, *words]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout  # noqa: S603


SERVER = f"vigil-cost-{os.getpid()}"


def start(runtime: Path, speed: float) -> psutil.Process:
    """The dashboard of a new demo, once its screen shows the session."""
    vigil = str(Path(sys.executable).with_name("vigil"))
    words = ["env", f"VIGIL_RUNTIME_DIR={runtime}", "TERM=xterm-256color", "COLORTERM=truecolor"]
    command = [*words, vigil, "demo", "--speed", f"{speed:g}", "-o", str(runtime / "demo.db")]
    size = ("-x", str(COLUMNS), "-y", str(ROWS))
    tmux("new-session", "-d", "-s", "cost", *size, shlex.join(command))
    pane = int(tmux("list-panes", "-t", "cost", "-F", "#{pane_pid}").strip())
    deadline = time.monotonic() + START_S
    while "HEART RATE" not in tmux("capture-pane", "-p", "-t", "cost"):
        if time.monotonic() > deadline:
            raise SystemExit("the dashboard did not come up:\n" + tmux("capture-pane", "-p"))
        time.sleep(0.2)
    return psutil.Process(pane)  # env and vigil replace the shell: the pane is the dashboard


def stop(dashboard: psutil.Process) -> None:
    """End the session as a person would: q, e, y; then the terminal's server."""
    for key in ("q", "e", "y"):
        tmux("send-keys", "-t", "cost", key)
        time.sleep(0.5)
    psutil.wait_procs([dashboard], timeout=20)
    tmux("kill-server")


def memory(hours: float, speed: float) -> list[float]:
    """Resident memory in MB at the end of each session hour."""
    with tempfile.TemporaryDirectory(prefix="vigil-cost") as folder:
        dashboard = start(Path(folder), speed)
        try:
            seen = []
            for hour in range(1, round(hours) + 1):
                time.sleep(3600 / speed)
                if "SESSION ENDED" in tmux("capture-pane", "-p", "-t", "cost"):
                    sys.stderr.write(f"the scenario ended within hour {hour}\n")
                    break
                seen.append(round(dashboard.memory_info().rss / MB, 2))
        finally:
            stop(dashboard)
    return seen


def processor(seconds: float) -> list[float]:
    """Per cent of one core in each tenth of the time, at real-time rate."""
    with tempfile.TemporaryDirectory(prefix="vigil-cost") as folder:
        dashboard = start(Path(folder), 1.0)
        try:
            time.sleep(5.0)  # starting up is not running
            dashboard.cpu_percent()
            shares = []
            for _ in range(10):
                time.sleep(seconds / 10)
                shares.append(dashboard.cpu_percent())
        finally:
            stop(dashboard)
    return shares


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--speed", type=float, default=60.0)
    parser.add_argument("--rate-s", type=float, default=300.0)
    options = parser.parse_args()
    shares = processor(options.rate_s)
    rss = memory(options.hours, options.speed)
    report = {
        "cpu_pct_of_one_core": round(mean(shares), 2),
        "cpu_pct_worst_tenth": max(shares),
        "rss_mb_by_hour": rss,
        "rss_growth_mb": round(rss[-1] - rss[0], 2) if rss else None,
        "terminal": f"{COLUMNS}x{ROWS}",
    }
    sys.stdout.write(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
