"""The displayed rate beside the bedside rule: how fast at a step, how many false alarms."""

import csv
from pathlib import Path

import numpy as np

from monitor.signal.beat_rate import BeatRateStage
from monitor.signal.rr_beats import RrBeats

LIMITS = ((120.0, True), (50.0, False))
SUSTAIN_S = 3


class Philips:
    """Mean of 12 RR, of the last four when three in a row exceed 1200 ms (manual)."""

    def __init__(self):
        self.rr = []

    def tick(self, _, rr):
        self.rr = (self.rr + list(rr))[-12:]
        slow = len(self.rr) >= 3 and all(one > 1200 for one in self.rr[-3:])
        return 60_000 / np.mean(self.rr[-4:] if slow else self.rr) if self.rr else np.nan


class Vigil:
    """The stages as they run in the engine, one second at a time."""

    def __init__(self):
        self.beats, self.rate = RrBeats(), BeatRateStage()

    def tick(self, second, rr):
        arrived = np.full(len(rr), second * 1_000_000_000, np.int64)
        found = self.beats.step(arrived, np.array(rr, float))
        return float(self.rate.step(found, np.array([second])).bpm[0])


def shown(rule, beats, offset=0.0):
    """The rate at each second, from packets once a second."""
    t = beats - beats[0] + offset
    due, rr = np.ceil(t[1:]).astype(int), np.diff(beats) * 1000
    by = [[] for _ in range(int(due[-1]) + 1)]
    for second, one in zip(due.tolist(), rr.tolist(), strict=True):
        by[second].append(one)
    return np.array([rule.tick(second, part) for second, part in enumerate(by)])


def step(make, before, after, limit):
    """Mean and worst seconds from a step until the limit is crossed, packets at any phase."""
    taken = []
    for phase in np.linspace(0, 1, 50, endpoint=False):
        beats = np.concatenate(([0], np.cumsum([60 / before] * 40 + [60 / after] * 40)))
        at = beats[40] + phase
        rate = shown(make(), beats, phase)
        over = rate > limit if after > before else rate < limit
        taken.append(next(s for s in np.flatnonzero(over) if s > at) - at)
    return float(np.mean(taken)), float(np.max(taken))


def false_alarms(make, recordings):
    """Alarms, and those without a true rate beyond the limit (10 s beat count) within 15 s."""
    alarms = false = 0
    for beats in recordings:
        rate = shown(make(), beats)
        t = beats - beats[0]
        seconds = np.arange(rate.size)
        near = np.searchsorted(t, seconds + 5) - np.searchsorted(t, seconds - 5)
        for limit, high in LIMITS:
            over = rate > limit if high else rate < limit
            true = 6.0 * near > limit if high else 6.0 * near < limit
            for at in onsets(over):
                alarms += 1
                false += not true[max(0, at - 15) : at + 3].any()
    return alarms, false


def onsets(over):
    run = 0
    for second, one in enumerate(over.tolist()):
        run = run + 1 if one else 0
        if run == SUSTAIN_S:
            yield second


def recordings(folder: Path):
    for file in sorted((folder / "mitdb" / "beats").glob("*.csv")):
        with file.open() as text:
            yield np.array([float(row["t_s"]) for row in csv.DictReader(text)])
    for file in sorted((folder / "gudb_rpeaks").glob("subject_*/*/annotation_cs.tsv")):
        yield np.atleast_1d(np.loadtxt(file)) / 250


def table(folder: Path) -> list[str]:
    data = list(recordings(folder))
    lines = [
        "| rule | 80 to 120, limit 110: s mean (worst) | 80 to 40, limit 50 | alarms | false |",
        "|---|---|---|---|---|",
    ]
    for name, make in (("Philips 12 RR", Philips), ("Vigil", Vigil)):
        up, down = step(make, 80, 120, 110), step(make, 80, 40, 50)
        alarms, false = false_alarms(make, data)
        cells = (f"{up[0]:.1f} ({up[1]:.1f})", f"{down[0]:.1f} ({down[1]:.1f})", alarms, false)
        lines.append(f"| {name} | " + " | ".join(map(str, cells)) + " |")
    return lines
