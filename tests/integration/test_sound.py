"""Alarms heard: the real sound process plays into a real PulseAudio, whose output is recorded."""

import asyncio
import contextlib
import shutil
import signal
import subprocess
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

import numpy as np
import pytest

from alerts.annunciator.client import PLAYER, Annunciator
from alerts.annunciator.outputs import by_player
from alerts.annunciator.player import Voice
from alerts.annunciator.tones import PATTERNS, Sound
from alerts.model import Priority
from monitor import child

RATE_HZ = 44_100
DROPOUT_S = 0.03
"""A loaded test machine may drop samples inside a pulse; silence between pulses is twice this."""


def needs(*tools):
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"NOT RUN, nothing was heard: needs {', '.join(missing)}")


class SoundServer:
    """A PulseAudio of our own with one sink that leads nowhere."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.process: subprocess.Popen[bytes] | None = None

    def start(self):
        socket = self.directory / "p"
        socket.unlink(missing_ok=True)
        protocol = f"module-native-protocol-unix auth-anonymous=1 socket={socket}"
        self.process = subprocess.Popen(
            [
                *("pulseaudio", "-n", "--daemonize=no", "--system=false", "--exit-idle-time=-1"),
                *("--use-pid-file=no", "-L", protocol, "-L", "module-null-sink sink_name=s"),
            ],
            stdout=DEVNULL,
            stderr=DEVNULL,
        )

    async def ready(self):
        """Wait until the sink answers: a socket alone may have no sink behind it yet."""
        async with asyncio.timeout(30):
            while True:
                ask = await asyncio.create_subprocess_exec(
                    *("pactl", "list", "short", "sinks"), stdout=PIPE, stderr=DEVNULL
                )
                answer, _ = await ask.communicate()
                if b"module-null-sink" in answer:
                    return
                await asyncio.sleep(0.1)

    def kill(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(5)


@pytest.fixture
async def server(monkeypatch):
    needs("pulseaudio", "parec", "pactl")
    # Not tmp_path: a socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="vg", dir="/tmp") as name:
        directory = Path(name)
        for variable in ("XDG_RUNTIME_DIR", "HOME", "PULSE_RUNTIME_PATH", "PULSE_STATE_PATH"):
            monkeypatch.setenv(variable, name)
        monkeypatch.setenv("PULSE_SERVER", f"unix:{directory / 'p'}")
        sound_server = SoundServer(directory)
        sound_server.start()
        try:
            await sound_server.ready()
            yield sound_server
        finally:
            sound_server.kill()


@contextlib.asynccontextmanager
async def recording(file):
    """Everything the sink plays, into a file of 16-bit samples."""
    with file.open("wb") as out:
        ears = await asyncio.create_subprocess_exec(
            *("parec", "-d", "s.monitor", "--format=s16le", "--channels=1", "--latency-msec=50"),
            *("--raw", f"--rate={RATE_HZ}"),
            stdout=out,
            stderr=DEVNULL,
        )
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                ears.terminate()
            await ears.wait()


@contextlib.asynccontextmanager
async def annunciator():
    sound = Annunciator()
    task = asyncio.create_task(sound.run())
    try:
        yield sound
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(holds, seconds):
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.05)


def heard_pulses(file):
    """Of each stretch of sound: length in seconds and strongest frequency in hertz."""
    samples = np.frombuffer(file.read_bytes(), np.int16).astype(float)
    window = round(0.005 * RATE_HZ)
    envelope = np.lib.stride_tricks.sliding_window_view(np.abs(samples), window).max(axis=1)
    loud = np.concatenate([[0], envelope > 0.1 * 32_767, [0]]).astype(int)
    edges = np.flatnonzero(np.diff(loud))
    dropouts = 1 + 2 * np.flatnonzero(edges[2::2] - edges[1:-1:2] < DROPOUT_S * RATE_HZ)
    edges = np.delete(edges, np.concatenate([dropouts, dropouts + 1]))
    return [
        ((end - first) / RATE_HZ, strongest_hz(samples[first:end]))
        for first, end in zip(edges[::2], edges[1::2], strict=True)
    ]


def strongest_hz(samples):
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 16))
    return spectrum.argmax() * RATE_HZ / (1 << 16)


def assert_burst(heard, priority):
    pattern = PATTERNS[Sound[priority.name]]
    for length_s, hz in heard:
        assert length_s == pytest.approx(pattern.length_s(), abs=DROPOUT_S)
        assert hz == pytest.approx(pattern.pitches_hz[0], abs=5)


@pytest.mark.slow
async def test_each_priority_is_heard(server, tmp_path):
    file = tmp_path / "heard.s16"
    async with recording(file), annunciator() as sound:
        await until(lambda: sound.available, 30)
        assert sound.detail.startswith("miniaudio: ")
        for priority, listen_s in ((Priority.HIGH, 3.4), (Priority.MEDIUM, 1.4), (Priority.LOW, 1)):
            sound.set(priority)
            await asyncio.sleep(listen_s)
        sound.set(None)
        await asyncio.sleep(0.3)
    heard = heard_pulses(file)
    assert len(heard) == 10 + 3 + 2
    assert_burst(heard[:10], Priority.HIGH)
    assert_burst(heard[10:13], Priority.MEDIUM)
    assert_burst(heard[13:], Priority.LOW)


@pytest.mark.slow
async def test_a_sound_server_killed_in_mid_alarm_is_noticed_and_its_return_too(server, tmp_path):
    async with annunciator() as sound:
        async with recording(tmp_path / "before.s16"):
            await until(lambda: sound.available, 30)
            sound.set(Priority.HIGH)
            await asyncio.sleep(0.5)
            server.kill()
            await until(lambda: not sound.available, 30)
        assert sound.detail in {"sound stalled", "no sound device", "the sound device stopped"}
        server.start()
        await server.ready()
        async with recording(tmp_path / "after.s16"):
            await until(lambda: sound.available, 30)
            await asyncio.sleep(1.0)
    assert len(heard_pulses(tmp_path / "before.s16")) >= 2
    after = heard_pulses(tmp_path / "after.s16")
    assert len(after) >= 3
    assert_burst(after[:2], Priority.HIGH)


async def play(commands):
    """Run the sound process on its own; returns it with its standard input open."""
    process = await asyncio.create_subprocess_exec(
        *child.command(PLAYER), stdin=PIPE, stdout=PIPE, stderr=PIPE, env=child.environment()
    )
    process.stdin.write(commands)
    return process


async def reported(process, text):
    """Read reports until one has `text`."""
    async with asyncio.timeout(30):
        while text not in await process.stdout.readline():
            pass


async def test_the_sound_process_outlives_ctrl_c_but_not_its_engine(server):
    process = await play(b'{"play": "FAILURE"}\nrubbish\n')
    try:
        await reported(process, b'"playing": "FAILURE", "ignored": 1, "error": null')
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGHUP)
        process.stdin.write(b'{"play": "TEST"}\n')
        await reported(process, b'"playing": "TEST"')
        process.stdin.close()
        async with asyncio.timeout(30):
            _, noise = await process.communicate()
        assert (process.returncode, noise) == (0, b"")
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="NOT RUN: only here can sound be taken away")
async def test_without_a_sound_device_the_process_says_so_and_nothing_else(monkeypatch, tmp_path):
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/none")
    monkeypatch.setenv("ALSA_CONFIG_PATH", f"{tmp_path}/none")
    monkeypatch.setenv("PATH", str(tmp_path))
    process = await play(b"")
    async with asyncio.timeout(30):
        output, noise = await process.communicate()
    assert process.returncode == 3
    assert b'"error": "no ' in output
    assert output.count(b"\n") == 1
    assert noise == b""


async def test_the_systems_own_player_is_heard_too(server, tmp_path):
    needs("paplay")
    voice, file = Voice(), tmp_path / "heard"
    voice.set(Sound.MEDIUM)
    async with recording(file):
        output, name = await asyncio.to_thread(by_player, voice.take)
        await asyncio.sleep(2.0)
        assert output.running
        await asyncio.to_thread(output.close)
    assert name.startswith("player: ")
    assert_burst(heard_pulses(file)[1:3], Priority.MEDIUM)  # the first one wakes the sink
    assert voice.frames > RATE_HZ


@pytest.mark.slow
async def test_the_self_test_passes_with_a_loudspeaker(server, tmp_path, monkeypatch):
    monkeypatch.setenv("VIGIL_RUNTIME_DIR", str(tmp_path / "run"))
    drill = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "monitor", "selftest", "--json", stdout=PIPE, stderr=PIPE
    )
    out, errors = await drill.communicate()
    assert drill.returncode == 0, (out, errors)
