"""Plain CSV out: beats, or displayed vitals at 1 Hz, in the form `plain_csv` reads."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from devices.model import NS_PER_S
from monitor import stored
from monitor.core import Core, Output
from monitor.errors import ExportError
from monitor.recording.reader import Recording

BEATS = "beats"
VITALS = {
    "heart_rate": "heart_rate[/min]",
    "skin_temperature": "skin_temperature[Cel]",
}
SIGNALS = (BEATS, *VITALS)


def lines(path: Path, signals: Sequence[str]) -> list[str]:
    """The lines of the file, header first.

    Args:
        path: the recording.
        signals: `beats` alone (one detected beat a line), or names of displayed vitals.

    Raises:
        RecordingError: the recording cannot be read.
        ExportError: the signals do not go into one file, or there is none of it.
    """
    if BEATS in signals and len(signals) > 1:
        raise ExportError("beats have times of their own: export them into a file alone")
    with Recording.open(path) as recording:
        core = Core(stored.setup(recording))
        output = stored.run(core, stored.events(recording), recording.end_ns)
    if signals and signals[0] == BEATS:
        return list(_beats(path, core, output))
    return list(_vitals(output, signals or tuple(VITALS)))


def _beats(path: Path, core: Core, output: Output) -> Iterator[str]:
    """Beats of the electrocardiogram if there is one, else of the sensor that has most."""
    counts: dict[str, int] = {}
    for alias, beats in output.beats:
        counts[alias] = counts.get(alias, 0) + beats.at_ns.size
    if not counts:
        raise ExportError(f"{path}: no beats: it holds neither an ECG nor RR intervals")
    ecg = [alias for alias in counts if alias in core.measure.ecg]
    chosen = ecg[0] if ecg else max(counts, key=lambda alias: counts[alias])
    yield "time_s"
    found = [beats.at_ns for alias, beats in output.beats if alias == chosen]
    yield from (f"{t_ns / NS_PER_S:.4f}" for t_ns in np.concatenate(found).tolist())


def _vitals(output: Output, signals: Sequence[str]) -> Iterator[str]:
    yield ",".join(("time_s", *(VITALS[name] for name in signals)))
    for vitals in output.vitals:
        shown = {"heart_rate": vitals.heart.shown, "skin_temperature": vitals.skin.shown}
        columns = [
            np.where(shown[name].valid, shown[name].value, np.nan).tolist() for name in signals
        ]
        for row in zip(vitals.ticks.tolist(), *columns, strict=True):
            yield ",".join((str(row[0]), *_cells(row[1:])))


def _cells(values: Iterable[float]) -> Iterator[str]:
    return ("" if math.isnan(value) else f"{value:.2f}" for value in values)
