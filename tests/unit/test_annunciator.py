"""The client against real processes that misbehave, and the player's choice of samples."""

import asyncio
import contextlib
import io
import json
import os
import sys
import textwrap
import threading

import numpy as np
import pytest

from alerts.annunciator.client import OFF, STALLED, STARTING, Annunciator
from alerts.annunciator.outputs import stream
from alerts.annunciator.player import Commands, Voice, report_until
from alerts.annunciator.tones import RATE_HZ, Sound, cycle, pulse_ranges
from alerts.model import Priority

PLAYER = """
import json, os, pathlib, sys, threading, time
told = pathlib.Path(sys.argv[1])
behaviour = sys.argv[2:]
life = len(list(told.glob("life*")))
(told / f"life{life}").write_text(str(os.getpid()))
def hear():
    for line in sys.stdin:
        with (told / f"heard{life}").open("a") as heard:
            heard.write(line)
    os._exit(0)
threading.Thread(target=hear, daemon=True).start()
frames = 0
started = time.monotonic()
def say(**report):
    print(json.dumps(report), flush=True)
while True:
    time.sleep(0.05)
    age = time.monotonic() - started
    first = life == 0
    if not ("stall" in behaviour and first and age > 1.2) and not ("fill" in behaviour and frames):
        frames += 100
    if "die" in behaviour and first and age > 1.2:
        os._exit(1)
    if "deaf" in behaviour:
        say(frames=0, device="", playing=None, error="no sound device")
        os._exit(3)
    if "babble" in behaviour:
        print("not json\\n[]\\n{}", flush=True)
    say(frames=frames, device="fake", playing=None, error=None)
"""


@pytest.fixture
def fake(tmp_path):
    """Configures a sound process that is a real process but plays nothing."""
    script = tmp_path / "player.py"
    script.write_text(textwrap.dedent(PLAYER))
    return lambda *behaviour: [sys.executable, "-S", str(script), str(tmp_path), *behaviour]


@pytest.fixture
def fast(monkeypatch):
    monkeypatch.setattr("alerts.annunciator.client.POLL_S", 0.2)


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    monkeypatch.setattr("alerts.annunciator.client.BACK_OFF_S", (0.2,))


@contextlib.asynccontextmanager
async def running(annunciator):
    task = asyncio.create_task(annunciator.run())
    try:
        yield annunciator
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(holds):
    async with asyncio.timeout(30):  # a busy machine is no failure
        while not holds():
            await asyncio.sleep(0.02)


def heard(tmp_path, life):
    file = tmp_path / f"heard{life}"
    if not file.exists():
        return []
    return [json.loads(line)["play"] for line in file.read_text().splitlines()]


def alive(tmp_path, life):
    try:
        os.kill(int((tmp_path / f"life{life}").read_text()), 0)
    except ProcessLookupError:
        return False
    return True


async def test_available_only_once_samples_are_pulled_and_nothing_left_behind(fast, fake, tmp_path):
    annunciator = Annunciator(command=fake())
    assert (annunciator.available, annunciator.detail) == (False, STARTING)
    async with running(annunciator):
        await until(lambda: annunciator.available)
        assert annunciator.detail == "fake"
        assert alive(tmp_path, 0)
    assert not alive(tmp_path, 0)


@pytest.mark.slow
async def test_stalled_frames_are_noticed_and_set_survives_the_restart(fake, tmp_path):
    changes = []
    annunciator = Annunciator(lambda *change: changes.append(change), command=fake("stall"))
    async with running(annunciator):
        annunciator.set(Priority.HIGH)
        await until(lambda: annunciator.available)
        await until(lambda: not annunciator.available)
        assert not alive(tmp_path, 0)
        await until(lambda: annunciator.available)
        await until(lambda: heard(tmp_path, 1))
    assert heard(tmp_path, 1)[0] == "HIGH"
    assert changes == [(True, "fake"), (False, STALLED), (True, "fake")]


async def test_filling_the_buffer_is_not_yet_sound(fast, fake):
    annunciator = Annunciator(command=fake("fill"))
    async with running(annunciator):
        await asyncio.sleep(1.0)
        assert not annunciator.available


async def test_a_process_that_dies_is_replaced(fast, fake, tmp_path):
    annunciator = Annunciator(command=fake("die"))
    async with running(annunciator):
        await until(lambda: annunciator.available)
        await until(lambda: not annunciator.available)
        assert annunciator.detail == "sound process ended"
        annunciator.set(Priority.LOW)
        await until(lambda: annunciator.available)
        await until(lambda: heard(tmp_path, 1))
    assert heard(tmp_path, 1) == ["LOW"]


