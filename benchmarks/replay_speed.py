"""A whole session derived again, and its file, beside stacks of the usual tools.

pip install wfdb sleepecg neurokit2 pandas numba hrv-analysis 'nolds<0.6'
PYTHONPATH=.:benchmarks python benchmarks/replay_speed.py [DATA] [HOURS]

DATA is the folder that holds mitdb (without it: four minutes of MIT-BIH over and over); HOURS is 8.
The session is electrocardiogram at 130 Hz in frames of a Polar H10, and skin temperature at 1 Hz.

Stack A is what most would write: a table of samples with an index, pandas.read_sql, NeuroKit2 for
beats and their correction, rules in a Python loop. Stack B is the fastest put together from known
parts: raw blobs of a minute, sleepecg (C), hrv-analysis, the same rules. Vigil does more than both:
stages of quality, rhythm, probe and baseline, all conditions, signals. Everything is measured in
one run on one machine, medians of several runs.
"""

import json
import sqlite3
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rules import ROWS, loop
from timing import timed

from devices.codecs import sample
from devices.model import NS_PER_S, Frame, Frames, SensorSpec, Signal
from monitor.recording.blocks import Block
from monitor.recording.reader import Recording
from monitor.recording.schema import Mode, NewSession
from monitor.recording.writer import Recorder
from monitor.signal.accelerate import accelerate
from monitor.tape import Tape

warnings.filterwarnings("ignore")
HZ, FRAME = 130, 73
CLIPS = Path(__file__).parents[1] / "tests" / "data" / "mitdb" / "clips.npz"
SENSORS = [
    SensorSpec(alias="ecg", codec="polar_ecg", measures=Signal.ECG),
    SensorSpec(
        alias="patch", codec="sample", measures=Signal.SKIN_TEMPERATURE, site="axilla",
        transport="file",
    ),
]  # fmt: skip


def electrocardiogram(folder: Path | None, hours: float) -> np.ndarray:
    """Microvolts at 130 Hz."""
    if folder is None:
        clips = np.load(CLIPS)
        parts = [clips[name] for name in clips if name.startswith("uv_")]
    else:
        from heart_rate import records

        parts = [record[HZ] for record in records(folder / "mitdb").values()]
    return np.resize(np.concatenate(parts), int(hours * 3600 * HZ)).astype(np.int32)


