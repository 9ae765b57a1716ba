"""An archive asked one question: recordings per second, in processes here and on Dask workers.

    pip install -e '.[cluster]'
    PYTHONPATH=.:benchmarks python benchmarks/archive.py [RECORDINGS] [HOURS]

RECORDINGS (200) of HOURS (8) at 1 Hz; twenty are made, the rest are copies. The question is
`--set alarms.hr_high.limit_bpm=130 --compare`. 1 and 2 processes, and a Dask scheduler with 1 and
2 workers of one thread, all on this computer; the answers are asserted equal. What is timed is one
whole run, from the first file to the last answer: the processes of the pool start in it, Dask's
were started before and have answered a few. The projection is by proportion, of files in the page
cache.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from what_if import STRAP, frames, heart_rates

from devices.model import NS_PER_S
from monitor import child
from monitor.archive import cluster, pool
from monitor.archive.asking import in_order
from monitor.clock import monotonic_ns
from monitor.recording.schema import Mode, NewSession
from monitor.recording.writer import Recorder
from monitor.what_if import Question

MADE = 20
MANY = 100_000
QUESTION = Question(overrides=("alarms.hr_high.limit_bpm=130",), compare=True)
WARM = 8


def make(path, seed, hours):
    new = NewSession(subject=f"P-{seed}", software="benchmark", mode=Mode.SIM)
    recorder = Recorder(path, create=new)
    recorder.sensors([STRAP])
    recorder.frames(frames(heart_rates(seed, hours)))
    recorder.close(int(hours * 3600) * NS_PER_S)


def archive(folder, count, hours):
    paths = [folder / f"{n:06d}.db" for n in range(count)]
    for n, path in enumerate(paths):
        if n < MADE:
            make(path, n, hours)
        else:
            shutil.copyfile(paths[n % MADE], path)
    return paths


@contextmanager
def workers(folder, count):
    """A scheduler and so many workers; its address."""
    found = folder / "scheduler.json"
    base = [sys.executable, "-m"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": child.environment()}
    scheduler = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    scheduler += ["--scheduler-file", str(found)]
    worker = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--scheduler-file", str(found)]
    worker += ["--local-directory", str(folder)]
    first = [*base, "distributed.cli.dask_scheduler", *scheduler]
    processes = [subprocess.Popen(first, **quiet)]  # noqa: S603 - our own
    try:
        while not found.exists():
            time.sleep(0.1)
        for _ in range(count):
            command = [*base, "distributed.cli.dask_worker", *worker]
            processes.append(subprocess.Popen(command, **quiet))  # noqa: S603 - our own
        yield ready(found, count)
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait()
        found.unlink(missing_ok=True)


def ready(found, count):
    from distributed import Client

    with Client(scheduler_file=str(found), set_as_default=False) as client:
        client.wait_for_workers(count, timeout=60)
        return client.scheduler.address


def told(paths, chunks):
    return [found.as_json() for _, found in in_order(paths, chunks)]


def line(what, paths, ask, expected):
    """Time one way; its answers must be those of the others."""
    told(paths[:WARM], ask(paths[:WARM]))
    began = time.perf_counter()
    answers = told(paths, ask(paths))
    took = time.perf_counter() - began
    assert not expected or answers == expected[0], f"{what}: other answers"
    expected[:] = [answers]
    rate = len(paths) / took
    print(f"| {what} | {took:.2f} | {rate:.1f} | {MANY / rate / 60:.0f} |", flush=True)


def main(count, hours):
    folder = Path(tempfile.mkdtemp(prefix="vigil-archive-"))
    began = monotonic_ns()
    try:
        paths = archive(folder, count, hours)
        megabytes = sum(path.stat().st_size for path in paths) / count / 1e6
        print(f"{count} recordings of {hours:g} h, {megabytes:.2f} MB each\n")
        print(f"| | s | recordings/s | minutes for {MANY:,} |\n|---|---|---|---|")
        expected = []
        for n in (1, 2):
            line(f"pool, --jobs {n}", paths, lambda p, n=n: pool.ask(p, QUESTION, n), expected)
        for n in (1, 2):
            with workers(folder, n) as address:
                what = f"Dask, {n} worker{'s' * (n > 1)}"
                line(what, paths, lambda p, a=address: cluster.ask(p, QUESTION, a), expected)
        print(f"\nall answers equal; {(monotonic_ns() - began) / 6e10:.1f} minutes in all")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 200,
        float(sys.argv[2]) if len(sys.argv) > 2 else 8.0,
    )
