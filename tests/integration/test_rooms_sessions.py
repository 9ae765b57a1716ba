"""Whole published sessions: real engines and a real broker, each killed in the middle."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys

import aiomqtt
import pytest

from alerts.model import Transition
from monitor import config, feed, hosting, plan, starting
from monitor.recording.reader import Recording
from monitor.rooms import broker, messages, told
from monitor.rooms.topics import Kind, Topic
from simulators.broker import Mosquitto
from simulators.library import scenario
from tests.integration.rooms import LEFT_BY_PAHO, NEEDS_MOSQUITTO, listening, until
from tests.integration.test_session import Watcher, alarm, end, kill

pytestmark = [NEEDS_MOSQUITTO, LEFT_BY_PAHO, pytest.mark.timeout(110)]
VIGIL = [sys.executable, "-m", "monitor"]
RATE = 20.0
LONG_S = 60


def overrides(port, *more):
    words = ["enabled=true", "host=127.0.0.1", f"port={port}", "tls=false", "clinic=example"]
    words += ["room=room-1", "remote_acknowledge=true"]
    return ["sound.enabled=false", *(f"publish.{word}" for word in words), *more]


@pytest.fixture(autouse=True)
def _runtime(tmp_path_factory, monkeypatch):
    """Running sessions of this test only; whatever is left of them is ended afterwards."""
    monkeypatch.setenv("VIGIL_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    yield
    for running in hosting.sessions():
        found = plan.listening(running.directory)
        (running.directory / plan.PLAN).unlink()
        if found is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(found.pid, signal.SIGKILL)


@pytest.fixture
def real(tmp_path):
    (tmp_path / "broker").mkdir()
    with Mosquitto(tmp_path / "broker") as made:
        yield made


def begin(tmp_path, port, scenario="tachycardia"):
    recording = tmp_path / "session.db"
    settings = config.load(None, overrides(port, "alarms.publish_lost.sustain_s=20"))
    return starting.demo(settings, scenario, RATE, recording, watched=False), recording


def recorded(path):
    """Time, kind and condition of every alarm change on record that concerns others, in order."""
    with Recording.open(path) as opened:
        rows = [
            Transition(t_ns=row.t_ns, what=row.body["what"], condition=row.body["condition"])
            for row in opened.journal(["alarm"])
        ]
    return [key(row) for row in rows if told.concerns_others(row)]


def key(change):
    return change.t_ns, change.what, change.condition


def same_again(path):
    done = subprocess.run(
        [*VIGIL, "reanalyse", path, "--json", "--compare"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert json.loads(done.stdout)["differences"] == []
    return {one["condition"] for one in json.loads(done.stdout)["alarms"]}


@pytest.mark.slow
async def test_a_broker_killed_in_mid_session_is_an_alarm_and_loses_none(tmp_path, real):
    async with listening(real.port) as station:
        directory, recording = begin(tmp_path, real.port)
        async with Watcher(await hosting.endpoint(directory)) as watcher:
            await until(lambda: station.of(Kind.SNAPSHOT), LONG_S)
            real.kill()
            lost = alarm(await watcher.until(lambda m: alarm(m, "publish_lost")), "publish_lost")
            assert (lost.priority, lost.kind) == ("LOW", "TECHNICAL")
            await watcher.until(lambda m: alarm(m, "hr_extreme"))
            real.start()
            await watcher.until(
                lambda m: (
                    isinstance(m, feed.Snapshot)
                    and (
                        alarm(m, "publish_lost") is None
                        or alarm(m, "publish_lost").presence != "ON"
                    )
                )
            )
        await end(directory)
        await until(lambda: station.of(Kind.PRESENCE)[-1].reason == "ended")
        changes = [one for _, one in sorted(station.changes().items())]
        assert [one.seq for one in changes] == list(range(1, len(changes) + 1))
        assert [key(one) for one in changes] == recorded(recording)
        assert not [payload for _, payload in station.heard if str(tmp_path).encode() in payload]
    assert {"publish_lost", "hr_extreme"} <= same_again(recording)


@pytest.mark.slow
async def test_an_engine_killed_without_its_broker_sends_all_when_both_are_back(tmp_path, real):
    async with listening(real.port) as station:
        directory, recording = begin(tmp_path, real.port)
        first = await hosting.endpoint(directory)
        async with Watcher(first) as watcher:
            await until(lambda: station.of(Kind.SNAPSHOT), LONG_S)
            real.kill()
            await watcher.until(lambda m: alarm(m, "hr_extreme"))
            kill(first)
        real.start()
        async with Watcher(await hosting.endpoint(directory)) as watcher:
            await watcher.until(lambda m: isinstance(m, feed.Snapshot))
            await until(lambda: [p for p in station.of(Kind.PRESENCE) if p.online], LONG_S)
        await end(directory)
        await until(lambda: station.of(Kind.PRESENCE)[-1].reason == "ended")
        heard = {key(one) for one in station.of(Kind.ALARM)}
        heard |= {key(one) for trend in station.of(Kind.HISTORY) for one in trend.changes}
        assert heard == set(recorded(recording))
        instances = {one.instance for one in station.of(Kind.PRESENCE)}
        assert len(instances) == 2
    same_again(recording)


@pytest.mark.slow
async def test_a_killed_engine_is_told_by_the_broker_and_again_when_it_is_back(tmp_path, real):
    async with listening(real.port) as station:
        directory, _ = begin(tmp_path, real.port)
        first = await hosting.endpoint(directory)
        await until(lambda: station.of(Kind.SNAPSHOT), LONG_S)
        before = station.of(Kind.PRESENCE)[-1]
        kill(first)
        await until(lambda: not station.of(Kind.PRESENCE)[-1].online)
        will = station.of(Kind.PRESENCE)[-1]
        assert (will.reason, will.instance) == ("lost", before.instance)
        await hosting.endpoint(directory)
        await until(lambda: station.of(Kind.PRESENCE)[-1].online)
        assert station.of(Kind.PRESENCE)[-1].instance != before.instance
        await end(directory)


@pytest.mark.slow
async def test_a_station_acknowledges_in_its_own_name_on_record(tmp_path, real):
    async with listening(real.port) as station:
        directory, recording = begin(tmp_path, real.port)
        async with Watcher(await hosting.endpoint(directory)) as watcher:
            seen = alarm(await watcher.until(lambda m: alarm(m, "hr_extreme")), "hr_extreme")
            await until(lambda: alarm(station.of(Kind.SNAPSHOT)[-1], "hr_extreme"), LONG_S)
            instance = station.of(Kind.PRESENCE)[-1].instance
            arguments = broker.arguments(station.settings, "central")
            async with aiomqtt.Client(**arguments) as desk:
                for occurrence in (seen.occurrence + 1, seen.occurrence):
                    asked = messages.acknowledge(instance, "hr_extreme", occurrence)
                    topic = str(Topic("example", "room-1", Kind.COMMAND, "desk"))
                    await desk.publish(topic, messages.encode(asked), qos=1)
                await until(lambda: len(station.of(Kind.REPLY)) == 2)
            assert [one.ok for one in station.of(Kind.REPLY)] == [False, True]
            await watcher.until(lambda m: acknowledged_by(m) == "station:desk")
            await until(lambda: acknowledged_by(station.of(Kind.SNAPSHOT)[-1]) == "station:desk")
        await end(directory)
    with Recording.open(recording) as opened:
        acts = [row.body for row in opened.journal(["action"]) if row.body["verb"] == "acknowledge"]
    assert [(act["operator"], act.get("refused")) for act in acts] == [("station:desk", None)]
    same_again(recording)


def acknowledged_by(message):
    found = alarm(message, "hr_extreme")
    return found.acknowledged_by if found else ""


@pytest.mark.slow
async def test_the_scenario_takes_the_broker_away_for_real(tmp_path, real):
    path, chosen = tmp_path / "session.db", tmp_path / "chosen.toml"
    words = [word.partition("publish.")[2] for word in overrides(real.port) if "publish." in word]
    lines = [
        f"{key} = {value if value in {'true', 'false'} or value.isdigit() else repr(value)}"
        for key, _, value in (word.partition("=") for word in words)
    ]
    chosen.write_text("\n".join(["[sound]", "enabled = false", "[publish]", *lines]))
    demo = ["demo", "--scenario", "broker_lost", "--speed", "4", "--headless", "-o", str(path)]
    process = await asyncio.create_subprocess_exec(*VIGIL, *demo, "--config", str(chosen))
    assert await process.wait() == 0
    assert same_again(path) - {"sound_or_power"} == scenario("broker_lost").expected


def run(*arguments):
    return subprocess.run(
        [*VIGIL, "run", *arguments], capture_output=True, text=True, check=False, timeout=100
    )


@pytest.mark.slow
def test_a_broker_that_never_answers_does_not_slow_the_session(tmp_path):
    path = tmp_path / "session.db"
    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        hole.listen()
        words = overrides(hole.getsockname()[1], "alarms.publish_lost.sustain_s=5")
        chosen = [part for word in words for part in ("--set", word)]
        done = run("--simulate", "strap", "--headless", "--for", "20", "-o", path, *chosen)
    assert done.returncode == 0, done.stderr
    raised = same_again(path)
    assert "publish_lost" in raised
    assert not raised & {"engine_stalled", "engine_slow"}
    with Recording.open(path) as opened:
        seconds = list(opened.vitals().t_s)
    assert seconds == list(range(len(seconds)))


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("publish.host=", 'publish.host = "": needed when enabled'),
        ("publish.room=Room 1", "letters a-z"),
        ("publish.password_file=/nowhere/pw", "needed with password_file"),
    ],
)
def test_what_cannot_work_is_told_before_the_session(tmp_path, word, says):
    path = tmp_path / "session.db"
    chosen = [part for one in [*overrides(1), word] for part in ("--set", one)]
    done = run("--simulate", "strap", "--headless", "--for", "1", "-o", path, *chosen)
    assert done.returncode == 2
    assert says in done.stderr
    assert not path.exists()


def test_a_missing_library_and_a_missing_file_are_mistakes_of_the_configuration(tmp_path):
    chosen = [part for one in overrides(1) for part in ("--set", one)]
    given = ["run", "--simulate", "strap", "--headless", "--for", "1", *chosen]
    code = (
        "import sys; sys.modules['aiomqtt'] = None\n"
        f"from monitor.cli.main import main; sys.exit(main({given!r}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "vigil-session-monitor[rooms]" in done.stderr
    missing = ["--set", "publish.username=u", "--set", "publish.password_file=/nowhere/pw"]
    done = run(*given[1:], *missing)
    assert done.returncode == 2
    assert "publish.password_file = '/nowhere/pw': cannot be used: No such file" in done.stderr


def test_nothing_is_published_unless_wanted():
    chosen = config.load(None, [])
    assert starting.publishing(chosen) is None
    assert asyncio.run(_surroundings()) is None


async def _surroundings():
    from monitor.engine_process import surroundings  # noqa: PLC0415 - heavy

    current = plan.Plan(
        session_id="x", mode="SIM", recording="x.db", sensors=[], epoch_ns=0, epoch_utc_ns=0
    )
    return surroundings(current, None).rooms
