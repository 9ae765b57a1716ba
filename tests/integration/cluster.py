"""A real Dask scheduler and real workers as processes, and `vigil reanalyse` as one."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from monitor import child
from monitor.clock import NS_PER_S, monotonic_ns

GATES = Path(__file__).with_name("gates.py")
PATIENCE_S = 90


def until(found, what):
    """Wait for something to be true; a test that would wait for ever fails."""
    end_ns = monotonic_ns() + PATIENCE_S * NS_PER_S
    while not (result := found()):
        assert monotonic_ns() < end_ns, f"waited in vain for {what}"
        time.sleep(0.05)
    return result


class Cluster:
    """A scheduler and its workers; `gates` is the folder through which a test holds them up."""

    def __init__(self, folder: Path, scheme: str = "tcp") -> None:
        self.folder = folder
        self.gates = folder / "gates"
        self.gates.mkdir(parents=True, exist_ok=True)
        self._more = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
        self.processes: list[subprocess.Popen[bytes]] = []
        self._at = ["--host", "127.0.0.1", "--protocol", scheme]
        self.scheduler = self._start("dask_scheduler", [*self._at, "--port", "0"])
        found = until(lambda: self._said(r"Scheduler at: +(\S+)"), "the scheduler")
        self.address = found[1]

    def worker(
        self, *more: str, nanny: bool = False, gated: bool = True, **environment: str
    ) -> subprocess.Popen[bytes]:
        """Start one with one thread; without a nanny its process is the one that works."""
        usual = ["--nthreads", "1", *self._at, "--local-directory", str(self.folder)]
        usual += ["--preload", str(GATES)] * gated + ["--nanny" if nanny else "--no-nanny"]
        here = len(self.processes)
        process = self._start("dask_worker", [self.address, *usual, *more], environment)
        until(lambda: self._said("Registered to", here), "a worker")
        return process

    def begun(self) -> list[tuple[int, str]]:
        """Process and name of each recording that a worker has begun, in order."""
        log = self.gates / "begun"
        lines = log.read_text().splitlines() if log.exists() else []
        return [(int(pid), name) for pid, name in (line.split() for line in lines)]

    def stop(self) -> None:
        for process in reversed(self.processes):
            os.killpg(process.pid, signal.SIGKILL) if process.poll() is None else None
            process.wait()

    def _start(self, module, arguments, environment=None):
        log = self.folder / f"{len(self.processes)}.log"
        more = self._more | {"VIGIL_TEST_GATES": str(self.gates)} | (environment or {})
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{module}", "--no-dashboard", *arguments],
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                env=child.environment() | more,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def _said(self, pattern, index=0):
        text = (self.folder / f"{index}.log").read_text()
        assert self.processes[index].poll() is None, text
        return re.search(pattern, text)


@contextmanager
def running(folder: Path, workers: int = 2, scheme: str = "tcp", **more):
    """A cluster with so many workers; nothing of it is left behind."""
    folder.mkdir(exist_ok=True)
    cluster = Cluster(folder, scheme)
    try:
        for _ in range(workers):
            cluster.worker(**more)
        yield cluster
    finally:
        cluster.stop()


class Asked:
    """`vigil reanalyse` in a process of its own."""

    def __init__(self, *words) -> None:
        self.process = subprocess.Popen(
            child.command("monitor", "reanalyse", *map(str, words)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=child.environment(),
        )

    def end(self):
        """Exit code, output, messages."""
        out, err = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, out, err

    def kill(self, number=signal.SIGKILL):
        self.process.send_signal(number)
        return self.end()


def ask(*words):
    """Exit code, output, messages of `vigil reanalyse`."""
    return Asked(*words).end()


def answers(out):
    return [json.loads(line) for line in out.splitlines()]
