"""The monitor watches itself: every trouble provoked, and told once for each reason."""

import asyncio
import contextlib
import json
import shlex
import shutil
import sys
from typing import NamedTuple

import psutil
import pytest

from alerts.annunciator.remote import Remote
from alerts.model import Priority
from devices.model import Frame, SensorSpec, Signal
from monitor import feed
from monitor.around import Around
from monitor.clock import ScaledClock
from monitor.core import Core, Setup
from monitor.engine import Engine
from monitor.model import Verb
from monitor.replay import NoSound
from monitor.self_report import SOUND_OFF
from monitor.self_watch import Awake, SelfWatch, disk, power
from tests.unit.test_engine import Record


class Battery(NamedTuple):
    """As psutil gives it."""

    percent: float
    power_plugged: bool | None


STRAP = SensorSpec(alias="strap", codec="hrs_2a37", measures=Signal.HEART_RATE)


class Hear(NoSound):
    """A loudspeaker that tells what it plays."""

    heard, level = None, None

    def set(self, priority, level=1.0):
        self.heard, self.level = priority, level

    def test(self):
        self.heard = "test"


def engine(watch=None, **around):
    clock = ScaledClock(rate=0.0)
    session = feed.Session(session_id="x", mode="LIVE")
    core = Core(Setup(sensors=[STRAP]))
    sound = Hear("loudspeaker")
    around = Around(watch=watch, **around)
    return Engine(core, clock, session, Record(), sound, watched=False, around=around)


