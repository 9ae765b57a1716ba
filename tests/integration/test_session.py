"""Whole sessions: real processes, really killed; simulated sensors over the real transports."""

import asyncio
import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
import time

import pytest

from monitor import config, feed, hosting, plan, starting
from monitor.errors import RecordingError
from monitor.exactness import exactness
from monitor.feed_client import open_feed
from monitor.recording import chain
from monitor.recording.reader import Recording
from monitor.tape import Tape

pytestmark = pytest.mark.timeout(90)
RATE = 20.0
NS_PER_S = 1_000_000_000
VIGIL = [sys.executable, "-m", "monitor"]


@pytest.fixture(autouse=True)
def private_runtime(tmp_path_factory, monkeypatch):
    """Running sessions of this test only; whatever is left of them is ended afterwards."""
    directory = tmp_path_factory.mktemp("run")
    monkeypatch.setenv("VIGIL_RUNTIME_DIR", str(directory))
    yield directory
    for running in hosting.sessions():
        listening = plan.listening(running.directory)
        (running.directory / plan.PLAN).unlink()
        if listening is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(listening.pid, signal.SIGKILL)


def quiet_settings():
    return config.load(None, ["sound.enabled=false"])


def begin(tmp_path, scenario="tachycardia", *, rate=RATE, watched=False):
    recording = tmp_path / "session.db"
    directory = starting.demo(quiet_settings(), scenario, rate, recording, watched=watched)
    return directory, recording


class Watcher:
    """A dashboard's end of the feed, without the dashboard."""

    def __init__(self, listening, *, watching=True):
        self.listening = listening
        self.watching = watching
        self.newest = None

    async def __aenter__(self):
        self.reader, self.writer = await open_feed(self.listening.endpoint)
        self.send(feed.Ping(token=self.listening.token, watching=self.watching))
        return self

    async def __aexit__(self, *_):
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()

    def send(self, message):
        self.writer.write(feed.encode(message) + b"\n")

    async def until(self, wanted, seconds=60.0):
        """The first message for which `wanted` holds."""
        async with asyncio.timeout(seconds):
            while True:
                line = await self.reader.readline()
                assert line, "the engine closed the connection"
                message = feed.decode_downlink(line)
                if isinstance(message, feed.Snapshot):
                    self.newest = message
                if wanted(message):
                    return message

    async def do(self, verb, **details):
        self.send(feed.Command(id=7, verb=verb, operator="SM", details=details))
        return await self.until(lambda message: isinstance(message, feed.Reply))


def alarm(message, condition):
    if not isinstance(message, feed.Snapshot):
        return None
    return next((a for a in message.alarms if a.condition == condition), None)


def kill(listening):
    os.kill(listening.pid, signal.SIGKILL)


async def until_recorded(path, holds):
    """Wait for a commit: what is not on disk yet dies with its engine."""
    while True:
        with contextlib.suppress(RecordingError, IndexError), Recording.open(path) as recording:
            if holds(recording):
                return
        await asyncio.sleep(0.2)


def acknowledged(recording):
    return any(row.body["verb"] == "acknowledge" for row in recording.journal(["action"]))


async def end(directory):
    async with Watcher(await hosting.endpoint(directory)) as watcher:
        await watcher.do("end_session")
    async with asyncio.timeout(30):
        while (directory / plan.PLAN).exists():
            await asyncio.sleep(0.05)


async def test_an_engine_killed_in_mid_alarm_is_back_with_the_same_alarm(tmp_path):
    directory, recording = begin(tmp_path)
    listening = await hosting.endpoint(directory)
    async with Watcher(listening) as watcher:
        before = await watcher.until(lambda m: alarm(m, "hr_extreme"))
        await until_recorded(recording, lambda it: it.frames()[-1].t_ns / NS_PER_S > before.t_s)
        last = await watcher.until(lambda m: isinstance(m, feed.Snapshot))
        kill(listening)
    again = await hosting.endpoint(directory)
    async with Watcher(again) as watcher:
        after = await watcher.until(lambda m: isinstance(m, feed.Snapshot))
        assert again.pid != listening.pid
        assert after.session.session_id == last.session.session_id
        old, new = alarm(last, "hr_extreme"), alarm(after, "hr_extreme")
        assert (new.presence, new.occurrence, new.onset_s) == ("ON", old.occurrence, old.onset_s)
        assert after.t_s >= last.t_s
        await watcher.until(
            lambda m: alarm(m, "hr_extreme") and alarm(m, "hr_extreme").presence == "LATCHED"
        )
        reply = await watcher.do("acknowledge", condition="hr_extreme", occurrence=old.occurrence)
        assert reply.ok
        await watcher.until(lambda m: isinstance(m, feed.Snapshot) and not alarm(m, "hr_extreme"))
    await end(directory)
    assert chain.verify(recording) == []
    with Recording.open(recording) as opened:
        again = Tape.derive(opened)
        found = exactness(opened, again.vitals, again.own.transitions)
        assert (found.seconds_differ, found.first_transitions) == (0, [])
        assert found.seconds > 100
        assert opened.ended
        assert [anchor.t_ns == 0 for anchor in opened.anchors] == [True, False]
        assert [row.body["reason"] for row in opened.journal(["gap"])] == ["engine was not running"]