def write_vigil(path: Path, uv: np.ndarray, degc: np.ndarray) -> None:
    recorder = Recorder(path, create=NewSession(subject="P", software="b", mode=Mode.SIM))
    recorder.sensors(SENSORS)
    frames = [
        Frame(
            t_ns=s * NS_PER_S + 9,
            source="patch",
            payload=sample.encode(Signal.SKIN_TEMPERATURE, round(float(v), 2)),
        )
        for s, v in enumerate(degc)
    ]
    for end in range(FRAME, uv.size + 1, FRAME):
        t_ns = end * NS_PER_S // HZ
        body = uv[end - FRAME : end].astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
        head = b"\0" + (t_ns + 10**15).to_bytes(8, "little") + b"\0"
        frames.append(Frame(t_ns=t_ns, source="ecg", payload=head + body))
    frames.sort(key=lambda frame: frame.t_ns)
    for first in range(0, len(frames), 10_000):
        recorder.frames(frames[first : first + 10_000])
        recorder.flush()
    recorder.close(uv.size * NS_PER_S // HZ)


def write_rows(path: Path, uv: np.ndarray, degc: np.ndarray) -> None:
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE samples (session INTEGER, ch INTEGER, t REAL, v REAL)")
    for channel, (values, hz) in enumerate(((uv / 1000, HZ), (degc, 1))):
        rows = ((1, channel, i / hz, v) for i, v in enumerate(values.tolist()))
        database.executemany("INSERT INTO samples VALUES (?, ?, ?, ?)", rows)
    database.execute("CREATE INDEX by_time ON samples (session, ch, t)")
    database.commit()
    database.close()


def write_blobs(path: Path, uv: np.ndarray, degc: np.ndarray) -> None:
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE minutes (ch INTEGER, minute INTEGER, v BLOB)")
    centi = np.rint(degc * 100)
    for channel, (values, n) in enumerate(((uv, 60 * HZ), (centi, 60))):
        rows = [
            (channel, i, values[i * n : (i + 1) * n].astype(np.int16).tobytes())
            for i in range(-(-values.size // n))
        ]
        database.executemany("INSERT INTO minutes VALUES (?, ?, ?)", rows)
    database.commit()
    database.close()


def read_rows(path: Path) -> list[np.ndarray]:
    import pandas as pd

    database = sqlite3.connect(path)
    query = "SELECT t, v FROM samples WHERE session = 1 AND ch = ? ORDER BY t"
    found = [pd.read_sql(query, database, params=(ch,))["v"].to_numpy() for ch in (0, 1)]
    database.close()
    return found


def read_rows_plainly(path: Path) -> list[tuple[float, float]]:
    database = sqlite3.connect(path)
    rows = database.execute("SELECT t, v FROM samples WHERE session = 1 ORDER BY ch, t").fetchall()
    database.close()
    return rows


def read_blobs(path: Path) -> list[np.ndarray]:
    database = sqlite3.connect(path)
    found = []
    for channel, scale in ((0, 1000), (1, 100)):
        query = "SELECT v FROM minutes WHERE ch = ? ORDER BY minute"
        whole = b"".join(blob for (blob,) in database.execute(query, (channel,)))
        found.append(np.frombuffer(whole, np.int16) / scale)
    database.close()
    return found


def read_vigil(path: Path) -> list[Frames]:
    """Every frame with its time, as columns. The peers have SQLite check no pages either."""
    with Recording.open(path, pages=False) as recording:
        return recording.columns()


def read_vigil_blocks(path: Path) -> list[Block]:
    with Recording.open(path, pages=False) as recording:
        return [block for _, block, _ in recording.raw_blocks()]


def per_second(beats_s: np.ndarray, rr_ms: np.ndarray, seconds: int) -> list[float]:
    """Rate at each second: of the last eight intervals."""
    mean = np.convolve(rr_ms, np.ones(8) / 8)[: rr_ms.size]
    mean[:7] = rr_ms[:7]
    at = np.searchsorted(beats_s[-rr_ms.size :], np.arange(seconds), side="right") - 1
    return (60_000 / mean[np.maximum(at, 0)]).tolist()


def rules(bpm: list[float], degc: np.ndarray) -> int:
    """Ten rules in a loop; how many alarms."""
    found = sum(len(loop(bpm, *row)) // 2 for row in ROWS.values())
    warm = degc.tolist()
    return found + sum(len(loop(warm, v, 60, v - 0.4, 300)) // 2 for v in (36.5, 37.0, 37.5, 38.0))


def stack_a(path: Path) -> tuple[int, int]:
    import neurokit2

    mv, degc = read_rows(path)
    clean = neurokit2.ecg_clean(mv, sampling_rate=HZ, method="neurokit")
    peaks = neurokit2.ecg_findpeaks(clean, sampling_rate=HZ, method="neurokit")["ECG_R_Peaks"]
    _, peaks = neurokit2.signal_fixpeaks(peaks, sampling_rate=HZ, iterative=False, method="Kubios")
    beats = np.asarray(peaks, float) / HZ
    bpm = per_second(beats[1:], np.diff(beats) * 1000, degc.size)
    return beats.size, rules(bpm, degc)


def stack_b(path: Path) -> tuple[int, int]:
    import hrvanalysis
    from sleepecg import detect_heartbeats

    mv, degc = read_blobs(path)
    beats = np.asarray(detect_heartbeats(mv, HZ)) / HZ
    rr = (np.diff(beats) * 1000).tolist()
    rr = hrvanalysis.remove_outliers(rr, low_rri=300, high_rri=2000, verbose=False)
    rr = hrvanalysis.interpolate_nan_values(rr)
    rr = hrvanalysis.remove_ectopic_beats(rr, method="malik", verbose=False)
    rr = np.nan_to_num(np.array(hrvanalysis.interpolate_nan_values(rr), float), nan=800.0)
    return beats.size, rules(per_second(beats[1:], rr, degc.size), degc)


def vigil(path: Path) -> tuple[int, int]:
    with Recording.open(path) as recording:
        tape = Tape.derive(recording)
    onsets = sum(edge.edge.value == "onset" for edge in tape.own.edges)
    return sum(v.ticks.size for v in tape.vitals), onsets


def command(path: Path) -> None:
    """The command from start-up to its answer."""
    words = [sys.executable, "-m", "monitor", "reanalyse", str(path), "--json"]
    json.loads(subprocess.run(words, check=True, capture_output=True).stdout)  # noqa: S603


def line(what: str, ours_s: float, *others: tuple[str, float]) -> str:
    peers = "; ".join(f"{name} {s * 1e3:.0f} ({s / ours_s:.1f} x)" for name, s in others)
    return f"| {what} | {ours_s * 1e3:.0f} | {peers} |"


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    hours = float(sys.argv[2]) if len(sys.argv) > 2 else 8.0
    print("compiled:", accelerate(), "\n")
    uv = electrocardiogram(folder, hours)
    degc = 34 + 0.3 * np.sin(np.arange(int(hours * 3600)) / 3000)
    with tempfile.TemporaryDirectory() as scratch:
        ours, rows, blobs = (Path(scratch, name) for name in ("vigil.db", "rows.db", "blobs.db"))
        writers: list[tuple[Callable, Path]] = [
            (write_vigil, ours),
            (write_rows, rows),
            (write_blobs, blobs),
        ]
        for write, path in writers:
            write(path, uv, degc)
        size = {path: path.stat().st_size for path in (ours, rows, blobs)}
        print("| file | MB | rows + index | blobs |\n|---|---|---|---|")
        print(
            f"| {hours:g} h | {size[ours] / 1e6:.1f} | {size[rows] / 1e6:.1f} "
            f"({size[rows] / size[ours]:.1f} x) | {size[blobs] / 1e6:.1f} |\n"
        )
        print("| | Vigil, ms | peers, ms (ratio) |\n|---|---|---|")
        fetch, read = timed(lambda: read_rows_plainly(rows), 3), timed(lambda: read_rows(rows), 3)
        peers = (("rows, sqlite3", fetch), ("rows, pandas", read))
        print(line("read the file's blocks", timed(lambda: read_vigil_blocks(ours)), *peers))
        print(line("read every frame", timed(lambda: read_vigil(ours)), *peers))
        a, b = timed(lambda: stack_a(rows), 3), timed(lambda: stack_b(blobs), 5)
        mine = timed(lambda: vigil(ours), 5)
        print(line("derive the session again", mine, ("A", a), ("B", b)))
        print(line("`vigil reanalyse`, start-up included", timed(lambda: command(ours), 3)))
        print("\nbeats, alarms: A", stack_a(rows), "B", stack_b(blobs))


if __name__ == "__main__":
    main()