def seconds(made, count):
    """Let session seconds pass."""
    for _ in range(count):
        made.clock.jump_to((made.last_ns // 10**9 + 1) * 10**9)
        made.tick()


@contextlib.asynccontextmanager
async def running(one):
    """Run it in the background; what it began is over and reaped afterwards."""
    task = asyncio.create_task(one.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def until(holds, within_s=30.0):
    async with asyncio.timeout(within_s):
        while not holds():
            await asyncio.sleep(0.01)


def alarms(made):
    return {a.condition: a for a in made.snapshot().alarms}


@pytest.mark.parametrize(
    ("battery", "keys"),
    [
        (None, []),
        (Battery(3, True), []),
        (Battery(80, None), ["unplugged"]),
        (Battery(80, False), ["unplugged"]),
        (Battery(15, False), ["unplugged", "battery"]),
        (Battery(5, False), ["unplugged", "battery", "empty"]),
    ],
)
def test_power(battery, keys):
    assert [trouble.key for trouble in power(battery)] == keys


@pytest.mark.parametrize(
    ("free", "total", "scarce"),
    [
        (1e9, 1e12, True),
        (3e9, 1e12, False),
        (1.9e9, 10e9, False),
        (0.4e9, 10e9, True),
        (1e8, 1e9, True),
    ],
)
def test_disk(free, total, scarce):
    assert bool(disk(int(free), int(total))) == scarce


async def test_the_watch_looks_at_the_real_disk_and_a_missing_one(tmp_path):
    watch = SelfWatch(tmp_path / "x.db", battery=lambda: None)
    watch.look()
    usage = shutil.disk_usage(tmp_path)
    assert watch.disk == disk(usage.free, usage.total)
    gone = SelfWatch(tmp_path / "nowhere" / "x.db", battery=lambda: None)
    gone.look()
    assert "cannot be seen" in gone.disk[0].text


async def test_battery_and_sleep_are_looked_at_while_the_session_runs(tmp_path, monkeypatch):
    class Asleep(Awake):
        def hold(self):
            raise OSError("no bus")

    watch = SelfWatch(tmp_path / "x.db", Asleep(), lambda: Battery(4, False))
    monkeypatch.setattr("monitor.self_watch.LOOK_S", 0.05)
    async with running(watch):
        await until(lambda: [trouble.key for trouble in watch.power][-1:] == ["sleep"])
    assert [t.key for t in watch.power] == ["unplugged", "battery", "empty", "sleep"]


def test_the_computer_is_really_asked_to_stay_awake(monkeypatch):
    monkeypatch.setenv("WAKEPY_FAKE_SUCCESS", "yes")
    awake = Awake()
    awake.hold()
    assert awake.trouble == []
    awake.release()
    monkeypatch.delenv("WAKEPY_FAKE_SUCCESS")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    refused = Awake()
    refused.hold()
    assert [trouble.key for trouble in refused.trouble] == ["sleep"]


def test_each_new_reason_is_an_alarm_of_its_own_and_an_old_one_is_not(tmp_path):
    watch = SelfWatch(tmp_path / "x.db", battery=lambda: None)
    made = engine(watch)
    watch.power = power(Battery(80, False))
    seconds(made, 3)
    first = alarms(made)["sound_or_power"]
    assert (first.priority, first.detail) == ("LOW", "on battery, 80 %; plug in the charger")
    answer = made.core.signals.acknowledge(made.last_ns, "sound_or_power", first.occurrence, "SM")
    assert answer
    watch.power = power(Battery(60, False))
    seconds(made, 3)
    assert alarms(made)["sound_or_power"].presence == "ACKNOWLEDGED"
    watch.power = power(Battery(14, False))
    seconds(made, 3)
    again = alarms(made)["sound_or_power"]
    assert (again.presence, again.occurrence) == ("ON", first.occurrence + 1)
    watch.power = power(Battery(4, False))
    seconds(made, 3)
    assert alarms(made)["sound_or_power"].priority == "MEDIUM"
    watch.power = []
    seconds(made, 3)
    assert "sound_or_power" not in alarms(made)


def test_write_failure_disk_and_clock_jump_are_recording_troubles(tmp_path):
    watch = SelfWatch(tmp_path / "x.db", battery=lambda: None)
    made = engine(watch)
    made._record.error = "cannot write x.db: disk I/O error"
    seconds(made, 2)
    assert "disk I/O error" in alarms(made)["recording_failing"].detail
    made._record.error = None
    watch.disk = disk(10, 1000)
    seconds(made, 2)
    assert "disk almost full" in alarms(made)["recording_failing"].detail
    watch.disk = []
    made.reporting._wall_offset_ns -= 3 * 10**9
    seconds(made, 3)
    assert "clock jumped" in alarms(made)["recording_failing"].detail


def test_lag_and_queues_are_told_before_alarms_come_late():
    made = engine()
    made.reporting.lag_ns = 1_500_000_000
    seconds(made, 2)
    assert "late" in alarms(made)["engine_slow"].detail
    made = engine()
    made._record.lag_s = 11.0
    seconds(made, 2)
    assert "waiting" in alarms(made)["engine_slow"].detail
    made = engine()
    for _ in range(6000):
        made.offer(Frame(t_ns=0, source="strap", payload=b"\x00\x48"))
    seconds(made, 2)
    assert "waiting" in alarms(made)["engine_slow"].detail


async def test_the_sound_has_to_be_confirmed_by_a_person():
    made = engine(sound_check=True)
    seconds(made, 2)
    assert "press v" in alarms(made)["sound_or_power"].detail
    assert made.snapshot().audio.check_due
    made.act(Verb.SOUND_CHECK, "SM", {"heard": False})
    seconds(made, 2)
    assert "not heard" in alarms(made)["sound_or_power"].detail
    made.act(Verb.SOUND_CHECK, "SM", {"heard": True})
    seconds(made, 4)
    assert "sound_or_power" not in alarms(made)


async def test_the_test_tone_sounds_and_gives_way_to_an_alarm():
    made = engine()
    await made.command(feed.Command(id=1, verb="sound_test"))
    seconds(made, 1)
    assert made._sound.heard == "test"
    made._record.error = "broken"
    seconds(made, 2)
    assert made._sound.heard is Priority.MEDIUM
    assert made._sound.level == 0.5


SCRIPT = """
import sys
from pathlib import Path
line = sys.stdin.readline()
with Path(sys.argv[1]).open("a") as file:
    file.write(line)
sys.exit(int(sys.argv[2]))
"""


def pager(tmp_path, code):
    script = tmp_path / "page.py"
    script.write_text(SCRIPT)
    told = tmp_path / "it's told.txt"
    return f'{sys.executable} {script} "{told}" {code}', told


async def test_a_remote_annunciator_is_told_every_change_in_order(tmp_path):
    command, told = pager(tmp_path, 0)
    remote = Remote(command)
    async with running(remote):
        made = engine(remote=remote)
        made._record.error = "broken"
        for _ in range(3):
            seconds(made, 1)
        await until(lambda: remote.proven and "recording_failing" in told.read_text())
        made._record.error = None
        seconds(made, 2)
        await until(lambda: json.loads(told.read_text().splitlines()[-1])["priority"] is None)
    lines = [json.loads(line) for line in told.read_text().splitlines()]
    assert lines[-2]["messages"] == ["Recording is failing"]
    assert set(lines[-1]) == {"priority", "conditions", "messages", "unanswered", "session"}


@pytest.mark.parametrize(
    ("command", "words"),
    [("/nowhere/pager", "cannot be started"), ("false", "ended with code 1")],
)
async def test_a_remote_annunciator_that_fails_is_told_on_the_screen(command, words):
    remote = Remote(command)
    async with running(remote):
        made = engine(remote=remote)
        seconds(made, 1)
        await until(lambda: bool(remote.failure))
        seconds(made, 2)
        assert words in alarms(made)["sound_or_power"].detail


async def test_a_proven_remote_annunciator_may_stand_in_for_a_silent_room(tmp_path):
    command, _ = pager(tmp_path, 0)
    remote = Remote(command)
    async with running(remote):
        made = engine(remote=remote)
        made._sound.available, made._sound.detail = False, SOUND_OFF
        seconds(made, 2)
        assert "sound_or_power" in alarms(made)
        await until(lambda: remote.proven)
        seconds(made, 2)
        assert "sound_or_power" not in alarms(made)


async def test_the_end_of_the_session_leaves_no_remote_program_behind(tmp_path):
    begun = tmp_path / "pid"
    script = f"import os, pathlib, time; pathlib.Path({str(begun)!r}).write_text(str(os.getpid()))"
    remote = Remote(shlex.join([sys.executable, "-c", f"{script}; time.sleep(60)"]))
    async with running(remote):
        remote.tell({"priority": "HIGH"})
        await until(lambda: begun.exists() and begun.read_text())
    assert not psutil.pid_exists(int(begun.read_text()))


def test_a_restarted_engine_does_not_alarm_again_for_what_holds_on(tmp_path):
    watch = SelfWatch(tmp_path / "x.db", battery=lambda: None)
    made = engine(watch)
    watch.disk = disk(10, 1000)
    seconds(made, 2)
    next_one = engine(watch)
    next_one.core, next_one.last_ns = made.core, made.last_ns
    occurrence = alarms(made)["recording_failing"].occurrence
    seconds(next_one, 2)
    assert alarms(next_one)["recording_failing"].occurrence == occurrence
