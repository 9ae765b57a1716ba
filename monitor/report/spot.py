"""Blood pressures and clinical temperatures: by hand, and by sensors of single readings."""

from __future__ import annotations

from collections.abc import Sequence

from devices.model import NS_PER_S, SensorSpec
from monitor import stored
from monitor.core import Core, Setup
from monitor.recording.reader import Recording
from monitor.report.entries import Entry, Reading, readings
from monitor.signal.care import What
from monitor.sources import sources

Both = tuple[list[Reading], list[Reading]]


def both(recording: Recording, specs: Sequence[SensorSpec], made: Sequence[Entry]) -> Both:
    """(Blood pressures, clinical temperatures), each by time."""
    pressures, temperatures = _measured(recording, specs)
    pressures += readings(made, "blood_pressure")
    temperatures += readings(made, "temperature")
    return _by_time(pressures), _by_time(temperatures)


def _by_time(found: list[Reading]) -> list[Reading]:
    return sorted(found, key=lambda reading: reading.t_ns)


def _measured(recording: Recording, specs: Sequence[SensorSpec]) -> Both:
    """Readings of sensors, decoded again from their bytes."""
    found = sources(specs)
    aliases = {*found.pressure, *found.clinical}
    if not aliases:
        return [], []
    spots = [spec for spec in specs if spec.alias in aliases]
    core = Core(Setup(sensors=spots))
    frames = [frame for frame in recording.frames() if frame.source in aliases]
    output = stored.run(core, frames, recording.end_ns)
    taken = [reading for vitals in output.vitals for reading in vitals.care.readings]
    pressures, temperatures = (
        [
            Reading(
                t_ns=reading.t_s * NS_PER_S,
                value=reading.value,
                diastolic=reading.diastolic,
                site=reading.site,
                source="sensor",
            )
            for reading in taken
            if reading.what is what
        ]
        for what in (What.PRESSURE, What.TEMPERATURE)
    )
    return pressures, temperatures
