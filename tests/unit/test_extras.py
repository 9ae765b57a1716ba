"""Optional libraries that are not installed: a clear message, and nothing left behind."""

import subprocess
import sys

import pytest

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
