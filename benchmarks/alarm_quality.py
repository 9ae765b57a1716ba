"""How well the alarms do on real recordings: hits, misses, false alarms an hour, latency.

python benchmarks/alarm_quality.py [DATA]     (DATA: the folder that holds mitdb, gudb_rpeaks, ...)

Beats are sent as a strap's packets once a second, electrocardiograms as a patch's frames, other
series as they are, all through codec, stages and conditions of a session. The reference of a rate
is counted from annotated beats within 5 s before and after (for series: their mean). An episode is
a stretch of it at or beyond a limit for the row's sustain plus 3 s; it is caught if the row is
active in it. An alarm is false if in the sustain before it the reference was beyond the limit for
less than half of the time. Latency is from the episode's beginning to the alarm.
"""

import csv
import io
import json
import lzma
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from alerts.model import Edge
from alerts.settings import resolve
from devices.codecs import sample
from devices.codecs.waveform import encode
from devices.model import NS_PER_S, Frame, SensorSpec, Signal
from monitor.core import Core, Setup
from monitor.exchange import detect
from monitor.signal.accelerate import accelerate
from simulators.wire import heart_rate_measurement

HIGH = ("hr_elevated", "hr_high", "hr_extreme")
LOW = ("hr_low", "hr_very_low")
TIGHT = {
    "hr_elevated": {"limit_bpm": 90.0, "clear_bpm": 85.0},
    "hr_high": {"limit_bpm": 95.0, "clear_bpm": 90.0},
    "hr_extreme": {"limit_bpm": 120.0, "clear_bpm": 115.0},
    "hr_low": {"limit_bpm": 60.0, "clear_bpm": 65.0, "low_baseline_bpm": 40.0},
    "hr_very_low": {"limit_bpm": 45.0, "clear_bpm": 50.0},
}
"""The tightest limits that may be set, for more episodes than the defaults meet."""
LATE_S = 3
PATCH_FRAME = 50


@dataclass
class Tally:
    """Of one row over some recordings."""

    hits: int = 0
    misses: list = field(default_factory=list)
    false: list = field(default_factory=list)
    alarms: int = 0
    latency: list = field(default_factory=list)


def strap(beats):
    """1 Hz notifications with the intervals of that second and the strap's own number."""
    rr = np.diff(beats)
    for second in range(int(beats[-1]) + 1):
        here = np.flatnonzero((beats[1:] > second - 1) & (beats[1:] <= second))
        known = np.searchsorted(beats[1:], second, side="right")
        recent = rr[max(0, known - 6) : known]
        bpm = round(60 / recent.mean()) if recent.size else 0
        payload = heart_rate_measurement(
            min(bpm, 255), [float(x) * 1000 for x in rr[here]], contact=True
        )
        yield Frame(t_ns=second * NS_PER_S, source="heart", payload=payload)


def counted(beats):
    """Reference rate at each second from the beats around it."""
    seconds = np.arange(int(beats[-1]) + 1)
    low = np.searchsorted(beats, seconds - 5, side="left")
    high = np.searchsorted(beats, seconds + 5, side="right") - 1
    span = beats[np.maximum(high, 0)] - beats[np.minimum(low, beats.size - 1)]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(high > low, 60.0 * (high - low) / span, np.nan)


def smoothed(hr):
    """Reference of a series of rates: its mean over 10 s."""
    good = ~np.isnan(hr)
    kernel = np.ones(11)
    total = np.convolve(np.where(good, hr, 0.0), kernel, "same")
    count = np.convolve(good, kernel, "same")
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(count > 5, total / count, np.nan)


