"""The QRS detector's inner loop: one function that numba can compile and Python can run as it is.

Energy is the sum of the squared first and second differences of the smoothed signal, at arms that
make them a quadrature pair, so that a QRS complex of any shape gives one hump. Sums are integers:
any chunking gives the same bits. A peak of the energy that nothing outdoes for a while is a beat if
it reaches the geometric mean of the usual beat and the usual noise peak, weighted by the time since
the last beat. One that barely does waits longer: a P wave is followed by its larger QRS.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

from monitor.signal.qrs_design import (
    FIRST_RR_S,
    LONGEST_RR_S,
    RINGS,
    SHORTEST_RR_S,
)

SEEN, SUM1, SUM2, NEXT, PEAK_AT, LAST, BEATS, OFFSET, TALL, TALL_AT = range(10)
"""Places of the integer state. LAST is the energy index of the last beat; TALL counts
beats far above the usual one, the last of them at TALL_AT."""
PEAK, LEVEL, NOISE, USUAL_RR, GROUND = range(5)
"""Places of the float state: squared energy of the candidate; energy of a usual beat and of a usual
noise peak; samples between beats; mean squared energy, where that of a beat counts a quarter."""

GROUND_S = 2.0
"""Time constant of the mean energy."""
EARLY_TIMES, EARLY_RR = 2.52, 0.714
"""Right after a beat the threshold is this many times higher, falling to once at this share of the
usual RR: T waves."""
LATE_RR = 1.289
"""Beyond this share of the usual RR the threshold falls slowly: a beat is due."""
THRESHOLD, LOWEST, HIGHEST = 1.154, 0.295, 0.993
"""Of the geometric mean of beat and noise; bounds in shares of the usual beat."""
DOUBT, HALF = 1.5, 0.5
"""Between these multiples of the threshold a peak waits longer."""
LEVEL_CAP, LEVEL_UP, LEVEL_DOWN = 1.3, 0.116, 0.092
NOISE_CAP, NOISE_UP, NOISE_DOWN, NOISE_LEAST = 0.876, 0.094, 0.059, 0.01
TALL_TIMES, TALL_COUNT, TALL_RR, TALL_LEVEL = 3.0, 3, 3.0, 0.8
"""Three beats, each this many times the usual one and within so many usual RR of the one before:
what was taken for beats were P waves or noise, learnt in a pause. The level begins anew at this
share of the last."""
RR_SHARE = 0.05
FIRST_LEVEL, FIRST_NOISE = 0.6, 0.294
"""Of the highest energy while learning, and of the level."""
SILENT_RR, FORGET = 2.5, 0.889
"""After so many RR and a second without a beat the level falls by this every half second."""


def scan(
    x: Any,
    rate_hz: float,
    lengths: Any,
    ints: Any,
    floats: Any,
    rings: Any,
    energy: Any,
    known: Any,
    out: Any,
) -> int:
    """Take samples (integer microvolts) and note the beats found.

    Args:
        x: the block.
        rate_hz: samples a second.
        lengths: those of `Design`, in its order.
        ints: integer state, see above; all zero at first.
        floats: float state.
        rings: three of `RINGS` places: samples, their moving sums, the smoothed signal.
        energy: ring of squared energies.
        known: filled with the number of the sample that decided each beat.
        out: three rows: the sample number of the R peak with its fraction; its energy in shares of
            the usual beat's; the usual energy of any moment in the same shares: an ECG is quiet
            between beats, noise never is.

    Returns:
        How many beats were found.
    """
    mask = RINGS - 1
    width, slope_arm, bend_arm, hold, doubt_hold = (
        lengths[0],
        lengths[1],
        lengths[2],
        lengths[3],
        lengths[4],
    )
    refractory, learn, refine, around, clip, delay = (
        lengths[5],
        lengths[6],
        lengths[7],
        lengths[8],
        lengths[9],
        lengths[10],
    )
    xs, sums, smooth = rings[0], rings[1], rings[2]
    places, levels, noises = out[0], out[1], out[2]
    arm = max(slope_arm, bend_arm)
    found = 0
    seen, sum1, sum2, offset = ints[SEEN], ints[SUM1], ints[SUM2], ints[OFFSET]
    at, peak_at, last, beats = ints[NEXT], ints[PEAK_AT], ints[LAST], ints[BEATS]
    tall, tall_at = ints[TALL], ints[TALL_AT]
    peak, level, noise, usual_rr = floats[PEAK], floats[LEVEL], floats[NOISE], floats[USUAL_RR]
    ground = floats[GROUND]
    share_of_one = 1.0 / (GROUND_S * rate_hz)
    usual = min(max(THRESHOLD * sqrt(level * noise), LOWEST * level), HIGHEST * level)
    for k in range(len(x)):
        i = seen
        seen += 1
        if i == 0:
            offset = x[0]
        v = x[k] - offset
        xs[i & mask] = v
        sum1 += v
        sum2 += sum1
        if i >= width:
            sum1 -= xs[(i - width) & mask]
            sum2 -= xs[(i - width) & mask] + sums[(i - width) & mask]
        sums[i & mask] = sum1
        smooth[i & mask] = sum2
        e = 0.0
        if i >= 2 * arm:
            c = i - arm
            slope = smooth[(c + slope_arm) & mask] - smooth[(c - slope_arm) & mask]
            bend = (
                2 * smooth[c & mask] - smooth[(c + bend_arm) & mask] - smooth[(c - bend_arm) & mask]
            )
            slope = min(max(slope, -clip), clip)
            bend = min(max(bend, -clip), clip)
            e = float(2 * slope * slope + bend * bend)
        energy[i & mask] = e
        if i < learn:
            peak = max(peak, e)
            if i < learn - 1:
                continue
            level = FIRST_LEVEL * sqrt(max(peak, 1.0))
            noise = FIRST_NOISE * level
            usual = min(max(THRESHOLD * sqrt(level * noise), LOWEST * level), HIGHEST * level)
            usual_rr = FIRST_RR_S * rate_hz
            last = -int(10 * rate_hz)
            peak = 0.0
            peak_at = -1
        while at <= i:
            j = at
            at += 1
            e = energy[j & mask]
            ground += share_of_one * (min(e, 0.25 * level * level) - ground)
            if peak_at < 0 or e > peak:
                peak = e
                peak_at = j
            waited = j - peak_at
            if waited >= hold:
                doubt = peak < DOUBT * DOUBT * usual * usual and peak > HALF * HALF * usual * usual
                if waited >= (doubt_hold if doubt else hold):
                    height = sqrt(peak)
                    since = peak_at - last
                    share = since / usual_rr
                    times = 1.0
                    if share < EARLY_RR:
                        times = 1.0 + (EARLY_TIMES - 1.0) * (1.0 - share / EARLY_RR)
                    elif share > LATE_RR:
                        times = sqrt(sqrt(LATE_RR / share))
                    threshold = times * THRESHOLD * sqrt(level * noise)
                    threshold = min(max(threshold, LOWEST * level), HIGHEST * level)
                    if since >= refractory and height > threshold:
                        # The R peak: farthest from the mean of its surroundings.
                        middle = peak_at - delay + width - 1
                        low = max(middle - around, 0)
                        count = middle + around + 1 - low
                        total = 0
                        for q in range(low, middle + around + 1):
                            total += smooth[q & mask]
                        best = -1
                        r = middle
                        for q in range(max(middle - refine, 0), middle + refine + 1):
                            y = abs(count * smooth[q & mask] - total)
                            if y > best:
                                best = y
                                r = q
                        before = smooth[(r - 1) & mask]
                        curve = before - 2 * smooth[r & mask] + smooth[(r + 1) & mask]
                        fraction = 0.0
                        if curve != 0 and r > 0:
                            fraction = 0.5 * (before - smooth[(r + 1) & mask]) / curve
                            fraction = min(max(fraction, -0.5), 0.5)
                        places[found] = r - (width - 1) + fraction
                        known[found] = i
                        levels[found] = height / level
                        noises[found] = sqrt(ground) / level
                        found += 1
                        if height > TALL_TIMES * level:
                            near = peak_at - tall_at < TALL_RR * usual_rr + rate_hz
                            tall = tall + 1 if near else 1
                            tall_at = peak_at
                            if tall == TALL_COUNT:
                                tall = 0
                                level, noise = TALL_LEVEL * height, level
                        capped = min(height, LEVEL_CAP * level)
                        level += (LEVEL_UP if height > level else LEVEL_DOWN) * (capped - level)
                        plausible = SHORTEST_RR_S * rate_hz < since < LONGEST_RR_S * rate_hz
                        if beats > 0 and plausible:
                            bounded = min(max(float(since), 0.6 * usual_rr), 1.5 * usual_rr)
                            usual_rr += RR_SHARE * (bounded - usual_rr)
                        beats += 1
                        last = peak_at
                    elif since >= refractory:
                        capped = min(height, NOISE_CAP * level)
                        noise += (NOISE_UP if capped > noise else NOISE_DOWN) * (capped - noise)
                        noise = max(noise, NOISE_LEAST * level)
                    usual = min(
                        max(THRESHOLD * sqrt(level * noise), LOWEST * level), HIGHEST * level
                    )
                    peak = 0.0
                    again = peak_at + hold
                    peak_at = -1
                    if waited > hold:
                        for q in range(again, j + 1):
                            if energy[q & mask] > peak:
                                peak = energy[q & mask]
                                peak_at = q
            base = max(last, learn)
            if j - base > SILENT_RR * usual_rr + rate_hz:
                if (j - base) % int(0.5 * rate_hz) == 0:
                    level *= FORGET
                    usual = min(
                        max(THRESHOLD * sqrt(level * noise), LOWEST * level), HIGHEST * level
                    )
    ints[SEEN], ints[SUM1], ints[SUM2], ints[OFFSET] = seen, sum1, sum2, offset
    ints[NEXT], ints[PEAK_AT], ints[LAST], ints[BEATS] = at, peak_at, last, beats
    ints[TALL], ints[TALL_AT] = tall, tall_at
    floats[PEAK], floats[LEVEL], floats[NOISE], floats[USUAL_RR] = peak, level, noise, usual_rr
    floats[GROUND] = ground
    return found
