"""Preloaded by a Dask worker under test: tells what it begins, and waits or dies where it is told.

Files in the folder of VIGIL_TEST_GATES: `begun` gets a line for each recording; `wait-NAME` holds
the recording NAME up while it is there; `kill-NAME` is a recording that kills its worker.
"""

import functools
import os
import signal
import time
from pathlib import Path

from monitor.archive import cluster_work

GATES = Path(os.environ["VIGIL_TEST_GATES"])
_one = getattr(cluster_work._one, "__wrapped__", cluster_work._one)  # Dask may load this twice


@functools.wraps(_one)
def gated(path, question):
    with (GATES / "begun").open("a") as log:
        log.write(f"{os.getpid()} {path.name}\n")
    while (GATES / f"wait-{path.name}").exists():
        time.sleep(0.02)
    if (GATES / f"kill-{path.name}").exists():
        os.kill(os.getpid(), signal.SIGKILL)
    return _one(path, question)


cluster_work._one = gated
