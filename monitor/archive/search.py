"""Finding in recordings: the seconds at which an expression holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property, reduce
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from devices.model import LOST_PERIODS, NS_PER_S, SensorSpec, Signal
from devices.registry import codec
from monitor import stored
from monitor.archive.expression import All, Comparison, Either, Lasting, Node, signals
from monitor.core import Core, Output
from monitor.exchange.acts import entries
from monitor.exchange.decoded import Series, decode
from monitor.intake import Intake
from monitor.recording.local_time import local_text
from monitor.recording.reader import Recording
from monitor.recording.schema import Mode

Seconds = NDArray[np.int64]
"""Session seconds, ascending, each once."""
Column = tuple[Seconds, NDArray[np.float64]]
"""The seconds at which a signal has a valid value, and the value."""
Bounds = tuple[float, float]
"""Least and greatest value."""
DISPLAYED = {"heart_rate": "heart_rate_bpm", "skin_temperature": "skin_degc"}
"""Signals with a value each second, and their columns in `vitals`."""
BY_HAND = {
    "clinical_temperature": ("temperature", "degc"),
    "systolic_pressure": ("blood_pressure", "systolic"),
    "diastolic_pressure": ("blood_pressure", "diastolic"),
}
"""Signals that are also entered: verb of the action, key of its details."""
COMPARE = {">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal}


@dataclass(frozen=True, slots=True)
class Match:
    """A stretch of a recording in which the expression holds.

    Attributes:
        from_s: first second, from the recording's start.
        to_s: first second at which it no longer holds.
        local: wall clock of the place at `from_s` with its offset; None if unknown.
        values: least and greatest displayed value of each signal in it.
    """

    from_s: int
    to_s: int
    local: str | None
    values: dict[str, Bounds] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to in one recording."""

    recording: str
    subject: str
    matches: list[Match]

    def as_json(self) -> dict[str, Any]:
        """As `vigil sessions find --json` prints it."""
        return asdict(self)


def find(path: Path, wanted: Node) -> Found:
    """Search one recording, which is not touched.

    Raises:
        RecordingError: it cannot be read.
    """
    with Recording.open(path, pages=False) as recording:
        searched = _Searched(recording)
        spans = list(_spans(searched.holds(wanted)))
        names = sorted(signals(wanted))
        matches = [Match(a, b, searched.local(a), searched.values(names, a, b)) for a, b in spans]
        return Found(str(path), recording.subject, matches)


def _spans(seconds: Seconds) -> Iterator[tuple[int, int]]:
    """First second, and the one after the last, of each run of seconds."""
    if not seconds.size:
        return
    cuts = np.flatnonzero(np.diff(seconds) != 1) + 1
    for run in np.split(seconds, cuts):
        yield int(run[0]), int(run[-1]) + 1


