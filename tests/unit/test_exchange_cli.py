"""`vigil import` and `vigil export` as they are typed."""

import contextlib
import json
from pathlib import Path

import numpy as np
import pytest

from monitor.cli import main as frame
from monitor.recording.reader import Recording
from tests.unit import exported

CLIPS = np.load(Path(__file__).parents[1] / "data" / "mitdb" / "clips.npz")


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    return exported.build(tmp_path_factory.mktemp("export") / "a.db", CLIPS)


@pytest.fixture
def run(capfdbinary):
    def _run(*args):
        code = frame.main([str(arg) for arg in args])
        captured = capfdbinary.readouterr()
        return code, captured.out.decode(), captured.err.decode()

    return _run


def test_options_say_what_a_file_does_not(run, tmp_path):
    path = tmp_path / "ecg.txt"
    path.write_text("".join(f"{i % 50 / 40}\n" for i in range(1000)))
    out = tmp_path / "a.db"
    code, _, err = run("import", path, "-o", out)
    assert (code, out.exists()) == (2, False)
    assert "--column NAME[UNIT]" in err
    assert run("import", path, "--column", "ecg[mV]", "--rate", "nan", "-o", out)[0] == 2
    code, _, err = run("import", path, "--column", "ecg[mV]", "--rate", "250", "-o", out)
    assert (code, f"{out}: 4 samples, 0:00:03" in err) == (0, True)
    assert run("import", path, "--column", "ecg[mV]", "--rate", "250", "-o", out)[0] == 2


def test_what_a_file_says_is_printed_without_its_control_characters(run, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("time_s,heart\x1b[2Jrate\n0,70\n")
    code, _, err = run("import", path, "-o", tmp_path / "a.db")
    assert code == 2
    assert "\x1b" not in err


def test_a_zone_is_recorded(run, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("time,heart_rate[/min]\n2024-07-01T14:00:00,70\n2024-07-01T14:00:01,70\n")
    assert run("import", path, "--zone", "Europe/Berlin", "-o", tmp_path / "a.db")[0] == 0
    with Recording.open(tmp_path / "a.db") as opened:
        assert (opened.start_utc_ns, opened.anchors[0].zone) == (1_719_835_200_000_000_000,
                                                                 "Europe/Berlin")  # fmt: skip


@pytest.mark.parametrize("fmt", ["csv", "edf", "fhir", "jsonl", "parquet", "wfdb"])
@pytest.mark.filterwarnings("ignore:The inplace keyword")  # of pandas, about wfdb
def test_every_format_is_written_once(run, recording, tmp_path, fmt):
    out = tmp_path / "out"
    code, printed, err = run("export", recording, "--format", fmt, "-o", out)
    assert (code, printed) == (0, "")
    assert f"{out}: " in err
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    code, _, err = run("export", recording, "--format", fmt, "-o", out)
    assert code == 2
    assert "exists already" in err
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert run("export", recording, "--format", fmt, "--overwrite", "-o", out)[0] == 0


def test_text_goes_to_standard_output(run, recording):
    code, printed, _ = run("export", recording, "--format", "csv", "--signal", "beats")
    lines = printed.splitlines()
    assert (code, lines[0]) == (0, "time_s")
    assert float(lines[-1]) < exported.SPAN_S
    assert json.loads(run("export", recording, "--format", "fhir")[1])["type"] == "collection"
    code, printed, err = run("export", recording, "--format", "edf")
    assert (code, printed, "-o" in err) == (2, "", True)
    assert run("export", recording, "--format", "doc")[0] == 2


@pytest.fixture
def full_disk():
    """The kernel refuses every write beyond a size, as a full disk does."""
    resource = pytest.importorskip("resource", reason="NOT RUN: a size limit needs POSIX rlimits")

    @contextlib.contextmanager
    def _full(size):
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return _full


@pytest.mark.parametrize("size", [20_000, 120_000])
def test_a_full_disk_is_no_mistake_of_the_user_and_nothing_is_left(run, tmp_path, full_disk, size):
    data = Path(__file__).parents[1] / "data" / "empatica" / "S20"
    with full_disk(size):
        code, _, err = run("import", data, "-o", tmp_path / "a.db")
    assert (code, list(tmp_path.iterdir())) == (3, [])
    assert "a.db: cannot be" in err


def test_an_export_to_a_full_disk_leaves_nothing(run, recording, tmp_path, full_disk):
    with full_disk(1000):
        code, _, err = run("export", recording, "--format", "jsonl", "-o", tmp_path / "a.jsonl")
    assert (code, list(tmp_path.iterdir())) == (3, [])
    assert "a.jsonl: cannot be written" in err
