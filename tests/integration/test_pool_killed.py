"""Answers kept by several processes of this computer, whose parent ends in mid-run."""

import signal
from contextlib import suppress

import psutil
import pyarrow.parquet as pq
import pytest

from tests.integration.cluster import Asked, ask, until
from tests.made import archive

COUNT = 150


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pool") / "archive"
    archive(folder, COUNT)
    return folder


def kept(out):
    parts = (out / "recordings").glob("*.parquet")
    return sorted(path for part in parts for path in pq.read_table(part)["path"].to_pylist())


def alive(process):
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["killed", "Ctrl-C"])
def test_it_goes_on_and_no_process_is_left(made, tmp_path, number):
    out = tmp_path / "out"
    asked = Asked(made, "--jobs", "2", "--parquet", out)
    until(lambda: list((out / "recordings").glob("*.parquet")), "results on the disk")
    children = psutil.Process(asked.process.pid).children(recursive=True)
    code, _, err = asked.kill(number)
    assert code == (130 if number == signal.SIGINT else -number), err
    assert "Traceback" not in err
    assert children
    until(lambda: not any(map(alive, children)), "the end of its processes")
    done = kept(out)
    assert 0 < len(done) < COUNT
    code, _, err = ask(made, "--jobs", "2", "--parquet", out)
    assert code == 0, err
    assert f"{COUNT} recordings, {len(done)} of them from before" in err
    assert kept(out) == sorted(map(str, made.iterdir()))
