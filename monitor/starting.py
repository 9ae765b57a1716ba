"""Everything between a command and a running engine: plan, folder, simulated sensors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import platformdirs
from tzlocal import get_localzone_name

from devices.model import SensorSpec
from monitor import child, clock, config, hosting, plan, stored
from monitor.errors import ConfigError, EnvironmentFault, MissingExtraError, RecordingError
from monitor.model import SETUP_STEPS
from monitor.recording.reader import Recording
from monitor.rooms import broker

SIMULATOR_READY_S = 20.0
EVERYDAY = "session"
"""The scenario behind `vigil run --simulate`."""
DRILL = "drill"
"""The scenario behind `vigil selftest`."""


def recording_path(chosen: Path | None, settings: config.Config, subject: str) -> Path:
    """Where to record: as chosen, or a new file named by time and subject code.

    Raises:
        RecordingError: the chosen file exists, or its folder cannot be made.
    """
    if chosen is not None:
        if chosen.exists():
            raise RecordingError(f"{chosen}: exists already; a recording is never overwritten")
        path = chosen.absolute()
        if not path.parent.is_dir():
            raise RecordingError(f"{chosen}: there is no folder {path.parent}")
    else:
        stamp = clock.utc_text(clock.utc_ns())[:19].replace(":", "").replace("-", "")
        path = recordings_directory(settings) / f"{stamp}Z-{subject or 'session'}.db"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("xb"):  # told now, not by an engine that cannot start
            pass
        path.unlink()
    except OSError as error:
        raise RecordingError(f"{path}: cannot be created ({error.strerror})") from error
    return path


def recordings_directory(settings: config.Config) -> Path:
    """The folder of recordings: as configured, or the platform's for application data."""
    configured = settings.recording.directory
    return (
        Path(configured).expanduser()
        if configured
        else Path(platformdirs.user_data_dir("vigil")) / "sessions"
    )


def new_plan(
    settings: config.Config,
    *,
    mode: str,
    recording: Path,
    sensors: list[SensorSpec],
    subject: str = "",
    rate: float = 1.0,
    watched: bool = True,
) -> plan.Plan:
    """A session that starts now."""
    return plan.Plan(
        session_id=uuid.uuid4().hex,
        mode=mode,
        recording=str(recording),
        sensors=sensors,
        alarms=settings.alarms,
        subject=subject or settings.session.subject,
        operator=settings.session.operator,
        age_years=settings.session.age_years,
        zone=settings.session.zone or _local_zone(),
        epoch_ns=clock.monotonic_ns(),
        epoch_utc_ns=clock.utc_ns(),
        boot_id=plan.boot_id(),
        rate=rate,
        sound=settings.sound.enabled,
        sound_check=settings.sound.check and settings.sound.enabled and mode == "LIVE" and watched,
        remote_command=settings.sound.remote_command,
        scales=config.scales(settings.scores),
        checklists={name: text for name, text in settings.checklists.items() if text},
        phases=settings.phases,
        watched=watched,
        config_json=config.to_json(settings),
    )


def publishing(settings: config.Config) -> broker.Publish | None:
    """How the session is published; None if it is not.

    Raises:
        ConfigError: it cannot be: the library is missing, or a file cannot be used. A broker that
            does not answer is an alarm of the session instead, and keeps nobody from starting it.
    """
    if not settings.publish.enabled:
        return None
    if sys.platform == "win32":
        raise ConfigError("publish.enabled = true: not on Windows, whose asyncio lacks add_reader")
    try:
        broker.library()
    except MissingExtraError as error:
        raise ConfigError(f"publish.enabled = true: {error}") from error
    broker.arguments(settings.publish, "publish")
    return broker.from_anywhere(settings.publish)


def setup_steps(settings: config.Config) -> list[str]:
    """The steps before the dose that the configuration does not leave out."""
    wanted = {
        "sound": settings.sound.enabled and settings.sound.check,
        "baseline": settings.setup.baseline,
        "limits": settings.setup.limits,
        "self_test": settings.setup.self_test,
    }
    return [s for s in SETUP_STEPS if settings.setup.checklist and wanted.get(s, True)]


def _local_zone() -> str:
    try:
        return get_localzone_name() or "UTC"
    except (LookupError, ValueError):
        return "UTC"


def simulated(spec: SensorSpec) -> bool:
    """Whether what will be found under this sensor's address is simulated."""
    from devices.serial_lock import is_owned, owner_lock  # noqa: PLC0415 - only for a session
    from simulators.private_bus import is_private  # noqa: PLC0415

    if spec.transport == "ble":
        return is_private(os.environ.get("DBUS_SYSTEM_BUS_ADDRESS", ""))
    local = spec.transport == "serial" and "://" not in spec.address
    return local and Path(owner_lock(spec.address)).exists() and is_owned(spec.address)


