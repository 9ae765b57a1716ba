"""What is wrong with an RR interval; a function numba can compile and Python run as it is.

Causal but for one interval: an odd one is judged when the next has come. Odd is what differs from
both the median of the last accepted nine and the last accepted one by more than a tolerance that
follows how much this heart varies (after Xu & Schuckers, who take a fixed 20 %). Four odd ones in a
row that agree among themselves are the new truth: a real step in rate is never discarded.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from monitor.signal.beats import LONGEST_RR_MS, SHORTEST_RR_MS
from monitor.signal.window import Values

NORMAL, MISSED, EXTRA, ECTOPIC, NOISE, GAP = range(6)
"""MISSED: beats were missed, the interval is several. EXTRA: both intervals around a beat that was
none; together they are one. ECTOPIC: an early beat and its pause (or the reverse). NOISE: none of
these. GAP: no interval at all."""

NEAREST = 9
"""Accepted intervals the median is taken of: 9 beats are about as long as a breath or two."""
TOLERANCE_LEAST, TOLERANCE_MOST, TOLERANCE_TIMES = 0.13, 0.30, 4.0
"""Shares of the median, and times the usual change from beat to beat."""
CHANGE_SHARE = 1 / 16
RUN, RUN_AGREE = 4, 0.12
"""So many odd intervals in a row, each within this share of the one before, are the new truth."""
MOST_MISSED = 4

KEPT_COUNT, LAST, CHANGE, WAITING, RUN_LENGTH, RUN_LAST = range(6)
"""Places in the state. WAITING: an odd interval not judged yet, 0 if none."""


def memory() -> tuple[Values, Values]:
    """What `judge` carries from call to call, at the beginning: state, kept."""
    return np.zeros(6), np.zeros(NEAREST)


def judge(rr: Any, state: Any, kept: Any, kinds: Any, clean: Any) -> int:
    """Take intervals and judge them.

    Args:
        rr: milliseconds; NaN for a gap.
        state: six numbers, zero at first.
        kept: the last `NEAREST` accepted intervals, oldest first.
        kinds: filled with the codes above; one longer than `rr`, for the one that waited.
        clean: filled with what the interval should have been: a share of a MISSED one, the mean of
            an ECTOPIC pair, 0 for the first of an EXTRA pair and their sum for the second,
            the median for NOISE, NaN for GAP.

    Returns:
        How many were judged: those of `rr`, less the last if it is odd, and one that waited before.
    """
    count, last, change = int(state[KEPT_COUNT]), state[LAST], state[CHANGE]
    waiting, run, run_last = state[WAITING], int(state[RUN_LENGTH]), state[RUN_LAST]
    order = [0.0] * NEAREST
    done = 0
    for k in range(len(rr)):
        r = rr[k]
        if r != r:
            if waiting > 0.0:
                kinds[done] = NOISE
                clean[done] = r
                done += 1
            kinds[done] = GAP
            clean[done] = r
            done += 1
            count = 0
            waiting = 0.0
            run = 0
            continue
        accepted = 0.0
        plausible = SHORTEST_RR_MS <= r <= LONGEST_RR_MS
        if count < 3:
            # Nothing to compare with yet.
            kinds[done] = NORMAL if plausible else NOISE
            clean[done] = r
            done += 1
            accepted = r if plausible else 0.0
        else:
            for q in range(count):
                v = kept[q]
                p = q
                while p > 0 and order[p - 1] > v:
                    order[p] = order[p - 1]
                    p -= 1
                order[p] = v
            usual = (order[count // 2] + order[(count - 1) // 2]) / 2
            share = min(max(TOLERANCE_TIMES * change, TOLERANCE_LEAST), TOLERANCE_MOST)
            tolerance = share * usual
            good = plausible and (
                abs(r - usual) <= tolerance or (abs(r - last) <= tolerance and waiting == 0.0)
            )
            judged = False
            if waiting > 0.0:
                both = waiting + r
                if waiting < usual and abs(both - usual) <= tolerance:
                    kinds[done] = EXTRA
                    clean[done] = 0.0
                    kinds[done + 1] = EXTRA
                    clean[done + 1] = both
                    accepted = both
                    judged = True
                elif abs(both - 2 * usual) <= 1.5 * tolerance and not good:
                    kinds[done] = ECTOPIC
                    clean[done] = both / 2
                    kinds[done + 1] = ECTOPIC
                    clean[done + 1] = both / 2
                    judged = True
                if judged:
                    done += 2
                    waiting = 0.0
                    run = 0
                else:
                    parts = int(waiting / usual + 0.5)
                    whole = abs(waiting - parts * usual) <= tolerance
                    if 2 <= parts <= MOST_MISSED and whole and run < 2:
                        kinds[done] = MISSED
                        clean[done] = waiting / parts
                    else:
                        kinds[done] = NOISE
                        clean[done] = usual
                    done += 1
                    waiting = 0.0
            if not judged:
                if good:
                    kinds[done] = NORMAL
                    clean[done] = r
                    done += 1
                    accepted = r
                    run = 0
                else:
                    agree = run > 0 and abs(r - run_last) <= RUN_AGREE * run_last
                    run = run + 1 if agree and plausible else 1
                    run_last = r
                    if run >= RUN:
                        count = 0
                        run = 0
                        kinds[done] = NORMAL
                        clean[done] = r
                        done += 1
                        accepted = r
                    else:
                        waiting = r
        if accepted > 0.0:
            if count > 0:
                moved = min(abs(accepted - last) / accepted, TOLERANCE_MOST)
                change += CHANGE_SHARE * (moved - change)
            if count == NEAREST:
                for q in range(NEAREST - 1):
                    kept[q] = kept[q + 1]
                count -= 1
            kept[count] = accepted
            count += 1
            last = accepted
    state[KEPT_COUNT], state[LAST], state[CHANGE] = count, last, change
    state[WAITING], state[RUN_LENGTH], state[RUN_LAST] = waiting, run, run_last
    return done
