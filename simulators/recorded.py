"""A recording as the person: what its sensors said is said again, by other sensors.

What arrived in the second before is sent. Where the recording has nothing, nothing is sent.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from statistics import fmean

import numpy as np

from devices.model import (
    LOST_PERIODS,
    NS_PER_S,
    Frames,
    Measurement,
    SensorSpec,
    Signal,
    Validity,
)
from devices.registry import codec
from monitor.errors import RecordingError
from monitor.recording.reader import Recording
from monitor.signal.skin_temperature import is_distal
from monitor.signal.window import Times, Values
from monitor.sources import Sources, sources
from simulators import wire_gatt
from simulators.kinds import Kind
from simulators.physiology import HeartSecond, Physiology, Plan
from simulators.recorded_ecg import Ecg
from simulators.sensed import Sensed
from simulators.wire import rr_room

MS_PER_MIN = 60_000.0
PLAYABLE = frozenset(
    {Signal.HEART_RATE, Signal.ECG, Signal.SKIN_TEMPERATURE, Signal.ROOM_TEMPERATURE}
)
"""What is taken from a recording; kinds that measure anything else cannot be played from it."""


class Silent(Exception):  # noqa: N818 - it is no error that a recording has gaps
    """The recording has nothing for this second."""


@dataclass(slots=True)
class _Said:
    """What a heart-rate sensor said in one second."""

    bpm: float | None = None
    rr_ms: list[float] = field(default_factory=list)
    contact: bool | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Warmth:
    """Readings of one thermometer, and how long each of them stands."""

    t_ns: Times
    degc: Values
    stands_s: float

    def at(self, t_s: float) -> float:
        """The newest reading; raises Silent where there is none of late."""
        i = int(np.searchsorted(self.t_ns, round(t_s * NS_PER_S), side="right")) - 1
        if i < 0 or t_s - self.t_ns[i] / NS_PER_S > self.stands_s:
            raise Silent
        return float(self.degc[i])


class Recorded(Physiology):
    """The person of a recording. The first sensor of each signal is played.

    Attributes:
        duration_s: length of the recording, whole seconds, the last one included.
    """

    def __init__(self, recording: Recording) -> None:
        super().__init__(Plan(seed=1))
        specs = {spec.alias: spec for spec in recording.sensors()}
        used, frames = sources(list(specs.values())), recording.columns()
        self.duration_s = recording.end_ns // NS_PER_S + 1
        self._beating = _spread(_heart(used, specs, frames))
        self._skin = _warmth(used.skin, Signal.SKIN_TEMPERATURE, specs, frames)
        self._room = _warmth((used.room,), Signal.ROOM_TEMPERATURE, specs, frames)
        self._ecg = Ecg([one for one in frames if one.source in used.ecg[:1]], specs)
        self._distal = bool(used.skin) and is_distal(specs[used.skin[0]].site)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of sensors that can say what is in it."""
        found = {
            "strap": bool(self._beating),
            "ecg": bool(self._ecg.runs),
            "wrist" if self._distal else "patch": self._skin is not None,
            "probe": self._room is not None,
        }
        return tuple(name for name, there in found.items() if there)

    def heart_at(self, second: int) -> HeartSecond:
        """What the strap says; raises Silent in a gap."""
        if second not in self._beating:
            raise Silent
        said = self._beating[second]
        usual = MS_PER_MIN / fmean(said.rr_ms) if said.rr_ms and said.bpm is None else 0.0
        return HeartSecond(round(said.bpm or usual), said.rr_ms, said.contact)

    def pulse_bpm(self, second: int) -> int:
        """The same rate; raises Silent in a gap."""
        return self.heart_at(second).bpm

    def skin_degc(self, t_s: float, site: str = "") -> float:  # noqa: ARG002 - that of the recording
        """Skin temperature; raises Silent in a gap."""
        if self._skin is None:
            raise Silent
        return self._skin.at(t_s)

    def core_degc(self, t_s: float) -> float:  # noqa: ARG002 - there is none
        """NaN: nothing is made up beside a recording."""
        return math.nan

    def room_degc(self, t_s: float) -> float:
        """Air temperature; raises Silent in a gap."""
        if self._room is None:
            raise Silent
        return self._room.at(t_s)

    def ecg(self, second: int) -> tuple[bytes, ...]:
        """Frames of the electrocardiogram; none in a gap."""
        return tuple(wire_gatt.pmd_ecg(last_ns, uv) for last_ns, uv in self._ecg.at(second))


