"""Finding in an archive, and verifying it: time for each recording. No other tool beside it.

    PYTHONPATH=. python benchmarks/archive_search.py [RECORDINGS]      (default 200; each 8 h long)

Makes recordings of 8 h (displayed vitals a second, frames a second of two sensors, in which a
stretch of tachycardia was put into one in ten), then searches and verifies them.
"""

import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np

from devices.model import Frame
from monitor.archive.expression import parse
from monitor.archive.search import find
from monitor.clock import monotonic_ns
from monitor.recording.chain import verify
from monitor.recording.schema import NewSession, VitalsRow
from monitor.recording.store import Batch, Store

S = 1_000_000_000
SECONDS = 8 * 3600
EXPRESSIONS = (
    "heart_rate > 140 for 60 s",
    "(heart_rate > 100 and skin_temperature > 34) for 5 min",
)


def make(path, rng, *, fast):
    bpm = 75 + 10 * np.cumsum(rng.normal(0, 0.02, SECONDS)).clip(-2, 3) + rng.normal(0, 1, SECONDS)
    if fast:
        start = int(rng.integers(0, SECONDS - 300))
        bpm[start : start + 300] = 150
    skin = 33.5 + np.cumsum(rng.normal(0, 0.002, SECONDS)).clip(-1, 1)
    store = Store.create(path, NewSession(subject=path.stem))
    for hour in range(8):
        ticks = range(hour * 3600, (hour + 1) * 3600)
        frames = [
            Frame(t_ns=t * S + offset, source=source, payload=bytes((0, int(bpm[t]) & 255)))
            for t in ticks
            for source, offset in (("strap", 1), ("patch", 2))
        ]
        rows = [VitalsRow(t, float(bpm[t]), "VALID", float(skin[t]), "VALID") for t in ticks]
        store.commit(Batch(frames=frames, values=[None] * len(frames), vitals=rows))
    store.finish(SECONDS * S)
    store.close()


def timed(what, count, work):
    began = monotonic_ns()
    result = work()
    ms = (monotonic_ns() - began) / 1e6
    print(f"{what:70s} {ms / count:8.2f} ms a recording")
    return result


def main(count):
    folder = Path(tempfile.mkdtemp(prefix="vigil-archive-"))
    rng = np.random.default_rng(1)
    try:
        paths = [folder / f"{i:05d}.db" for i in range(count)]
        for i, path in enumerate(paths):
            make(path, rng, fast=i % 10 == 0)
        print(f"{count} recordings, {paths[0].stat().st_size / 1e6:.1f} MB each")
        for text in EXPRESSIONS:
            wanted = parse(text)
            found = timed(text, count, lambda w=wanted: [find(path, w) for path in paths])
            print(f"  found in {sum(bool(one.matches) for one in found)}")
        bad = timed("verify", count, lambda: [f for path in paths for f in verify(path)])
        print(f"  findings: {len(bad)}")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
