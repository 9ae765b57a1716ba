"""`vigil doctor`: is this computer fit for a session, and if not, what mends it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from monitor import config, doctor, starting
from monitor.cli import output

MARKS = {
    doctor.State.OK: "ok       ",
    doctor.State.ATTENTION: "attention",
    doctor.State.BROKEN: "BROKEN   ",
    doctor.State.UNKNOWN: "unknown  ",
}


@click.command(name="doctor")
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Configuration.")
@click.option("--json", "as_json", is_flag=True, help="A JSON list.")
def doctor_(config_path: Path | None, *, as_json: bool) -> int:
    """Check Bluetooth, serial ports, sound, disk, power, clock and broker.

    Each line that is not ok names the command that mends it. Exit code 0: nothing to mend, 1: a
    finding, 3: broken in a way that no session with the configured sensors can work.
    """
    settings = config.load(config_path)
    machine = doctor.Machine(
        recordings=starting.recordings_directory(settings),
        sensors=tuple(settings.sensors.values()),
        publish=settings.publish,
    )
    findings = asyncio.run(doctor.examine(machine))
    if as_json:
        output.print_json([_plain(one) for one in findings])
    else:
        for one in findings:
            output.print_text(f"{MARKS[one.state]}  {one.check:<17} {output.clean(one.says)}")
            if one.mend:
                output.print_text(f"{'':<11}to mend: {one.mend}")
    return verdict(findings, machine)


def _plain(one: doctor.Finding) -> dict[str, object]:
    return {"check": one.check, "state": str(one.state), "says": one.says, "mend": one.mend}


def verdict(findings: list[doctor.Finding], machine: doctor.Machine) -> int:
    """0 nothing, 1 a finding, 3 no session possible: disk, or what its sensors are reached by."""
    broken = {one.check for one in findings if one.state is doctor.State.BROKEN}
    needs = {"disk", "software"}
    needs |= {"bluetooth", "radio switch"} if _uses(machine, "ble") else set()
    needs |= {"serial ports", "configured ports"} if _uses(machine, "serial") else set()
    if broken & needs:
        return 3
    fine = all(one.state in {doctor.State.OK, doctor.State.UNKNOWN} for one in findings)
    return 0 if fine else output.EXIT_FOUND


def _uses(machine: doctor.Machine, transport: str) -> bool:
    return any(sensor.transport == transport for sensor in machine.sensors)
