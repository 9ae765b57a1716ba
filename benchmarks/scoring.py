"""Found beats against annotated ones, within 150 ms."""

from dataclasses import dataclass, field

import numpy as np

WITHIN_S = 0.15


@dataclass
class Score:
    n: int
    fn: int
    fp: int
    apart: np.ndarray = field(default_factory=lambda: np.empty(0))

    @property
    def error_pct(self) -> float:
        return 100 * (self.fn + self.fp) / self.n

    @property
    def f1_pct(self) -> float:
        tp = self.n - self.fn
        return 200 * tp / (2 * tp + self.fn + self.fp)

    @property
    def jitter_ms(self) -> float:
        return 1000 * float(np.percentile(self.apart, 95))


def match(truth: np.ndarray, found: np.ndarray) -> tuple[int, int, np.ndarray]:
    """Missed, extra, and how far apart the matched ones are, in seconds."""
    i = j = fn = fp = 0
    apart = []
    while i < len(truth) and j < len(found):
        e = found[j] - truth[i]
        if abs(e) > WITHIN_S:
            fn, i = (fn + 1, i + 1) if e > 0 else (fn, i)
            fp, j = (fp + 1, j + 1) if e < 0 else (fp, j)
        elif j + 1 < len(found) and abs(found[j + 1] - truth[i]) < abs(e):
            fp, j = fp + 1, j + 1
        elif i + 1 < len(truth) and abs(found[j] - truth[i + 1]) < abs(e):
            fn, i = fn + 1, i + 1
        else:
            apart.append(e)
            i, j = i + 1, j + 1
    return fn + len(truth) - i, fp + len(found) - j, np.array(apart)


def score(truth: np.ndarray, found: np.ndarray) -> Score:
    """A detector's own constant lag is taken off where that helps it, ours as theirs."""
    fn, fp, apart = match(truth, found)
    lag = float(np.median(apart)) if apart.size else 0.0
    fn2, fp2, apart2 = match(truth, found - lag)
    if fn2 + fp2 <= fn + fp:
        fn, fp, apart = fn2, fp2, apart2
    return Score(len(truth), fn, fp, np.abs(apart - np.median(apart)))


def total(scores: list[Score]) -> Score:
    return Score(
        sum(s.n for s in scores),
        sum(s.fn for s in scores),
        sum(s.fp for s in scores),
        np.concatenate([s.apart for s in scores]),
    )


def windows(truth: np.ndarray, found: np.ndarray) -> tuple[int, int]:
    """10 s windows without any error, and all windows."""
    end = int(truth[-1] // 10) * 10
    good = 0
    for at in range(0, end, 10):
        near = found[(found >= at - 0.15) & (found < at + 10.15)]
        inside = truth[(truth >= at) & (truth < at + 10)]
        fn, fp, _ = match(inside, near)
        edge = np.sum((near < at + 0.15) | (near > at + 9.85))
        good += fn == 0 and fp <= edge
    return good, end // 10