class _Searched:
    """One recording, and what was derived of it already."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._columns: dict[str, Column] = {}

    def holds(self, node: Node) -> Seconds:
        """The seconds at which it holds."""
        match node:
            case Comparison():
                return self._compared(node)
            case All(parts):
                return reduce(np.intersect1d, map(self.holds, parts))
            case Either(parts):
                return reduce(np.union1d, map(self.holds, parts))
            case Lasting(part, seconds):
                runs = [(a, b) for a, b in _spans(self.holds(part)) if b - a >= seconds]
                return np.concatenate([np.arange(0), *(np.arange(a, b) for a, b in runs)])

    def values(
        self, names: Iterable[str], from_s: int, to_s: int
    ) -> dict[str, tuple[float, float]]:
        """Least and greatest value of each of these signals in a stretch."""
        found = {name: self._bounds(name, from_s, to_s) for name in names}
        return {name: bounds for name, bounds in found.items() if bounds is not None}

    def _bounds(self, name: str, from_s: int, to_s: int) -> Bounds | None:
        if self._was_displayed(name):
            return self._recording.bounds(DISPLAYED[name], from_s, to_s - 1)
        t_s, values = self._column(name)
        inside = values[(t_s >= from_s) & (t_s < to_s)]
        return (float(inside.min()), float(inside.max())) if inside.size else None

    def _was_displayed(self, name: str) -> bool:
        return name in DISPLAYED and self._recording.mode != Mode.IMPORT

    def local(self, t_s: int) -> str | None:
        """The wall clock at a session second."""
        t_ns = t_s * NS_PER_S
        anchors = [anchor for anchor in self._recording.anchors if anchor.t_ns <= t_ns]
        return local_text(anchors[-1].utc_at(t_ns), anchors[-1].zone) if anchors else None

    def _compared(self, node: Comparison) -> Seconds:
        if self._was_displayed(node.signal):
            rows = self._recording.seconds_where(DISPLAYED[node.signal], node.op, node.limit)
            return np.array(rows, np.int64)
        if node.signal not in DISPLAYED and not self._may_hold(node):
            return np.arange(0)
        t_s, values = self._column(node.signal)
        return np.unique(t_s[COMPARE[node.op](values, node.limit)])

    def _sources(self, name: str) -> list[SensorSpec]:
        return [spec for spec in self._recording.sensors() if spec.measures == name]

    def _may_hold(self, node: Comparison) -> bool:
        """Whether any entry, or the bounds of any minute (the zone map), allow a match."""
        reach = (
            self._recording.reaches(s.alias, node.op, node.limit)
            for s in self._sources(node.signal)
        )
        return any(reach) or bool(self._entered(node.signal))

    def _column(self, name: str) -> Column:
        if name not in self._columns:
            self._columns[name] = self._derive(name) if name in DISPLAYED else self._read(name)
        return self._columns[name]

    def _derive(self, name: str) -> Column:
        """Valid values of an import, which displayed nothing, as derived."""
        output = self._derived
        shown = [v.heart.shown if name == "heart_rate" else v.skin.shown for v in output.vitals]
        valid = np.concatenate([s.valid for s in shown])
        ticks = np.concatenate([v.ticks for v in output.vitals])
        return ticks[valid], np.concatenate([s.value for s in shown])[valid]

    @cached_property
    def _derived(self) -> Output:
        core = Core(stored.setup(self._recording))
        return stored.run(core, stored.events(self._recording), self._recording.end_ns)

    def _read(self, name: str) -> Column:
        """Values of what is not displayed each second: read by sensors, entered by people."""
        parts = [_held(*self._sampled(spec), spec) for spec in self._sources(name)]
        t_s = [np.array([t for t, _ in self._entered(name)], np.int64)]
        values = [np.array([value for _, value in self._entered(name)])]
        return (
            np.concatenate([*(part[0] for part in parts), *t_s]),
            np.concatenate([*(part[1] for part in parts), *values]),
        )

    def _sampled(self, spec: SensorSpec) -> tuple[list[int], list[float]]:
        """Second of arrival and main value of each frame of a sensor that has a valid one."""
        frames = [frame for frame in self._recording.frames() if frame.source == spec.alias]
        _, values = Intake([spec]).step(frames)
        pairs = zip(frames, values, strict=True)
        good = [(frame.t_ns // NS_PER_S, value) for frame, value in pairs if value is not None]
        return [t_s for t_s, _ in good], [value for _, value in good]

    def _entered(self, name: str) -> list[tuple[int, float]]:
        """Second and value of each entry by hand that stands, and of each reading of a cuff."""
        if name not in BY_HAND:
            return []
        verb, key = BY_HAND[name]
        done = [e for e in entries(self._recording) if e.stands and e.verb == verb]
        entered = [(e.first_ns // NS_PER_S, float(e.details[key])) for e in done]
        return [*entered, *self._of_cuffs(name)]

    def _of_cuffs(self, name: str) -> Iterator[tuple[int, float]]:
        for one in self._cuffs:
            if one.signal == name:
                yield from zip((one.t_ns // NS_PER_S).tolist(), one.values.tolist(), strict=True)

    @cached_property
    def _cuffs(self) -> list[Series]:
        """What blood-pressure meters read: two numbers, of which bounds of minutes know neither."""
        sensors = self._recording.sensors()
        cuffs = {spec.alias: spec for spec in sensors if spec.measures is Signal.BLOOD_PRESSURE}
        if not cuffs:
            return []
        frames = [frame for frame in self._recording.frames() if frame.source in cuffs]
        return decode(list(cuffs.values()), frames).series


def _held(t_s: Sequence[int], values: Sequence[float], spec: SensorSpec) -> Column:
    """Each value from its second until the next one's, at most until the sensor is silent."""
    spot = codec(spec.codec).spot  # a reading is of its second
    longest = 1 if spot else int(max(spec.stale_s, spec.period_s * LOST_PERIODS))
    ends = [*t_s[1:], *([t_s[-1] + longest] if t_s else [])]
    lengths = [min(end - start, longest) for start, end in zip(t_s, ends, strict=True)]
    seconds = [np.arange(start, start + n) for start, n in zip(t_s, lengths, strict=True)]
    return np.concatenate([np.arange(0), *seconds]), np.repeat(np.array(values, float), lengths)
