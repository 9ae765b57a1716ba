"""`vigil reanalyse --scheduler`: real schedulers and workers, each killed in mid-run."""

import re
import shutil
import signal
import socket
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import trustme

import monitor
from monitor.archive import cluster_work
from monitor.archive.identity import identity
from monitor.cli.main import main
from monitor.errors import EnvironmentFault
from monitor.what_if import Question
from tests.integration.cluster import Asked, answers, ask, running, until
from tests.made import archive
from tests.unit.test_extras import without

WORDS = ("--set", "alarms.hr_high.limit_bpm=129", "--compare")
COUNT = 24
"""Recordings; with two workers of one thread, three a task."""
pytestmark = pytest.mark.timeout(300)  # a dozen processes are started, with others beside them
ROLES = ("SCHEDULER", "WORKER", "CLIENT")
TABLES = ("recordings", "alarms", "over_limit", "differences")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster") / "archive"
    archive(folder, COUNT)
    return folder


@pytest.fixture(scope="module")
def local(made):
    """What this computer's own processes say."""
    return ask(made, *WORDS, "--json", "--jobs", "2")


def rows(out, table):
    found = [
        row for part in (out / table).glob("*.parquet") for row in pq.read_table(part).to_pylist()
    ]
    return sorted(found, key=repr)


def kept(out):
    return {table: rows(out, table) for table in TABLES}


def held(cluster, name):
    """Hold one recording up; returns what lets it go on."""
    gate = cluster.gates / f"wait-{name}"
    gate.touch()
    return gate.unlink


def holder(cluster, name):
    """The process that is at it, once one is."""
    return until(lambda: next((pid for pid, one in cluster.begun() if one == name), 0), name)


def some_kept(out):
    return until(lambda: sorted((out / "recordings").glob("*.parquet")), "results on the disk")


@pytest.mark.slow
def test_a_cluster_says_the_same_to_the_last_bit(made, local, tmp_path):
    (tmp_path / "bad.db").write_text("not a recording")
    missing = tmp_path / "missing.db"
    with running(tmp_path / "cluster") as cluster:
        words = ("--json", "--scheduler", cluster.address)
        assert ask(made, *WORDS, *words) == local
        assert {pid for pid, _ in cluster.begun()} == {one.pid for one in cluster.processes[1:]}
        code, out, err = ask(tmp_path / "bad.db", made / "000.db", missing, *words)
    assert (code, len(answers(out))) == (1, 1)
    assert "bad.db: not a recording" in err
    assert "missing.db" in err


@pytest.mark.slow  # Dask tries for ten seconds
def test_no_scheduler_is_told(made):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{unused.getsockname()[1]}"
        code, out, err = ask(made, "--scheduler", address)
    assert (code, out) == (3, "")
    assert f"--scheduler {address}: cannot be reached" in err
    assert len(err.splitlines()) == 1


@pytest.mark.slow  # it waits for the answer that does not come
def test_something_else_that_listens_is_told_in_time(made):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"tcp://127.0.0.1:{mute.getsockname()[1]}"
        code, out, err = ask(made, "--scheduler", address)
    assert (code, out) == (3, "")
    assert f"--scheduler {address}: cannot be reached" in err


@pytest.mark.parametrize(
    "address",
    ["here", "http://a:80", "tcp://a", "tcp://user:secret@a:1", "tcp://a:0", "tcp://a:65536"],
)
def test_what_is_no_address(capsys, address):
    assert main(["reanalyse", "any.db", "--scheduler", address]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "must be tcp://HOST:PORT or tls://HOST:PORT" in err


def test_without_the_library_it_says_how_to_get_it(made):
    done = without("distributed", "reanalyse", made, "--scheduler", "tcp://127.0.0.1:8786")
    assert done.returncode == 3
    assert "vigil-session-monitor[cluster]" in done.stderr


@pytest.mark.slow
def test_a_worker_killed_in_mid_run_loses_nothing(made, local, tmp_path):
    with running(tmp_path / "cluster") as cluster:
        go_on = held(cluster, "007.db")
        asked = Asked(made, *WORDS, "--json", "--scheduler", cluster.address)
        pid = holder(cluster, "007.db")
        victim = next(one for one in cluster.processes if one.pid == pid)
        victim.kill()
        victim.wait()
        go_on()
        assert asked.end() == local
        assert len({pid for pid, name in cluster.begun() if name == "007.db"}) == 2


@pytest.mark.slow
def test_what_kills_its_workers_is_told_and_the_rest_goes_on(made, local, tmp_path):
    with running(tmp_path / "cluster", nanny=True) as cluster:
        (cluster.gates / "kill-005.db").touch()
        code, out, err = ask(made, *WORDS, "--json", "--scheduler", cluster.address)
    assert code == 1
    assert [line for line in local[1].splitlines() if "005.db" not in line] == out.splitlines()
    assert err.splitlines()[-1].endswith("005.db: workers died whenever they derived it")


@pytest.mark.slow
def test_a_scheduler_killed_in_mid_run_keeps_what_is_done(made, tmp_path):
    ask(made, *WORDS, "--parquet", tmp_path / "local")
    out = tmp_path / "out"
    with running(tmp_path / "first") as first:
        held(first, "020.db")
        asked = Asked(made, *WORDS, "--parquet", out, "--scheduler", first.address)
        holder(first, "020.db")
        some_kept(out)
        first.scheduler.kill()
        code, _, err = asked.end()
    assert code == 3
    assert "the connection was lost" in err
    done, total = map(int, re.search(r"(\d+) of (\d+) recordings are done and kept", err).groups())
    assert 0 < done < total == COUNT
    before = {row["path"] for row in rows(out, "recordings")}
    assert len(before) == done
    with running(tmp_path / "second") as second:
        code, _, err = ask(made, *WORDS, "--parquet", out, "--scheduler", second.address)
        again = Counter(name for _, name in second.begun())
    assert (code, f"{COUNT} recordings, {done} of them from before" in err) == (1, True)
    rest = {path.name for path in made.iterdir()} - {Path(path).name for path in before}
    assert again == Counter(rest)  # each once, and none of those that were done
    assert kept(out) == kept(tmp_path / "local")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["killed", "Ctrl-C"])
