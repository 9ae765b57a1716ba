"""The frame of the command line: exit codes, where messages go, and the two small commands."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from devices import registry
from monitor import config
from monitor.cli import main as frame
from monitor.cli import output
from monitor.cli.decode_cmd import parse_hex
from monitor.errors import ConfigError, EnvironmentFault

ROOT = Path(config.__file__).parent.parent
COMMANDS = list(frame.COMMANDS)


@pytest.fixture
def run(capsys):
    def _run(*args):
        code = frame.main(args)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return _run


@pytest.fixture
def failing(monkeypatch):
    """A command `demo` that ends as told."""

    def _failing(ending):
        def end():
            if isinstance(ending, BaseException):
                raise ending
            return ending

        command = click.Command("demo", callback=end)
        monkeypatch.setattr(frame, "load_command", lambda _name: command)

    return _failing


def vigil(*args, **options):
    return subprocess.run(
        [sys.executable, "-m", "monitor", *args],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        **options,
    )


# --- the frame ---


def test_help_names_every_command(run):
    code, out, err = run("--help")
    assert (code, err) == (0, "")
    for name, entry in frame.COMMANDS.items():
        assert f"  {name} " in out
        assert entry.help.split()[0] in out
    assert "not a medical device" in " ".join(out.split())


def test_version_is_that_of_the_distribution(run):
    code, out, _ = run("--version")
    assert (code, out) == (0, f"vigil {frame.software_version()}\n")


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["decod"], "Did you mean 'decode'?"),
        (["xyz"], "No such command 'xyz'."),
        (["--bogus"], "--bogus"),
        ([], "Usage: vigil"),
        (["config", "nothing"], "nothing"),
        (["config", "check", "--bogus"], "--bogus"),
        (["decode"], "FORMAT and HEX are needed"),
        (["import", "x.csv", "--site", "Wrist"], "is not one of"),
    ],
)
def test_usage_errors_exit_2_and_go_to_stderr(run, args, says):
    code, out, err = run(*args)
    assert (code, out) == (2, "")
    assert says in err


@pytest.mark.parametrize(
    ("ending", "code", "err"),
    [
        (None, 0, ""),
        (0, 0, ""),
        (1, 1, ""),
        (True, 0, ""),
        (ConfigError("one\ntwo"), 2, "vigil: one\nvigil: two\n"),
        (EnvironmentFault("no adapter"), 3, "vigil: no adapter\n"),
        (EnvironmentFault("name \x1b[2J"), 3, "vigil: name \\x1b[2J\n"),
        (ExceptionGroup("g", [EnvironmentFault("a"), ConfigError("b")]), 3, "vigil: a\nvigil: b\n"),
        (click.ClickException("bad"), 2, "Error: bad\n"),
        (click.Abort(), 130, ""),
        (KeyboardInterrupt(), 130, ""),
        (click.exceptions.Exit(1), 1, ""),
    ],
    ids=repr,
)
def test_how_a_command_ends(run, failing, ending, code, err):
    failing(ending)
    assert run("demo") == (code, "", err)


@pytest.mark.parametrize(
    "ending",
    [
        ZeroDivisionError("in\nhere"),
        ExceptionGroup("several", [ConfigError("a"), KeyError("b")]),
    ],
    ids=["plain", "group"],
)
def test_unexpected_error_is_one_line(run, failing, monkeypatch, ending):
    monkeypatch.delenv("VIGIL_DEBUG", raising=False)
    failing(ending)
    code, out, err = run("demo")
    assert (code, out, err.count("\n")) == (output.EXIT_UNEXPECTED, "", 1)
    assert err.startswith(f"vigil: unexpected error: {type(ending).__name__}: ")
    assert "VIGIL_DEBUG=1" in err


def test_debug_shows_the_traceback(run, failing, monkeypatch):
    monkeypatch.setenv("VIGIL_DEBUG", "1")
    failing(ZeroDivisionError("here"))
    code, _, err = run("demo")
    assert code == output.EXIT_UNEXPECTED
    assert err.startswith("Traceback")


@pytest.mark.parametrize("args", [["config", "show"], ["decode", "--list"], ["--help"]])
def test_closed_pipe_is_quiet(args):
    command = f"{sys.executable} -m monitor {' '.join(args)}; echo $? >&2"
    shell = f"( {command} ) | true"
    done = subprocess.run(
        ["sh", "-c", shell], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    # The reader may be gone before or after the last byte is written; never a traceback.
    assert done.stderr.strip() in {"0", str(frame.EXIT_BROKEN_PIPE)}


def test_write_to_a_closed_pipe_ends_with_the_shells_code():
    code = (
        "import os, sys; r, w = os.pipe(); os.close(r); os.dup2(w, 1)\n"
        "from monitor.cli.main import main; sys.exit(main(['config', 'show']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (frame.EXIT_BROKEN_PIPE, b"")


def test_module_runs_as_the_command():
    done = vigil("config", "check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "default configuration: ok\n", "")


# --- vigil config ---


def test_config_check_of_a_good_file(run, tmp_path):
    path = tmp_path / "my.toml"
    path.write_text("[alarms.hr_high]\nlimit_bpm = 120\n")
    assert run("config", "check", "--config", str(path)) == (0, f"{path}: ok\n", "")


def test_config_check_of_a_bad_file(run, tmp_path):
    path = tmp_path / "my.toml"
    path.write_text("[alarms.hr_high]\nlimit_bpm = 500\nlimt = 2\n")
    code, out, err = run("config", "check", "--config", str(path))
    assert (code, out) == (2, "")
    assert [line.startswith(f"vigil: {path}: alarms.hr_high.lim") for line in err.splitlines()] == [
        True,
        True,
    ]


def test_config_show_is_the_configuration_again(run, tmp_path):
    code, out, _ = run("config", "show", "--set", "alarms.hr_high.limit_bpm=120")
    path = tmp_path / "shown.toml"
    path.write_text(out)
    assert code == 0
    changed = config.load(None, ["alarms.hr_high.limit_bpm=120"])
    assert config.load(path).alarms == changed.alarms
    assert "limit_bpm = 120.0  # --set (default 125.0)" in out
    assert out.count("# --set") == 2  # the limit, and the clear limit that follows it


def test_config_show_of_sensors_is_toml(run, tmp_path):
    path = tmp_path / "my.toml"
    address = 'Strap "ä" \\ ' + "x" * 80
    path.write_text(
        f"[sensors.a]\ncodec='hrs_2a37'\nmeasures='heart_rate'\naddress='{address}'",
        encoding="utf-8",
    )
    _, out, _ = run("config", "show", "--config", str(path))
    shown = tomllib.loads(out)["sensors"]["a"]
    assert shown["address"] == address
    assert shown["transport"] == "ble"
    assert f"# {path}" in out


def test_config_show_as_json(run):
    code, out, err = run("config", "show", "--set", "screen.theme=light", "--json")
    shown = json.loads(out)
    assert (code, err) == (0, "")
    assert shown["config"]["screen"] == {"theme": "light"}
    assert shown["changed"] == {
        "screen.theme": {"value": "light", "default": "dark", "from": "--set"}
    }
    assert shown["alarm_hash"] == config.alarm_hash(config.load(None))


# --- vigil decode ---


@pytest.mark.parametrize("args", [["10", "48", "12", "03"], ["10 48 1203"], ["10481203"]])
def test_decode_prints_one_json_object(run, args):
    code, out, err = run("decode", "hrs_2a37", *args)
    assert (code, err, out.count("\n")) == (0, "", 1)
    assert json.loads(out)["hr_bpm"] == 72
    assert json.loads(out)["rr_1024"] == [786]


@pytest.mark.parametrize("text", ["", "01 48"])
def test_malformed_payload_is_a_finding(run, text):
    code, out, _ = run("decode", "hrs_2a37", text)
    assert code == 1
    assert "error" in json.loads(out)


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["hrs_2a73", "00"], "hrs_2a37"),
        (["zzzzzz", "00"], "Known: "),
        (["hrs_2a37", "00 4g"], "character 5, 'g'"),
        (["hrs_2a37", "0x48"], "character 2, 'x'"),
        (["hrs_2a37", "004"], "3 digits"),
        (["hrs_2a37", "٤٤"], "character 1"),
        (["hrs_2a37"], "FORMAT and HEX are needed"),
    ],
)
def test_bad_decode_arguments(run, args, says):
    code, out, err = run("decode", *args)
    assert (code, out) == (2, "")
    assert says in " ".join(err.split())


def test_decode_list_names_every_format(run):
    code, out, _ = run("decode", "--list")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == sorted(
        [*registry.codecs(), *registry.FIELDS]
    )


@pytest.mark.parametrize(
    ("text", "payload"), [("", b""), (" 0a\tFF\n", b"\x0a\xff"), ("0 a", b"\x0a")]
)
def test_parse_hex(text, payload):
    assert parse_hex(text) == payload


# --- output ---


def test_json_cannot_hold_nan():
    with pytest.raises(ValueError, match="JSON"):
        output.print_json({"value": float("nan")})


def test_control_characters_are_made_visible():
    assert output.clean("a\x1b[31m\x00\u202eä\n") == "a\\x1b[31m\\x00\\u202eä\n"


# --- every command ---


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_loads_and_explains_itself_and_its_options(name):
    silent = list(_unexplained(frame.load_command(name), name))
    assert silent == []


def _unexplained(command, name):
    if not command.help:
        yield name
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.help:
            yield f"{name} {parameter.opts[0]}"
    for sub_name, sub in getattr(command, "commands", {}).items():
        yield from _unexplained(sub, f"{name} {sub_name}")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_documentation(name):
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    assert any(f"vigil {name}" in page.read_text(encoding="utf-8") for page in pages)
