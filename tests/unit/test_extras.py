"""Optional libraries that are not installed: a clear message, and nothing left behind."""

import subprocess
import sys

import pytest

from monitor.exchange import detect, imported

HIDE = (
    "import sys; sys.modules[{module!r}] = None\n"
    "from monitor.cli.main import main; sys.exit(main({args!r}))"
)


def without(module, *args):
    code = HIDE.format(module=module, args=[str(arg) for arg in args])
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("module", "name", "content"),
    [
        ("wfdb", "a.hea", b"a 1 360 2\na.dat 16 200 16 0 0 0 0 II\n"),
        ("edfio", "a.edf", b"0       " + b" " * 248),
        ("fitdecode", "a.fit", b"\x0e\x10\x00\x00\x00\x00\x00\x00.FIT\x00\x00"),
    ],
)
def test_a_missing_library_is_named_with_how_to_get_it(tmp_path, module, name, content):
    path, out = tmp_path / name, tmp_path / "a.db"
    path.write_bytes(content)
    done = without(module, "import", path, "-o", out)
    assert done.returncode == 3
    assert done.stdout == ""
    assert f"needs the package '{module}'" in done.stderr
    assert "vigil-session-monitor[exchange]" in done.stderr
    assert not out.exists()


@pytest.mark.parametrize(
    ("module", "fmt"), [("edfio", "edf"), ("wfdb", "wfdb"), ("pyarrow", "parquet")]
)
def test_an_export_that_needs_a_library_says_so(tmp_path, module, fmt):
    path, recording, out = tmp_path / "a.csv", tmp_path / "a.db", tmp_path / "a"
    path.write_text("time_s,heart_rate[/min]\n" + "".join(f"{i},70\n" for i in range(20)))
    imported.write(detect.load([path]), recording)
    done = without(module, "export", recording, "--format", fmt, "-o", out)
    assert done.returncode == 3
    assert f"needs the package '{module}'" in done.stderr
    assert not out.exists()


def test_keeping_answers_needs_a_library_and_says_so(tmp_path):
    done = without("pyarrow", "reanalyse", tmp_path / "a.db", "--parquet", tmp_path / "out")
    assert done.returncode == 3
    assert "needs the package 'pyarrow'" in done.stderr
    assert not (tmp_path / "out").exists()


def test_fhir_needs_nothing_more(tmp_path):
    path, recording = tmp_path / "a.csv", tmp_path / "a.db"
    rows = "".join(f"2024-07-01T10:00:{i:02}Z,70\n" for i in range(20))
    path.write_text(f"time,heart_rate[/min]\n{rows}")
    imported.write(detect.load([path]), recording)
    done = without("fhir", "export", recording, "--format", "fhir")
    assert (done.returncode, done.stdout[:1]) == (0, "{")
