"""Wrong RR intervals beside systole, hrv-analysis and NeuroKit2: found, mended, how fast."""

import csv
import time
from pathlib import Path

import numpy as np

from monitor.signal import fast, rr_kernel

PLANTED = (0.02, 0.06)


def judge(rr):
    """Vigil's judgement: wrong or not, and what each interval should have been."""
    n = len(rr)
    kernel = fast.kernel_of(rr_kernel.judge)
    kinds, clean = np.zeros(n + 1, np.int64), np.zeros(n + 1)
    done = kernel(np.asarray(rr, float), np.zeros(6), np.zeros(rr_kernel.NEAREST), kinds, clean)
    kinds[done:], clean[done:] = rr_kernel.NORMAL, rr[-1]
    return kinds[:n] != rr_kernel.NORMAL, clean[:n]


def _systole(rr):
    np.bool8 = np.bool_  # its bokeh is older than this numpy
    from systole.detection import rr_artefacts

    found = rr_artefacts(rr, input_type="rr_ms")
    wrong = np.zeros(len(rr), bool)
    for name in ("ectopic", "short", "long", "extra", "missed"):
        wrong |= np.asarray(found[name], bool)[: len(rr)]
    return wrong


def _hrv_analysis(rr):
    import hrvanalysis

    kept = hrvanalysis.remove_outliers(list(rr), low_rri=240, high_rri=2500, verbose=False)
    return np.isnan(
        np.array(hrvanalysis.remove_ectopic_beats(kept, method="malik", verbose=False), float)
    )


def _neurokit(rr):
    import neurokit2

    peaks = np.concatenate(([0], np.cumsum(rr))).astype(int)
    found, _ = neurokit2.signal_fixpeaks(
        peaks, sampling_rate=1000, method="Kubios", iterative=False
    )
    wrong = np.zeros(len(rr), bool)
    for name in ("ectopic", "missed", "extra", "longshort"):
        at = np.asarray(found[name], int) - 1
        wrong[at[(at >= 0) & (at < len(rr))]] = True
    return wrong


def plant(rr, rate, seed):
    """Missed, extra and ectopic beats in clean intervals; which ones are wrong, and the truth."""
    random, out, wrong, i = np.random.default_rng(seed), [], [], 0
    while i < len(rr):
        kind = random.random() / rate * 3
        last = i + 1 >= len(rr)
        if kind < 1 and not last:
            out.append(rr[i] + rr[i + 1])
            wrong.append(True)
            i += 2
        elif 1 <= kind < 2:
            part = random.uniform(0.25, 0.75)
            out += [rr[i] * part, rr[i] * (1 - part)]
            wrong += [True, True]
            i += 1
        elif 2 <= kind < 3 and not last:
            early = rr[i] * random.uniform(0.25, 0.4)
            out += [rr[i] - early, rr[i + 1] + early]
            wrong += [True, True]
            i += 2
        else:
            out.append(rr[i])
            wrong.append(False)
            i += 1
    return np.array(out), np.array(wrong)


def series(folder: Path):
    """Regular rhythms only: an error can be told from the heart's own irregularity."""
    for file in sorted((folder / "gudb_rpeaks").glob("subject_*/*/annotation_cs.tsv")):
        yield np.diff(np.atleast_1d(np.loadtxt(file)) / 250) * 1000
    for name in ("111", "115", "117", "122", "234"):
        path = folder / "mitdb" / "beats" / f"{name}.csv"
        if path.exists():
            with path.open() as text:
                yield np.diff([float(row["t_s"]) for row in csv.DictReader(text)]) * 1000


def real_ectopics(folder: Path):
    """Intervals beside annotated premature ventricular beats."""
    for file in sorted((folder / "mitdb" / "beats").glob("*.csv")):
        with file.open() as text:
            rows = list(csv.DictReader(text))
        odd = np.array([row["symbol"] in "VFAaJSE" for row in rows])
        if 5 <= odd.sum() <= 0.1 * odd.size:
            yield np.diff([float(r["t_s"]) for r in rows]) * 1000, odd[1:] | odd[:-1]


def f1(pairs):
    found, wrong = (np.concatenate(part) for part in zip(*pairs, strict=True))
    return 200 * np.sum(found & wrong) / max(1, found.sum() + wrong.sum())


def _rate_error(pairs):
    """Mean error of the rate over 12 intervals, bpm, of mended against true intervals."""
    off = []
    for clean, true in pairs:
        kept = clean[clean > 0]
        n = min(len(kept), len(true)) // 12
        mine = kept[: n * 12].reshape(n, 12).mean(axis=1)
        off.append(np.abs(60_000 / np.median(mine) - 60_000 / np.median(true)))
    return float(np.mean(off))


def table(folder: Path) -> list[str]:
    trial = (
        np.zeros(1),
        np.zeros(6),
        np.zeros(rr_kernel.NEAREST),
        np.zeros(2, np.int64),
        np.zeros(2),
    )
    fast.load([(rr_kernel.judge, trial)])
    clean = list(series(folder))
    real = list(real_ectopics(folder))
    eight_hours, _ = plant(np.tile(np.concatenate(clean[:20]), 20)[:36_000], 0.02, 1)
    tools = {
        "Vigil (causal)": lambda rr: judge(rr)[0],
        "systole": _systole,
        "hrv-analysis": _hrv_analysis,
        "NeuroKit2 Kubios": _neurokit,
    }
    lines = [
        "| RR correction | F1 % planted 2 % | planted 6 % | real ectopics | ms for 36,000 RR |",
        "|---|---|---|---|---|",
    ]
    for name, tool in tools.items():
        cells = []
        for rate in PLANTED:
            sets = [plant(rr, rate, i) for i, rr in enumerate(clean)]
            cells.append(f"{f1([(tool(rr), wrong) for rr, wrong in sets]):.1f}")
        cells.append(f"{f1([(tool(rr), odd) for rr, odd in real]):.1f}")
        times = []
        for _ in range(3):
            start = time.perf_counter()
            tool(eight_hours)
            times.append(1000 * (time.perf_counter() - start))
        lines.append(f"| {name} | " + " | ".join([*cells, f"{np.median(times):.1f}"]) + " |")
    sets = [plant(rr, PLANTED[1], i)[0] for i, rr in enumerate(clean)]
    error = _rate_error([(judge(rr)[1], true) for rr, true in zip(sets, clean, strict=True)])
    raw = _rate_error(list(zip(sets, clean, strict=True)))
    lines += ["", f"Rate error with 6 % planted: {raw:.2f} bpm raw, {error:.2f} bpm mended."]
    return lines


if __name__ == "__main__":
    print("\n".join(table(Path("../shared/data"))))