@pytest.mark.slow
async def test_acknowledgements_survive_a_killed_engine(tmp_path):
    directory, recording = begin(tmp_path)
    listening = await hosting.endpoint(directory)
    async with Watcher(listening) as watcher:
        seen = alarm(await watcher.until(lambda m: alarm(m, "hr_extreme")), "hr_extreme")
        reply = await watcher.do(
            "acknowledge", condition="hr_extreme", occurrence=seen.occurrence + 1
        )
        assert not reply.ok
        assert "look again" in reply.message
        assert (
            await watcher.do("acknowledge", condition="hr_extreme", occurrence=seen.occurrence)
        ).ok
        await until_recorded(recording, acknowledged)
        kill(listening)
    async with Watcher(await hosting.endpoint(directory)) as watcher:
        after = await watcher.until(lambda m: isinstance(m, feed.Snapshot))
        assert alarm(after, "hr_extreme").presence == "ACKNOWLEDGED"
    await end(directory)


async def test_sigkill_loses_at_most_a_second(tmp_path):
    directory, recording = begin(tmp_path, rate=5.0)
    listening = await hosting.endpoint(directory)
    async with Watcher(listening) as watcher:
        await watcher.until(lambda m: getattr(m, "t_s", 0) > 25)
        last = watcher.newest
        kill(listening)
    with Recording.open(recording) as opened:
        frames = opened.frames()
        newest_s = frames[-1].t_ns / NS_PER_S
    # One real second is five session seconds here, and the strap itself speaks once a second.
    assert newest_s >= last.t_s - 1.0 * 5.0 - 1.5
    sent = {sensor.alias: sensor.packets for sensor in last.sensors}
    kept = sum(frame.source == "strap" for frame in frames)
    assert sent["strap"] - kept <= 1.0 * 5.0 + 1
    assert chain.verify(recording) == []


@pytest.mark.slow
async def test_a_silent_strap_is_an_alarm_although_its_link_stands(tmp_path):
    directory, _ = begin(tmp_path, "strap_lost")
    async with Watcher(await hosting.endpoint(directory)) as watcher:
        # A busy machine may have heard nothing by the dose yet: that is a loss of its own.
        lost = await watcher.until(lambda m: (found := alarm(m, "hr_lost")) and found.onset_s >= 60)
        assert lost.heart_rate.value is None
        assert lost.heart_rate.validity == "NOT_AVAILABLE"
        assert alarm(lost, "hr_lost").onset_s <= 120
        high = await watcher.until(
            lambda m: alarm(m, "hr_lost") and alarm(m, "hr_lost").priority == "HIGH"
        )
        assert alarm(high, "hr_lost").occurrence == alarm(lost, "hr_lost").occurrence + 1
        back = await watcher.until(
            lambda m: isinstance(m, feed.Snapshot) and not alarm(m, "hr_lost")
        )
        assert back.heart_rate.validity == "VALID"
    await end(directory)


async def nobody_watches(directory):
    """The engine notices by itself that no screen is left, and says so as an alarm."""
    listening = plan.listening(directory)
    async with Watcher(listening, watching=False) as watcher:
        await watcher.until(lambda m: alarm(m, "unattended"))


