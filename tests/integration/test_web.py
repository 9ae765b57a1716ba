"""The dashboard in a real browser: a client like any other, for whoever knows the address."""

import asyncio
import http.client
import os
import signal
import subprocess
import sys
from urllib.parse import urlsplit

import psutil
import pytest

from monitor import config, hosting, plan, starting
from tests.integration import web_browser as web

pytestmark = [pytest.mark.slow, pytest.mark.timeout(110)]
UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
           "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}  # fmt: skip


@pytest.fixture
def session(tmp_path, monkeypatch):
    """A simulated session that expects somebody to watch."""
    monkeypatch.setenv("VIGIL_RUNTIME_DIR", str(tmp_path / "run"))
    settings = config.load(None, ["sound.enabled=false"])
    directory = starting.demo(settings, "tachycardia", 10.0, tmp_path / "s.db", watched=True)
    asyncio.run(hosting.endpoint(directory))
    yield directory
    asyncio.run(hosting.end(directory))
    web.until(lambda: not (directory / plan.PLAN).exists())


@pytest.fixture
def server(session):
    """`vigil attach --web`, and the address it printed."""
    words = [sys.executable, "-m", "monitor", "attach", "--web"]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.url = process.stdout.readline().strip()
        yield process
        process.kill()


@pytest.fixture
def browser():
    driver = web.launch()
    yield driver
    driver.quit()


def snapshot(session):
    return asyncio.run(hosting.first_snapshot(plan.listening(session)))


def alarm(session, condition):
    return next((a for a in snapshot(session).alarms if a.condition == condition), None)


def acknowledged(session):
    """Whether somebody acknowledged the alarm: it is silent, or gone if it was over."""
    found = alarm(session, "hr_extreme")
    log = [line.text for line in snapshot(session).log]
    done = any("acknowledge" in text and "extreme" in text.lower() for text in log)
    return done and (found is None or found.presence == "ACKNOWLEDGED")


def status(url, path, headers=None):
    """The server's answer to a request."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.request("GET", path, headers=headers or {})
    with connection.getresponse() as answer:
        code = answer.status
    connection.close()
    return code


def test_a_browser_is_a_dashboard(session, server, browser):
    browser.get(server.url)
    web.until(lambda: "HEART RATE" in web.seen(browser))
    found = web.until(lambda: alarm(session, "hr_extreme"), 60)
    web.until(lambda: f"{found.value:.0f} bpm, limit 140 bpm" in web.seen(browser))
    assert web.colours(browser) > 20  # it is painted, not only sent
    web.until(lambda: alarm(session, "unattended") is None)
    assert not acknowledged(session)
    web.press(browser, "a")
    web.until(lambda: acknowledged(session))
    assert web.asked(browser) == {urlsplit(server.url).netloc}
    (tab,) = psutil.Process(server.pid).children()
    browser.switch_to.new_window()
    browser.switch_to.window(browser.window_handles[0])
    browser.close()
    web.until(lambda: not tab.is_running())
    web.until(lambda: alarm(session, "unattended"))  # whoever closed the tab watches no more
    assert server.poll() is None


def test_nobody_else_is_let_in(session, server, browser):
    place = urlsplit(server.url)
    other, socket = "/" + "x" * 43 + "/", {**UPGRADE, "Origin": f"http://{place.netloc}"}
    assert status(server.url, place.path) == 200
    for path in ("/", other, other + "ws", other + "static/textual.js", "/static/textual.js"):
        assert status(server.url, path) == 403
    assert status(server.url, other + "ws", socket) == 403
    assert status(server.url, place.path + "ws", UPGRADE) == 403
    assert status(server.url, place.path, {"Host": "rebound.example"}) == 403
    assert status(server.url, place.path + "ws", socket) == 101
    assert web.asks_socket(browser, f"ws://{place.netloc}{place.path}ws") == "refused"
    server.send_signal(signal.SIGINT)
    out, err = server.communicate(timeout=30)
    assert (server.returncode, out) == (0, "")  # the address was printed once
    assert place.path.strip("/") not in err
    assert "The session goes on" in err
    assert hosting.is_alive(session)


def test_a_killed_server_leaves_no_dashboard_and_a_living_session(session, server, browser):
    browser.get(server.url)
    web.until(lambda: "HEART RATE" in web.seen(browser))
    (tab,) = psutil.Process(server.pid).children()
    engine = plan.listening(session).pid
    server.kill()
    web.until(lambda: not tab.is_running())
    web.until(lambda: "-closed" in browser.execute_script("return document.body.className"))
    assert snapshot(session) is not None
    assert plan.listening(session).pid == engine


def test_a_screen_that_hangs_is_covered(session, server, browser):
    browser.get(server.url)
    web.until(lambda: "HEART RATE" in web.seen(browser))
    (tab,) = psutil.Process(server.pid).children()
    shown = "return getComputedStyle(document.querySelector('#silent')).display"
    assert browser.execute_script(shown) == "none"
    os.kill(tab.pid, signal.SIGSTOP)
    web.until(lambda: browser.execute_script(shown) == "flex")
    os.kill(tab.pid, signal.SIGCONT)
    web.until(lambda: browser.execute_script(shown) == "none")


def test_the_server_ends_with_its_session(session, server):
    asyncio.run(hosting.end(session))
    assert server.wait(30) == 0
