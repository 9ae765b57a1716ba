"""Somebody else's recording, read into frames and sensors, and written as a recording of ours."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np

from devices.codecs.sample import CODEC
from devices.codecs.waveform import CODEC as WAVEFORM
from devices.codecs.waveform import UV_PER_MV, parse
from devices.model import NS_PER_S, Frame, SensorSpec, Signal, Validity
from monitor.errors import DiskError, ImportFormatError
from monitor.recording.creating import discard
from monitor.recording.schema import Anchor, Kind, Mode, NewSession, canonical
from monitor.recording.store import Batch, Store
from monitor.version import software

LONGEST_S = 7 * 86_400
"""A time beyond a week is a date in disguise (seconds since 1970, say), not a session."""
LATEST_UTC_NS = 2**63 - LONGEST_S * NS_PER_S
"""Nanoseconds since 1970 fit 64 bits until 2262; some archives shift their dates beyond."""
PERIOD_USUAL_S = 2.0
PERIOD_MAX_S = 120.0
"""A value kept for longer than a few of these says nothing about now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What a file of another format holds.

    Attributes:
        name: of the session, for the subject's code: the file's or folder's name.
        sensors: one for each source of frames; transport "file", codec "sample".
        frames: samples by time; `t_ns` counts from the recording's start.
        start_utc_ns: nanoseconds since 1970-01-01 UTC at `t_ns` 0; None if the file does not say.
        zone: name of its time zone.
        end_ns: session time of the last row, with or without a value.
        notes: (session time in nanoseconds, text) of marks set while recording.
        warnings: what the user should know of it.
    """

    name: str
    sensors: list[SensorSpec]
    frames: list[Frame]
    start_utc_ns: int | None
    end_ns: int
    zone: str = "UTC"
    notes: list[tuple[int, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def storable(imported: Imported) -> Imported:
    """What a recording can hold: no more than a week; without a date its clock cannot name.

    Raises:
        ImportFormatError: it is longer than `LONGEST_S`.
    """
    if imported.end_ns > LONGEST_S * NS_PER_S:
        days = imported.end_ns / NS_PER_S / 86_400
        raise ImportFormatError(
            f"{imported.name}: spans {days:.0f} days; a recording spans at most 7: "
            "one of its times is wrong, or it must be split"
        )
    start = imported.start_utc_ns
    if start is None or -LATEST_UTC_NS < start < LATEST_UTC_NS:
        return imported
    said = (
        f"{imported.name}: its date is not within the years 1678 to 2262: "
        "wall-clock time is left out"
    )
    return replace(imported, start_utc_ns=None, warnings=[*imported.warnings, said])


def file_sensor(alias: str, measures: Signal, file: str, site: str) -> SensorSpec:
    """The sensor behind samples out of a file."""
    codec = WAVEFORM.name if measures is Signal.ECG else CODEC.name
    return SensorSpec(
        alias=alias, codec=codec, measures=measures, site=site, transport="file", address=file
    )


def write(
    imported: Imported, out_path: Path, *, config: Mapping[str, object] | None = None
) -> None:
    """Write a closed recording of mode IMPORT.

    Args:
        imported: what was read.
        out_path: the recording; must not exist.
        config: configuration to store with it; none by default, so it is re-analysed with the
            user's.

    Raises:
        RecordingError: the file exists already or cannot be written; nothing is left behind.
    """
    session = NewSession(
        subject=imported.name, software=software(), mode=Mode.IMPORT, config=config or {}
    )
    store = Store.create(out_path, session)
    try:
        store.commit(_batch(imported))
        store.finish(imported.end_ns)
    except BaseException as fault:
        with contextlib.suppress(sqlite3.Error):
            store.close()
        discard(out_path)
        if isinstance(fault, sqlite3.Error):
            raise DiskError(f"{out_path}: cannot be written ({fault})") from fault
        raise
    store.close()


def _waveforms(imported: Imported) -> set[str]:
    return {spec.alias for spec in imported.sensors if spec.measures is Signal.ECG}


def _period_s(imported: Imported, values: Sequence[float | None], alias: str) -> float:
    """Seconds between a slow source's values; 0 if they come about every second or never."""
    pairs = zip(imported.frames, values, strict=True)
    times = [frame.t_ns for frame, value in pairs if frame.source == alias and value is not None]
    if len(times) < 2 or alias in _waveforms(imported):
        return 0.0
    steps = [later - earlier for earlier, later in pairwise(times) if later > earlier]
    usual_s = median(steps) / NS_PER_S if steps else 0.0
    return min(usual_s, PERIOD_MAX_S) if usual_s > PERIOD_USUAL_S else 0.0


def _batch(imported: Imported) -> Batch:
    anchors = []
    values = _values(imported)
    if imported.start_utc_ns is not None:
        anchors = [Anchor(segment=0, t_ns=0, utc_ns=imported.start_utc_ns, zone=imported.zone)]
    return Batch(
        frames=imported.frames,
        values=values,
        journal=[(t_ns, Kind.ACTION, _note(text)) for t_ns, text in imported.notes],
        anchors=anchors,
        sensors=[
            replace(spec, period_s=_period_s(imported, values, spec.alias))
            for spec in imported.sensors
        ],
    )


def _note(text: str) -> str:
    """An operator's note, in the form the engine records it."""
    return canonical({"verb": "note", "operator": "", "details": {"text": text}})


def _values(imported: Imported) -> list[float | None]:
    """The main valid value of each frame, for the zone map."""
    measures = {spec.alias: spec.measures for spec in imported.sensors}
    decoder = CODEC.decoder()
    values: list[float | None] = []
    for frame in imported.frames:
        if measures[frame.source] is Signal.ECG:
            values.append(_range_mv(frame))
            continue
        (sample,) = decoder.feed(frame.payload)
        main = sample.signal is measures[frame.source] and sample.validity is Validity.VALID
        values.append(sample.value if main else None)
    return values


def _range_mv(frame: Frame) -> float | None:
    """Range of a piece of a waveform, as the core gives it."""
    piece = parse(frame.payload)
    return None if piece is None else float(np.ptp(piece.values)) / UV_PER_MV


def in_order(frames: list[Frame], where: str) -> list[Frame]:
    """Frames by time; ImportFormatError if there are none."""
    if not frames:
        raise ImportFormatError(f"{where}: there is no sample in it")
    return sorted(frames, key=lambda frame: frame.t_ns)
