"""Who may see the dashboard in a browser, and what `--web` says when it cannot be served."""

import socket
import sys

import pytest

from monitor import extras
from monitor.cli.main import main
from tui.web import guard
from tui.web.server import listen

TOKEN = "0123456789abcde_" * 3
HERE = "127.0.0.1:4711"
PAGE = {"Host": HERE}
SOCKET = {"Host": HERE, "Origin": f"http://{HERE}"}


@pytest.mark.parametrize(
    ("headers", "given", "is_socket", "allowed"),
    [
        (PAGE, TOKEN, False, True),
        (SOCKET, TOKEN, True, True),
        ({"Host": "localhost:4711", "Origin": "http://localhost:4711"}, TOKEN, True, True),
        (PAGE, "", False, False),
        (PAGE, TOKEN[:-1], False, False),
        (PAGE, TOKEN + "x", False, False),
        (PAGE, "\xff", False, False),
        (SOCKET, "", True, False),
        (PAGE, TOKEN, True, False),  # no browser leaves the origin of a WebSocket away
        ({"Host": HERE, "Origin": "null"}, TOKEN, True, False),
        ({"Host": HERE, "Origin": "http://127.0.0.1:80"}, TOKEN, True, False),
        ({"Host": HERE, "Origin": "https://127.0.0.1:4711"}, TOKEN, True, False),
        ({"Host": HERE, "Origin": "http://localhost:4711"}, TOKEN, True, False),
        ({"Host": HERE, "Origin": "http://evil.example"}, TOKEN, False, False),
        ({"Host": "evil.example:4711"}, TOKEN, False, False),
        ({"Host": "127.0.0.1"}, TOKEN, False, False),
        ({"Host": f"{HERE}.evil.example"}, TOKEN, False, False),
        ({}, TOKEN, False, False),
    ],
)
def test_who_is_let_in(headers, given, is_socket, allowed):
    why = guard.refusal(headers, given, TOKEN, 4711, socket=is_socket)
    assert (why is None) is allowed
    assert TOKEN not in (why or "")


def test_tokens_are_long_and_differ():
    tokens = {guard.new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 43  # 256 bits


def test_it_listens_on_loopback_only():
    with listen(0) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["attach", "--web"], 3, "no session is running"),
        (["replay", "x.db", "--headless", "--port", "4711"], 2, "--port belongs to --web"),
        (["attach", "--web", "--port", "70000"], 2, "70000"),
        (["replay", "nowhere.db", "--web", "--headless"], 2, "exclude each other"),
        (["replay", "nowhere.db", "--web"], 2, "nowhere.db"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_served(words, code, said, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("VIGIL_RUNTIME_DIR", str(tmp_path))
    assert main(words) == code
    assert said in capsys.readouterr().err


def test_a_port_in_use_is_told_before_a_replay_is_begun(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("VIGIL_RUNTIME_DIR", str(tmp_path / "run"))
    recording = "tests/data/recordings/session.db"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["replay", recording, "--web", "--port", str(port)]) == 3
    assert f"port {port} cannot be used (Address already in use)" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_the_missing_libraries_are_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("VIGIL_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setitem(sys.modules, "textual_serve", None)
    with pytest.raises(extras.MissingExtraError, match=r"session-monitor\[web\]"):
        extras.need("textual_serve", "--web", extra="web")
    assert main(["replay", "nowhere.db", "--web"]) == 3
    assert "pip install 'vigil-session-monitor[web]'" in capsys.readouterr().err
