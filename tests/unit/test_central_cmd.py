"""`vigil central` refused: what is missing is named, before a screen or a connection is begun."""

import sys

import pytest

from monitor.cli.main import main

SETTINGS = ("central.host=localhost", "central.clinic=north", "central.station=desk")


def run(*args, settings=SETTINGS):
    return main(["central", *(word for one in settings for word in ("--set", one)), *args])


@pytest.mark.parametrize("missing", ["host", "clinic", "station"])
def test_what_is_needed_is_named(missing, capsys):
    given = [one for one in SETTINGS if missing not in one]
    assert run("--once", settings=given) == 2
    assert f"central.{missing}: needed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("override", "says"),
    [
        ("central.rooms=room-1, ROOM 2", 'must be up to 60 rooms such as "room-1, room-2"'),
        (f"central.rooms={' '.join(f'r{i}' for i in range(61))}", "must be up to 60 rooms"),
        ("central.stale_s=4", "must be 5 to 60 s"),
        ("central.station=Desk", "central.station"),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_allowed(override, says, capsys):
    assert run("--once", settings=[*SETTINGS, override]) == 2
    assert says in capsys.readouterr().err


def test_without_a_terminal_it_says_what_to_use(capsys):
    assert run() == 2
    assert "use --once" in capsys.readouterr().err


def test_json_goes_with_once(capsys):
    assert run("--json") == 2
    assert "--json goes with --once" in capsys.readouterr().err


def test_a_missing_library_is_named_with_the_command_that_brings_it(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "aiomqtt", None)
    assert run("--once") == 3
    assert "vigil-session-monitor[rooms]" in capsys.readouterr().err


def test_a_broker_that_is_not_there_is_a_fault_of_the_environment(capsys):
    nobody = [*SETTINGS, "central.host=127.0.0.1", "central.port=1", "central.tls=false"]
    assert run("--once", "--for", "0.5", "--json", settings=nobody) == 3
    told = capsys.readouterr()
    assert '"connected": false' in told.out
    assert "no connection to the broker" in told.err
