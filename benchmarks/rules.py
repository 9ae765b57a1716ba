"""A rule as a tight loop: threshold, sustain, short dips, hysteresis; peer of the conditions."""

ROWS = {
    "hr_elevated": (110.0, 60, 105.0, 60),
    "hr_high": (125.0, 30, 120.0, 30),
    "hr_extreme": (140.0, 15, 135.0, 30),
    "hr_low": (-45.0, 15, -50.0, 15),
    "hr_very_low": (-40.0, 10, -45.0, 15),
    "hr_high_130": (130.0, 30, 125.0, 30),
}
"""limit, sustain, clear limit, stay; low ones with the sign turned round."""


def loop(values: list[float], limit: float, sustain: int, clear: float, stay: int) -> list[int]:
    """Seconds of onsets and clears, by turns."""
    found = []
    active, counted, dip, most = False, -1, 0, max(3.0, 0.1 * sustain)
    sign = 1.0 if limit > 0 else -1.0
    for t, value in enumerate(values):
        v = value * sign
        if active:
            counted = counted + 1 if v < clear else -1
            if counted >= stay:
                found.append(t)
                active, counted = False, -1
        elif v >= limit:
            counted += 1
            if counted == 0:
                dip = 0
            if counted >= sustain:
                found.append(t)
                active, counted = True, -1
        elif v < clear:
            counted = -1
        elif counted >= 0:
            dip += 1
            if dip > most:
                counted = -1
    return found