def runs(flags):
    """(first, one past last) of each stretch."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def alarms_of(sensors, frames, end_s, rows):
    core = Core(Setup(sensors=sensors, alarms=rows))
    output = core.step(frames, end_s * NS_PER_S)
    found = defaultdict(list)
    for edge in output.edges:
        t = edge.t_ns / NS_PER_S
        if edge.edge is Edge.ONSET:
            found[edge.condition].append([t, float(end_s)])
        elif edge.edge is Edge.CLEAR:
            found[edge.condition][-1][1] = t
    return found, output


def judge(name, reference, alarms, row, tally, label):
    limit, sustain = row.number("limit_bpm"), row.number("sustain_s")
    over = reference >= limit if name in HIGH else reference <= limit
    if name == "hr_very_low":
        over = reference < limit
    episodes = [
        (a, b) for a, b in runs(over) if b - a >= sustain + LATE_S and b > 30 + sustain + LATE_S
    ]
    for a, b in episodes:
        active = [alarm for alarm in alarms if alarm[0] <= b + LATE_S and alarm[1] >= a]
        if not active:
            tally.misses.append(f"{label} {a}-{b} s")
            continue
        tally.hits += 1
        onset = active[0][0]
        if a >= 30 and onset >= a:  # armed, and raised by this episode
            tally.latency.append(onset - a)
    for onset, _ in alarms:
        tally.alarms += 1
        window = over[max(0, int(onset - sustain)) : int(onset) + 1]
        if window.size and window.mean() < 0.5:
            tally.false.append(f"{label} {onset:.0f} s")


def beats_of_mitdb(folder):
    for path in sorted((folder / "beats").glob("*.csv")):
        with path.open() as file:
            yield path.stem, np.array([float(row["t_s"]) for row in csv.DictReader(file)])


def beats_of_gudb(folder):
    for path in sorted(folder.glob("*/*/annotation_cs.tsv")):
        samples = np.array([int(float(line)) for line in path.read_text().split()])
        yield f"{path.parent.parent.name}/{path.parent.name}", np.unique(samples) / 250


def series_of_crisdb(folder):
    for path in sorted(folder.glob("*.npz.xz")):
        hr = np.load(io.BytesIO(lzma.decompress(path.read_bytes())))["hr"]
        yield path.name.partition(".")[0], np.asarray(hr, float)


STRAP = SensorSpec(alias="heart", codec="hrs_2a37", measures=Signal.HEART_RATE, site="chest")
SERIES = SensorSpec(alias="heart", codec="sample", measures=Signal.HEART_RATE, site="chest")
ECG = SensorSpec(alias="ecg", codec="waveform", measures=Signal.ECG, site="chest")


def of_beats(recordings):
    for label, beats in recordings:
        if beats.size > 20:
            yield label, STRAP, list(strap(beats - beats[0])), counted(beats - beats[0])


def of_series(recordings):
    for label, hr in recordings:
        frames = [
            Frame(
                t_ns=t * NS_PER_S,
                source="heart",
                payload=sample.encode(Signal.HEART_RATE, float(v)),
            )
            for t, v in enumerate(hr)
            if 20 <= v <= 250
        ]
        yield label, SERIES, frames, smoothed(hr)


def measure(recordings, rows):
    settings = resolve(rows)
    tallies = {name: Tally() for name in (*HIGH, *LOW)}
    seconds = others = 0
    for label, sensor, frames, reference in recordings:
        found, _ = alarms_of([sensor], frames, len(reference) - 1, rows)
        seconds += len(reference)
        others += len(found["rr_irregular"])
        for name, tally in tallies.items():
            judge(name, reference, found[name], settings[name], tally, label)
    return tallies, seconds / 3600, others, settings


def show(title, tallies, hours, irregular, settings):
    for name, tally in tallies.items():
        n = tally.hits + len(tally.misses)
        late = np.array(tally.latency) - settings[name].number("sustain_s")
        delay = f"{np.median(late):+.0f} / {late.max():+.0f}" if late.size else "-"
        print(
            f"| {title} | `{name}` {settings[name].number('limit_bpm'):g} | {tally.hits} of {n} "
            f"| {tally.alarms} | {len(tally.false)} | {len(tally.false) / hours:.3f} | {delay} |"
        )
        for kind, where in (("missed", tally.misses), ("false", tally.false)):
            if where:
                print(f"{title} {name} {kind}: {', '.join(where[:12])}", file=sys.stderr)
    print(f"{title}: {hours:.1f} h, irregular {irregular}", file=sys.stderr)


def challenge(folder):
    """Expert-labelled bedside alarms of extreme rates, raised at 300 s."""
    import wfdb

    labels = json.loads((folder / "labels.json").read_text())
    labels = labels.get("records", labels)
    accelerate()
    table, scratch, hours, false = defaultdict(list), Path(tempfile.mkdtemp()), 0.0, 0
    for header in sorted(folder.glob("*.hea")):
        name = header.stem
        kind, truth = told(header.read_text())
        shutil.copy(header, scratch)
        packed = lzma.decompress((folder / f"{name}.mat.xz").read_bytes())
        (scratch / f"{name}.mat").write_bytes(packed)
        record = wfdb.rdrecord(str(scratch / name))
        uv = np.rint(np.nan_to_num(record.p_signal[:, 0]) * 1000).astype(np.int32)
        found, output = alarms_of([ECG], list(patch(uv, record.fs)), uv.size // record.fs, {})
        shown = np.concatenate([v.heart.shown.value for v in output.vitals])
        at = slice(288, 304)
        fast = [a for n in ("hr_high", "hr_extreme") for a in found[n] if a[0] < 331 and a[1] > 290]
        slow = [a for n in LOW for a in found[n] if a[0] < 331 and a[1] > 290]
        table[kind, truth].append(
            (np.nanmax(shown[at], initial=0), np.nanmin(shown[at], initial=999), fast, slow)
        )
        hours += shown.size / 3600
        false += sum(len(found[n]) for n in (*HIGH[1:], *LOW)) if not truth else 0
    shutil.rmtree(scratch)
    print("\n| challenge 2015 | records | rate shown > 140 | < 40 | alarm fast | slow |")
    print("|---|---|---|---|---|---|")
    for (kind, truth), rows in sorted(table.items()):
        print(
            f"| {kind}, expert says {'true' if truth else 'false'} | {len(rows)} "
            f"| {sum(r[0] > 140 for r in rows)} | {sum(r[1] < 40 for r in rows)} "
            f"| {sum(bool(r[2]) for r in rows)} | {sum(bool(r[3]) for r in rows)} |"
        )


def told(header):
    lines = [line.lstrip("#") for line in header.splitlines() if line.startswith("#")]
    return lines[0].strip(), lines[1].strip().lower().startswith("true")


def patch(uv, rate_hz):
    for start in range(0, uv.size - PATCH_FRAME, PATCH_FRAME):
        t_ns = int((start + PATCH_FRAME) / rate_hz * NS_PER_S)
        piece = uv[start : start + PATCH_FRAME]
        yield Frame(t_ns=t_ns, source="ecg", payload=encode(float(rate_hz), t_ns, piece))


def wrists(*folders):
    """Empatica E4 sessions: no reference; nothing may come from a probe warming up."""
    warm = all_of = 0
    hours = 0.0
    for folder in folders:
        imported = detect.load([folder])
        end_s = imported.end_ns // NS_PER_S
        found, _ = alarms_of(imported.sensors, imported.frames, end_s, {})
        skin = [a for n in found for a in found[n] if n.startswith("skin_") and "sensors" not in n]
        warm += sum(a[0] < 1200 for a in skin)
        all_of += len(skin)
        hours += end_s / 3600
    print(f"\nEmpatica E4, {len(folders)} sessions, {hours:.1f} h: skin alarms in the first 20 min "
          f"{warm}, later {all_of - warm}")  # fmt: skip


def main(data):
    began = time.perf_counter()
    print("| recordings | row, limit | episodes caught | alarms | false | false an hour "
          "| latency beyond the sustain, median / worst, s |")  # fmt: skip
    print("|---|---|---|---|---|---|---|")
    sets = {
        "MIT-BIH": lambda: of_beats(beats_of_mitdb(data / "mitdb")),
        "GUDB": lambda: of_beats(beats_of_gudb(data / "gudb_rpeaks")),
        "24 h series": lambda: of_series(series_of_crisdb(data / "crisdb_24h_hr")),
    }
    for title, recordings in sets.items():
        for kind, rows in (("default", {}), ("tightest", TIGHT)):
            show(f"{title}, {kind}", *measure(recordings(), rows))
    e4 = sorted(p for p in (data / "stress_predict_e4").iterdir() if (p / "TEMP.csv").exists())
    wrists(*e4, data / "biometrics_msr2023_e4")
    challenge(data / "challenge2015")
    print(f"{time.perf_counter() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data"))
