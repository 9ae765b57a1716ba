"""The heart-rate meter beside its peers: QRS detection, its cost, steps in rate, RR correction.

pip install wfdb sleepecg neurokit2 numba systole hrv-analysis 'nolds<0.6' 'bokeh<3'
python benchmarks/heart_rate.py [DATA]        (DATA: the folder that holds mitdb, gudb_rpeaks, ...)

Prints Markdown tables. Everything is measured in one run on one machine.
"""

import csv
import lzma
import shutil
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import peers
import rates
import scoring
from rr_correction import table as rr_table
from scipy.signal import resample_poly

from devices.model import Signal, Waveform
from monitor.signal import ecg_beats, fast, qrs_kernel
from monitor.signal.accelerate import accelerate
from monitor.signal.ecg_pieces import Piece
from monitor.signal.qrs_design import RINGS, design

warnings.filterwarnings("ignore")
FRAME = 73
"""Samples in one frame of a Polar H10."""
BEATS = set("NLRBAaJSVrFejnE/fQ?")


def records(folder: Path) -> dict[str, dict]:
    """Annotated records: samples in microvolts at 130 and 360 Hz, beats in seconds."""
    import wfdb

    found, scratch = {}, Path(tempfile.mkdtemp())
    for header in sorted(folder.glob("*.hea")):
        name = header.stem
        shutil.copy(header, scratch)
        shutil.copy(folder / f"{name}.atr", scratch)
        packed = lzma.decompress((folder / f"{name}.dat.xz").read_bytes())
        (scratch / f"{name}.dat").write_bytes(packed)
        signal = np.nan_to_num(wfdb.rdrecord(str(scratch / name)).p_signal[:, 0])
        notes = wfdb.rdann(str(scratch / name), "atr")
        beats = [s for s, c in zip(notes.sample, notes.symbol, strict=True) if c in BEATS]
        found[name] = {
            360: np.rint(signal * 1000).astype(np.int32),
            130: np.rint(resample_poly(signal, 13, 36) * 1000).astype(np.int32),
            "beats": np.array(beats) / 360,
        }
    shutil.rmtree(scratch)
    return found


def pieces(uv: np.ndarray, rate_hz: int, frame: int) -> list[Piece]:
    out = []
    for at in range(0, uv.size, frame):
        part = uv[at : at + frame]
        t_ns = round((at + part.size - 1) * 1e9 / rate_hz)
        out.append(Piece(t_ns, Waveform(Signal.ECG, float(rate_hz), part, t_ns + 1)))
    return out


def ours(uv: np.ndarray, rate_hz: int) -> np.ndarray:
    """Beats in seconds, in one-second frames given a minute at a time."""
    stage = ecg_beats.EcgBeats()
    frames = pieces(uv, rate_hz, rate_hz)
    found = [stage.step(frames[i : i + 60])[0].at_ns for i in range(0, len(frames), 60)]
    return np.concatenate(found) / 1e9


def delays(uv: np.ndarray, rate_hz: int) -> np.ndarray:
    """Seconds from R peak to the sample that decided it: what the sensor's frame adds is its."""
    known, out = np.empty(uv.size, np.int64), np.empty((3, uv.size))
    state = np.zeros(10, np.int64), np.zeros(5), np.zeros((3, RINGS), np.int64), np.zeros(RINGS)
    lengths = np.array(design(rate_hz), np.int64)
    scan = fast.kernel_of(qrs_kernel.scan)
    n = scan(uv.astype(np.int64), float(rate_hz), lengths, *state, known, out)
    return (known[:n] - out[0, :n]) / rate_hz