async def test_no_device_is_said_and_tried_again(fake, tmp_path):
    annunciator = Annunciator(command=fake("deaf"))
    async with running(annunciator):
        await until((tmp_path / "life1").exists)
        assert not annunciator.available
        assert annunciator.detail == "no sound device"


async def test_a_missing_program_is_a_state_not_an_exception():
    annunciator = Annunciator(command=["/nonexistent/player"])
    async with running(annunciator):
        await until(lambda: annunciator.detail != STARTING)
        annunciator.set(Priority.HIGH)
        assert not annunciator.available
        assert "no sound process" in annunciator.detail


async def test_only_changes_are_sent_and_nonsense_from_the_player_is_skipped(fast, fake, tmp_path):
    annunciator = Annunciator(command=fake("babble"))
    async with running(annunciator):
        await until(lambda: annunciator.available)
        for wanted in (Priority.LOW, Priority.LOW, Priority.HIGH, None, None):
            annunciator.set(wanted)
        await until(lambda: len(heard(tmp_path, 0)) == 4)
    assert heard(tmp_path, 0) == [None, "LOW", "HIGH", None]


async def test_an_engine_held_up_does_not_blame_the_sound(fast, fake):
    changes = []
    annunciator = Annunciator(lambda *change: changes.append(change), command=fake())
    async with running(annunciator):
        await until(lambda: annunciator.available)
        blocked = threading.Event()
        blocked.wait(1.2)
        await asyncio.sleep(0.3)
    assert changes == [(True, "fake")]


async def test_muted_starts_no_process(fake, tmp_path):
    annunciator = Annunciator(muted=True, command=fake())
    async with asyncio.timeout(30):
        await annunciator.run()
    annunciator.set(Priority.HIGH)
    assert (annunciator.available, annunciator.detail) == (True, OFF)
    assert not list(tmp_path.glob("life*"))


def test_the_voice_repeats_a_burst_whatever_the_size_of_the_pulls():
    voice = Voice()
    voice.set(Sound.MEDIUM)
    pulled = np.concatenate([voice.take(size) for size in [1, 7, 1764, 40_000] * 10])
    expected = np.resize(cycle(Sound.MEDIUM), len(pulled))
    np.testing.assert_array_equal(pulled, expected)
    assert voice.frames == len(pulled)


@pytest.mark.parametrize("size", [64, 1764])
def test_silence_comes_at_the_end_of_the_pulse_in_progress(size):
    voice = Voice()
    voice.set(Sound.HIGH)
    end = pulse_ranges(Sound.HIGH)[1][1]
    pulled = [voice.take(size)]
    while len(pulled) * size < end - 0.05 * RATE_HZ:
        pulled.append(voice.take(size))
    voice.set(None)
    pulled += [voice.take(size) for _ in range(round(RATE_HZ / size))]
    samples = np.concatenate(pulled)
    np.testing.assert_array_equal(samples[:end], cycle(Sound.HIGH)[:end])
    assert not samples[end:].any()
    assert voice.playing is None


def test_silence_between_pulses_is_at_once_and_another_sound_starts_at_once():
    voice = Voice()
    voice.set(Sound.LOW)
    voice.take(RATE_HZ)
    voice.set(None)
    assert not voice.take(RATE_HZ).any()
    voice.set(Sound.HIGH)
    voice.take(2000)
    voice.set(Sound.MEDIUM)
    np.testing.assert_array_equal(voice.take(9000), cycle(Sound.MEDIUM)[:9000])


def test_the_stream_gives_as_many_frames_as_asked():
    voice = Voice()
    frames = stream(voice.take)
    next(frames)
    assert [len(frames.send(count)) // 2 for count in (1, 441, 1764)] == [1, 441, 1764]
    assert voice.frames == 2206


def test_commands_that_are_none_are_counted():
    voice = Voice()
    commands = Commands(voice)
    lines = ['{"play": "HIGH"}', "", "[]", "{}", '{"play": "LOUD"}', '{"play": []}', "nul"]
    commands.obey(io.StringIO("\n".join(lines)))
    voice.take(1)
    assert (commands.ignored, voice.playing) == (6, Sound.HIGH)


def test_reports_end_when_nobody_reads():
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb", buffering=0) as pipe:  # noqa: PTH123 - a descriptor, not a path
        report_until(threading.Event(), dict, lambda text: pipe.write(text.encode()))
