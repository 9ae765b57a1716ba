"""Is this computer fit for a session? Each finding names the command that mends it.

Every check is bounded in time and isolated: one that fails says "unknown" and why. Checks read the
system's own files under roots that tests replace.
"""

from __future__ import annotations

import asyncio
import grp
import os
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from devices.model import NS_PER_S, SensorSpec
from monitor.clock import monotonic_ns
from monitor.errors import MissingExtraError
from monitor.rooms.broker import NOT_PUBLISHING, Publish

LIMIT_S = 6.0
"""One check, real seconds."""
NEEDED_BLEAK = (3, 1)
"""Older ones do not notice the death of the system bus."""
FREE_MB, FREE_PCT = 500, 5
SLOW_SYNC_S = 0.5
"""A disk that takes longer to keep a few bytes will make the recorder queue up."""
LOW_BATTERY_PCT = 15
LOOPBACK = ("localhost", "127.0.0.1", "::1")
SERIAL_GROUPS = ("dialout", "uucp", "lock")


class State(StrEnum):
    """How a check came out."""

    OK = "ok"
    ATTENTION = "attention"
    BROKEN = "broken"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was checked, how it stands, and the command that mends it."""

    check: str
    state: State
    says: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """Where the checks look.

    Attributes:
        sys: the kernel's device tree.
        proc: the process table.
        recordings: folder of the recordings.
        sensors: as configured.
        bus: address of the system bus; "" for the usual one.
        publish: how sessions are published.
    """

    sys: Path = Path("/sys")
    proc: Path = Path("/proc")
    recordings: Path = Path()
    sensors: tuple[SensorSpec, ...] = ()
    bus: str = ""
    dev: Path = field(default=Path("/dev"))
    publish: Publish = NOT_PUBLISHING


Check = Callable[[Machine], Awaitable[Finding]]


def _ok(check: str, says: str) -> Finding:
    return Finding(check, State.OK, says)


async def software(_: Machine) -> Finding:
    """Python and the libraries that matter."""
    try:
        found = version("bleak")
    except PackageNotFoundError:
        return Finding("software", State.BROKEN, "bleak is missing", "pip install 'bleak>=3.1'")
    numbers = tuple(int(part) for part in found.split(".")[:2])
    if numbers < NEEDED_BLEAK:
        says = f"bleak {found} does not notice a dead system bus"
        return Finding("software", State.BROKEN, says, "pip install -U 'bleak>=3.1'")
    return _ok("software", f"Python {sys.version.split()[0]}, bleak {found}")


async def bluetooth(machine: Machine) -> Finding:
    """Daemon, adapter, power and permission, as a session would meet them."""
    if sys.platform != "linux":
        return Finding("bluetooth", State.UNKNOWN, "checked by the first scan here: vigil scan")
    from devices.bluez_state import adapters  # noqa: PLC0415 - needs dbus-fast, Linux only

    try:
        found = await adapters(machine.bus)
    except PermissionError as error:
        mend = f"sudo usermod -aG bluetooth {os.environ.get('USER', 'YOU')}"
        return Finding("bluetooth", State.BROKEN, f"no permission: {error}", mend)
    except OSError as error:
        return Finding("bluetooth", State.BROKEN, str(error), "sudo systemctl start bluetooth")
    if not found:
        return Finding("bluetooth", State.BROKEN, "no adapter", "plug in a Bluetooth adapter")
    off = [name for name, powered in found.items() if not powered]
    if len(off) == len(found):
        return Finding("bluetooth", State.BROKEN, "switched off", "bluetoothctl power on")
    return _ok("bluetooth", f"adapters: {', '.join(found)}")


async def radio_switch(machine: Machine) -> Finding:
    """A blocked radio looks like an absent one."""
    for switch in sorted((machine.sys / "class/rfkill").glob("rfkill*")):
        if (switch / "type").read_text().strip() != "bluetooth":
            continue
        if (switch / "hard").read_text().strip() == "1":
            mend = "move the computer's radio switch"
            return Finding("radio switch", State.BROKEN, "Bluetooth is blocked by a switch", mend)
        if (switch / "soft").read_text().strip() == "1":
            mend = "rfkill unblock bluetooth"
            return Finding("radio switch", State.BROKEN, "Bluetooth is blocked", mend)
    return _ok("radio switch", "not blocked")


async def serial_permission(machine: Machine) -> Finding:
    """Whether this user may open serial ports."""
    ports = [p for name in ("ttyUSB*", "ttyACM*") for p in sorted(machine.dev.glob(name))]
    shut = [p for p in ports if not os.access(p, os.R_OK | os.W_OK)]
    if not shut:
        return _ok("serial ports", f"{len(ports)} found, all may be opened")
    group = next((g.gr_name for g in grp.getgrall() if g.gr_name in SERIAL_GROUPS), "dialout")
    mend = f"sudo usermod -aG {group} $USER, then log in again"
    return Finding("serial ports", State.BROKEN, f"may not open {shut[0]}", mend)


async def serial_taken(machine: Machine) -> Finding:
    """Ports of the configuration that are missing, or that another program has open."""
    wanted = {s.address: s for s in machine.sensors if s.transport == "serial"}
    plain = {a: Path(a) for a in wanted if "://" not in a and not a.startswith("usb:")}
    for address, path in plain.items():
        if not path.exists():
            says = f"{wanted[address].alias}: {address} is not there"
            return Finding("configured ports", State.BROKEN, says, "vigil scan")
        holder = await asyncio.to_thread(_holder, machine.proc, path.resolve())
        if holder:
            mend = f"kill {holder.split()[0]}  # or close that program"
            says = f"{address} is held by process {holder}"
            return Finding("configured ports", State.BROKEN, says, mend)
    manager = _process(machine.proc, "ModemManager")
    if manager and (wanted or any(machine.dev.glob("ttyUSB*"))):
        mend = "sudo systemctl stop ModemManager"
        says = "ModemManager runs and may talk to thermometers when they are plugged in"
        return Finding("configured ports", State.ATTENTION, says, mend)
    return _ok("configured ports", f"{len(wanted)} configured")


def _holder(proc: Path, path: Path) -> str:
    """The process (number and name) that has the file open; only our own can be seen."""
    for folder in proc.glob("[0-9]*"):
        try:
            if any(link.readlink() == path for link in (folder / "fd").iterdir()):
                return f"{folder.name} ({(folder / 'comm').read_text().strip()})"
        except OSError:
            continue
    return ""


def _process(proc: Path, name: str) -> bool:
    for file in proc.glob("[0-9]*/comm"):
        try:
            if file.read_text().strip() == name:
                return True
        except OSError:
            continue
    return False


async def disk(machine: Machine) -> Finding:
    """Room, permission and speed of the folder of the recordings."""
    folder = machine.recordings
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    free_mb, free_pct = usage.free / 1e6, 100 * usage.free / usage.total
    if free_mb < FREE_MB or free_pct < FREE_PCT:
        mend = f"remove files, or set recording.directory to another disk than {folder}"
        says = f"{free_mb:.0f} MB free ({free_pct:.0f} %)"
        return Finding("disk", State.ATTENTION, says, mend)
    try:
        took_s = await asyncio.to_thread(_sync_s, folder)
    except OSError as error:
        return Finding("disk", State.BROKEN, f"{folder}: {error.strerror}", f"chmod u+rwx {folder}")
    if took_s > SLOW_SYNC_S:
        return Finding("disk", State.ATTENTION, f"slow: {took_s:.1f} s a write", "use another disk")
    return _ok("disk", f"{free_mb / 1000:.0f} GB free, {took_s * 1000:.0f} ms a write")


def _sync_s(folder: Path) -> float:
    began_ns = monotonic_ns()
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"x" * 4096)
        file.flush()
        os.fsync(file.fileno())
    return (monotonic_ns() - began_ns) / NS_PER_S


async def power(machine: Machine) -> Finding:
    """Mains, or how much battery is left."""
    supplies = sorted((machine.sys / "class/power_supply").glob("*"))
    kinds = {s: (s / "type").read_text().strip() for s in supplies if (s / "type").exists()}
    mains = [s for s, kind in kinds.items() if kind in {"Mains", "USB"}]
    charge = [int((s / "capacity").read_text()) for s in kinds if (s / "capacity").exists()]
    if any((s / "online").read_text().strip() == "1" for s in mains if (s / "online").exists()):
        return _ok("power", "mains")
    if not charge:
        return _ok("power", "no battery: a computer on mains")
    state = State.BROKEN if min(charge) <= LOW_BATTERY_PCT else State.ATTENTION
    return Finding("power", state, f"on battery, {min(charge)} %", "plug in the charger")


async def sleep(machine: Machine) -> Finding:
    """Whether the computer may fall asleep in the middle of a session."""
    if not any((machine.sys / "class/power_supply").glob("BAT*")):
        return _ok("sleep", "no battery: not a laptop that sleeps when closed")
    mend = "systemd-inhibit --what=sleep:idle:handle-lid-switch vigil run ..."
    return Finding("sleep", State.ATTENTION, "closing the lid may suspend this computer", mend)


async def clock(_: Machine) -> Finding:
    """Whether the wall clock is kept right; a jump is an alarm in a session."""
    if shutil.which("timedatectl") is None:
        return Finding("clock", State.UNKNOWN, "no timedatectl to ask here")
    words = ("show", "-p", "NTPSynchronized", "--value")
    pipe = asyncio.subprocess.PIPE
    asked = await asyncio.create_subprocess_exec("timedatectl", *words, stdout=pipe, stderr=pipe)
    said, complaint = await asked.communicate()
    if asked.returncode:
        return Finding("clock", State.UNKNOWN, complaint.decode().strip() or "timedatectl failed")
    if said.strip() == b"yes":
        return _ok("clock", "synchronised")
    return Finding("clock", State.ATTENTION, "not synchronised", "sudo timedatectl set-ntp true")


async def sound(_: Machine) -> Finding:
    """Whether a loudspeaker can be opened; nothing is played."""
    try:
        import miniaudio  # noqa: PLC0415 - loads a sound system
    except ImportError:
        mend = "pip install miniaudio"
        return Finding("sound", State.BROKEN, "no sound library: alarms would only ring", mend)
    try:
        devices = await asyncio.to_thread(lambda: miniaudio.Devices().get_playbacks())
    except miniaudio.MiniaudioError as error:
        return Finding("sound", State.BROKEN, f"no loudspeaker: {error}", "connect a loudspeaker")
    if not devices:
        return Finding("sound", State.BROKEN, "no loudspeaker", "connect a loudspeaker")
    return _ok("sound", f"{len(devices)} loudspeakers; volume is yours to check")


async def broker(machine: Machine) -> Finding:
    """Whether the broker is there, lets us in, and passes on what the room says."""
    chosen = machine.publish
    if not chosen.enabled:
        return _ok("broker", "nothing is published")
    from monitor.rooms.link import LinkError, tried  # noqa: PLC0415 - brings the MQTT library

    place = f"{chosen.host} port {chosen.port}"
    try:
        busy = await tried(chosen)
    except MissingExtraError as error:
        return Finding(
            "broker", State.BROKEN, str(error), "pip install 'vigil-session-monitor[rooms]'"
        )
    except LinkError as error:
        mend = "see docs/rooms.md; the broker's own log says more"
        return Finding("broker", State.BROKEN, f"{place}: {error}", mend)
    if not chosen.tls and chosen.host not in LOOPBACK:
        says = f"{place} answers, but nothing on the way is encrypted"
        return Finding("broker", State.ATTENTION, says, "set publish.tls = true")
    using = "; a session publishes as this room now" if busy else ""
    return _ok("broker", f"{place} passes on what {chosen.clinic}/{chosen.room} says{using}")


CHECKS: tuple[Check, ...] = (
    software,
    bluetooth,
    radio_switch,
    serial_permission,
    serial_taken,
    sound,
    disk,
    power,
    sleep,
    clock,
    broker,
)


async def examine(machine: Machine, checks: Iterable[Check] = CHECKS) -> list[Finding]:
    """All findings, in order; the checks run side by side."""
    return list(await asyncio.gather(*(_isolated(check, machine) for check in checks)))


async def _isolated(check: Check, machine: Machine) -> Finding:
    name = check.__name__.replace("_", " ")
    try:
        async with asyncio.timeout(LIMIT_S):
            return await check(machine)
    except TimeoutError:
        return Finding(name, State.UNKNOWN, f"no answer in {LIMIT_S:g} s")
    except Exception as error:  # noqa: BLE001 - a check must not take the others down
        return Finding(name, State.UNKNOWN, f"{type(error).__name__}: {error}")
