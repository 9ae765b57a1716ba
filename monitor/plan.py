"""A running session's plan: all an engine needs to start, or to resume after being killed.

One folder a running session, readable by its user only: `plan.json` (this), `engine.json` (where
the engine listens now), `engine.lock` (held by the living engine), `engine.log`.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import msgspec
import platformdirs

from devices.model import SensorSpec
from monitor.core import Setup
from monitor.errors import EnvironmentFault
from monitor.phases import PhaseTimes
from monitor.rooms.broker import Publish

PLAN, ENGINE, LOCK, LOG = "plan.json", "engine.json", "engine.lock", "engine.log"


class Simulation(msgspec.Struct, kw_only=True):
    """How a simulated session gets its sensors."""

    scenario: str
    """Name, or absolute path of a file."""
    seed: int | None = None
    kinds: list[str] = []
    """Sensors to simulate inside the engine process, behind bleak's own back-end interface."""
    operator: bool = False
    """The scenario's operator acts, and the session ends with the scenario."""
    training: bool = False
    """A trainee is the operator: of what the scenario's does, only doses are done."""
    dbus: str = ""
    """Address of the private bus with the simulated Bluetooth, if they are not in the engine."""


class Plan(msgspec.Struct, kw_only=True):
    """What does not change over a session."""

    session_id: str
    mode: str
    """LIVE, SIM or REPLAY."""
    recording: str
    sensors: list[SensorSpec]
    alarms: dict[str, dict[str, float | str | bool]] = {}
    subject: str = ""
    operator: str = ""
    age_years: float = 0.0
    zone: str = "UTC"
    epoch_ns: int
    """System monotonic clock at session time 0."""
    epoch_utc_ns: int
    boot_id: str = ""
    """The epoch means nothing after a reboot; then the wall clock continues session time."""
    rate: float = 1.0
    sound: bool = True
    sound_check: bool = False
    """Whether a person has to confirm that the sound is heard."""
    remote_command: str = ""
    publish: Publish | None = None
    """The broker to publish to; None where nothing is published."""
    checklists: dict[str, str] = {}
    scales: dict[str, tuple[float, float]] = {}
    """Observer's scores: name -> lowest and highest value."""
    phases: PhaseTimes = PhaseTimes()
    setup_steps: list[str] = []
    """Steps of the checklist before the dose; empty for none."""
    watched: bool = True
    """A screen is expected: alarm when none is there."""
    simulation: Simulation | None = None
    replay_from_s: float = 0.0
    config_json: str = "{}"

    def setup(self) -> Setup:
        """What the core needs."""
        return Setup(
            sensors=self.sensors,
            alarms=self.alarms,
            age_years=self.age_years,
            scales=self.scales,
        )


class Listening(msgspec.Struct, kw_only=True):
    """Where the living engine listens."""

    pid: int
    endpoint: str
    token: str = ""


def runtime_directory() -> Path:
    """The folder of running sessions; `VIGIL_RUNTIME_DIR` overrides it.

    Raises:
        EnvironmentFault: it cannot be made, or is somebody else's.
    """
    chosen = os.environ.get("VIGIL_RUNTIME_DIR")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it lies below /tmp is looked after here
        path = Path(chosen) if chosen else Path(platformdirs.user_runtime_dir("vigil"))
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = path.stat().st_uid
    except OSError as error:
        raise EnvironmentFault(f"{path}: no place for running sessions ({error})") from error
    # Without a runtime folder of the system's it lies below /tmp, where anybody can be first.
    if hasattr(os, "getuid") and owner != os.getuid():
        raise EnvironmentFault(f"{path}: belongs to another user; set VIGIL_RUNTIME_DIR")
    return path


def write_private(path: Path, content: bytes) -> None:
    """Write a file only its user can read; readers see the old content or all of the new."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    part.replace(path)


def save(directory: Path, plan: Plan) -> None:
    """Store the plan in the session's folder."""
    write_private(directory / PLAN, msgspec.json.encode(plan))


def load(directory: Path) -> Plan:
    """Read the plan; FileNotFoundError once the session has ended."""
    return msgspec.json.decode((directory / PLAN).read_bytes(), type=Plan)


def listening(directory: Path) -> Listening | None:
    """Where the engine of this session listened last; None if it never did."""
    try:
        return msgspec.json.decode((directory / ENGINE).read_bytes(), type=Listening)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def boot_id() -> str:
    """Identifies this boot of the computer; empty where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
