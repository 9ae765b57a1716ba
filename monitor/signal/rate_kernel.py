"""Heart rate from RR intervals, beat by beat; a function numba can compile and Python run as is.

The rate of the last 12 intervals is steady at rest. It is left for that of the last four when these
agree among themselves and differ from the ones before by more than those scatter: a true step. A
single odd interval of a regular rhythm is mended: one twice as long is a missed beat, two that add
up to one are one. Neither rule can hide a lasting change, because four that agree always win.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from monitor.signal.window import Values

KEPT = 12
"""Intervals averaged; as bedside monitors do (Philips, Mindray manuals)."""
AGREEING = 4
"""With 3 a step shows half a second earlier, at three times the false alarms."""
AGREE, DIFFER, SCATTER = 0.08, 0.20, 2.0
"""The four lie within 8 % of their mean and differ from the mean before by more than 20 % of it and
twice its mean successive difference. See `docs/signal.md` for what was measured."""
MEND = 0.20
"""An interval this far off the median of the others is odd."""
REGULAR = 0.25
"""Mending is for regular rhythms: mean successive difference at most this share of the median. In
fibrillation two short intervals often add up to a usual one and are two beats all the same."""
SLOW_MS, SLOW_RUN = 1200.0, 3
"""Three slower than this in a row: only the last four count (Philips, Mindray: faster for slow
rhythms, where 12 intervals are long)."""
MS_PER_MIN = 60_000.0

COUNT, RAW_COUNT, PENDING = range(3)
"""Places in the state: intervals kept, raw ones kept (at most `AGREEING`), a short one waiting (0:
none)."""


def memory() -> tuple[Values, Values, Values]:
    """What `follow` carries from call to call, at the beginning: state, kept, raw."""
    return np.zeros(3), np.zeros(KEPT), np.zeros(AGREEING)


def follow(
    rr: Any, state: Any, kept: Any, raw: Any, bpm: Any, spread: Any, counted: Any, mended: Any
) -> None:
    """Take intervals and note the rate after each.

    Args:
        rr: milliseconds; NaN where beats are missing before a beat: nothing is averaged across.
        state: three numbers, zero at first.
        kept: the last `KEPT` intervals, oldest first.
        raw: the last `AGREEING` as they came.
        bpm: filled with the rate; NaN while there is none.
        spread: filled with the standard error of that rate, in shares of it.
        counted: filled with how many intervals it is made of.
        mended: filled with 1 where an interval was mended, else 0.
    """
    count, raw_count, pending = int(state[COUNT]), int(state[RAW_COUNT]), state[PENDING]
    order = [0.0] * KEPT
    for k in range(len(rr)):
        r = rr[k]
        mended[k] = 0
        if r != r:
            count = 0
            raw_count = 0
            pending = 0.0
            bpm[k] = r
            spread[k] = r
            counted[k] = 0
            continue
        if raw_count == AGREEING:
            for q in range(AGREEING - 1):
                raw[q] = raw[q + 1]
            raw[AGREEING - 1] = r
        else:
            raw[raw_count] = r
            raw_count += 1
        stepped = False
        if raw_count == AGREEING and count >= 3:
            low = raw[0]
            high = raw[0]
            new = 0.0
            for q in range(AGREEING):
                low = min(low, raw[q])
                high = max(high, raw[q])
                new += raw[q]
            new /= AGREEING
            old = 0.0
            scatter = 0.0
            for q in range(count):
                old += kept[q]
                if q > 0:
                    scatter += abs(kept[q] - kept[q - 1])
            old /= count
            scatter /= count - 1
            if high - low <= AGREE * new and abs(new - old) > DIFFER * old + SCATTER * scatter:
                stepped = True
                for q in range(AGREEING):
                    kept[q] = raw[q]
                count = AGREEING
                pending = 0.0
        take = r
        taken = not stepped
        if taken and count >= AGREEING:
            for q in range(count):
                v = kept[q]
                p = q
                while p > 0 and order[p - 1] > v:
                    order[p] = order[p - 1]
                    p -= 1
                order[p] = v
            usual = (order[count // 2] + order[(count - 1) // 2]) / 2
            odd = MEND * usual
            uneven = 0.0
            for q in range(1, count):
                uneven += abs(kept[q] - kept[q - 1])
            regular = uneven <= REGULAR * usual * (count - 1)
            if pending > 0.0:
                if regular and abs(pending + r - usual) <= odd:
                    take = pending + r
                    mended[k] = 1
                else:
                    if count == KEPT:
                        for q in range(KEPT - 1):
                            kept[q] = kept[q + 1]
                        count -= 1
                    kept[count] = pending
                    count += 1
                pending = 0.0
            if take == r:
                longer = 0
                for q in range(raw_count):
                    if raw[q] > 1.5 * usual:
                        longer += 1
                if r < usual - odd:
                    pending = r
                    taken = False
                elif regular and abs(r - 2 * usual) <= odd and longer < 3:
                    take = r / 2
                    mended[k] = 1
        if taken:
            if count == KEPT:
                for q in range(KEPT - 1):
                    kept[q] = kept[q + 1]
                count -= 1
            kept[count] = take
            count += 1
        slow = raw_count >= SLOW_RUN
        for q in range(max(raw_count - SLOW_RUN, 0), raw_count):
            if raw[q] <= SLOW_MS:
                slow = False
        total = 0.0
        squares = 0.0
        n = raw_count if slow else count
        for q in range(n):
            v = raw[q] if slow else kept[q]
            total += v
            squares += v * v
        counted[k] = n
        if n > 0:
            mean = total / n
            bpm[k] = MS_PER_MIN / mean
            spread[k] = sqrt(max(squares / n - mean * mean, 0.0) / n) / mean
        else:
            bpm[k] = r - r + MS_PER_MIN / r
            spread[k] = 1.0
    state[COUNT], state[RAW_COUNT], state[PENDING] = count, raw_count, pending
