"""What a recording holds, in the form exports are made of; derived anew where it is derived."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from devices.model import SensorSpec, Signal
from monitor import feed_chart, stored
from monitor.core import Core, Output
from monitor.episodes import Episode, episodes
from monitor.exchange.acts import Entry, entries
from monitor.exchange.decoded import EcgRun, Series, decode
from monitor.model import Verb
from monitor.reanalysis import recorded
from monitor.recording.reader import Recording
from monitor.recording.schema import Mode
from monitor.signal.accelerate import accelerate
from monitor.timeline import Timeline

BEATS, HEART, SKIN = "beats", "heart_rate", "skin_temperature"
RR, ECG, SPO2 = "rr_interval", "ecg", "spo2"
PRESSURE, TEMPERATURE = "blood_pressure", "temperature"
ALARMS, ENTRIES, GAPS = "alarms", "entries", "gaps"
SIGNALS = (BEATS, HEART, SKIN, RR, ECG, SPO2, PRESSURE, TEMPERATURE, ALARMS, ENTRIES, GAPS)
"""Everything that can be asked for."""
BLOCK_S = 600
"""A stretch has fewer gaps than a timeline keeps."""
UNITS = {
    HEART: "/min", SKIN: "Cel", RR: "ms", ECG: "mV", SPO2: "%", PRESSURE: "mm[Hg]",
    TEMPERATURE: "Cel",
}  # fmt: skip
"""UCUM unit of each signal that has values."""
_OF_SENSORS = {
    Signal.RR_INTERVAL: RR,
    Signal.SPO2: SPO2,
    Signal.CLINICAL_TEMPERATURE: TEMPERATURE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One clinical temperature or blood pressure, by hand or by a sensor.

    Attributes:
        t_ns: session time.
        value: degrees Celsius, or systolic pressure, mmHg.
        diastolic: mmHg; NaN for a temperature.
        site: where a temperature was taken, "" unknown.
        method: how, "" unknown.
        source: alias of the sensor, "" by hand.
    """

    t_ns: int
    value: float
    diastolic: float = math.nan
    site: str = ""
    method: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A stretch without a valid value; `end_s` is None if it lasts to the end."""

    signal: str
    start_s: float
    end_s: float | None
    reason: str


@dataclass(slots=True, kw_only=True, eq=False)
class Session:
    """A recording, ready to be written in another format.

    Attributes:
        session_id: 32 hex digits; "" when de-identified.
        subject: the clinic's code; "" when de-identified.
        software: version of Vigil that recorded it.
        mode: LIVE, SIM or IMPORT.
        start_utc_ns: nanoseconds since 1970 at session time 0; None if unknown.
        zone: IANA name.
        end_ns: session time of the end.
        sensors: those of the recording.
        heart, skin: displayed vitals at each second from 0 on; NaN where nothing was shown.
        beats_ns: detected beats.
        series: samples of sensors, by the signal's name.
        ecg: runs of samples without a gap.
        temperatures, pressures: readings as they stand.
        alarms: episodes; `derived` says that they were not recorded but derived for the export.
        entries: what operators did.
        gaps: of the displayed vitals.
        shifted: whether dates were moved.
    """

    session_id: str
    subject: str
    software: str
    mode: str
    start_utc_ns: int | None
    zone: str
    end_ns: int
    sensors: list[SensorSpec]
    heart: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    skin: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    beats_ns: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    series: dict[str, list[Series]] = field(default_factory=dict)
    ecg: list[EcgRun] = field(default_factory=list)
    temperatures: list[Reading] = field(default_factory=list)
    pressures: list[Reading] = field(default_factory=list)
    alarms: list[Episode] = field(default_factory=list)
    derived: bool = False
    entries: list[Entry] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    shifted: bool = False

    def has(self, signal: str) -> bool:
        """Whether there is any of a signal."""
        there: Mapping[str, Collection[Any]] = {
            BEATS: self.beats_ns, ECG: self.ecg, PRESSURE: self.pressures,
            TEMPERATURE: self.temperatures, ALARMS: self.alarms, ENTRIES: self.entries,
            GAPS: self.gaps, HEART: self.heart[np.isfinite(self.heart)],
            SKIN: self.skin[np.isfinite(self.skin)],
        }  # fmt: skip
        return bool(len(there.get(signal, self.series.get(signal, ()))))

    def utc_ns(self, t_ns: int) -> int | None:
        """Nanoseconds since 1970 at a session time; None if unknown."""
        return None if self.start_utc_ns is None else self.start_utc_ns + t_ns


def gather(path: Path) -> Session:
    """Read a recording and derive what is derived.

    Raises:
        RecordingError: it cannot be read; it is not touched.
    """
    with Recording.open(path) as recording:
        core, timeline = Core(stored.setup(recording)), Timeline()
        stored.explain_gaps(recording, timeline)
        output, gaps = _run(core, recording, timeline)
        sensors = recording.sensors()
        found = decode(sensors, recording.frames())
        session = Session(
            session_id=recording.session_id,
            subject=recording.subject,
            software=recording.software,
            mode=recording.mode,
            start_utc_ns=recording.start_utc_ns,
            zone=recording.anchors[0].zone if recording.anchors else "UTC",
            end_ns=recording.end_ns,
            sensors=sensors,
            heart=_shown(output, HEART),
            skin=_shown(output, SKIN),
            beats_ns=_beats(core, output),
            series={
                name: [one for one in found.series if one.signal is signal]
                for signal, name in _OF_SENSORS.items()
            },
            ecg=found.ecg,
            entries=entries(recording),
            gaps=[
                Gap(signal=gap.signal, start_s=gap.t0_s, end_s=gap.t1_s, reason=gap.reason)
                for gap in gaps
            ],
        )
        _take_readings(session, found.series)
        _take_alarms(session, recording, output)
        return session


def _run(
    core: Core, recording: Recording, timeline: Timeline
) -> tuple[Output, list[feed_chart.Gap]]:
    whole = Output()
    gaps: dict[tuple[str, float], feed_chart.Gap] = {}
    if core.has_ecg:
        accelerate()
    for part, until_ns in stored.blocks(stored.events(recording), recording.end_ns, BLOCK_S):
        output = core.step(part, until_ns)
        timeline.take(part, output, core)
        # A timeline forgets old ones, of which a screen has no need.
        gaps |= {(gap.signal, gap.t0_s): gap for gap in timeline.message().gaps}
        whole.vitals += output.vitals
        whole.edges += output.edges
        whole.beats += output.beats
    return whole, sorted(gaps.values(), key=lambda gap: gap.t0_s)


def _shown(output: Output, name: str) -> NDArray[np.float64]:
    shown = [(v.heart if name == HEART else v.skin).shown for v in output.vitals]
    parts = [np.where(one.valid, one.value, np.nan) for one in shown]
    return np.concatenate(parts) if parts else np.empty(0)


def _beats(core: Core, output: Output) -> NDArray[np.int64]:
    """Beats of the electrocardiogram if there is one, else of the sensor that has most."""
    counts: dict[str, int] = {}
    for alias, beats in output.beats:
        counts[alias] = counts.get(alias, 0) + beats.at_ns.size
    if not counts:
        return np.empty(0, np.int64)
    ecg = [alias for alias in counts if alias in core.measure.ecg]
    chosen = ecg[0] if ecg else max(counts, key=lambda alias: counts[alias])
    return np.concatenate([beats.at_ns for alias, beats in output.beats if alias == chosen])


def _take_alarms(session: Session, recording: Recording, output: Output) -> None:
    """The alarms as they were raised; an import raised none, so they are derived."""
    session.derived = session.mode == Mode.IMPORT
    session.alarms = episodes(output.edges) if session.derived else recorded(recording)


def _take_readings(session: Session, series: Sequence[Series]) -> None:
    by_hand = [entry for entry in session.entries if entry.stands]
    session.temperatures = sorted(
        [_by_hand(e) for e in by_hand if e.verb == Verb.TEMPERATURE] + _temperatures(series),
        key=lambda one: one.t_ns,
    )
    session.pressures = sorted(
        [_by_hand(e) for e in by_hand if e.verb == Verb.BLOOD_PRESSURE] + _pressures(series),
        key=lambda one: one.t_ns,
    )


def _by_hand(entry: Entry) -> Reading:
    told, t_ns = entry.details, entry.first_ns
    if entry.verb == Verb.TEMPERATURE:
        site, method = str(told.get("site", "")), str(told.get("method", ""))
        return Reading(t_ns=t_ns, value=float(told["degc"]), site=site, method=method)
    return Reading(t_ns=t_ns, value=float(told["systolic"]), diastolic=float(told["diastolic"]))


def _temperatures(series: Sequence[Series]) -> list[Reading]:
    return [
        Reading(t_ns=t_ns, value=v, site=one.site, method=one.method, source=one.source)
        for one in series
        if one.signal is Signal.CLINICAL_TEMPERATURE
        for t_ns, v in zip(one.t_ns.tolist(), one.values.tolist(), strict=True)
    ]


def _pressures(series: Sequence[Series]) -> list[Reading]:
    found = []
    lower = {
        (one.source, t_ns): value
        for one in series
        if one.signal is Signal.DIASTOLIC_PRESSURE
        for t_ns, value in zip(one.t_ns.tolist(), one.values.tolist(), strict=True)
    }
    for one in series:
        if one.signal is Signal.SYSTOLIC_PRESSURE:
            pairs = zip(one.t_ns.tolist(), one.values.tolist(), strict=True)
            found += [
                Reading(t_ns=t, value=v, diastolic=lower[one.source, t], source=one.source)
                for t, v in pairs
                if (one.source, t) in lower
            ]
    return found