def test_an_asker_that_ends_in_mid_run_goes_on_later(made, tmp_path, number):
    ask(made, *WORDS, "--parquet", tmp_path / "local")
    out = tmp_path / "out"
    with running(tmp_path / "cluster") as cluster:
        go_on = held(cluster, "020.db")
        words = (made, *WORDS, "--parquet", out, "--scheduler", cluster.address)
        asked = Asked(*words)
        holder(cluster, "020.db")
        some_kept(out)
        code, _, err = asked.kill(number)
        if number == signal.SIGINT:
            assert code == 130
            assert f"of {COUNT} recordings are done and kept; the same command goes on" in err
        go_on()
        done = len(rows(out, "recordings"))
        code, _, err = ask(*words)
    assert code == 1
    assert f"{COUNT} recordings, {done} of them from before" in err
    assert kept(out) == kept(tmp_path / "local")


@pytest.mark.slow
def test_a_worker_that_does_not_see_a_file_says_so(made, tmp_path):
    folder = tmp_path / "archive"
    shutil.copytree(made, folder)
    with running(tmp_path / "cluster", workers=1) as cluster:
        go_on = held(cluster, "000.db")
        asked = Asked(folder, "--json", "--scheduler", cluster.address)
        holder(cluster, "000.db")
        (folder / "010.db").rename(tmp_path / "010.db")
        go_on()
        code, out, err = asked.end()
    assert (code, len(answers(out))) == (1, COUNT - 1)
    assert re.search(r"010\.db: the worker on \S+ cannot see it; the folder must be there", err)


@pytest.mark.slow
def test_a_worker_with_other_software_is_refused(made, tmp_path):
    root, other = Path(monitor.__file__).parents[1], tmp_path / "other"
    for name in ("monitor", "devices", "alerts"):
        shutil.copytree(root / name, other / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(root / "config.toml", other / "config.toml")
    with (other / "alerts" / "units.py").open("a") as changed:
        changed.write("# another version\n")
    with running(tmp_path / "cluster", workers=1, PYTHONPATH=str(other)) as cluster:
        code, out, err = ask(made, "--json", "--scheduler", cluster.address)
    assert (code, out) == (3, "")
    assert "has other software: source" in err
    assert "results would not be exact" in err


@pytest.mark.slow
def test_a_worker_without_vigil_is_refused(made, tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['monitor'] = None\n")
    more = {"gated": False, "PYTHONPATH": str(tmp_path)}
    with running(tmp_path / "cluster", workers=1, **more) as cluster:
        code, out, err = ask(made, "--json", "--scheduler", cluster.address)
    assert (code, out) == (3, "")
    assert "does not have Vigil" in err
    assert len(err.splitlines()) == 1


def test_a_worker_with_other_software_that_joins_late_does_nothing(made):
    asker = identity() | {"numpy": "1.0"}
    found = cluster_work.work([str(made / "000.db")], Question(), asker)
    assert isinstance(found, EnvironmentFault)
    assert f"has other software: numpy {identity()['numpy']} (here 1.0)" in str(found)


@pytest.mark.slow
def test_over_tls(made, local, tmp_path, monkeypatch):
    """As the document says: by Dask's own configuration; without it, an error."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    one = authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem
    one.write_to_path(tmp_path / "one.pem")
    names = ["CA_FILE", *(f"{role}__{kind}" for role in ROLES for kind in ("CERT", "KEY"))]
    names = [f"DASK_DISTRIBUTED__COMM__TLS__{name}" for name in names]
    for name in names:
        file = "ca.pem" if name.endswith("CA_FILE") else "one.pem"
        monkeypatch.setenv(name, str(tmp_path / file))
    with running(tmp_path / "cluster", workers=1, scheme="tls") as cluster:
        assert cluster.address.startswith("tls://")
        words = (made, *WORDS, "--json", "--scheduler", cluster.address)
        assert ask(*words) == local
        for name in names:
            monkeypatch.delenv(name)
        code, out, err = ask(*words)
    assert (code, out) == (3, "")
    assert "TLS" in err


@pytest.mark.slow  # it waits half a minute for one
def test_a_scheduler_without_workers_is_told(made, tmp_path):
    with running(tmp_path / "cluster", workers=0) as cluster:
        code, _, err = ask(made, "--scheduler", cluster.address)
    assert code == 3
    assert f"it has no workers; start one: dask worker {cluster.address}" in err