def live(
    settings: config.Config,
    subject: str,
    recording: Path | None,
    *,
    watched: bool,
    kinds: Sequence[str] = (),
) -> Path:
    """Begin a live session; return its folder. With any simulated sensor it is a SIM session.

    Args:
        settings: the configuration; its sensors are used unless `kinds` are given.
        subject: the person's code.
        recording: the file to write, or None.
        watched: a screen is expected.
        kinds: simulated sensors to use instead, inside the engine.

    Raises:
        ConfigError: no sensor is listed.
    """
    if not (settings.sensors or kinds):
        where = settings.source_file or "the default configuration"
        raise ConfigError(
            f"{where}: no sensor is listed: add a [sensors.<alias>] table "
            "(the default config.toml holds examples), or try `vigil demo`"
        )
    subject = subject or settings.session.subject
    publish = publishing(settings)
    sensors = [replace(spec, simulated=simulated(spec)) for spec in settings.sensors.values()]
    sim = bool(kinds) or any(spec.simulated for spec in sensors)
    current = new_plan(
        settings,
        mode="SIM" if sim else "LIVE",
        recording=recording_path(recording, settings, subject),
        sensors=_simulated(kinds) if kinds else sensors,
        subject=subject,
        watched=watched,
    )
    current.setup_steps = setup_steps(settings) if watched else []
    current.publish = publish
    if kinds:
        current.simulation = plan.Simulation(scenario=EVERYDAY, kinds=list(kinds))
    directory = hosting.new_directory(current.session_id)
    plan.save(directory, current)
    return directory


def _simulated(kinds: Sequence[str]) -> list[SensorSpec]:
    """The sensors of these kinds; their addresses are known only once they are on the air."""
    from simulators.kinds import named  # noqa: PLC0415 - only such a session needs them
    from simulators.room import spec  # noqa: PLC0415

    return [spec(alias, kind, "") for alias, kind in named(kinds).items()]


def demo(
    settings: config.Config,
    scenario: str,
    rate: float,
    recording: Path | None,
    *,
    seed: int | None = None,
    watched: bool = True,
    training: bool = False,
) -> Path:
    """Begin a simulated session and its sensors; return its folder.

    Args:
        settings: the configuration.
        scenario: a name, or a file.
        rate: session seconds a real second.
        recording: the file to write, or None.
        seed: which person; None for the scenario's own.
        watched: a screen is expected.
        training: a trainee is the operator, in the place of the scenario's.
    """
    from simulators import library, private_bus  # noqa: PLC0415 - only a demo needs them

    current = new_plan(
        settings,
        mode="SIM",
        recording=recording_path(recording, settings, "training" if training else "demo"),
        sensors=[],
        subject="TRAINING" if training else "DEMO",
        rate=rate,
        watched=watched,
    )
    current.publish = None if training else publishing(settings)
    named = library.absolute(scenario)
    current.simulation = plan.Simulation(
        scenario=named, seed=seed, operator=True, training=training
    )
    directory = hosting.new_directory(current.session_id)
    # The plan is there when it is whole: an engine started before would know of no sensor.
    if private_bus.available():
        ready = start_simulator(directory, current)
        current.simulation.dbus = str(ready["dbus"])
        current.sensors = msgspec.convert(ready["sensors"], list[SensorSpec])
    else:
        current.simulation.kinds = list(library.scenario(named).sensors)
        current.sensors = _simulated(current.simulation.kinds)
    plan.save(directory, current)
    return directory


def drill(settings: config.Config, recording: Path, kinds: Sequence[str], rate: float) -> Path:
    """Begin a drill session with simulated sensors of these kinds; return its folder."""
    current = new_plan(
        settings,
        mode="SIM",
        recording=recording,
        sensors=_simulated(kinds),
        subject="DRILL",
        rate=rate,
        watched=False,
    )
    current.remote_command = ""  # a drill pages nobody
    current.simulation = plan.Simulation(scenario=DRILL, kinds=list(kinds), operator=True)
    directory = hosting.new_directory(current.session_id)
    plan.save(directory, current)
    return directory


def replay(recording: Path, rate: float, from_s: float) -> Path:
    """Begin a replay of a recording, which is only read; return its folder.

    Raises:
        RecordingError: it cannot be read.
    """
    with Recording.open(recording) as opened:
        # Everything is read once: damage is told here, in front of the user, not in a log.
        stored.setup(opened)
        stored.events(opened)
    current = plan.Plan(
        session_id=uuid.uuid4().hex,
        mode="REPLAY",
        recording=str(recording.absolute()),
        sensors=[],
        epoch_ns=clock.monotonic_ns(),
        epoch_utc_ns=clock.utc_ns(),
        rate=rate,
        replay_from_s=from_s,
    )
    directory = hosting.new_directory(current.session_id)
    plan.save(directory, current)
    return directory


def start_simulator(directory: Path, current: plan.Plan) -> Mapping[str, Any]:
    """Start the process that plays the sensors; return its address of bus and serial line."""
    from simulators import host  # noqa: PLC0415 - only a demo needs it

    assert current.simulation is not None  # noqa: S101 - the caller has just set it
    arguments = {
        "--epoch-ns": current.epoch_ns,
        "--rate": current.rate,
        "--directory": directory,
        "--owner-file": directory / plan.PLAN,
    }
    words = [str(word) for pair in arguments.items() for word in pair]
    words += [] if current.simulation.seed is None else ["--seed", str(current.simulation.seed)]
    with (directory / "simulator.log").open("wb") as log:
        process = child.spawn(
            "simulators.host",
            words,
            stdout=subprocess.PIPE,
            stderr=log,
            more={host.SCENARIO: current.simulation.scenario},  # a list of processes tells nothing
        )
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    late = threading.Timer(SIMULATOR_READY_S, process.kill)
    late.start()
    with process.stdout as answers:
        line = answers.readline()
    late.cancel()
    if not line:
        process.kill()
        raise EnvironmentFault(
            f"the simulated sensors did not start:\n{(directory / 'simulator.log').read_text()}"
        )
    ready: Mapping[str, Any] = json.loads(line)
    return ready