def said(sensed: Sensed, kind: Kind, second: int) -> tuple[bytes, ...]:
    """What a sensor of that kind says of the person at that second."""
    if isinstance(sensed.person, Recorded) and kind.measures is Signal.ECG:
        return sensed.person.ecg(second)
    try:
        return kind.says(sensed, second)
    except Silent:
        return ()


def person_of(path: Path) -> Recorded:
    """The person of a recording.

    Raises:
        RecordingError: it cannot be read, or holds nothing that could be played.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read ({error.strerror})") from error
    return _read(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=4)
def _read(path: Path, changed_ns: int, size: int) -> Recorded:  # noqa: ARG001 - which version of it
    with Recording.open(path) as recording:
        person = Recorded(recording)
    if not person.kinds:
        raise RecordingError(f"{path}: holds no heart rate and no temperature to be played")
    return person


def _measured(frames: Frames, spec: SensorSpec) -> Iterator[tuple[int, Measurement]]:
    """Arrival and value of everything a sensor said."""
    decoder = codec(spec.codec).new_decoder(spec)
    for t_ns, payload in zip(frames.times_ns.tolist(), frames.payloads(), strict=True):
        if not payload:  # a new link
            decoder = codec(spec.codec).new_decoder(spec)
        for measurement in decoder.feed(payload) if payload else ():
            yield t_ns, measurement


def _heart(used: Sources, specs: dict[str, SensorSpec], frames: list[Frames]) -> dict[int, _Said]:
    """Second -> what was said in the second before it."""
    aliases = {used.rr, *used.heart[:1]} - set(used.ecg)
    seconds: dict[int, _Said] = {}
    for one in frames:
        for t_ns, m in _measured(one, specs[one.source]) if one.source in aliases else ():
            said = seconds.setdefault(-(-t_ns // NS_PER_S), _Said())
            valid = m.validity is Validity.VALID
            if m.signal is Signal.HEART_RATE:
                said.bpm = m.value if valid else 0.0
            elif m.signal is Signal.RR_INTERVAL and valid:
                said.rr_ms.append(m.value)
            elif m.signal is Signal.CONTACT:
                said.contact = bool(m.value)
    return seconds


def _spread(seconds: dict[int, _Said]) -> dict[int, _Said]:
    """Intervals that one packet cannot hold go with the next one."""
    most = rr_room(0)
    for second in sorted(seconds):
        more = seconds[second].rr_ms[most:]
        if more:
            del seconds[second].rr_ms[most:]
            later = seconds.setdefault(second + 1, _Said(seconds[second].bpm))
            later.rr_ms[:0] = more
    return seconds


def _warmth(
    aliases: tuple[str, ...], signal: Signal, specs: dict[str, SensorSpec], frames: list[Frames]
) -> _Warmth | None:
    """Valid readings of the first of these thermometers."""
    source = next(iter(aliases), "")
    wanted = {signal} | ({Signal.TEMPERATURE} if source else set())
    found = [
        (t_ns, m.value)
        for one in frames
        if source and one.source == source
        for t_ns, m in _measured(one, specs[source])
        if m.signal in wanted and m.validity is Validity.VALID
    ]
    if not found:
        return None
    times, values = zip(*found, strict=True)
    t_ns = np.array(times, np.int64)
    usual_s = float(np.median(np.diff(t_ns))) / NS_PER_S if t_ns.size > 1 else 0.0
    stands_s = LOST_PERIODS * max(1.0, specs[source].period_s, usual_s)
    return _Warmth(t_ns, np.array(values, np.float64), stands_s)
