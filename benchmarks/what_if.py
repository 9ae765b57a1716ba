"""Other limits over sessions that were derived already, beside a tight Python loop.

PYTHONPATH=.:benchmarks python benchmarks/what_if.py [SESSIONS] [HOURS]

Nothing but Vigil is needed. SESSIONS (10,000) of HOURS (8) at 1 Hz; one in ten has excursions.
Forty of them are made and derived; they are asked over and over, and the loop has the same
displayed heart rates as lists in memory. Onsets and clears of both are asserted equal before
anything is timed. The loop over all sessions is extrapolated from 200. Medians of several runs.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from rules import ROWS, loop
from timing import timed

from alerts.settings import Settings, resolve
from devices.codecs import sample
from devices.model import NS_PER_S, Frame, SensorSpec, Signal
from monitor import config, what_if
from monitor.archive import pool
from monitor.core import Setup
from monitor.recording.schema import Mode, NewSession
from monitor.recording.writer import Recorder
from monitor.tape import Tape

MADE = 40
STRAP = SensorSpec(alias="s", codec="sample", measures=Signal.HEART_RATE, transport="file")


def heart_rates(seed: int, hours: float) -> np.ndarray:
    """A quiet session, or if the seed is a multiple of ten one with excursions."""
    rng = np.random.default_rng(seed)
    seconds = int(hours * 3600)
    bpm = 78 + 12 * np.sin(np.arange(seconds) / 4000 + seed) + rng.normal(0, 2, seconds)
    if seed % 10 == 0:
        for start in rng.integers(600, max(601, seconds - 600), 4):
            bpm[start : start + 240] += rng.choice([38.0, 52.0, 66.0])
    return np.rint(bpm)


def frames(bpm: np.ndarray) -> list[Frame]:
    return [
        Frame(t_ns=s * NS_PER_S, source="s", payload=sample.encode(Signal.HEART_RATE, float(v)))
        for s, v in enumerate(bpm)
    ]


def derived(seed: int, hours: float) -> Tape:
    setup = Setup(sensors=[STRAP], alarms=config.load(None).alarms)
    return Tape.of(setup, frames(heart_rates(seed, hours)), int(hours * 3600) * NS_PER_S)


def shown(tape: Tape) -> list[float]:
    return np.concatenate([vitals.heart.shown.value for vitals in tape.vitals]).tolist()


def seconds(tape: Tape, settings: dict[str, Settings], name: str) -> list[int]:
    return [edge.t_ns // NS_PER_S for edge in tape.edges(settings, [name])]


def compared(tapes: list[Tape], lists: list[list[float]]) -> None:
    """Both give the same onsets and clears."""
    usual = resolve()
    for tape, values in zip(tapes, lists, strict=True):
        for name in ROWS.keys() & usual.keys():
            assert seconds(tape, usual, name) == loop(values, *ROWS[name]), name


def line(what: str, ours_s: float, peer_s: float) -> None:
    ratio = peer_s / ours_s
    print(f"| {what} | {ours_s * 1e3:.3g} | {peer_s * 1e3:.4g} | {ratio:.0f} x |", flush=True)


def rules(tape: Tape, values: list[float], what: str) -> None:
    usual, names = resolve(), sorted(ROWS.keys() & resolve().keys())
    ours = timed(lambda: tape.edges(usual, names))
    line(
        f"{len(names)} rules, one session, {what}",
        ours,
        timed(lambda: [loop(values, *ROWS[name]) for name in names]),
    )


def sweep(tape: Tape, values: list[float]) -> None:
    limits = [100.0 + n / 2 for n in range(81)]
    alarms = [
        config.load(None, [f"alarms.hr_high.limit_bpm={v}", "alarms.hr_extreme.limit_bpm=160"])
        for v in limits
    ]
    rows = [resolve(one.alarms) for one in alarms]
    line(
        "81 limits of hr_high, one session with excursions",
        timed(lambda: [tape.edges(row, ["hr_high"]) for row in rows]),
        timed(lambda: [loop(values, v, 30, v - 5, 30) for v in limits], 3),
    )


def archive(tapes: list[Tape], lists: list[list[float]], sessions: int) -> None:
    many = [tapes[i % MADE] for i in range(sessions)]
    some = min(200, sessions)
    for limit in (110.0, 130.0, 150.0):
        changed = [f"alarms.hr_high.limit_bpm={limit}", "alarms.hr_extreme.limit_bpm=170"]
        row = resolve(config.load(None, changed).alarms)
        for i in range(MADE):
            assert seconds(tapes[i], row, "hr_high") == loop(lists[i], limit, 30, limit - 5, 30)
        ours = timed(lambda row=row: [tape.edges(row, ["hr_high"]) for tape in many], 3)
        peer = timed(
            lambda limit=limit: [
                loop(lists[i % MADE], limit, 30, limit - 5, 30) for i in range(some)
            ],
            3,
        )
        line(f"hr_high at {limit:g}, {sessions} sessions", ours, peer * sessions / some)


def files(hours: float) -> None:
    """From files, decoding included: what a question costs the first time."""
    with tempfile.TemporaryDirectory() as scratch:
        paths = [Path(scratch, f"{seed}.db") for seed in range(4)]
        for seed, path in enumerate(paths):
            recorder = Recorder(path, create=NewSession(subject="P", software="b", mode=Mode.SIM))
            recorder.sensors([STRAP])
            recorder.frames(frames(heart_rates(seed, hours)))
            recorder.close(int(hours * 3600) * NS_PER_S)
        swept = what_if.Sweep.parse("alarms.hr_high.limit_bpm=110:150:5")
        for what, question in (
            ("one limit", what_if.Question(overrides=("alarms.hr_high.limit_bpm=130",))),
            ("nine limits", what_if.Question(sweep=swept)),
        ):
            took = timed(lambda question=question: list(pool.ask(paths, question)), 3)
            print(
                f"\nfrom files, {what}: {took / len(paths) * 1e3:.0f} ms a session of {hours:g} h"
            )


def main() -> None:
    sessions = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    hours = float(sys.argv[2]) if len(sys.argv) > 2 else 8.0
    tapes = [derived(seed, hours) for seed in range(MADE)]
    lists = [shown(tape) for tape in tapes]
    compared(tapes, lists)
    print("| | Vigil, ms | loop, ms | ratio |\n|---|---|---|---|")
    rules(tapes[1], lists[1], "quiet")
    rules(tapes[0], lists[0], "with excursions")
    sweep(tapes[0], lists[0])
    archive(tapes, lists, sessions)
    files(hours)


if __name__ == "__main__":
    main()