def accuracy(data: dict[str, dict]) -> None:
    names = sorted(data)
    halves = {"tuned on": names[::2], "held out": names[1::2], "all": names}
    print("| detector | Hz | records | errors % | F1 % | missed | extra | jitter p95 ms |")
    print("|---|---|---|---|---|---|---|---|")
    for title, detect in (("Vigil (causal)", ours), *peers.OFFLINE):
        for rate in (130, 360):
            scores = {
                n: scoring.score(data[n]["beats"], detect(data[n][rate], rate)) for n in names
            }
            for half, members in halves.items():
                s = scoring.total([scores[n] for n in members])
                print(
                    f"| {title} | {rate} | {half} | {s.error_pct:.2f} | {s.f1_pct:.2f} | {s.fn} "
                    f"| {s.fp} | {s.jitter_ms:.1f} |",
                    flush=True,
                )
    every = np.concatenate([delays(data[n][130], 130) for n in names])
    p50, p99 = 1000 * np.percentile(every, [50, 99])
    print(f"\nDelay at 130 Hz beyond the frame: p50 {p50:.0f} ms, p99 {p99:.0f} ms.")
    wins = [scoring.windows(data[n]["beats"], ours(data[n][130], 130)) for n in names]
    good, count = np.sum(wins, axis=0)
    print(f"10 s windows whose every beat was found, and none else: {100 * good / count:.2f} %.\n")


def timed(run, repeats: int = 5) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def speed(data: dict[str, dict]) -> None:
    import sleepecg

    print("| task | Vigil | sleepecg C | ratio |")
    print("|---|---|---|---|")
    uv = np.concatenate([data[n][130] for n in ("100", "104", "200", "203", "208")])[: 130 * 1800]
    seconds = uv.size / 130
    frames = pieces(uv, 130, FRAME)

    def stream() -> None:
        stage = ecg_beats.EcgBeats()
        for frame in frames:
            stage.step([frame])

    def window() -> None:
        for end in range(1300, uv.size, 65):
            sleepecg.detect_heartbeats(uv[end - 1300 : end] / 1000, 130)

    scan, lengths = fast.kernel_of(qrs_kernel.scan), np.array(design(130), np.int64)
    known, out = np.empty(99, np.int64), np.empty((3, 99))
    parts = [uv[at : at + FRAME].astype(np.int64) for at in range(0, uv.size, FRAME)]

    def kernel() -> None:
        state = (np.zeros(10, np.int64), np.zeros(5), np.zeros((3, RINGS), np.int64))
        energy = np.zeros(RINGS)
        for part in parts:
            scan(part, 130.0, lengths, *state, energy, known, out)

    b = timed(window, 1) / seconds * 1e6
    for name, run in (("detector", kernel), ("whole stage", stream)):
        a = timed(run, 5) / seconds * 1e6
        task = f"73 samples at a time, {name}: us a second of ECG"
        print(f"| {task} | {a:.1f} | {b:.0f} | {b / a:.0f} x |")
    for rate in (130, 360):
        whole = np.concatenate([data[n][rate] for n in ("100", "208")])
        block = pieces(whole, rate, whole.size)
        mv = whole / 1000
        x = timed(lambda block=block: ecg_beats.EcgBeats().step(block))
        y = timed(lambda mv=mv, rate=rate: sleepecg.detect_heartbeats(mv, rate))
        m = whole.size / 1e6
        print(
            f"| whole records, {rate} Hz, M samples/s | {m / x:.0f} | {m / y:.0f} | {y / x:.1f} x |"
        )


def main() -> None:
    data_folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("../shared/data")
    data = records(data_folder / "mitdb")
    print("compiled:", accelerate(), "\n")
    ours(data["100"][130][:13000], 130)
    accuracy(data)
    speed(data)
    print()
    for line in [*rates.table(data_folder), "", *rr_table(data_folder), "", *ec13(data_folder)]:
        print(line)


def ec13(folder: Path) -> list[str]:
    """The standard's waveform 3a or 3b, if it is there: beats found and the rate shown."""
    lines = []
    for file in sorted((folder / "aami_ec13").glob("*.csv")):
        with file.open() as text:
            mv = [float(row[-1]) for row in csv.reader(text) if row and _number(row[-1])]
        beats = ours(np.rint(np.array(mv) * 1000).astype(np.int32), 720)
        rr = np.diff(beats)
        lines.append(
            f"EC13 {file.stem}: {beats.size} beats, "
            f"{60 / rr.mean():.1f} a minute, RR {rr.min():.2f} to {rr.max():.2f} s"
        )
    return lines


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


if __name__ == "__main__":
    main()