def test_a_closed_terminal_leaves_the_engine_alarming_and_attach_finds_it(tmp_path):
    recording = tmp_path / "closed.db"
    arguments = ["demo", "--scenario", "tachycardia", "--speed", "10", "-o", str(recording)]
    pid, terminal = pty.fork()
    if pid == 0:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as under nohup
        os.environ.update(TERM="xterm-256color", LINES="40", COLUMNS="120")
        os.execv(sys.executable, [*VIGIL, *arguments])
    deadline = time.monotonic() + 30
    shown = b""
    while b"SIM" not in shown and time.monotonic() < deadline:
        shown += os.read(terminal, 65536)
    assert b"SIM" in shown
    time.sleep(2.0)
    os.close(terminal)  # the terminal window is closed
    assert os.waitpid(pid, 0)[0] == pid
    (running,) = hosting.sessions()
    assert running.alive
    asyncio.run(nobody_watches(running.directory))
    attached = subprocess.Popen([*VIGIL, "attach", "--headless"], stdout=subprocess.PIPE, text=True)
    try:
        lines = []
        while not any("Heart rate extreme: onset" in line for line in lines):
            line = attached.stdout.readline()
            assert line, f"attach ended early: {lines}"
            lines.append(line)
    finally:
        attached.send_signal(signal.SIGINT)
        attached.communicate(timeout=30)
    assert hosting.sessions()[0].alive
    asyncio.run(end(running.directory))
    with Recording.open(recording) as opened:
        statuses = [row.body for row in opened.journal(["status"])]
    assert ("unattended", True) in [(s["condition"], s["active"]) for s in statuses]


@pytest.mark.parametrize("dbus", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_headless_demo_records_what_it_says(tmp_path, dbus):
    environment = dict(os.environ)
    if not dbus:
        # Without a dbus-daemon the same peripherals sit behind the in-process back-end.
        environment["PATH"] = str(tmp_path)
    recording = tmp_path / "demo.db"
    arguments = ["--scenario", "tachycardia", "--speed", "20", "--for", "9", "-o", str(recording)]
    done = subprocess.run(
        [*VIGIL, "demo", "--headless", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=True,
    )
    assert "*** Heart rate extreme: onset" in done.stdout
    assert recording.stat().st_mode & 0o777 == 0o600
    assert chain.verify(recording) == []
    again = subprocess.run(
        [*VIGIL, "reanalyse", str(recording), "--json", "--compare"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    result = json.loads(again.stdout)
    assert result["differences"] == []
    assert "hr_extreme" in {a["condition"] for a in result["alarms"]}


@pytest.mark.slow
async def test_an_engine_revived_after_the_scenario_ends_the_session(tmp_path):
    directory, recording = begin(tmp_path, rate=100.0)
    listening = await hosting.endpoint(directory)
    kill(listening)
    await asyncio.sleep(6.5)  # ten minutes of scenario pass in six seconds
    await hosting.endpoint(directory)
    async with asyncio.timeout(30):
        while (directory / plan.PLAN).exists():
            await asyncio.sleep(0.05)
    with Recording.open(recording) as opened:
        assert opened.ended
    assert chain.verify(recording) == []


@pytest.mark.slow
async def test_two_engines_never_run_one_session(tmp_path):
    directory, _ = begin(tmp_path)
    listening = await hosting.endpoint(directory)
    second = await asyncio.to_thread(hosting.launch, directory)
    assert await asyncio.to_thread(second.wait, 30) == 3
    assert (await hosting.endpoint(directory)).pid == listening.pid
    await end(directory)


@pytest.mark.slow
async def test_a_hung_engine_is_replaced(tmp_path):
    directory, _ = begin(tmp_path)
    listening = await hosting.endpoint(directory)
    os.kill(listening.pid, signal.SIGSTOP)
    again = await hosting.endpoint(directory)
    assert again.pid != listening.pid
    await end(directory)


@pytest.mark.slow
async def test_an_engine_that_stood_still_says_so_when_it_goes_on(tmp_path):
    directory, _ = begin(tmp_path, rate=1.0)
    listening = await hosting.endpoint(directory)
    async with Watcher(listening) as watcher:
        await watcher.until(lambda m: isinstance(m, feed.Snapshot))
    os.kill(listening.pid, signal.SIGSTOP)
    await asyncio.sleep(6.5)
    os.kill(listening.pid, signal.SIGCONT)
    async with Watcher(listening) as watcher:
        seen = await watcher.until(lambda m: alarm(m, "engine_stalled"))
        assert alarm(seen, "engine_stalled").priority == "HIGH"
        assert "stood still" in alarm(seen, "engine_stalled").detail
    await end(directory)
